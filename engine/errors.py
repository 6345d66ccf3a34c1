"""Every refusal of the engine: the class is the fact, its docstring the sentence, ``code`` is for ever."""

from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import UUID

_PLAIN = (str, int, float, bool, type(None), list, dict)


class MatterflowError(Exception):
    """Something was refused."""

    code: ClassVar[str] = "refused"

    @property
    def sentence(self) -> str:
        """The refusal in one English sentence (the first line of the class's docstring)."""
        return (type(self).__doc__ or "").strip().split("\n", 1)[0]

    def details(self) -> dict[str, Any]:
        """The facts of this refusal by field name, ready for JSON."""
        names = list(getattr(self, "__dataclass_fields__", ()))
        return {name: _jsonable(getattr(self, name)) for name in names}

    def __repr__(self) -> str:
        """Write it as dataclasses write themselves; one for each of hundreds of classes takes long to make."""
        facts = (f"{name}={getattr(self, name)!r}" for name in getattr(self, "__dataclass_fields__", ()))
        return f"{type(self).__qualname__}({', '.join(facts)})"

    def __str__(self) -> str:
        """The sentence and the facts, for logs and the command line."""
        facts = "; ".join(
            f"{name}: {_in_words(value)}" for name, value in self.details().items() if value not in (None, "", [], {})
        )
        return f"{self.sentence} ({facts})" if facts else self.sentence


