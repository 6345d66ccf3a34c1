"""Proves a process: scenarios written in YAML, run against the real engine with a simulated clock.

A scenario is a file in the bundle's ``scenarios/`` folder:

    scenario: The hospital is slow, so a paralegal chases it
    given: {start: 2026-09-01T09:00:00Z, business_key: 2026-PI-0042}
    when: [{wait: P14DT1S}]
    then: {open_user_tasks: [request_medical_records, chase_medical_records]}

``loading`` reads and checks the files, ``running`` plays them in a session of the caller's,
``reporting`` says what came of it and which sequence flows were walked. Above the engine, ``run_all`` is
enough: it gives every scenario a throw-away database of its own.
"""

from engine.scenarios.loading import DEFAULT_PEOPLE, Expectation, Scenario, ScenarioInvalid, Step, load
from engine.scenarios.reporting import Coverage, Report, Result, StepOutcome
from engine.scenarios.running import Prepare, run, run_all, throw_away_session

__all__ = [
    "DEFAULT_PEOPLE",
    "Coverage",
    "Expectation",
    "Prepare",
    "Report",
    "Result",
    "Scenario",
    "ScenarioInvalid",
    "Step",
    "StepOutcome",
    "load",
    "run",
    "run_all",
    "throw_away_session",
]
