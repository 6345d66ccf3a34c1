"""One request is one transaction."""

import threading
import time

import sqlalchemy as sa

from practice.people.models import Group
from webui.db import db


def groups(office):
    with office.transaction() as session:
        return set(session.scalars(sa.select(Group.name).where(Group.name.like("test_%"))))


def writes(name, then):
    def view():
        db.session.add(Group(name=name, title=name))
        db.session.flush()
        return then()

    view.__name__ = f"view_{name}"
    return view


def post(office, path):
    return office.ana.post(path)


def test_returning_commits_and_raising_or_refusing_does_not(each_office):
    office = each_office

    def boom():
        raise RuntimeError("no")

    office.app.post("/returns")(writes("test_returns", dict))
    office.app.post("/raises")(writes("test_raises", boom))
    office.app.post("/refuses")(writes("test_refuses", lambda: ({}, 422)))

    statuses = [post(office, path).status_code for path in ("/returns", "/raises", "/refuses")]

    assert statuses == [200, 500, 422]
    assert groups(office) == {"test_returns"}


def test_what_was_answered_is_on_disk_before_the_answer_leaves(office):
    office.app.post("/returns")(writes("test_returns", dict))
    seen = []

    @office.app.after_request
    def look(response):
        seen.append(groups(office))
        return response

    post(office, "/returns")

    assert seen == [{"test_returns"}]


def test_a_commit_that_fails_is_no_success(office, monkeypatch):
    office.app.post("/returns")(writes("test_returns", dict))

    def full():
        raise sa.exc.DatabaseError("COMMIT", {}, Exception("disk full"))

    monkeypatch.setattr("webui.db.commit", full)

    assert post(office, "/returns").status_code == 500
    assert groups(office) == set()


def test_a_unique_key_that_two_write_is_a_conflict(each_office):
    office = each_office
    office.app.post("/returns")(writes("test_returns", dict))

    assert [post(office, "/returns").status_code for _ in range(2)] == [200, 409]


def test_reading_stores_nothing_even_when_it_tries(office):
    office.app.get("/reads")(writes("test_reads", dict))

    office.ana.get("/reads")

    assert groups(office) == set()


def test_reading_does_not_wait_for_a_writer(office):
    entered, leave = threading.Event(), threading.Event()

    def hold():
        entered.set()
        assert leave.wait(10)
        return {}

    office.app.post("/holds")(writes("test_holds", hold))
    headers = {"Authorization": f"Bearer {office.tokens['ana']}"}
    office.ana.get("me")  # notes the token's use, which is a write
    writer = threading.Thread(target=lambda: office.app.test_client().post("/holds", headers=headers))
    writer.start()
    assert entered.wait(10)

    began = time.perf_counter()
    answer = office.ana.get("user-tasks?scope=all")
    took_s = time.perf_counter() - began
    leave.set()
    writer.join(10)

    assert answer.status_code == 200
    assert took_s < 5


def test_writers_wait_for_each_other_and_none_is_turned_away(office):
    count = 24
    for number in range(count):
        office.app.post(f"/w{number}")(writes(f"test_{number}", dict))
    headers = {"Authorization": f"Bearer {office.tokens['ana']}"}
    statuses = []

    def write(number):
        statuses.append(office.app.test_client().post(f"/w{number}", headers=headers).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert statuses == [200] * count
    assert len(groups(office)) == count
