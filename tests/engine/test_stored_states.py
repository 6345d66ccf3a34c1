"""States of every version that ever was are restored for ever, and go on as they would have gone on."""

import base64
import json
from pathlib import Path

import pytest

from engine.bpmn import codec
from engine.bpmn.runtime import Run
from tests.engine import states
from tests.engine.states.stories import STORIES, act, compiled, waits
from tests.factories import NOON

FOLDER = Path(states.__file__).parent
RECORDED = sorted(FOLDER.glob("*.v*.json"))

#: When these were recorded, a boundary event that does not interrupt waited for one event only.
WAITS_AGAIN = ("told",)


def chapters(path):
    return json.loads(path.read_text(encoding="utf-8"))


def model_of(path):
    return compiled((FOLDER / f"{path.name.split('.')[0]}.bpmn").read_bytes())


def assert_is_as_told(run, chapter):
    seen = run.activities()
    assert [item for item in waits(run) if item in chapter["waits"] or item[1] not in WAITS_AGAIN] == chapter["waits"]
    assert outer(run.variables()) == outer(chapter["variables"])
    assert (run.is_finished, run.is_stuck) == (chapter["finished"], chapter["stuck"])
    assert set(seen["completed"]) == set(chapter["completed"])
    # Version 1 forgot how a token had come to an element that was interrupted.
    assert set(seen["flows"]) >= set(chapter["flows"])


def outer(variables):
    """Leave out the item of a multi-instance: each has its own, and version 1 let the last one out."""
    return {name: value for name, value in variables.items() if name != "party"}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_stored_state_is_restored_as_it_was(path):
    model = model_of(path)

    for chapter in chapters(path):
        run = Run.restore(base64.b64decode(chapter["state"]), model, NOON)

        assert_is_as_told(run, chapter)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
@pytest.mark.parametrize("stored_each_step", [True, False], ids=["stored each step", "in one go"])
def test_a_stored_state_goes_on_to_its_end(path, stored_each_step):
    model, story = model_of(path), chapters(path)

    for begin, chapter in enumerate(story):
        run = Run.restore(base64.b64decode(chapter["state"]), model, NOON)
        for following in story[begin + 1 :]:
            act(run, following["action"])
            if stored_each_step:
                run = Run.restore(run.dump(), model, NOON)
            assert_is_as_told(run, following)


@pytest.mark.parametrize("version", range(1, codec.VERSION + 1))
def test_every_version_has_states_of_every_story_it_could_tell(version):
    told = {path.name.split(".")[0] for path in FOLDER.glob(f"*.v{version}.json")}

    assert told == set(STORIES) - {name for name, story in STORIES.items() if story.since > version}
    assert told <= {path.name.split(".")[0] for path in FOLDER.glob("*.bpmn")}
