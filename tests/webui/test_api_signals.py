"""Signals over the API."""

from engine import deployments
from engine.actor import SYSTEM
from tests.engine.crossing import EVENTS, signal
from tests.factories import catch, end, model, path, start, user_task
from tests.webui.conftest import MORNING

LISTENS = model(
    start() + catch("closes", signal()) + user_task("lock_up") + end() + path("started", "closes", "lock_up", "ended"),
    key="listens",
    extra=EVENTS,
)


def test_a_signal_is_taken_and_says_who_will_hear_it(each_office):
    office = each_office
    with office.transaction() as session:
        deployments.deploy(session, {"x.bpmn": LISTENS}, by=SYSTEM, now=MORNING)
    office.start("listens")
    office.start("listens")

    answer = office.ada.post("signals", {"name": "office_closes", "variables": {"hour": 18}})

    assert answer.status_code == 202
    assert (answer.json["receivers"], answer.json["starts"]) == (2, 0)


def test_a_signal_needs_the_right_and_a_name_that_is_known(office):
    assert office.ana.post("signals", {"name": "office_closes"}).json["code"] == "right_missing"
    unknown = office.ada.post("signals", {"name": "unheard_of"})
    assert (unknown.status_code, unknown.json["code"]) == (422, "signal_unknown")


def test_a_correlation_key_is_a_text_or_an_object_of_keys(office):
    for wrong in ([], 7, {}, {"a": []}, {str(n): "x" for n in range(6)}):
        answer = office.ada.post("messages", {"name": "parcel_arrived", "correlation_key": wrong})
        assert answer.status_code == 422, wrong
