"""Reads scenarios and refuses what nobody could mean, naming file and key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, cast

from engine import yaml_text
from engine.bpmn.timers import TimerInvalid, due_instant
from engine.errors import Invalid

#: Who acts in a scenario that names nobody: one person a role, called by the role.
DEFAULT_PEOPLE: Mapping[str, frozenset[str]] = {
    "receptionist": frozenset({"reception"}),
    "officer": frozenset({"conflicts_officers"}),
    "supervisor": frozenset({"supervisors"}),
    "partner": frozenset({"partners", "lawyers"}),
    "lawyer": frozenset({"lawyers"}),
    "case_manager": frozenset({"case_managers"}),
    "secretary": frozenset({"secretaries"}),
    "registrar": frozenset({"registrars"}),
    "cashier": frozenset({"cashiers"}),
    "accountant": frozenset({"accountants"}),
    "archivist": frozenset({"archivists"}),
}
FOLDER = "scenarios"
#: Base files that scenarios take over with ``as_in``.
SHARED_FOLDER = "scenarios/given"
MAX_AS_IN = 10
_STEP_KEYS: Mapping[str, frozenset[str]] = {
    "complete": frozenset({"with", "by", "process", "refused"}),
    "start": frozenset({"with", "by", "business_key", "refused"}),
    "claim": frozenset({"by", "process", "refused"}),
    "wait": frozenset(),
    "wait_until": frozenset(),
    "message": frozenset({"correlation_key", "variables", "message_id", "refused"}),
    "expect": frozenset(),
}
_GIVEN_TEXTS = ("process", "business_key", "start_by")
_GIVEN_KEYS = frozenset({"as_in", "start", *_GIVEN_TEXTS, "variables", "people", "bundles", "steps"})
_TASK_FACTS = frozenset({"assignee", "candidate_groups", "due_at", "priority", "kind", "stage"})


@dataclass(eq=False)
class ScenarioInvalid(Invalid):
    """This scenario cannot be read."""

    code = "scenario_invalid"
    file: str
    #: Where in the file, as ``when[2].wait``.
    key: str
    problem: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold at one moment; None says nothing about it."""

    process: str | None = None
    #: Element ids, each as often as it is open.
    open_user_tasks: list[str] | None = None
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    state: str | None = None
    ended: bool | None = None
    business_key: str | None = None
    visited: list[str] = field(default_factory=list[str])
    not_visited: list[str] = field(default_factory=list[str])
    #: Element ids that stand still because a step failed; none unless said.
    incidents: list[str] = field(default_factory=list[str])
    #: Facts of open user tasks by element id: assignee, candidate_groups, due_at, priority, kind, stage.
    user_tasks: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens."""

    kind: str
    #: The element id, process key, message name, duration or instant.
    target: str
    by: str | None = None
    process: str | None = None
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    correlation_key: str | None = None
    #: Of an instance that the step starts.
    business_key: str | None = None
    message_id: str | None = None
    #: The code of the refusal that must follow.
    refused: str | None = None
    expectation: Expectation | None = None

    def __str__(self) -> str:
        """The step as its author wrote it, in short."""
        return " ".join(part for part in (self.kind, self.target, f"by {self.by}" if self.by else "") if part)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story about a process and how it must end."""

    name: str
    file: str
    #: The process it is about: the bundle's.
    process: str
    start: datetime
    #: The process that is started: ``process``, or the one that starts it on the way.
    started_process: str
    business_key: str | None
    variables: dict[str, Any]
    start_by: str | None
    people: Mapping[str, frozenset[str]]
    #: Other bundles that must be deployed too.
    bundles: list[str]
    #: What has happened before the story begins.
    given_steps: list[Step]
    steps: list[Step]
    then: Expectation


def load(resources: Mapping[str, bytes], process: str) -> list[Scenario]:
    """Return the scenarios of a bundle in file order.

    Args:
        resources: the bundle's files by name.
        process: the bundle's process, which its scenarios are about unless one says otherwise.

    Raises:
        ScenarioInvalid: a file is no scenario; file and key say where.
    """
    names = [name for name in sorted(resources) if _is_scenario(name)]
    return [_scenario(_Reader(name, resources), process) for name in names]


