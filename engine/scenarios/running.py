"""Plays scenarios against the engine's own services, with a clock of their own."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database, deployments, history, jobs, messages, process_instances, user_tasks
from engine.actor import SYSTEM, Actor
from engine.bpmn.timers import due_instant
from engine.definitions import compiled
from engine.errors import MatterflowError, NobodyWaits
from engine.models import Base, Incident, Job, ProcessInstance, UserTask
from engine.scenarios.loading import Expectation, Scenario, Step
from engine.scenarios.reporting import Coverage, Report, Result, StepOutcome

#: Seeds what delegates look up (the scenario's people, for one) before anything starts.
Prepare = Callable[[Session, Scenario], None]
Resources = Mapping[str, bytes]
#: Jobs that may fire in one wait; more is a timer that goes round for ever.
MAX_JOBS = 1000


class _Unmet(Exception):
    """A step or an expectation did not come out as told."""


def run_all(
    scenarios: Iterable[Scenario], bundles: Mapping[str, Resources], *, prepare: Prepare | None = None
) -> Report:
    """Play each scenario in a throw-away database of its own.

    Args:
        scenarios: as ``load`` returns them.
        bundles: every bundle the scenarios name, by its process key; their own among them.
        prepare: seeds rows that delegates need.
    """
    results: list[Result] = []
    for scenario in scenarios:
        with throw_away_session() as session:
            results.append(run(session, scenario, bundles, prepare=prepare))
    return Report(results)


@contextmanager
def throw_away_session() -> Generator[Session]:
    """Open an empty in-memory database with every table that is known, for one scenario."""
    engine = database.create_engine("sqlite://")
    try:
        Base.metadata.create_all(engine)
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()


def run(
    session: Session, scenario: Scenario, bundles: Mapping[str, Resources], *, prepare: Prepare | None = None
) -> Result:
    """Play one scenario; what goes wrong is in the result, not raised.

    Args:
        session: a throw-away session; everything the scenario does is left in it, uncommitted.
        scenario: what to play.
        bundles: the bundles it needs, by process key.
        prepare: seeds rows that delegates need.
    """
    result = Result(scenario)
    play = _Play(session, scenario, bundles)
    number, told = 0, f"start {scenario.started_process}"
    try:
        play.begin(prepare)
        result.steps.append(StepOutcome(number, told, play.now))
        for number, step in enumerate([*scenario.given_steps, *scenario.steps], start=1):
            told = str(step)
            play.do(step)
            result.steps.append(StepOutcome(number, told, play.now))
        number, told = number + 1, "then"
        play.expect(scenario.then)
        result.steps.append(StepOutcome(number, told, play.now))
    except _Unmet as unmet:
        result.steps.append(StepOutcome(number, told, play.now, str(unmet)))
    except MatterflowError as refusal:
        problem = f"refused ({refusal.code}): {refusal}\n{play.situation()}"
        result.steps.append(StepOutcome(number, told, play.now, problem))
    result.coverage = play.coverage()
    return result


class _Play:
    """A scenario under way."""

    def __init__(self, session: Session, scenario: Scenario, bundles: Mapping[str, Resources]) -> None:
        self.session = session
        self.scenario = scenario
        self.bundles = bundles
        self.now = scenario.start

    def begin(self, prepare: Prepare | None) -> None:
        """Deploy, seed and start."""
        scenario = self.scenario
        for key in dict.fromkeys([scenario.process, scenario.started_process, *scenario.bundles]):
            if key not in self.bundles:
                raise _Unmet(f"the bundle '{key}' is not there; there are {_listed(self.bundles)}")
            deployments.deploy(self.session, self.bundles[key], by=SYSTEM, now=self.now)
        if prepare is not None:
            prepare(self.session, scenario)
        self._start(
            Step(
                "start",
                scenario.started_process,
                by=scenario.start_by,
                variables=scenario.variables,
                business_key=scenario.business_key,
            )
        )
        self._let_jobs_run(self.now)

    def do(self, step: Step) -> None:
        """Take one step and let everything that is due happen."""
        if step.kind == "expect" and step.expectation is not None:
            self.expect(step.expectation)
            return
        if step.kind == "wait":
            self._let_jobs_run(due_instant(step.target, self.now))
            return
        if step.kind == "wait_until":
            self._let_jobs_run(datetime.fromisoformat(step.target))
            return
        try:
            with self.session.begin_nested():
                self._command(step)
        except MatterflowError as refusal:
            if refusal.code == step.refused:
                return
            raise
        if step.refused:
            raise _Unmet(f"expected the refusal {step.refused}; found that it was accepted\n{self.situation()}")
        self._let_jobs_run(self.now)

    def _command(self, step: Step) -> None:
        if step.kind == "message":
            key = step.correlation_key or self._subject().business_key
            outcome = messages.correlate(
                self.session,
                step.target,
                key,
                variables=step.variables,
                message_id=step.message_id,
                time_to_live="PT0S",  # a story says when somebody waits
                by=SYSTEM,
                now=self.now,
            )
            if outcome.delivered_to is None and not outcome.duplicate:
                raise NobodyWaits(step.target, key)
            return
        if step.kind == "start":
            self._start(step)
            return
        task = self._open_task(step.target, step.process)
        by = self._actor(step.by) if step.by else self._whose(task)
        if step.kind == "claim":
            user_tasks.claim(self.session, task.id, by=by, now=self.now)
        else:
            user_tasks.complete(self.session, task.id, step.variables, by=by, now=self.now)

    def _start(self, step: Step) -> None:
        by = self._actor(step.by) if step.by else SYSTEM
        process_instances.start(
            self.session, step.target, business_key=step.business_key, variables=step.variables, by=by, now=self.now
        )

    def _let_jobs_run(self, until: datetime) -> None:
        """Move the clock to ``until``, stopping at every instant at which a timer or a job is due."""
        for _ in range(MAX_JOBS):
            due = jobs.next_due_at(self.session)
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            if not jobs.run_due(self._part, now=lambda: self.now, limit=1):
                break
        else:
            raise _Unmet(f"more than {MAX_JOBS} timers and jobs fired without an end\n{self.situation()}")
        self.now = max(self.now, until)

    @contextmanager
    def _part(self) -> Generator[Session]:
        """Stand in for a job's own transaction."""
        with self.session.begin_nested():
            yield self.session

    # -- looking ------------------------------------------------------------------------------------

    def _instances(self, process: str | None = None) -> list[ProcessInstance]:
        wanted = sa.select(ProcessInstance).order_by(ProcessInstance.started_at, ProcessInstance.id)
        if process is not None:
            wanted = wanted.where(ProcessInstance.process_key == process)
        return list(self.session.scalars(wanted.execution_options(populate_existing=True)))

    def _subject(self, process: str | None = None) -> ProcessInstance:
        found = self._instances(process or self.scenario.process)
        if not found:
            raise _Unmet(f"expected an instance of {process or self.scenario.process}; found none\n{self.situation()}")
        return found[-1]

    def _open_tasks(self, instance: ProcessInstance | None = None) -> list[UserTask]:
        wanted = sa.select(UserTask).where(UserTask.state == "created").order_by(UserTask.created_at, UserTask.id)
        if instance is not None:
            wanted = wanted.where(UserTask.process_instance_id == instance.id)
        return list(self.session.scalars(wanted.execution_options(populate_existing=True)))

    def _open_task(self, element_id: str, process: str | None) -> UserTask:
        found = [
            task for task in self._open_tasks() if task.element_id == element_id and process in (None, task.process_key)
        ]
        if not found:
            raise _Unmet(f"expected the open user task {element_id}; found none\n{self.situation()}")
        return next((task for task in found if task.process_key == self.scenario.process), found[0])

    def _actor(self, username: str) -> Actor:
        try:
            return Actor(username, self.scenario.people[username])
        except KeyError:
            raise _Unmet(f"nobody is called '{username}'; there are {_listed(self.scenario.people)}") from None

    def _whose(self, task: UserTask) -> Actor:
        """Return who holds a task, or else the first person to whom it is offered."""
        if task.assignee is not None:
            return Actor(task.assignee, self.scenario.people.get(task.assignee, frozenset()))
        for username, groups in self.scenario.people.items():
            if groups.intersection(task.candidate_groups):
                return Actor(username, groups)
        raise _Unmet(f"nobody among {_listed(self.scenario.people)} may do {_described(task)}")

    # -- comparing ----------------------------------------------------------------------------------

    def expect(self, wanted: Expectation) -> None:
        """Compare the subject with what was expected of it."""
        instance = self._subject(wanted.process)
        problems = [*self._state_problems(wanted, instance), *self._task_problems(wanted, instance)]
        if wanted.variables:
            found = process_instances.variables(self.session, instance.id)
            problems += [
                f"expected {name} = {value!r}; found {found.get(name)!r}"
                for name, value in wanted.variables.items()
                if found.get(name) != value
            ]
        if wanted.visited or wanted.not_visited:
            been = self._visited(instance)
            problems += [f"expected a visit to {name}; found none" for name in wanted.visited if name not in been]
            problems += [f"expected no visit to {name}; found one" for name in wanted.not_visited if name in been]
        if problems:
            raise _Unmet("\n".join([*problems, self.situation()]))

    def _state_problems(self, wanted: Expectation, instance: ProcessInstance) -> Iterator[str]:
        if wanted.state is not None and instance.state != wanted.state:
            yield f"expected the state {wanted.state}; found {instance.state}"
        if wanted.ended is not None and (instance.ended_at is not None) != wanted.ended:
            yield f"expected it to {'have ended' if wanted.ended else 'go on'}; found {instance.state}"
        if wanted.business_key is not None and instance.business_key != wanted.business_key:
            yield f"expected the business key {wanted.business_key}; found {instance.business_key}"
        mine = [incident for incident in self._incidents() if incident.process_instance_id == instance.id]
        stuck = sorted(incident.element_id for incident in mine)
        if stuck != sorted(wanted.incidents):
            yield f"expected incidents at {_listed(wanted.incidents)}; found them at {_listed(stuck)}"

    def _task_problems(self, wanted: Expectation, instance: ProcessInstance) -> Iterator[str]:
        open_tasks = self._open_tasks(instance)
        if wanted.open_user_tasks is not None:
            found = Counter(task.element_id for task in open_tasks)
            if found != Counter(wanted.open_user_tasks):
                names = _listed(sorted(wanted.open_user_tasks)), _listed(sorted(found.elements()))
                yield f"expected these open user tasks: {names[0]}; found {names[1]}"
        for element_id, facts in wanted.user_tasks.items():
            task = next((task for task in open_tasks if task.element_id == element_id), None)
            if task is None:
                yield f"expected the open user task {element_id}; found none"
                continue
            for name, value in facts.items():
                if not _is_same(getattr(task, name), value):
                    yield f"expected {name} of {element_id} to be {value!r}; found {_shown(getattr(task, name))!r}"

    def _visited(self, instance: ProcessInstance) -> set[str]:
        shown = process_instances.activities(self.session, instance.id)
        told = {event.element_id for event in history.for_instance(self.session, instance.id) if event.element_id}
        return {*shown["completed"], *shown["active"], *told}

    def _incidents(self) -> list[Incident]:
        unresolved = (
            sa.select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.created_at, Incident.id)
        )
        return list(self.session.scalars(unresolved))

    # -- telling ------------------------------------------------------------------------------------

    def situation(self) -> str:
        """Say what is open, so that the author sees where the story went."""
        lines = [f"open were: {_listed([_described(task) for task in self._open_tasks()])}"]
        lines += [f"{item.process_key} {item.business_key or ''} is {item.state}" for item in self._instances()]
        lines += [f"incident at {item.element_id}: {item.message}" for item in self._incidents()]
        failed = self.session.scalars(sa.select(Job).where(Job.last_error.is_not(None)))
        lines += [f"a job of {job.element_id} failed: {job.last_error}" for job in failed]
        return "\n".join(lines)

    def coverage(self) -> dict[str, Coverage]:
        """Return the flows that were walked, by process key, over all instances."""
        walked: dict[str, Coverage] = {}
        for instance in self._instances():
            taken = frozenset(process_instances.activities(self.session, instance.id)["flows"])
            process = compiled(self.session, instance.definition_id).process
            flows = {flow for ids in process.flows.values() for flow in ids} - process.called_flows
            part = Coverage(frozenset(flows), taken & flows)
            known = walked.get(instance.process_key)
            walked[instance.process_key] = part if known is None else known | part
        return walked


def _described(task: UserTask) -> str:
    return f"{task.element_id} ({task.assignee or ', '.join(task.candidate_groups) or 'nobody'})"


def _listed(items: Any) -> str:
    return ", ".join(str(item) for item in items) or "none"


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _is_same(found: Any, wanted: Any) -> bool:
    if isinstance(found, datetime) and isinstance(wanted, str):
        try:
            return found == datetime.fromisoformat(wanted)
        except ValueError:
            return False
    return found == wanted
