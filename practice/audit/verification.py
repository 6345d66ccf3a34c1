"""Proving the trail: every event is where it was put and says what it said, and none is missing."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.audit import triggers
from practice.audit.chain import GENESIS, STORED, Head, digest_of_stored, link
from practice.audit.models import AuditEvent, AuditSeal

_BATCH = 5_000
#: Findings that are told one by one; of the rest only the number.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be."""

    #: ``changed``, ``event_missing``, ``gap``, ``not_chained``, ``truncated`` or ``head_differs``.
    kind: str
    sentence: str
    position: int | None = None
    event_id: int | None = None


@dataclass(slots=True)
class Report:
    """What a verification found."""

    #: Positions that were looked at.
    checked: int = 0
    #: Of these, sealed later than written: there before the chain, or written by an older release.
    late: int = 0
    head: Head | None = None
    findings: list[Finding] = field(default_factory=list[Finding])
    #: All findings, told one by one or not.
    found: int = 0
    #: What does not prove a change and makes one easier.
    warnings: list[str] = field(default_factory=list[str])

    @property
    def holds(self) -> bool:
        """Say whether nothing was found."""
        return self.found == 0

    def add(self, kind: str, sentence: str, *, position: int | None = None, event_id: int | None = None) -> None:
        """Count a finding, and keep it if there are not too many yet."""
        self.found += 1
        if len(self.findings) < MOST_TOLD:
            self.findings.append(Finding(kind, sentence, position, event_id))


def verify(
    session: Session, *, heads: Collection[Head] = (), progress: Callable[[int], None] = lambda _checked: None
) -> Report:
    """Walk the whole chain; ``heads`` were kept elsewhere and have to lie on it.

    Without a head from elsewhere, the end of the chain proves itself only: that rows were cut off there, events and
    seals alike, shows by a head that lies beyond it.
    """
    report = Report()
    expected = {head.position: head for head in heads}
    previous = GENESIS
    for row in _rows(session):
        if row.position != report.checked + 1:
            gap = f"positions {report.checked + 1} to {row.position - 1} are missing"
            report.add("gap", f"{gap}.", position=report.checked + 1)
        if row.id is None:
            report.add(
                "event_missing",
                f"The event {row.event_id} at position {row.position} is gone.",
                position=row.position,
                event_id=row.event_id,
            )
        elif row.hash != link(previous, row.position, row.event_id, digest_of_stored(row), is_late=row.is_late):
            report.add(
                "changed",
                f"The event {row.event_id} at position {row.position} is not what was sealed there.",
                position=row.position,
                event_id=row.event_id,
            )
        _compare(report, expected, Head(row.position, row.hash))
        previous = row.hash
        report.checked, report.late = row.position, report.late + bool(row.is_late)
        report.head = Head(row.position, row.hash)
        if report.checked % _BATCH == 0:
            progress(report.checked)
    for position in sorted(expected.keys() - range(report.checked + 1)):
        report.add("truncated", f"The chain ends at {report.checked} and was once at {position}.", position=position)
    _unsealed(session, report)
    _protection(session, report)
    progress(report.checked)
    return report


def _compare(report: Report, expected: dict[int, Head], found: Head) -> None:
    wanted = expected.get(found.position)
    if wanted is not None and wanted.hash != found.hash:
        sentence = f"Position {found.position} once had the hash {wanted.hash} and now has {found.hash}."
        report.add("head_differs", sentence, position=found.position)


def _rows(session: Session) -> Iterator[Any]:
    """Yield the seals in order, each with its event or with nothing where that is gone; memory stays small."""
    query = sa.select(AuditSeal.position, AuditSeal.event_id, AuditSeal.hash, AuditSeal.is_late, *STORED).outerjoin(
        AuditEvent, AuditEvent.id == AuditSeal.event_id
    )
    last = 0
    while True:
        page = query.where(AuditSeal.position > last).order_by(AuditSeal.position).limit(_BATCH)
        rows = session.execute(page).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1].position


def _unsealed(session: Session, report: Report) -> None:
    is_sealed = sa.exists().where(AuditSeal.event_id == AuditEvent.id)
    for event_id in session.scalars(sa.select(AuditEvent.id).where(~is_sealed).order_by(AuditEvent.id)):
        report.add("not_chained", f"The event {event_id} was never sealed.", event_id=event_id)


def _protection(session: Session, report: Report) -> None:
    connection = session.connection()
    report.warnings += [f"The trigger {name} is not there." for name in triggers.missing(connection)]
    if triggers.may_rewrite(connection):
        report.warnings.append(
            "The role that is signed in to PostgreSQL holds the right to change audit rows; `matterflow db grant` "
            "makes one that does not."
        )
