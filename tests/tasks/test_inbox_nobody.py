"""A statement kept for everybody is the one that would be made for the person who asks: every filter, sort and scope."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.actor import Actor
from engine.models import UserTask
from practice.anyone import Asked, for_anyone
from practice.clients.models import Client
from practice.directories.models import DirectoryEntry, MatterTag
from tasks.inbox import counting, everything, filters, own, statements, wording
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from tests.conftest import NOON
from tests.practice.firm import LEA

DAY = timedelta(days=1)
RIGHTS = frozenset({"see_all_user_tasks", "see_unit_matters", "oversee_access"})
WHO = {
    "few rights": replace(LEA, at=NOON),
    "without an instant": LEA,
    "many rights": Actor("ada", frozenset({"partners", "unit_heads"}), RIGHTS, NOON),
}
#: What lists are narrowed by; a field of Filters that is not here fails the test.
NARROWED = {
    "kinds": Filters(kinds=("approval",)),
    "process_keys": Filters(process_keys=("civil",)),
    "business_key": Filters(business_key="X-1"),
    "client": Filters(client="C-1"),
    "assignee": Filters(assignee="leo"),
    "tag": Filters(tag="rail"),
    "priority": Filters(priority="high"),
    "due_from": Filters(due_from=NOON),
    "due_before": Filters(due_before=NOON + 9 * DAY),
    "is_undated": Filters(is_undated=True),
    "text": Filters(text="alpha 2026-7 assess"),
}
WAYS = {
    "what few have": {},
    "what many have": {(statements, "SHORT"): -1, (filters, "_FEW"): 0},
    "task by task": {(statements, "SHORT"): -1, (wording, "RARE"): 0, (wording, "MOST"): 0},
    "without names": {(statements, "SHORT"): -1, (wording, "_MOST_NAMES"): 0},
}


def asked_by(actor):
    """Return every question that the inbox answers, with every filter."""
    asked = []
    for narrowed in (Filters(), *NARROWED.values()):
        for scope in inbox.SCOPES:
            common = {"scope": scope, "filters": narrowed, "now": NOON}
            asked += [(inbox.page, common | {"sort": sort}) for sort in inbox.SORTS]
            asked += [(inbox.page, common | {"asleep": True})] if narrowed.is_empty else []
            asked.append((inbox.counts_of_list, common | {"bounds": (NOON, NOON + DAY)}))
    asked += [(inbox.arrived, {"scope": scope, "since": NOON - DAY, "now": NOON}) for scope in inbox.SCOPES]
    asked.append((inbox.choices, {}))
    return [lambda session, f=function, m=more: f(session, actor, **m) for function, more in asked]


@pytest.fixture
def sent(session):
    """What is sent to the database, with its values."""
    seen = []

    def see(_connection, _cursor, statement, parameters, _context, _many):
        values = parameters.values() if isinstance(parameters, dict) else parameters
        seen.append((statement, sorted(map(str, values))))

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


@pytest.mark.parametrize(
    ("who", "way"),
    [
        ("few rights", "what few have"),
        ("few rights", "task by task"),
        ("many rights", "what many have"),
        ("without an instant", "without names"),
    ],
)
def test_what_is_kept_for_everybody_is_what_would_be_made_for_one(session, matter, wall, monkeypatch, sent, who, way):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("statements are compared, which name their values on PostgreSQL")
    assert set(NARROWED) == {field.name for field in fields(Filters)}
    for (module, name), value in WAYS[way].items():
        monkeypatch.setattr(module, name, value)
    opened = matter("Alpha", "Omega")
    wall({"matter_id": matter("Beta", "Omega").id}, out=["leo"])
    tag = DirectoryEntry(directory="tag", key="rail", name="rail", path="rail/", created_at=NOON, created_by="ada")
    session.add(tag)
    session.flush()
    session.add(MatterTag(matter_id=opened.id, tag_id=tag.id))
    session.execute(sa.update(UserTask).values(kind="approval"))
    session.flush()
    assert session.scalars(sa.select(Client)).all()

    questions = asked_by(WHO[who])
    sent.clear()
    for question in questions:
        question(session)
    kept, sent[:] = list(sent), []
    for module in (statements, counting, own, everything):
        for name, made in list(vars(module).items()):
            if hasattr(made, "__wrapped__") and hasattr(made, "for_anyone"):
                monkeypatch.setattr(module, name, lambda *a, _f=made.__wrapped__, **m: Asked(_f(*a, **m), {}))
    for question in questions:
        question(session)

    assert len(sent) == len(kept) > len(questions)
    assert sent == kept


LOOKS = {
    "compares a name": lambda actor: actor.username == "ada",
    "compares a name the other way round": lambda actor: "ada" != actor.username,  # noqa: SIM300
    "looks a name up": lambda actor: actor.username in {"ada", "bob"},
    "looks a name up in a list": lambda actor: actor.username in ["ada", "bob"],
    "looks at its letters": lambda actor: actor.username.startswith("a"),
    "looks at a principal": lambda actor: actor.principals[0] == "user:ada",
    "compares with a group": lambda actor: sa.literal("group:lawyers") == actor.principals[1],
    "goes through groups": lambda actor: [group for group in actor.groups if group == "lawyers"],
    "looks a group up": lambda actor: "lawyers" in actor.groups,
    "asks for a right that statements are not kept by": lambda actor: actor.may("play_chess"),
    "goes through rights": lambda actor: list(actor.rights),
    "keys by it": lambda actor: {actor.username: 1},
    "compares the instant": lambda actor: actor.at > datetime(2020, 1, 1, tzinfo=UTC),
    "reckons with the instant": lambda actor: actor.at + DAY,
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_statement_for_anyone_cannot_depend_on_who_it_is(look):
    build = for_anyone(lambda actor: sa.select(LOOKS[look](actor)))

    with pytest.raises(TypeError, match="cannot depend"):
        build(Actor("ada", at=NOON))
