"""Why a hit is one, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

SCRIPTS = {
    "latin": lazy_gettext("in Latin letters"),
    "cyrillic": lazy_gettext("in Cyrillic"),
    "greek": lazy_gettext("in Greek"),
    "arabic": lazy_gettext("in Arabic"),
    "hangul": lazy_gettext("in Hangul"),
    "han": lazy_gettext("in Chinese characters"),
    "kana": lazy_gettext("in Japanese kana"),
}
WHY = {
    "same_name": lazy_gettext("Same name"),
    "same_characters": lazy_gettext("Same name, traditional and simplified characters"),
    "other_spelling": lazy_gettext("Same name in another spelling or order"),
    "initials": lazy_gettext("Same name with initials"),
    "translation": lazy_gettext("Same name in translation"),
    "sounds_alike": lazy_gettext("Sounds the same in other characters"),
    "identifier": lazy_gettext("Same registration or identity number"),
    "contact": lazy_gettext("Same telephone number or address"),
    "similar": lazy_gettext("Similar name"),
}
ROLES = {
    "client": lazy_gettext("our client"),
    "opponent": lazy_gettext("the opponent"),
    "other": lazy_gettext("named in the file"),
}


def reason_of(hit: Mapping[str, Any]) -> str:
    """Say by what somebody was found."""
    if hit.get("hidden"):
        return gettext("Somebody with whom the firm has to do elsewhere. The conflicts officers know more.")
    if hit.get("why") == "other_script":
        return gettext("Same name %(script)s", script=SCRIPTS.get(hit.get("script") or "", ""))
    return str(WHY.get(hit.get("why") or "same_name", WHY["similar"]))
