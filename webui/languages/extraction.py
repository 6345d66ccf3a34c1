"""What is there to translate: every text that templates, views, scripts and refusals say.

``scripts/translations.py`` writes it to ``config/translations/messages.pot``; nothing of this runs in the product.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "webui/frontend/src"
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "lazy_npgettext": ((1, "c"), 2, 3),
}
#: ``say('Saved')`` and ``sayMany('{n} letter', '{n} letters', n)`` of ``webui/frontend/src/words.js``.
SCRIPT_KEYWORDS: dict[str, Any] = {"say": None, "sayMany": (1, 2)}
#: English texts of the lower layers, which know no language: module -> names of the mappings that hold them.
TABLES = {
    "practice/people/groups.py": ("GROUPS",),
    "practice/exchange/columns.py": ("PROBLEMS",),
    "webui/errors.py": ("WEB_REFUSALS",),
}
_COMMENTS = ("Translators:",)


class Found(NamedTuple):
    """One text and where it is said."""

    path: str
    message: str | tuple[str, ...]
    comments: list[str]
    context: str | None


def catalogue(root: Path = ROOT) -> Catalog:
    """Return the template of all catalogues."""
    made = Catalog(project="Matterflow", version="1", charset="utf-8", fuzzy=False)
    for found in sorted(texts(root), key=lambda one: one.path):
        made.add(found.message, None, [(found.path, 0)], auto_comments=found.comments, context=found.context)
    return made


def texts(root: Path = ROOT) -> Iterator[Found]:
    """Yield every text of the sources."""
    templates = {"newstyle_gettext": "true", "silent": "false", "trimmed": "true"}
    for path in sorted((root / "webui" / "templates").rglob("*.html")):
        yield from _by_babel("jinja2", path, root, KEYWORDS, templates)
    for package in ("engine", "practice", "tasks", "webui"):
        for path in sorted((root / package).rglob("*.py")):
            if package == "webui":
                yield from _by_babel("python", path, root, KEYWORDS, {})
            yield from _of_refusals(path, root)
    for name, tables in TABLES.items():
        yield from _of_tables(root / name, root, tables)
    for path in sorted((root / SCRIPTS).rglob("*.js")):
        yield from _by_babel("javascript", path, root, SCRIPT_KEYWORDS, {})


def of_scripts(made: Catalog) -> list[Any]:
    """Return what the pages' scripts say: texts, and pairs of singular and plural."""
    said = [message.id for message in made if any(str(path).startswith(SCRIPTS) for path, _ in message.locations)]
    return sorted((one for one in said if one), key=str)


def _by_babel(
    method: str, path: Path, root: Path, keywords: dict[str, Any], options: dict[str, str]
) -> Iterator[Found]:
    name = path.relative_to(root).as_posix()
    for _, message, comments, context in extract_from_file(
        method, path, keywords=keywords, comment_tags=_COMMENTS, options=options, strip_comment_tags=True
    ):
        if all(message) if isinstance(message, tuple) else message:
            yield Found(name, message, comments, context)


def _of_refusals(path: Path, root: Path) -> Iterator[Found]:
    """Yield the sentences of refusals: the first line of the docstring of every class with a ``code``."""
    source = path.read_text(encoding="utf-8")
    if "code = " not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and _has_code(node):
            sentence = (ast.get_docstring(node) or "").strip().split("\n", 1)[0]
            if sentence:
                yield Found(path.relative_to(root).as_posix(), sentence, [], None)


def _has_code(node: ast.ClassDef) -> bool:
    named: list[ast.expr] = []
    for line in node.body:
        if isinstance(line, ast.Assign):
            named += line.targets
        elif isinstance(line, ast.AnnAssign) and line.value is not None:
            named.append(line.target)
    return any(isinstance(target, ast.Name) and target.id == "code" for target in named)


def _of_tables(path: Path, root: Path, names: Iterable[str]) -> Iterator[Found]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        value = getattr(node, "value", None)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if value is None or not any(isinstance(one, ast.Name) and one.id in names for one in targets):
            continue
        for table in (one for one in ast.walk(value) if isinstance(one, ast.Dict)):
            for said in table.values:
                parts = said.elts if isinstance(said, ast.Tuple) else [said]
                last = parts[-1]
                if isinstance(last, ast.Constant) and isinstance(last.value, str):
                    yield Found(path.relative_to(root).as_posix(), last.value, [], None)
