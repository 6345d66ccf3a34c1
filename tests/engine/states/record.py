"""``python -m tests.engine.states.record``: play every story and add the states of the codec's version.

States that are already there are left alone: what was stored once is what must be readable for ever.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from engine.bpmn import codec
from engine.bpmn.runtime import Run
from tests.engine.states.stories import STORIES, Story, act, begin, compiled, waits
from tests.factories import NOON

FOLDER = Path(__file__).parent


def play(story: Story) -> list[dict[str, Any]]:
    """Return what was stored after the start and after each action, restored each time in between."""
    process = compiled(story)
    run = begin(story, process)
    chapters = [_chapter(run, None)]
    for action in story.actions:
        run = act(Run.restore(base64.b64decode(chapters[-1]["state"]), process, NOON), action)
        chapters.append(_chapter(run, action))
    return chapters


def _chapter(run: Run, action: list[Any] | None) -> dict[str, Any]:
    seen = run.activities()
    return {
        "action": action,
        "state": base64.b64encode(run.dump()).decode(),
        "waits": waits(run),
        "variables": run.variables(),
        "finished": run.is_finished,
        "stuck": run.is_stuck,
        "completed": sorted(seen["completed"]),
        "flows": sorted(seen["flows"]),
    }


def main() -> None:
    """Write what is missing."""
    for name, story in STORIES.items():
        model, states = FOLDER / f"{name}.bpmn", FOLDER / f"{name}.v{codec.VERSION}.json"
        if not model.exists():
            model.write_bytes(story.model)
        if not states.exists():
            states.write_text(json.dumps(play(story), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            sys.stdout.write(f"{states.name}\n")


if __name__ == "__main__":
    main()
