"""What the forms' own script says, in our words and the reader's language.

The keys are form-js's sentences (@bpmn-io/form-js-viewer 2.0.0); it fills in what stands in braces.
"""

from __future__ import annotations

from flask_babel import lazy_gettext

WORDS = {
    "Field is required.": lazy_gettext("An answer is needed."),
    "Field must have minimum value of {value}.": lazy_gettext("At least {value}."),
    "Field must have maximum value of {value}.": lazy_gettext("At most {value}."),
    "Field must have minimum length of {value}.": lazy_gettext("At least {value} characters."),
    "Field must have maximum length of {value}.": lazy_gettext("At most {value} characters."),
    "Field must match pattern {value}.": lazy_gettext("This is not written as it should be ({value})."),
    "Field must be a valid email.": lazy_gettext("Not an e-mail address."),
    "Field must be a valid international phone number. (e.g. +4930664040900)": lazy_gettext(
        "Not an international telephone number, for example +4930664040900."
    ),
    "Value is not a number.": lazy_gettext("Not a number."),
    "Value is expected to be an integer.": lazy_gettext("A whole number, please."),
    "Value is expected to have at most 1 decimal digit.": lazy_gettext("At most one digit after the point."),
    "Value is expected to have at most {value} decimal digits.": lazy_gettext(
        "At most {value} digits after the point."
    ),
    "Date and time must both be entered.": lazy_gettext("Date and time are both needed."),
    "Search": lazy_gettext("Search"),
    "Select": lazy_gettext("Choose"),
    "No results": lazy_gettext("Nothing fits"),
    "Nothing to show.": lazy_gettext("Nothing to show."),
    "No content to show.": lazy_gettext("Nothing to show."),
    "All values selected": lazy_gettext("Everything is chosen"),
    "Remove tag": lazy_gettext("Remove"),
    "Add new": lazy_gettext("Add one"),
    "Collapse": lazy_gettext("Show less"),
    "Expand all ({value})": lazy_gettext("Show all ({value})"),
    "Increment": lazy_gettext("More"),
    "Decrement": lazy_gettext("Less"),
    "Next page": lazy_gettext("Next page"),
    "Previous page": lazy_gettext("Previous page"),
    "No files selected": lazy_gettext("No file chosen"),
    "{value} files selected": lazy_gettext("{value} files chosen"),
}


def form_words() -> dict[str, str]:
    """Return the sentences in the reader's language."""
    return {theirs: str(ours) for theirs, ours in WORDS.items()}