def _in_words(value: Any) -> str:
    return ", ".join(str(item) for item in cast("list[Any]", value)) if isinstance(value, list) else str(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [item.as_dict() if hasattr(item, "as_dict") else _jsonable(item) for item in items]
    return cast("Any", value) if isinstance(value, _PLAIN) else str(value)


class NotFound(MatterflowError):
    """There is no such thing, or it is not for the person who asks."""

    code = "not_found"


class Conflict(MatterflowError):
    """Somebody or something was faster."""

    code = "conflict"


class Forbidden(MatterflowError):
    """The person who asks may not do this."""

    code = "forbidden"


class Invalid(MatterflowError):
    """What was sent cannot be accepted."""

    code = "invalid"


@dataclass(eq=False, repr=False)
class ProcessDefinitionNotFound(NotFound):
    """No such process is deployed."""

    code = "process_definition_not_found"
    process_key: str
    version: int | None = None


@dataclass(eq=False, repr=False)
class ResourceNotFound(NotFound):
    """The deployment holds no such file."""

    code = "resource_not_found"
    name: str


@dataclass(eq=False, repr=False)
class ProcessInstanceNotFound(NotFound):
    """There is no such process instance."""

    code = "process_instance_not_found"
    process_instance_id: UUID


@dataclass(eq=False, repr=False)
class UserTaskNotFound(NotFound):
    """There is no such user task."""

    code = "user_task_not_found"
    user_task_id: UUID


@dataclass(eq=False, repr=False)
class JobNotFound(NotFound):
    """There is no such job, or it has not failed."""

    code = "job_not_found"
    job_id: UUID


@dataclass(eq=False, repr=False)
class IncidentNotFound(NotFound):
    """There is no such open incident."""

    code = "incident_not_found"
    incident_id: UUID


@dataclass(eq=False, repr=False)
class HistoryEventNotFound(NotFound):
    """History does not hold the data of such a finished step."""

    code = "history_event_not_found"
    event_id: int


@dataclass(eq=False, repr=False)
class NobodyWaits(NotFound):
    """No process instance waits for this message with this correlation key."""

    code = "nobody_waits"
    name: str
    correlation_key: str | None


@dataclass(eq=False, repr=False)
class UserTaskAlreadyClaimed(Conflict):
    """Somebody else is already working on this user task."""

    code = "user_task_already_claimed"
    user_task_id: UUID
    assignee: str


@dataclass(eq=False, repr=False)
class UserTaskNotOpen(Conflict):
    """This user task is no longer open."""

    code = "user_task_not_open"
    user_task_id: UUID
    state: str
    ended_by: str | None = None


@dataclass(eq=False, repr=False)
class UserTaskDelegated(Conflict):
    """This user task was delegated; it goes back to its owner, who completes it."""

    code = "user_task_delegated"
    user_task_id: UUID
    owner: str


@dataclass(eq=False, repr=False)
class UserTaskNotDelegated(Conflict):
    """This user task was not delegated."""

    code = "user_task_not_delegated"
    user_task_id: UUID


@dataclass(eq=False, repr=False)
class ProcessInstanceNotActive(Conflict):
    """The process instance does not move in its present state."""

    code = "process_instance_not_active"
    process_instance_id: UUID
    state: str


@dataclass(eq=False, repr=False)
class InstanceChanged(Conflict):
    """The process instance moved while this was being done; try again."""

    code = "process_instance_changed"
    process_instance_id: UUID


@dataclass(eq=False, repr=False)
class ProcessInstanceUnreadable(Conflict):
    """The stored state of the process instance cannot be read."""

    code = "process_instance_unreadable"
    process_instance_id: UUID
    reason: str


@dataclass(eq=False, repr=False)
class ModificationRefused(Conflict):
    """The process instance cannot be changed like this."""

    code = "modification_refused"
    element_id: str | None
    reason: str


@dataclass(eq=False, repr=False)
class ResetRefused(Conflict):
    """The process instance cannot go back to this step."""

    code = "reset_refused"
    element_id: str | None
    reason: str


@dataclass(eq=False, repr=False)
class MigrationRefused(Conflict):
    """The process instance cannot move to this version."""

    code = "migration_refused"
    process_instance_id: UUID
    obstacles: list[Any]

    def __str__(self) -> str:
        """The sentence and what stands in the way."""
        return f"{self.sentence} " + "; ".join(f"{one.element_id}: {one.reason}" for one in self.obstacles)


@dataclass(eq=False, repr=False)
class NothingToUndo(Conflict):
    """No operator's action on this process instance can be undone."""

    code = "nothing_to_undo"
    process_instance_id: UUID


@dataclass(eq=False, repr=False)
class UndoTooLate(Conflict):
    """The process instance has moved since the operator's action, which can therefore no longer be undone."""

    code = "undo_too_late"
    process_instance_id: UUID
    action: str


@dataclass(eq=False, repr=False)
class UndoImpossible(Conflict):
    """The operator's action had effects that cannot be taken back."""

    code = "undo_impossible"
    process_instance_id: UUID
    action: str
    reason: str


@dataclass(eq=False, repr=False)
class NotACandidate(Forbidden):
    """This user task is offered to other people."""

    code = "not_a_candidate"
    user_task_id: UUID
    username: str


@dataclass(eq=False, repr=False)
class NotTheAssignee(Forbidden):
    """Only the person who holds this user task may do that."""

    code = "not_the_assignee"
    user_task_id: UUID
    username: str


@dataclass(eq=False, repr=False)
class NotAllowedToStart(Forbidden):
    """This process is started by other groups."""

    code = "not_allowed_to_start"
    process_key: str
    username: str


@dataclass(eq=False, repr=False)
class RightMissing(Forbidden):
    """The person who asks lacks the right for this."""

    code = "right_missing"
    right: str
    username: str


@dataclass(eq=False, repr=False)
class DeploymentRefused(Invalid):
    """The bundle has errors and was not deployed."""

    code = "deployment_refused"
    findings: list[Any]

    def __str__(self) -> str:
        """The sentence and the first finding."""
        errors = [finding for finding in self.findings if finding.severity == "error"]
        first = errors[0] if errors else None
        return f"{self.sentence} {len(errors)} error(s); first: {first.message if first else '?'}"


@dataclass(eq=False, repr=False)
class BundleUnreadable(Invalid):
    """The bundle cannot be read."""

    code = "bundle_unreadable"
    name: str
    reason: str


@dataclass(eq=False, repr=False)
class FormInvalid(Invalid):
    """The form's answers cannot be accepted."""

    code = "form_invalid"
    fields: dict[str, str]


@dataclass(eq=False, repr=False)
class StateTooLarge(Invalid):
    """The instance would hold more data than an instance may."""

    code = "state_too_large"
    size: int
    limit: int


@dataclass(eq=False, repr=False)
class VariablesInvalid(Invalid):
    """The variables cannot be accepted."""

    code = "variables_invalid"
    fields: dict[str, str]


@dataclass(eq=False, repr=False)
class MessageUnknown(Invalid):
    """No deployed process knows a message of this name."""

    code = "message_unknown"
    name: str


@dataclass(eq=False, repr=False)
class SignalUnknown(Invalid):
    """No deployed process knows a signal of this name."""

    code = "signal_unknown"
    name: str


@dataclass(eq=False, repr=False)
class RecipientMissing(Invalid):
    """A user task needs the name of a person to go to."""

    code = "recipient_missing"
    field: str = "to"


@dataclass(eq=False, repr=False)
class ReasonMissing(Invalid):
    """An operator's action needs a reason, which is kept in the history."""

    code = "reason_missing"
    field: str = "reason"


@dataclass(eq=False, repr=False)
class NothingAsked(Invalid):
    """The command holds no instruction."""

    code = "nothing_asked"
    field: str = "instructions"


@dataclass(eq=False, repr=False)
class MigrationPlanInvalid(Invalid):
    """The migration plan does not fit the two versions."""

    code = "migration_plan_invalid"
    obstacles: list[Any]

    def __str__(self) -> str:
        """The sentence and what stands in the way."""
        return f"{self.sentence} " + "; ".join(f"{one.element_id}: {one.reason}" for one in self.obstacles)
