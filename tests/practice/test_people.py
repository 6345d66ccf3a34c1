"""Joining and leaving, passwords, tokens."""

import time
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from engine.models.base import new_id
from practice.audit import queries as audit
from practice.errors import (
    ApiTokenNotFound,
    FullNameMissing,
    GroupUnknown,
    LastAdministrator,
    PasswordUnfit,
    UserInactive,
    UsernameInvalid,
    UsernameTaken,
    UserNotFound,
)
from practice.people import operations as people
from practice.people import passwords, queries
from practice.people.groups import GROUPS
from practice.people.identity import by_id, by_token
from practice.people.models import ApiToken
from tests.conftest import NOON

SECRET = "correct horse battery"
ANA = Actor("ana")


@pytest.fixture(autouse=True)
def _quick_hashing(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture
def create(session):
    people.seed_groups(session)

    def make(username="ana", *, password=SECRET, groups=("lawyers",), by=SYSTEM, full_name="Ana Ruiz", **more):
        return people.create_user(
            session, username, full_name, password=password, groups=groups, by=by, now=NOON, **more
        )

    return make


def test_every_group_of_the_shipped_processes_is_there_once(session):
    people.seed_groups(session)
    people.seed_groups(session)

    assert {group.name for group in queries.groups(session)} == set(GROUPS)


def test_somebody_joins_with_a_name_and_groups(session, create):
    user = create(groups=["partners", "lawyers"], email="ana@example.org", language="el")

    assert queries.groups_of(session, user) == user.groups == {"partners", "lawyers"}
    assert [member.username for member in queries.members(session, "partners")] == ["ana"]
    assert queries.display_names(session, ["ana", "ghost", None]) == {"ana": "Ana Ruiz"}
    assert queries.display_names(session, []) == {}
    assert queries.by_username(session, " ANA ") is user
    assert [event.kind for event in audit.of(session, "user", "ana")] == ["user_created"]


@pytest.mark.parametrize("username", ["", "Ana", "1ana", "a b", "a/b", "système", "system", "a" * 61])
def test_a_username_that_cannot_be_typed_everywhere_is_refused(create, username):
    with pytest.raises(UsernameInvalid):
        create(username)


def test_a_username_is_given_once(create):
    create()

    with pytest.raises(UsernameTaken):
        create()


@pytest.mark.parametrize("full_name", ["", "  ", "x" * 201])
def test_a_person_needs_a_name(create, full_name):
    with pytest.raises(FullNameMissing):
        create(full_name=full_name)


def test_an_unknown_group_is_refused_by_name(create):
    with pytest.raises(GroupUnknown) as refusal:
        create(groups=["lawyers", "wizards"])

    assert refusal.value.group == "wizards"


def test_only_who_manages_users_lets_people_join(create):
    with pytest.raises(RightMissing):
        create(by=ANA)


@pytest.mark.parametrize("password", ["short", "x" * 1025])
def test_a_password_too_short_or_endless_is_refused(create, password):
    with pytest.raises(PasswordUnfit):
        create(password=password)


def test_only_the_right_password_of_an_active_person_signs_in(session, create):
    create()
    create("robot", password=None)

    assert people.verify_password(session, "ana", SECRET).username == "ana"
    assert people.verify_password(session, "ana", SECRET + "!") is None
    assert people.verify_password(session, "ana", "x" * 5000) is None
    assert people.verify_password(session, "ghost", SECRET) is None
    assert people.verify_password(session, "robot", SECRET) is None
    assert people.verify_password(session, "robot", "nobody has this password") is None

    people.deactivate_user(session, "ana", by=SYSTEM, now=NOON)
    assert people.verify_password(session, "ana", SECRET) is None


def test_an_unknown_name_takes_as_long_as_a_wrong_password(session, create, monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=32768, parallelism=1))
    create()
    people.verify_password(session, "ghost", "warm the cache up")

    def fastest(username: str) -> float:
        times = []
        for _ in range(5):
            begun = time.process_time()
            people.verify_password(session, username, "wrong password")
            times.append(time.process_time() - begun)
        return min(times)

    assert 0.5 < fastest("ghost") / fastest("ana") < 2


def test_a_weak_hash_is_replaced_when_its_password_is_known(session, create, monkeypatch):
    user = create()
    weak = user.password_hash
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))

    renewed = people.renew_password_hash(session, "ana", SECRET)

    assert renewed
    assert user.password_hash != weak
    assert people.verify_password(session, "ana", SECRET) is user
    assert not people.renew_password_hash(session, "ana", SECRET)
    assert not people.renew_password_hash(session, "ghost", SECRET)


def test_a_hash_that_cannot_be_read_lets_nobody_in(session, create):
    create().password_hash = "not a hash"

    assert people.verify_password(session, "ana", SECRET) is None


def test_people_change_their_own_password_and_managers_anybodys(session, create):
    create()
    create("bo")

    people.change_password(session, "ana", "another long one", by=ANA, now=NOON)
    people.change_password(session, "bo", "another long one", by=SYSTEM, now=NOON)

    assert people.verify_password(session, "ana", "another long one")
    with pytest.raises(RightMissing):
        people.change_password(session, "bo", "mine now, thanks", by=ANA, now=NOON)


def test_people_choose_the_language_of_their_pages(session, create):
    user = create()
    create("bo")

    people.change_language(session, "ana", "zh", by=ANA, now=NOON)

    assert user.language == "zh"
    with pytest.raises(RightMissing):
        people.change_language(session, "bo", "zh", by=ANA, now=NOON)


