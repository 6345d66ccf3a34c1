"""The bundles that the product ships, read once, and what tests ask about them."""

from functools import cache
from pathlib import Path

import practice.delegates  # the topics of service tasks are known
import practice.models  # noqa: F401 - their tables, too
import tasks.absences.delegates
import tasks.rules  # noqa: F401 - who may do what, as the engine asks
from engine import bundles, scenarios
from engine.actor import SYSTEM
from practice.deadlines import library
from practice.people import operations as people

ROOT = Path(__file__).parents[2] / "processes" / "bpmn"
library.use_folder(Path(__file__).parents[2] / "config" / "jurisdictions")
KEYS = sorted(path.parent.name for path in ROOT.glob("*/process.yaml"))


@cache
def resources(key):
    return bundles.read(ROOT / key)


@cache
def stories(key):
    return scenarios.load(resources(key), key)


@cache
def played(key, file):
    """The result of one scenario; played once, however many tests look at it."""
    story = next(story for story in stories(key) if story.file == file)
    return scenarios.run_all([story], {name: resources(name) for name in KEYS}, prepare=seed_people).results[0]


def seed_people(session, scenario):
    people.seed_groups(session)
    for username, groups in scenario.people.items():
        people.create_user(
            session, username, username.title(), password=None, groups=groups, by=SYSTEM, now=scenario.start
        )
