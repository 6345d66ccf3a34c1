"""The description is valid, complete and true."""

import sys

import orjson
import pytest
from marshmallow import Schema
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_spec_validator import validate
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

WRITES = {"post", "put", "patch", "delete"}


@pytest.fixture
def document(office):
    return office.nobody.get("openapi.json").json


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in {"get", *WRITES}:
                yield path, method, operation, item.get("parameters", [])


def test_the_description_is_public_and_valid_openapi_3_1(office, document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_no_two_schemas_of_the_api_have_one_name(office):
    names = [
        schema.__name__
        for module in list(sys.modules.values())
        if module.__name__.startswith("webui.api.v1.")
        for schema in vars(module).values()
        if isinstance(schema, type) and issubclass(schema, Schema) and schema.__module__ == module.__name__
    ]
    assert len(names) > 100
    assert sorted(names) == sorted(set(names))


def test_every_route_of_the_api_is_described_and_nothing_else(office, document):
    served = {
        (
            rule.rule.replace("<uuid:", "{").replace("<string:", "{").replace("<int:", "{").replace(">", "}"),
            method.lower(),
        )
        for rule in office.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, method, _, _ in operations(document)} == served


def test_every_operation_has_a_name_a_summary_and_its_problems(document):
    names = set()
    for path, method, operation, _ in operations(document):
        assert operation["summary"], path
        assert operation["operationId"] not in names
        names.add(operation["operationId"])
        responses = operation["responses"]
        assert {"401", "500", "503"} <= responses.keys(), path
        assert any(status.startswith("2") for status in responses), path
        if "{" in path:
            assert "404" in responses, path
        if method in WRITES:
            assert {"400", "409", "413", "415", "422"} <= responses.keys(), path
            headers = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
            assert headers == ["Idempotency-Key"], path
            assert "requestBody" in operation, path


def test_every_problem_is_a_problem_document(document):
    for name, response in document["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "instance",
    }


def test_every_parameter_and_field_has_a_type(document):
    def walk(schema, where):
        if "$ref" in schema or "anyOf" in schema:
            return
        if schema == {}:
            return  # any JSON value: variables
        assert "type" in schema or "enum" in schema, where
        for name, below in schema.get("properties", {}).items():
            walk(below, f"{where}.{name}")

    for name, schema in document["components"]["schemas"].items():
        walk(schema, name)
    for path, method, operation, common in operations(document):
        for parameter in [*operation.get("parameters", []), *common]:
            if "$ref" not in parameter:
                walk(parameter["schema"], f"{method} {path} {parameter['name']}")


def test_what_is_taken_is_closed_and_what_is_answered_is_open(document):
    schemas = document["components"]["schemas"]

    for name in ("Start", "Complete", "Recipient", "Message"):
        assert schemas[name]["additionalProperties"] is False, name
    for name in ("UserTask", "ProcessInstance", "Matter"):
        assert schemas[name].get("additionalProperties") is not False, name


def test_every_answer_conforms_to_its_description(office, document):
    problems = {"application/problem+json": orjson.loads}
    openapi = OpenAPI.from_dict(document, config=Config(extra_media_type_deserializers=problems))
    checked = []

    def check(client, method, path, body=None, status=None):
        answer = client.open(method, path, json=body)
        if status is not None:
            assert answer.status_code == status, (path, answer.get_data(as_text=True))
        builder = EnvironBuilder(path=f"/api/v1/{path}", method=method, json=body)
        request = WerkzeugOpenAPIRequest(Request(builder.get_environ()))
        openapi.validate_response(request, WerkzeugOpenAPIResponse(answer))
        strict(answer, method, path)
        checked.append((method, path))
        return answer.json

    def strict(answer, method, path):
        """Answers say nothing that is not described."""
        if answer.status_code >= 400 or not answer.is_json:
            return
        template = next(
            p
            for p in document["paths"]
            if len(p.split("/")) == len(f"/api/v1/{path}".split("?")[0].split("/"))
            and all(
                a == b or a.startswith("{")
                for a, b in zip(p.split("/"), f"/api/v1/{path}".split("?")[0].split("/"), strict=True)
            )
            and method.lower() in document["paths"][p]
        )
        schema = document["paths"][template][method.lower()]["responses"][str(answer.status_code)]["content"][
            "application/json"
        ]["schema"]
        known = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        assert answer.json.keys() <= known.keys(), path

    ana, ada, pia, otto = office.ana, office.ada, office.pia, office.otto
    check(ana, "GET", "me", status=200)
    check(ana, "GET", "process-definitions", status=200)
    check(ana, "GET", "process-definitions/leave/1", status=200)
    check(ana, "GET", "process-definitions/leave/1/start-form", status=200)
    started = check(ana, "POST", "process-instances", {"process_key": "leave", "variables": {"days": 2}}, status=201)
    for part in ("", "/history", "/activities", "/variables"):
        check(ana, "GET", f"process-instances/{started['id']}{part}", status=200)
    check(ana, "GET", "process-instances?limit=1", status=200)
    items = check(pia, "GET", "user-tasks?scope=group", status=200)["items"]
    task = items[0]["id"]
    check(pia, "GET", f"user-tasks/{task}", status=200)
    check(otto, "GET", f"user-tasks/{task}", status=404)
    check(pia, "POST", f"user-tasks/{task}/claim", {}, status=200)
    check(ana, "POST", f"user-tasks/{task}/claim", {}, status=409)
    check(pia, "POST", f"user-tasks/{task}/delegate", {"to": "ana"}, status=200)
    check(ana, "POST", f"user-tasks/{task}/unclaim", {}, status=200)
    check(ada, "POST", f"user-tasks/{task}/assign", {"to": "ana"}, status=200)
    check(ana, "POST", f"user-tasks/{task}/complete", {"variables": {}}, status=422)
    check(ana, "POST", f"user-tasks/{task}/complete", {"variables": {"decision": "approve"}}, status=200)
    office.start("parcel", by="ada", business_key="P-1")
    message = {"name": "parcel_arrived", "correlation_key": "P-1", "message_id": "m-1"}
    check(ada, "POST", "messages", message, status=202)
    check(ada, "POST", "messages", message, status=202)
    check(ada, "POST", "messages", {"name": "unheard_of"}, status=422)
    check(ada, "POST", "process-instances", {"process_key": "fragile"}, status=201)
    incident = check(ada, "GET", "incidents", status=200)["items"][0]["id"]
    check(ada, "POST", f"incidents/{incident}/retry", {}, status=200)
    check(ana, "GET", "matters", status=200)
    check(ana, "GET", "matters/2026-CV-0001", status=404)
    check(office.nobody, "GET", "me", status=401)
    assert len(checked) > 25
