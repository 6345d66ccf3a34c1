"""What is read of an inbox, and the goals: any page within 10 ms in 95 of 100 cases, with exact counts within 30."""

from benchmarks.report import Figure, Goal

SHOWN = {
    "mine": "one's own work",
    "group": "what one's groups are offered",
    "all": "all that one may see",
    "watched": "what one watches",
    "deep": "a page far down",
    "urgency": "by urgency",
    "kind": "of one kind",
    "process": "of one process",
    "priority": "of high priority",
    "week": "due this week",
    "matter": "of one matter",
    "client": "of one client",
    "tag": "of one tag",
    "text": "by part of a name",
    "asleep": "put aside",
    "several": "six filters at once",
}


def figures(where: str, shown: str) -> list[Figure]:
    """Return the rows of one database; a ``p95`` is the 95th percentile of all samples, as one sample."""
    prefix = f"inbox.{where}"
    return [
        Figure(f"{prefix}.page", f"inbox, {shown}: any page"),
        Figure(f"{prefix}.page.p95", f"inbox, {shown}: any page, 95 of 100", goal=Goal(at_most=10)),
        Figure(f"{prefix}.counted", f"inbox, {shown}: a page with exact counts"),
        Figure(f"{prefix}.counted.p95", f"inbox, {shown}: a page with exact counts, 95 of 100", goal=Goal(at_most=30)),
        Figure(f"{prefix}.new", f"inbox, {shown}: how many are new"),
        Figure(f"{prefix}.open", f"inbox, {shown}: a task and its matter's facts", goal=Goal(at_most=30)),
        *(Figure(f"{prefix}.page.{name}", f"inbox, {shown}: {operation}") for name, operation in SHOWN.items()),
    ]
