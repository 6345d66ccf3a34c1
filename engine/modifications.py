"""What an operator may do to a running instance: move, add and remove tokens, skip elements, correct variables.

All instructions of a command are carried out together or none is, with a reason that is kept in the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import process_instances, safekeeping
from engine import variables as variable_rules
from engine.actor import Actor
from engine.bpmn import stranding, surgery, whereabouts
from engine.bpmn.whereabouts import Impossible, Standing
from engine.errors import ModificationRefused, NothingAsked, ReasonMissing
from engine.models import ProcessInstance
from engine.steps import Step, take_up
from engine.undo import undoable

MAX_REASON = 2_000
MAX_INSTRUCTIONS = 200


@dataclass(frozen=True, slots=True)
class Move:
    """Take a token from one element and put it before another of the same scope."""

    source: str
    target: str
    #: Which one, where several stand at the source.
    token_id: UUID | None = None
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Add:
    """Put another token before an element."""

    target: str
    #: Which one, where the target's subprocess runs several times.
    scope_token_id: UUID | None = None
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a token away, with everything inside it."""

    source: str
    token_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Let a token leave its element as if the work had been done, with these variables as its result."""

    source: str
    token_id: UUID | None = None
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Correct variables: of the whole instance, or of the token at an element."""

    variables: Mapping[str, Any]
    source: str | None = None
    token_id: UUID | None = None


Instruction = Move | Add | Remove | Skip | SetVariables


def modify(
    session: Session,
    process_instance_id: UUID,
    instructions: Sequence[Instruction],
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> ProcessInstance:
    """Carry out the instructions in their order, check what they leave, and let the instance move on.

    Raises:
        ReasonMissing, NothingAsked, VariablesInvalid: the command itself is wanting.
        ProcessInstanceNotFound, ProcessInstanceNotActive: it is not there, suspended or at its end.
        ModificationRefused: with the element and the reason; nothing has changed.
    """
    reason = checked_reason(reason)
    if not 0 < len(instructions) <= MAX_INSTRUCTIONS:
        raise NothingAsked
    instructions = [_storable(session, instruction, by, now) for instruction in instructions]
    with undoable(session, process_instance_id, "modify", by=by, now=now) as effects:
        step = take_up(session, process_instance_id, by=by, now=now)
        stranded = stranding.stranded_joins(step.run)
        try:
            for instruction in instructions:
                _carry_out(step, instruction, reason)
            stranding.settle(step.run, stranded)
        except Impossible as impossible:
            raise ModificationRefused(impossible.element_id, impossible.reason) from impossible
        step.finish()
        effects.extend(step.effects)
    return step.as_written()


def _storable(session: Session, instruction: Instruction, by: Actor, now: datetime) -> Instruction:
    if isinstance(instruction, Remove):
        return instruction
    values = variable_rules.checked(dict(instruction.variables))
    return replace(instruction, variables=safekeeping.storable(session, values, by=by, now=now))


def tokens(session: Session, process_instance_id: UUID) -> list[Standing]:
    """Return the tokens of an instance, for people who choose one.

    Raises:
        ProcessInstanceNotFound: there is none.
    """
    return whereabouts.standing(process_instances.run_of(session, process_instance_id))


def checked_reason(reason: str) -> str:
    """Return a reason that says something.

    Raises:
        ReasonMissing: it is empty or longer than anybody reads.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise ReasonMissing
    return reason


def _carry_out(step: Step, instruction: Instruction, reason: str) -> None:
    match instruction:
        case Move(source, target, token_id, variables):
            facts = surgery.move(step.run, source, target, token_id, variables)
            step.tell("token_moved", element_id=target, data={**facts, "reason": reason})
        case Add(target, scope_token_id, variables):
            facts = surgery.add(step.run, target, scope_token_id, variables)
            step.tell("token_added", element_id=target, data={**facts, "reason": reason})
        case Remove(source, token_id):
            facts = surgery.take_away(step.run, source, token_id)
            step.tell("token_removed", element_id=source, data={**facts, "reason": reason})
        case Skip(source, token_id, variables):
            facts = surgery.leave(step.run, source, token_id, variables)
            step.tell("element_skipped", element_id=source, data={**facts, "reason": reason})
        case SetVariables(variables, source, token_id):
            facts = surgery.set_variables(step.run, variables, source, token_id)
            step.tell("variables_set", element_id=source, data={**facts, "reason": reason})