def _is_scenario(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parent.as_posix() == FOLDER and path.suffix in (".yaml", ".yml")


class _Reader:
    """One file under inspection: every refusal names it and the key."""

    def __init__(self, file: str, resources: Mapping[str, bytes]) -> None:
        self.file = file
        self.resources = resources
        self.content = self.mapping(self._parsed(), "")

    def _parsed(self) -> Any:
        try:
            return yaml_text.read(self.resources[self.file], references=True)
        except yaml_text.YamlRefused as refusal:
            raise ScenarioInvalid(self.file, "", str(refusal)) from None

    def no(self, key: str, problem: str) -> ScenarioInvalid:
        return ScenarioInvalid(self.file, key, problem)

    def mapping(self, value: Any, key: str, allowed: Collection[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.no(key, "This is a mapping of names to values.")
        found = cast(dict[Any, Any], value)
        for name in found:
            if not isinstance(name, str):
                raise self.no(_join(key, str(name)), "A key is a name.")
            if allowed is not None and name not in allowed:
                raise self.no(_join(key, name), f"There is no such key here; there are {', '.join(sorted(allowed))}.")
        return cast(dict[str, Any], found)

    def items(self, value: Any, key: str) -> list[Any]:
        if not isinstance(value, list):
            raise self.no(key, "This is a list.")
        return cast(list[Any], value)

    def text(self, value: Any, key: str) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            raise self.no(key, "This is a text.")
        return str(value)

    def maybe_text(self, values: dict[str, Any], name: str, key: str) -> str | None:
        return self.text(values[name], _join(key, name)) if values.get(name) is not None else None

    def texts(self, value: Any, key: str) -> list[str]:
        return [self.text(item, f"{key}[{index}]") for index, item in enumerate(self.items(value, key))]

    def instant(self, value: Any, key: str) -> datetime:
        try:
            instant = datetime.fromisoformat(self.text(value, key))
        except ValueError as error:
            raise self.no(key, "This is an instant such as 2026-09-01T09:00:00Z.") from error
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

    def duration(self, value: Any, key: str) -> str:
        text = self.text(value, key)
        try:
            due_instant(text, datetime(2026, 1, 1, tzinfo=UTC))
        except TimerInvalid as error:
            raise self.no(key, "This is an ISO 8601 duration such as P14DT1S.") from error
        if not text.startswith("P"):
            raise self.no(key, "This is an ISO 8601 duration such as P14DT1S; wait_until takes an instant.")
        return text


def _scenario(reader: _Reader, process: str) -> Scenario:
    content = reader.mapping(reader.content, "", ("scenario", "process", "given", "when", "then"))
    for needed in ("scenario", "given", "then"):
        if needed not in content:
            raise reader.no(needed, "This is missing.")
    given, given_steps = _given(reader)
    if "start" not in given:
        raise reader.no("given.start", "This is missing.")
    subject = reader.maybe_text(content, "process", "") or process
    people = {name: frozenset(groups) for name, groups in given.get("people", {}).items()}
    return Scenario(
        name=reader.text(content["scenario"], "scenario"),
        file=reader.file,
        process=subject,
        start=given["start"],
        started_process=given.get("process") or subject,
        business_key=given.get("business_key"),
        variables=given.get("variables", {}),
        start_by=given.get("start_by"),
        people={**DEFAULT_PEOPLE, **people},
        bundles=given.get("bundles", []),
        given_steps=given_steps,
        steps=_steps(reader, content.get("when") or [], "when"),
        then=_expectation(reader, content["then"], "then"),
    )


def _given(reader: _Reader, depth: int = 0) -> tuple[dict[str, Any], list[Step]]:
    """Read ``given`` with the bases it takes over: variables and people are merged, steps come one after another."""
    raw = reader.content["given"] if depth == 0 else reader.content
    key = "given" if depth == 0 else ""
    values = reader.mapping(raw, key, _GIVEN_KEYS)
    own: dict[str, Any] = {name: reader.text(values[name], _join(key, name)) for name in _GIVEN_TEXTS if name in values}
    if "start" in values:
        own["start"] = reader.instant(values["start"], _join(key, "start"))
    if "bundles" in values:
        own["bundles"] = reader.texts(values["bundles"], _join(key, "bundles"))
    if "variables" in values:
        own["variables"] = reader.mapping(values["variables"], _join(key, "variables"))
    if "people" in values:
        people = reader.mapping(values["people"], _join(key, "people"))
        own["people"] = {name: reader.texts(groups, _join(key, f"people.{name}")) for name, groups in people.items()}
    steps = _steps(reader, values.get("steps") or [], _join(key, "steps"))
    if "as_in" not in values:
        return own, steps
    base, base_steps = _given(_base(reader, values["as_in"], _join(key, "as_in"), depth), depth + 1)
    for name in ("variables", "people"):
        if name in base:
            own[name] = {**base[name], **own.get(name, {})}
    return {**base, **own}, [*base_steps, *steps]


def _base(reader: _Reader, value: Any, key: str, depth: int) -> _Reader:
    name = f"{SHARED_FOLDER}/{reader.text(value, key)}.yaml"
    if name not in reader.resources:
        raise reader.no(key, f"There is no file {name}.")
    if depth >= MAX_AS_IN:
        raise reader.no(key, f"More than {MAX_AS_IN} files take each other over.")
    return _Reader(name, reader.resources)


def _steps(reader: _Reader, value: Any, key: str) -> list[Step]:
    return [_step(reader, item, f"{key}[{index}]") for index, item in enumerate(reader.items(value, key))]


def _step(reader: _Reader, value: Any, key: str) -> Step:
    values = reader.mapping(value, key)
    kinds = [kind for kind in _STEP_KEYS if kind in values]
    if len(kinds) != 1:
        raise reader.no(key, f"A step is exactly one of {', '.join(_STEP_KEYS)}.")
    kind = kinds[0]
    values = reader.mapping(values, key, {kind, *_STEP_KEYS[kind]})
    inner = _join(key, kind)
    if kind == "expect":
        return Step(kind, "", expectation=_expectation(reader, values[kind], inner))
    if kind == "wait":
        return Step(kind, reader.duration(values[kind], inner))
    if kind == "wait_until":
        return Step(kind, reader.instant(values[kind], inner).isoformat())
    answers = "variables" if kind == "message" else "with"
    return Step(
        kind,
        reader.text(values[kind], inner),
        by=reader.maybe_text(values, "by", key),
        process=reader.maybe_text(values, "process", key),
        variables=reader.mapping(values.get(answers) or {}, _join(key, answers)),
        correlation_key=reader.maybe_text(values, "correlation_key", key),
        business_key=reader.maybe_text(values, "business_key", key),
        message_id=reader.maybe_text(values, "message_id", key),
        refused=reader.maybe_text(values, "refused", key),
    )


_EXPECTATION_KEYS = frozenset(Expectation.__dataclass_fields__)
_LISTS = ("open_user_tasks", "visited", "not_visited", "incidents")


def _expectation(reader: _Reader, value: Any, key: str) -> Expectation:
    values = reader.mapping(value, key, _EXPECTATION_KEYS)
    if not values:
        raise reader.no(key, "This expects nothing.")
    facts: dict[str, Any] = {name: reader.texts(values[name], _join(key, name)) for name in _LISTS if name in values}
    for name in ("process", "state", "business_key"):
        facts[name] = reader.maybe_text(values, name, key)
    if "ended" in values:
        if not isinstance(values["ended"], bool):
            raise reader.no(_join(key, "ended"), "This is true or false.")
        facts["ended"] = values["ended"]
    if "variables" in values:
        facts["variables"] = reader.mapping(values["variables"], _join(key, "variables"))
    if "user_tasks" in values:
        tasks = reader.mapping(values["user_tasks"], _join(key, "user_tasks"))
        facts["user_tasks"] = {
            name: reader.mapping(task, _join(key, f"user_tasks.{name}"), _TASK_FACTS) for name, task in tasks.items()
        }
    return Expectation(**facts)


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
