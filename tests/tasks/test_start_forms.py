"""What a start form offers before there is an instance."""

from engine import deployments
from tasks import start_forms
from tests.factories import CHIEF, NOON, end, model, path, start, user_task

LABOUR = model(start() + user_task("hear") + end() + path("started", "hear", "ended"), key="labour")


def test_a_case_type_is_offered_as_soon_as_its_bundle_is_deployed(session):
    before = start_forms.choices(session)["case_types"]
    properties = b"name: Labour dispute\ncase_type: {code: LD, name: Labour dispute}\n"

    deployments.deploy(session, {"labour.bpmn": LABOUR, "process.yaml": properties}, by=CHIEF, now=NOON)

    added = [choice for choice in start_forms.choices(session)["case_types"] if choice not in before]
    assert added == [{"label": "Labour dispute", "value": "labour"}]
