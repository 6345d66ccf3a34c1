"""Keep the translations in step with the sources.

``extract``  write ``config/translations/messages.pot``, bring every language's catalogue up to date with it, and every
             bundle's ``translations/<language>.json`` with its models, forms and decisions.
``--check``  refuse, for the languages that ``config/languages.yaml`` calls complete, what is missing, unsure or has
             other placeholders than the English text; and for every language what is damaged.
``report``   say how much of each language is there.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog, Message  # noqa: E402 - after the line that makes our packages importable
from babel.messages.pofile import read_po, write_po  # noqa: E402

from config import languages  # noqa: E402
from config.languages import TRANSLATIONS, Language  # noqa: E402
from engine import bundle_texts, bundles  # noqa: E402
from webui.languages import extraction  # noqa: E402

TEMPLATE = TRANSLATIONS / "messages.pot"
SCRIPT = TRANSLATIONS / "script.json"
BUNDLES = ROOT / "processes" / "bpmn"
#: What stands for something in a text: ``%(name)s``, ``{name}``, ``{{name}}``, ``%%``.
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%%|%[sd]|\{\{.*?\}\}|\{\w*\}", re.DOTALL)
_WIDTH = 110
#: Not the day of the extraction: the same sources give the same file.
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def main(arguments: list[str]) -> int:
    """Do what was asked for."""
    verb = arguments[0] if arguments else "extract"
    if verb == "extract":
        extract()
        return 0
    if verb == "report":
        for line in report():
            print(line)
        return 0
    if verb != "--check":
        print(__doc__)
        return 2
    problems = [*check(), *out_of_date()]
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problems with translations (scripts/translations.py says what it can do).")
    return 1 if problems else 0


def others() -> list[Language]:
    """Return the languages that the sources are translated into."""
    return list(languages.load().values())[1:]


def extract() -> None:
    """Bring every file that translators work on up to date with the sources."""
    template = extraction.catalogue(ROOT)
    TEMPLATE.write_bytes(_written(template))
    SCRIPT.write_text(_json(extraction.of_scripts(template)), encoding="utf-8")
    for language in others():
        path = _catalogue_path(language)
        known = _read(path, language) if path.is_file() else Catalog(locale=language.locale, fuzzy=False)
        known.update(template, no_fuzzy_matching=True, update_creation_date=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_written(known))
    for bundle in _bundles():
        wanted = bundle_texts.of_bundle(bundles.read(bundle))
        for language in others():
            path = _bundle_path(bundle, language)
            said = _known(path)
            path.parent.mkdir(exist_ok=True)
            path.write_text(_json({text: said.get(text, "") for text in wanted}), encoding="utf-8")


def out_of_date() -> Iterator[str]:
    """Yield what ``extract`` would change in the template: a text was added that no translator has seen."""
    made = {_key(message) for message in extraction.catalogue(ROOT) if message.id}
    with TEMPLATE.open("rb") as file:
        kept = {_key(message) for message in read_po(file) if message.id}
    for key in sorted(made - kept, key=str):
        yield f"{TEMPLATE.relative_to(ROOT)}: not extracted yet: {key[0][0]!r}"
    for key in sorted(kept - made, key=str):
        yield f"{TEMPLATE.relative_to(ROOT)}: nobody says this any more: {key[0][0]!r}"


def check() -> Iterator[str]:
    """Yield what is wrong with the translations."""
    template = extraction.catalogue(ROOT)
    for language in others():
        yield from _check_catalogue(template, language)
        for bundle in _bundles():
            yield from _check_bundle(bundle, language)


def report() -> Iterator[str]:
    """Yield a line a language and file."""
    template = extraction.catalogue(ROOT)
    for language in others():
        known = _read(_catalogue_path(language), language)
        wanted = [message.id for message in template if message.id]
        done = sum(1 for one in wanted if (found := known.get(one)) is not None and _is_done(found))
        yield f"{language.tag:8} {done:5} of {len(wanted):5}  interface"
        for bundle in _bundles():
            texts, translated = _bundle(bundle, language)
            yield f"{'':8} {sum(1 for text in texts if translated.get(text)):5} of {len(texts):5}  {bundle.name}"


def _check_catalogue(template: Catalog, language: Language) -> Iterator[str]:
    path = _catalogue_path(language)
    name = path.relative_to(ROOT)
    if not path.is_file():
        if language.is_complete:
            yield f"{name}: is not there"
        return
    known = _read(path, language)
    for wanted in template:
        if not wanted.id:
            continue
        found = known.get(wanted.id, wanted.context)
        if found is None or not _is_done(found):
            if language.is_complete:
                yield f"{name}: {'unsure' if found is not None and found.fuzzy else 'missing'}: {_first(wanted)!r}"
            continue
        yield from (f"{name}: {wrong}: {_first(wanted)!r}" for wrong in _damage(known, found))


def _check_bundle(bundle: Path, language: Language) -> Iterator[str]:
    name = _bundle_path(bundle, language).relative_to(ROOT)
    texts, translated = _bundle(bundle, language)
    for text in texts:
        said = translated.get(text)
        if not said:
            if language.is_complete:
                yield f"{name}: missing: {text!r}"
        elif sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(said)):
            yield f"{name}: other placeholders: {text!r}"
    if language.is_complete:
        for text in translated.keys() - set(texts):
            yield f"{name}: nothing says this: {text!r}"


def _damage(known: Catalog, message: Message) -> Iterator[str]:
    for error in message.check(known):
        yield str(error)
    ids, strings = _forms(message.id), _forms(message.string)
    allowed = {placeholder for one in ids for placeholder in _PLACEHOLDER.findall(one)}
    for text in strings:
        used = set(_PLACEHOLDER.findall(text))
        if used - allowed:
            yield f"placeholder {' '.join(sorted(used - allowed))} is not in the English text"
        # The number may be a word of a plural form: one day, tomorrow.
        if len(ids) == 1 and allowed - used:
            yield f"placeholder {' '.join(sorted(allowed - used))} is lost"


def _is_done(message: Message) -> bool:
    return not message.fuzzy and all(_forms(message.string))


def _forms(said: Any) -> list[str]:
    """Return the one text of a message, or all its plural forms."""
    return [str(one) for one in cast("list[Any]", said)] if isinstance(said, (tuple, list)) else [said or ""]


def _first(message: Message) -> str:
    return _forms(message.id)[0]


def _key(message: Message) -> tuple[Any, str | None]:
    return tuple(_forms(message.id)), message.context


def _catalogue_path(language: Language) -> Path:
    return TRANSLATIONS / language.locale / "LC_MESSAGES" / "messages.po"


def _bundle_path(bundle: Path, language: Language) -> Path:
    return bundle / bundle_texts.FOLDER / f"{language.tag}.json"


def _bundles() -> list[Path]:
    return sorted(path.parent for path in BUNDLES.glob("*/process.yaml"))


def _bundle(bundle: Path, language: Language) -> tuple[list[str], dict[str, str]]:
    path = _bundle_path(bundle, language)
    return bundle_texts.of_bundle(bundles.read(bundle)), _known(path)


def _known(path: Path) -> dict[str, str]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _read(path: Path, language: Language) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language.locale)


def _written(catalogue: Catalog) -> bytes:
    catalogue.header_comment = "# Translations of Matterflow; scripts/translations.py keeps them in step."
    catalogue.creation_date = catalogue.revision_date = _EPOCH
    out = io.BytesIO()
    write_po(out, catalogue, width=_WIDTH, sort_by_file=True, include_lineno=False)
    return out.getvalue()


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
