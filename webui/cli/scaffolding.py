"""``matterflow process new``: the smallest bundle that is complete, checks clean and proves itself."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from xml.sax.saxutils import quoteattr

from webui.cli.common import Refused

_TEMPLATES = Path(__file__).with_name("scaffold")
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,5}")


def scaffold(key: str, *, name: str | None, code: str | None, folder: Path) -> list[Path]:
    """Write the bundle ``key`` into ``folder`` and return its files; with ``code`` it is a case type.

    Raises:
        Refused: the key or the code cannot be one, or the bundle is there already.
    """
    if not _KEY.fullmatch(key) or len(key) > 60:  # noqa: PLR2004
        raise Refused(
            f"A process is named in lower-case words joined by underscores, such as injury_compensation, not {key!r}."
        )
    if code is not None and not _CODE.fullmatch(code):
        raise Refused(f"A case type's code is two to six capital letters or digits, such as LD, not {code!r}.")
    bundle = folder / key
    if bundle.exists():
        raise Refused(f"{bundle} exists already.")
    name = (name or key.replace("_", " ").capitalize()).strip()
    if not name or any(sign in name for sign in '\n\r\\"'):
        raise Refused("A process's name is one line without quotation marks.")
    written: list[Path] = []
    for source in sorted(path for path in _TEMPLATES.rglob("*") if path.is_file()):
        relative = source.relative_to(_TEMPLATES)
        target = bundle / (relative.with_name(f"{key}.bpmn") if relative.name == "process.bpmn" else relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        shown = {
            ".bpmn": quoteattr(name)[1:-1],
            ".yaml": f'"{name}"',
        }.get(source.suffix, name)
        case_type = f'case_type: {{code: {code}, name: "{name}"}}\n' if code else ""
        text = source.read_text(encoding="utf-8")
        if source.suffix != ".form":
            text = Template(text).substitute(key=key, name=shown, case_type=case_type)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written
