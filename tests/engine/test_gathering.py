"""Writes that are gathered go to the database together, and nothing notices but the clock."""

import pytest
import sqlalchemy as sa

from engine import gathering
from engine.database import transaction
from engine.errors import InstanceChanged
from engine.gathering import gathering as together
from engine.models import Deployment, HistoryEvent, ProcessInstance
from engine.models.base import new_id
from engine.prepared import Prepared
from tests.factories import NOON, begin, deploy, end, later, path, start, user_task

TABLE = Deployment.__table__
INSERT = Prepared(sa.insert(TABLE))
BY_NAME = Prepared(sa.select(TABLE).where(TABLE.c.name == sa.bindparam("wanted")))
RENAME = Prepared(
    sa.update(TABLE).where(TABLE.c.id == sa.bindparam("which")).values(name=sa.bindparam("new")), each_its_own=True
)
DROP = Prepared(sa.delete(TABLE).where(TABLE.c.id == sa.bindparam("which")))
REFUSAL = InstanceChanged(new_id())


def row(name="first", **more):
    return {"id": new_id(), "name": name, "content_hash": "0" * 64, "deployed_by": "ana", "deployed_at": NOON, **more}


def names(session):
    return sorted(session.scalars(sa.select(Deployment.name)))


# Read your own writes -----------------------------------------------------------------------------


@pytest.mark.parametrize("ask", ["prepared", "orm", "savepoint"])
def test_whoever_asks_finds_what_was_gathered(session, ask):
    with together(session) as gathered:
        gathered.add([(INSERT, row("a"))], refusal=REFUSAL)
        gathered.add([(INSERT, row("a")), (INSERT, row("b"))], refusal=REFUSAL)
        if ask == "prepared":
            found = [item.name for item in BY_NAME.rows(session.connection(), {"wanted": "a"})]
        elif ask == "orm":
            found = names(session)
        else:
            with session.begin_nested():
                pass
            found = names(session)

    assert found == (["a", "a"] if ask == "prepared" else ["a", "a", "b"])
    assert names(session) == ["a", "a", "b"]


def test_a_savepoint_that_is_rolled_back_takes_what_was_gathered_in_it_and_no_more(session):
    with together(session) as gathered:
        gathered.add([(INSERT, row("before"))], refusal=REFUSAL)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            session.connection()  # which begins the savepoint
            gathered.add([(INSERT, row("inside"))], refusal=REFUSAL)
            raise ZeroDivisionError
        gathered.add([(INSERT, row("after"))], refusal=REFUSAL)

    assert names(session) == ["after", "before"]


def test_what_was_gathered_is_not_sent_when_the_transaction_fails_and_later_writes_are_not_gathered(session):
    with pytest.raises(ZeroDivisionError), together(session) as gathered:
        gathered.add([(INSERT, row("a"))], refusal=REFUSAL)
        raise ZeroDivisionError
    INSERT.run(session.connection(), row("b"))

    assert (names(session), gathering.of(session.connection())) == (["b"], None)


# Order and counts ---------------------------------------------------------------------------------


def test_each_steps_statements_are_carried_out_in_its_own_order(session):
    there, one, two = row("there"), row("old"), row("gone")
    INSERT.run(session.connection(), there)

    with together(session) as gathered:
        gathered.add([(INSERT, one), (RENAME, {"which": one["id"], "new": "young"})], refusal=REFUSAL)
        gathered.add([(INSERT, two), (DROP, {"which": two["id"]})], refusal=REFUSAL)
        gathered.add([(DROP, {"which": there["id"]}), (INSERT, {**there, "name": "again"})], refusal=REFUSAL)

    assert names(session) == ["again", "young"]


def test_a_step_that_finds_nothing_to_write_to_refuses_all_of_them(session):
    there = row()
    INSERT.run(session.connection(), there)

    with pytest.raises(InstanceChanged), together(session) as gathered:
        gathered.add([(RENAME, {"which": there["id"], "new": "x"})], refusal=REFUSAL)
        gathered.add([(RENAME, {"which": new_id(), "new": "y"})], refusal=REFUSAL)


def test_an_update_that_may_meet_a_row_twice_is_sent_for_each(session):
    there = row("a")
    INSERT.run(session.connection(), there)
    prefix = Prepared(
        sa.update(TABLE).where(TABLE.c.id == sa.bindparam("which")).values(name=TABLE.c.name + sa.bindparam("end"))
    )

    touched = prefix.run_many(
        session.connection(), [{"which": there["id"], "end": "b"}, {"which": there["id"], "end": "c"}]
    )

    assert (touched, names(session)) == (2, ["abc"])


@pytest.mark.parametrize(
    "text", ["", "'; DROP TABLE deployment; --", '"\\u0000\\"', "%(rows)s %s {}", "ملف القضية 🏛️", "\t\n\x7f"]
)
def test_any_text_comes_back_as_it_was(session, text):
    INSERT.run_many(session.connection(), [row(text), row(text)])

    assert names(session) == [text, text]


def test_what_no_column_holds_is_refused_and_nothing_is_kept(fresh_engine):
    if fresh_engine.dialect.name == "sqlite":
        pytest.skip("SQLite takes texts of any length")
    for text in ("x" * 5000, "a\0b"):
        with pytest.raises(sa.exc.DataError), transaction(fresh_engine) as session:
            INSERT.run_many(session.connection(), [row(), row(text)])
    with transaction(fresh_engine) as session:
        assert names(session) == []


def test_instants_numbers_documents_and_bytes_travel_unchanged(session):
    deploy(session, start() + user_task("look") + end() + path("started", "look", "ended"))
    given = [begin(session) for _ in range(2)]
    blobs = {item.id: bytes(range(256)) * (number + 1) for number, item in enumerate(given)}
    change = Prepared(
        sa.update(ProcessInstance.__table__)
        .where(ProcessInstance.__table__.c.id == sa.bindparam("which"))
        .values(state_blob=sa.bindparam("blob"), last_progress_at=sa.bindparam("at"), revision=sa.bindparam("number")),
        each_its_own=True,
    )
    note = Prepared(sa.insert(HistoryEvent.__table__))
    told = {"deep": [{"z": 1, "a": None}, 1.5, True, "é"], "after": {}}

    change.run_many(
        session.connection(),
        [{"which": key, "blob": blob, "at": later(days=1, microseconds=7), "number": 2**31 - 1} for key, blob in blobs.items()],
    )  # fmt: skip
    note.run_many(
        session.connection(),
        [
            {"process_instance_id": key, "kind": "told", "element_id": None, "user_task_id": None, "actor": "ana",
             "at": NOON, "data": data}
            for key, data in zip(blobs, (told, None), strict=True)
        ],
    )  # fmt: skip

    columns = ProcessInstance.__table__.c
    read = session.execute(sa.select(columns.id, columns.state_blob, columns.last_progress_at, columns.revision)).all()
    assert {item.id: bytes(item.state_blob) for item in read} == blobs
    assert {(item.last_progress_at, item.revision) for item in read} == {(later(days=1, microseconds=7), 2**31 - 1)}
    data = session.scalars(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "told").order_by(HistoryEvent.id))
    assert list(data) == [told, None]
