"""One statement serves everybody of the same groups and rights, and tells each of them only what is theirs."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import visitors

from engine.actor import Actor
from engine.models import UserTask
from practice import told
from practice.anyone import for_alike, for_anyone
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.told import Told
from tasks.inbox import counting, everything, own, statements
from tasks.inbox.own import Crowd, How
from tests.conftest import NOON
from tests.practice.firm import LEA

RIGHTS = frozenset({"see_all_user_tasks"})
SHAPE = statements.Shape("all")
BY = ("restricted", "matters", "clients", "enquiries")
BUILT = {
    "candidates": lambda actor: statements._candidates(actor, SHAPE, (), 2, BY, has_own=True),
    "everything": lambda actor: statements._everything(actor, SHAPE, (), BY),
    "watched": lambda actor: statements._watched(actor, SHAPE, (), BY),
    "few counted": lambda actor: own._of_own(actor, (), How(2, Crowd(2, is_short=True), reads_dates=False), BY),
    "counted by range": lambda actor: own._of_own(actor, (), How(2, Crowd(2, is_short=False), reads_dates=False), BY),
    "counted in one": lambda actor: own._of_own(actor, (), How(2, Crowd(2, is_short=False), reads_dates=True), BY),
    "hidden": lambda actor: everything._hidden(actor, (), 2, BY),
    "watched, counted": lambda actor: counting._watched_by_place(actor, (), 2, BY),
    "arrived": lambda actor: counting._arrived_of_own(actor, BY),
    "arrived of all": lambda actor: counting._arrived_of_tasks(actor, "all", BY),
    "sort": lambda actor: counting._one_of_sort(actor, BY, sees_all=True),
}


def values_in(statement):
    return [str(one.value) for one in visitors.iterate(statement) if isinstance(one, sa.BindParameter)]


@pytest.mark.parametrize("rights", [frozenset(), RIGHTS], ids=["few rights", "sees all"])
@pytest.mark.parametrize("built", BUILT)
def test_two_people_share_a_statement_that_names_neither(built, rights):
    ana, bob = (Actor(name, frozenset({"lawyers"}), rights, NOON) for name in ("zzana", "zzbob"))

    hers, his = BUILT[built](ana), BUILT[built](bob)

    assert hers.statement is his.statement
    assert not [value for value in values_in(hers.statement) if "anyone" in value or "zz" in value]
    assert hers.values.keys() == his.values.keys()
    assert "zzana" in str(hers.values)
    assert "anyone" not in str(hers.values)
    assert "zzana" not in str(his.values)
    assert str(hers.values).replace("zzana", "zzbob") == str(his.values)


def test_other_rights_have_a_statement_of_their_own_and_other_groups_other_values():
    lawyer = Actor("ana", frozenset({"lawyers"}), at=NOON)
    both = Actor("ana", frozenset({"lawyers", "partners"}), frozenset({"play_chess"}), at=NOON)
    others = (Actor("ana", frozenset({"lawyers"}), RIGHTS, NOON), Actor("ana", frozenset({"lawyers"})))

    for other in others:
        assert BUILT["watched"](lawyer).statement is not BUILT["watched"](other).statement
    assert BUILT["watched"](lawyer).statement is BUILT["watched"](both).statement
    assert ["user:ana", "group:lawyers"] in BUILT["watched"](lawyer).values.values()
    assert ["user:ana", "group:lawyers", "group:partners"] in BUILT["watched"](both).values.values()
    assert "partners" not in str(BUILT["watched"](lawyer).values)


def test_people_of_other_groups_share_a_statement_once_what_is_opened_and_denied_is_told():
    kinds, rights = frozenset({told.DENIED, told.RESTRICTED}), frozenset({"play_chess"})
    ana = Told("ana", frozenset({"lawyers"}), frozenset(), NOON, kinds, {told.DENIED_MATTERS: '["a"]'})
    bob = Told("bob", frozenset({"clerks"}), rights, NOON, kinds, {told.DENIED_MATTERS: '["b"]'})
    cid = replace(bob, username="cid", groups=frozenset({"clerks", "heads"}))

    @for_alike
    def build(actor):
        return sa.select(Matter.id).where(matters.seen_by(actor))

    hers, his, theirs = build(ana), build(bob), build(cid)

    assert hers.statement is his.statement
    assert hers.values[told.DENIED_MATTERS] == '["a"]'
    assert ["user:bob", "group:clerks"] in his.values.values()
    assert "ana" not in str(his.values)
    assert theirs.statement is not his.statement
    assert ["user:cid", "group:clerks", "group:heads"] in theirs.values.values()
    for other in (frozenset(), kinds | {told.OPENED}):
        assert build(replace(ana, kinds=other)).statement is not hers.statement


def test_who_is_told_shares_no_statement_that_looks_at_other_rights():
    ana = Told("ana", frozenset({"lawyers"}), frozenset({"play_chess"}), NOON)

    with pytest.raises(TypeError, match="cannot depend on who asks"):
        for_alike(lambda actor: sa.select(sa.literal(actor.may("play_chess"))))(ana)


def test_the_instant_of_asking_is_of_who_asks():
    now, later = (Actor("ana", frozenset({"lawyers"}), at=NOON + timedelta(hours=hours)) for hours in (0, 1))

    assert BUILT["watched"](now).statement is BUILT["watched"](later).statement
    assert later.at in BUILT["watched"](later).values.values()
    assert now.at not in BUILT["watched"](later).values.values()


def test_lists_and_parts_of_texts_are_the_persons_own(session):
    @for_anyone
    def build(actor, name):
        return sa.select(sa.literal(f"user:{actor.username}"), sa.literal("x").in_([*actor.principals, name]))

    asked = build(Actor("x-1", frozenset({"g"})), "x")

    assert session.execute(asked.statement, asked.values).one() == ("user:x-1", True)
    assert sorted(map(str, asked.values.values())) == ["['user:x-1', 'group:g', 'x']", "user:x-1"]
    assert for_anyone(lambda _actor: sa.select(UserTask.id))(LEA).values == {}
