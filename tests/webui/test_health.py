"""Alive, ready, and the numbers."""

import sqlalchemy as sa


def test_alive_asks_no_database(make_office):
    office = make_office()
    office.settings.database_file.unlink()

    assert office.nobody.get("/healthz").json == {"status": "ok"}


def test_ready_names_the_schema(each_office):
    answer = each_office.nobody.get("/readyz")

    assert (answer.status_code, answer.json["database"]) == (200, "ok")
    assert answer.json["schema"]


def test_an_older_releases_schema_is_not_ready(office):
    with office.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))

    answer = office.nobody.get("/readyz")

    assert (answer.status_code, answer.json["schema"]) == (503, "0001")


def test_a_node_stays_ready_while_the_others_are_upgraded_to_a_newer_schema(office):
    with office.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = 'newer'"))

    answer = office.nobody.get("/readyz")

    assert (answer.status_code, answer.json["schema"]) == (200, "newer")


def test_the_numbers_count_what_there_is(each_office):
    office = each_office
    office.start()
    office.ana.get("me")

    text = office.nobody.get("/metrics").get_data(as_text=True)

    assert 'matterflow_process_instances{state="active"} 1.0' in text
    assert "matterflow_open_user_tasks 1.0" in text
    assert "matterflow_open_incidents 0.0" in text
    assert 'matterflow_request_duration_seconds_count{endpoint="api_v1_me.show",method="GET",status="200"} 1.0' in text
    assert "matterflow_jobs_due 0.0" in text


def test_invented_methods_and_addresses_make_no_new_series(office):
    for name in ("A", "B", "C"):
        office.nobody.open(f"BREW{name}", f"/{name}")

    text = office.nobody.get("/metrics").get_data(as_text=True)

    assert "BREW" not in text
    assert 'matterflow_request_duration_seconds_count{endpoint="none",method="other",status="404"} 3.0' in text


def test_the_numbers_may_ask_for_a_token(make_office):
    office = make_office(metrics_secret="open sesame")

    assert office.nobody.get("/metrics").status_code == 401
    assert office.nobody.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert office.nobody.get("/metrics", headers={"Authorization": "Bearer open sesame"}).status_code == 200
