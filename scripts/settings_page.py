"""Write ``docs/settings.md`` from ``config/settings.py``; with ``--check``, refuse when the page is out of date."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"
HEAD = """# Settings

Matterflow reads its settings from environment variables and from nowhere else: no file to keep in step, and the same
variable works for `matterflow serve`, for every other command and for `make demo`. A value that cannot be read is
refused with a sentence that names the variable. `matterflow settings` shows what is in force.

A switch is `1` or `0`. An empty variable counts as not set.

| Variable | Default | What it does |
|---|---|---|
"""


def page() -> str:
    """Return the whole page as Markdown."""
    sys.path.insert(0, str(ROOT))
    from config.settings import PREFIX, SETTINGS  # noqa: PLC0415 found by the line above

    rows = (
        f"| `{PREFIX}{setting.name}` | {f'`{setting.default}`' if setting.default else ''} | {setting.says} |\n"
        for setting in SETTINGS
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/settings.md is out of date: run `python scripts/settings_page.py`.")
