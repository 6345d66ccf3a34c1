"""``_`` and ``ngettext`` in templates, as Jinja's new style has them, without the way round that it takes.

Jinja calls three functions for each text, and inside a loop copies the template's variables for it, which a text does
not look at: a page of eighty texts spent a tenth of its time on that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from webui.languages.catalogues import Catalogues


def init_app(app: Flask, catalogues: Catalogues) -> None:
    """Say texts of templates by ``catalogues``."""
    gettext, ngettext = _texts(catalogues)
    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})


def _texts(catalogues: Catalogues) -> tuple[Callable[..., str], Callable[..., str]]:
    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **variables: Any) -> str:
        return _filled(context, catalogues.get_translations().ugettext(text), variables)

    @pass_eval_context
    def ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **variables: Any) -> str:
        said = catalogues.get_translations().ungettext(singular, plural, num)
        return _filled(context, said, {"num": num, **variables})

    return gettext, ngettext


def _filled(context: EvalContext, said: str, variables: dict[str, Any]) -> str:
    """Fill variables in; in a page they are escaped, and the text itself is not."""
    text = Markup(said) if context.autoescape else said  # noqa: S704 - a text of ours, as Jinja takes it
    # Always a format, with variables or without: two signs of per cent are one.
    return text % variables if "%" in said else text
