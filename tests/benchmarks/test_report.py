"""What the benchmark's table and list say of the samples they are given."""

import json

import pytest

from benchmarks import report
from benchmarks.report import Figure, Goal

FIGURES = (
    Figure("floor.complete", "floor: complete"),
    Figure("service.complete", "service: complete", vs="floor.complete", goal=Goal(at_most=3)),
    Figure("http.per_s", "HTTP: completions", "1/s", vs="peer.per_s", goal=Goal(at_least=3)),
    Figure("peer.per_s", "peer: completions", "1/s"),
)
SAMPLES = {
    "floor.complete": [1.0, 1.0, 4.0],
    "service.complete": [2.0, 2.5, 9.0],
    "http.per_s": [290.0, 310.0, 100.0],
    "peer.per_s": [100.0, 100.0, 90.0],
}


def row(figure_id, **other_samples):
    results = {result.id: result for result in report.rows(FIGURES, SAMPLES | other_samples)}
    return results[figure_id]


def test_a_ratio_is_the_median_over_the_median_of_what_it_is_held_against():
    service = row("service.complete")

    assert (service.median, service.vs, service.ratio) == (2.5, "floor.complete", 2.5)
    assert (service.goal, service.holds) == ("<= 3", True)


@pytest.mark.parametrize(("median", "holds"), [(3.0, True), (3.01, False)])
def test_a_bar_from_above_holds_up_to_the_bar_itself(median, holds):
    assert row("service.complete", **{"service.complete": [median]}).holds is holds


@pytest.mark.parametrize(("median", "holds"), [(300.0, True), (299.0, False)])
def test_a_bar_from_below_holds_from_the_bar_itself(median, holds):
    assert row("http.per_s", **{"http.per_s": [median]}).holds is holds


def test_a_goal_without_anything_to_be_held_against_does_not_hold():
    service = row("service.complete", **{"floor.complete": []})

    assert (service.ratio, service.holds) == (None, False)


def test_a_figure_without_a_goal_neither_holds_nor_fails():
    floor = row("floor.complete")

    assert (floor.vs, floor.ratio, floor.goal, floor.holds) == (None, None, None, None)


def test_a_figure_that_was_not_measured_has_no_row():
    assert [result.id for result in report.rows(FIGURES, {"peer.per_s": [1.0]})] == ["peer.per_s"]


@pytest.mark.parametrize(("unit", "tail"), [("ms", 95), ("1/s", 6)])
def test_the_tail_is_what_95_of_100_samples_are_at_least_as_good_as(unit, tail):
    assert report.worse_tail(range(1, 101), unit) == tail


def test_the_tail_of_one_sample_is_that_sample():
    assert report.worse_tail([7.0], "ms") == 7.0


def test_the_list_has_the_fields_that_others_read(tmp_path):
    path = tmp_path / "build" / "bench.json"

    report.write(report.rows(FIGURES, SAMPLES), path)

    written = json.loads(path.read_text(encoding="utf-8"))
    assert [list(entry) for entry in written] == [["id", "unit", "median", "p95", "vs", "ratio", "goal", "holds"]] * 4
    assert written[0] == {
        "id": "floor.complete",
        "unit": "ms",
        "median": 1.0,
        "p95": 4.0,
        "vs": None,
        "ratio": None,
        "goal": None,
        "holds": None,
    }


def test_the_table_names_what_is_compared_and_what_is_missed():
    missed = SAMPLES | {"service.complete": [9.0]}

    lines = report.table(FIGURES, report.rows(FIGURES, missed)).splitlines()

    assert lines[3].split() == [
        "service:",
        "complete",
        "ms",
        "9.00",
        "9.00",
        "floor:",
        "complete",
        "9.00",
        "<=",
        "3",
        "NO",
    ]
