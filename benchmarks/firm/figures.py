"""What is read of a generated firm, and the goals: median under 30 ms, none over 300 ms, generated in five minutes."""

from benchmarks.report import Figure, Goal

SHOWN = {
    "matters": "matters, newest",
    "matters_open": "open matters",
    "matters_word": "matters by part of a name",
    "matters_number": "matters by number",
    "matters_nothing": "matters, nothing found",
    "matters_page": "page of matters by part of a name",
    "matter_card": "matter card",
    "inbox": "inbox",
    "enquiries": "page of enquiries",
    "enquiries_word": "page of enquiries by part of a name",
    "parties": "parties",
    "parties_word": "parties by part of a name",
    "clients": "clients",
    "clients_word": "clients by part of a name",
    "client_card": "client card",
    "party_card": "party card",
    "deadlines": "deadlines",
    "events": "events",
    "events_week": "somebody's events from a week on",
    "search": "search of everything",
    "search_page": "page of the search of everything",
    "proceedings_of_matter": "proceedings of a matter",
    "audit": "audit trail, newest",
    "audit_matter": "audit trail of a matter",
    "audit_person": "audit trail of a person",
    "audit_kind_day": "audit trail by kind and day",
}


def figures(where: str, shown: str) -> list[Figure]:
    """Return the rows of one database: each operation's median, and its slowest answer."""
    prefix = f"firm.{where}"
    rows = [
        Figure(f"{prefix}.generation_s", f"firm, {shown}: generated", "s", goal=Goal(at_most=300)),
        Figure(f"{prefix}.all", f"firm, {shown}, 10 people: every list, card, search", goal=Goal(at_most=30)),
        Figure(
            f"{prefix}.worst",
            f"firm, {shown}, 10 people: the slowest of all",
            samples=f"{prefix}.all",
            goal=Goal(at_most=300),
            worst=True,
        ),
    ]
    for name, operation in SHOWN.items():
        text = f"firm, {shown}: {operation}"
        rows += [
            Figure(f"{prefix}.{name}", text, goal=Goal(at_most=30)),
            Figure(
                f"{prefix}.{name}.worst",
                f"{text}, slowest",
                samples=f"{prefix}.{name}",
                goal=Goal(at_most=300),
                worst=True,
            ),
        ]
    return rows
