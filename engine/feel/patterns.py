"""Regular expressions of forms, run where the browser's are: by JavaScript, and with the limits of an expression.

Python's own would hold up every other thread of the process for as long as a badly made one takes.
"""

from engine import limits
from engine.feel import interpreter
from engine.feel.errors import FeelError


def matches(pattern: str, text: str) -> bool:
    """Return whether ``pattern`` is found in ``text``.

    Raises:
        FeelError: it is no pattern.
        FeelTimeout: it took longer than an expression may.
    """
    answer = interpreter.shared().request("pattern", [pattern], {"text": text})
    return bool(answer["matches"])


def check(pattern: str) -> str | None:
    """Return what is wrong with a pattern, or None."""
    if len(pattern) > limits.PATTERN:
        return f"its pattern is longer than {limits.PATTERN} characters."
    try:
        matches(pattern, "")
    except FeelError as error:
        return f"its pattern is none: {error.message}."
    return None
