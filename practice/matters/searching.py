"""What the search in matters reads."""

from practice.matters.models import Matter
from practice.parties.names import fold


def search_text_of(matter: Matter) -> str:
    """Return number, names, court and court number folded for partial search."""
    parts = (
        matter.number,
        matter.source_reference,
        matter.client_name,
        matter.opponent_name,
        matter.court,
        matter.court_number,
    )
    return fold(" ".join(part for part in parts if part))