def test_groups_are_changed_as_a_whole_and_on_record(session, create):
    user = create(groups=["lawyers", "partners"])

    people.change_groups(session, "ana", ["partners", "auditors"], by=SYSTEM, now=NOON)

    assert user.groups == {"partners", "auditors"}
    change = audit.of(session, "user", "ana")[-1]
    assert change.before == {"groups": ["lawyers", "partners"]}
    assert change.after == {"groups": ["auditors", "partners"]}


def test_who_leaves_loses_everything_but_the_name(session, create):
    user = create()
    token = people.issue_token(session, "ana", "laptop", by=ANA, now=NOON)

    people.deactivate_user(session, "ana", by=SYSTEM, now=NOON)
    people.deactivate_user(session, "ana", by=SYSTEM, now=NOON)

    assert by_token(session, token) is None
    assert queries.groups_of(session, user) == frozenset()
    assert queries.members(session, "lawyers") == []
    assert queries.display_names(session, ["ana"]) == {"ana": "Ana Ruiz"}
    assert queries.everybody(session, active=True) == []
    assert queries.everybody(session) == [user]
    with pytest.raises(UserInactive):
        people.change_password(session, "ana", SECRET, by=SYSTEM, now=NOON)


def test_who_comes_back_has_the_groups_of_before_and_no_token(session, create):
    user = create()
    token = people.issue_token(session, "ana", "laptop", by=ANA, now=NOON)
    people.deactivate_user(session, "ana", by=SYSTEM, now=NOON)

    people.reactivate_user(session, "ana", by=SYSTEM, now=NOON)
    people.reactivate_user(session, "ana", by=SYSTEM, now=NOON)

    assert queries.groups_of(session, user) == {"lawyers"}
    assert by_token(session, token) is None


def test_the_last_administrator_can_neither_leave_nor_step_down(session, create):
    create("root", groups=["administrators"])

    with pytest.raises(LastAdministrator):
        people.deactivate_user(session, "root", by=SYSTEM, now=NOON)
    with pytest.raises(LastAdministrator):
        people.change_groups(session, "root", ["lawyers"], by=SYSTEM, now=NOON)

    create("second", groups=["administrators"])
    people.deactivate_user(session, "root", by=SYSTEM, now=NOON)


def test_nobody_unknown_can_be_changed(session, create):
    with pytest.raises(UserNotFound):
        people.deactivate_user(session, "ghost", by=SYSTEM, now=NOON)


def test_a_token_is_shown_once_and_kept_as_a_hash(session, create):
    user = create()

    token = people.issue_token(session, "ana", "laptop", by=ANA, now=NOON)

    assert token.startswith("mf_")
    assert len(token) >= 3 + 43
    assert by_token(session, token) == by_id(session, user.id)
    kept = queries.tokens_of(session, user)
    assert [row.name for row in kept] == ["laptop"]
    assert token not in str(vars(kept[0]))


@pytest.mark.parametrize("token", ["", "mf_", "mf_wrong", "Bearer x"])
def test_a_token_nobody_was_given_belongs_to_nobody(session, create, token):
    create()

    assert by_token(session, token) is None


def test_tokens_are_for_oneself_or_given_by_who_manages_users(session, create):
    create()
    create("bo")

    people.issue_token(session, "bo", "robot", by=SYSTEM, now=NOON)

    with pytest.raises(RightMissing):
        people.issue_token(session, "bo", "spy", by=ANA, now=NOON)


def test_a_revoked_token_is_dead_at_once(session, create):
    user = create()
    token = people.issue_token(session, "ana", "laptop", by=ANA, now=NOON)
    row = queries.tokens_of(session, user)[0]

    with pytest.raises(ApiTokenNotFound):
        people.revoke_token(session, row.id, by=Actor("bo"), now=NOON)
    with pytest.raises(ApiTokenNotFound):
        people.revoke_token(session, new_id(), by=ANA, now=NOON)
    people.revoke_token(session, row.id, by=ANA, now=NOON)
    people.revoke_token(session, row.id, by=ANA, now=NOON + timedelta(days=1))

    assert by_token(session, token) is None
    assert row.revoked_at == NOON


def test_the_use_of_a_token_is_noted_once_an_hour(session, create):
    user = create()
    token = people.issue_token(session, "ana", "laptop", by=ANA, now=NOON)

    for minutes in (0, 30, 59):
        people.note_token_use(session, token, now=NOON + timedelta(minutes=minutes))
    session.expire_all()
    first = queries.tokens_of(session, user)[0].last_used_at
    people.note_token_use(session, token, now=NOON + timedelta(minutes=61))
    session.expire_all()

    assert first == NOON
    assert queries.tokens_of(session, user)[0].last_used_at == NOON + timedelta(minutes=61)
    assert session.query(ApiToken).count() == 1


def test_who_asks_is_known_by_id_with_name_and_groups(session, create):
    user = create(groups=["partners", "lawyers"], language="el")
    create("robot", password=None, groups=[])

    known = by_id(session, user.id)

    assert (known.username, known.full_name, known.language) == ("ana", "Ana Ruiz", "el")
    assert known.groups == {"partners", "lawyers"}
    assert by_id(session, queries.get(session, "robot").id).groups == frozenset()
    assert by_id(session, new_id()) is None
    people.deactivate_user(session, "ana", by=SYSTEM, now=NOON)
    assert by_id(session, user.id) is None


def test_a_hash_from_elsewhere_lets_its_owner_in(session, create):
    made = passwords.hashed(SECRET)

    create(password=None, password_hash=made)

    assert people.verify_password(session, "ana", SECRET)


def test_groups_that_stay_need_no_other_administrator(session, create):
    create("root", groups=["administrators"])

    user = people.change_groups(session, "root", ["administrators", "auditors"], by=SYSTEM, now=NOON)

    assert user.groups == {"administrators", "auditors"}
