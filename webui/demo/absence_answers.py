"""What people of the demo firm fill into the forms about being away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from webui.demo.answers import Desk


def _arrange_cover(_desk: Desk) -> dict[str, Any]:
    return {"cover": "none"}


def _prepare_handover(desk: Desk) -> dict[str, Any]:
    notes = desk.some("Everything is in the files.", "Ring the court on Friday about the hearing.")
    return {"handover_notes": notes, "handover_done": True}


def _take_work_back(_desk: Desk) -> dict[str, Any]:
    return {"return_done": True}


ABSENCE_RECIPES: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = MappingProxyType(
    {"arrange_cover": _arrange_cover, "prepare_handover": _prepare_handover, "take_work_back": _take_work_back}
)
