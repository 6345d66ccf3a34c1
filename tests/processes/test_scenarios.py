"""Every shipped process is proved by its scenarios, and its scenarios walk every sequence flow."""

import pytest

from engine import scenarios
from tests.processes import shipped

STORIES = [(key, story.file) for key in shipped.KEYS for story in shipped.stories(key)]


@pytest.mark.parametrize(
    ("key", "file"), STORIES, ids=[f"{key}/{file.removeprefix('scenarios/')}" for key, file in STORIES]
)
def test_the_story_goes_as_told(key, file):
    result = shipped.played(key, file)

    assert result.ok, str(result)


@pytest.mark.parametrize("key", shipped.KEYS)
def test_the_stories_together_walk_every_sequence_flow(key):
    report = scenarios.Report([shipped.played(key, story.file) for story in shipped.stories(key)])

    coverage = report.coverage(key)

    assert coverage.missing == []
    assert coverage.share == 1.0
    # A report that walks nothing would miss nothing; the small shared processes have fewer flows.
    assert len(coverage.flows) > {"civil": 20, "intake": 20, "timesheet_evening": 1}.get(key, 7)


def test_the_shipped_processes_are_intake_and_civil_at_least():
    assert {"civil", "intake"} <= set(shipped.KEYS)
