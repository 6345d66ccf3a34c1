"""The same action on many instances: each for itself, with a result for each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from engine.bpmn.codec import StateUnreadable
from engine.errors import InstanceChanged, MatterflowError, ProcessInstanceUnreadable


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item."""

    id: UUID
    #: Why it was refused; None when it was done.
    refusal: MatterflowError | None = None

    @property
    def is_done(self) -> bool:
        """True when the action was carried out."""
        return self.refusal is None


def each(session: Session, ids: Iterable[UUID], do: Callable[[UUID], object]) -> list[Outcome]:
    """Carry out an action on every item, in a savepoint of its own: a refused one leaves nothing behind."""
    return [Outcome(item, attempt(session, item, do)) for item in dict.fromkeys(ids)]


def attempt(session: Session, item: UUID, do: Callable[[UUID], object]) -> MatterflowError | None:
    """Carry out an action in a savepoint; return why it was refused. One that came between is waited out once."""
    try:
        try:
            with session.begin_nested():
                do(item)
        except InstanceChanged:
            with session.begin_nested():
                do(item)
    except MatterflowError as refusal:
        return refusal
    except StateUnreadable as damaged:
        return ProcessInstanceUnreadable(item, str(damaged))
    return None
