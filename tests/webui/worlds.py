"""Random firms, and a brute-force reading of the rules of who may know of what: plain Python over plain facts.

Nothing here asks the product: the rules are written a second time, from their description in
``practice/matters/visibility.py`` and domain A22-A25, E30, and compared with what the product answers.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from hypothesis import strategies as st

from config import rights
from engine import deployments, process_instances
from engine.actor import SYSTEM, Actor
from engine.models import UserTask, UserTaskCandidate
from engine.models.base import new_id
from engine.models.user_task_candidate import NO_DUE_DATE
from practice.accesses.models import EmergencyAccess
from practice.directories.models import DirectoryEntry
from practice.enquiries.models import Enquiry
from practice.events.models import Event
from practice.matters.models import Matter, MatterMember
from practice.organisation.models import OrgUnit, OrgUnitReach, StaffRecord
from practice.parties.models import Party
from practice.people.models import Membership, User
from practice.rights.models import RightRule
from practice.walls.models import Wall, WallMember, WallScope
from tests.factories import end, model, path, start, user_task

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
PEOPLE = ("ana", "bo", "pia", "otto")
GROUPS = ("lawyers", "partners", "unit_heads", "conflicts_officers", "auditors", "supervisors")
OFFERED = ("lawyers", "partners")
#: Unit -> the unit above it.
UNITS = {"firm": None, "taipei": "firm", "litigation": "taipei", "athens": "firm"}
MATTERS = 4
#: Matter -> client; who received the enquiry that it came from.
CLIENT_OF = (0, 0, 1, 2)
NAMES = ("Alpha", "Beta", "Gamma")
RECEIVED_BY = ("ana", "system", "otto", "system")
RIGHTS = rights.load()

matters_ = st.integers(0, MATTERS - 1)
people_ = st.sampled_from(PEOPLE)
units_ = st.none() | st.sampled_from(sorted(UNITS))


@dataclass(frozen=True)
class World:
    """One state of the firm."""

    groups: dict[str, frozenset[str]]
    unit: dict[str, str | None]
    post: dict[str, str | None]
    matter_unit: tuple[str | None, ...]
    secrecy: tuple[str, ...]
    #: (matter, person, has left the team)
    team: frozenset[tuple[int, str, bool]]
    #: For each matter: who holds its task, None for nobody; and to which groups it is offered.
    holder: tuple[str | None, ...]
    offered: tuple[frozenset[str], ...]
    #: (effect, person, group, unit, post, client)
    rules: frozenset[tuple]
    #: (kind, state, people named, around what, which)
    walls: frozenset[tuple]
    #: (matter, person, state)
    emergencies: frozenset[tuple[int, str, str]]


worlds = st.builds(
    World,
    groups=st.fixed_dictionaries({name: st.frozensets(st.sampled_from(GROUPS), max_size=2) for name in PEOPLE}),
    unit=st.fixed_dictionaries(dict.fromkeys(PEOPLE, units_)),
    post=st.fixed_dictionaries(dict.fromkeys(PEOPLE, st.sampled_from([None, "Head"]))),
    matter_unit=st.tuples(*[units_] * MATTERS),
    secrecy=st.tuples(*[st.sampled_from(["ordinary", "ordinary", "restricted", "secret"])] * MATTERS),
    team=st.frozensets(st.tuples(matters_, people_, st.booleans()), max_size=6),
    holder=st.tuples(*[st.none() | people_] * MATTERS),
    offered=st.tuples(*[st.frozensets(st.sampled_from(OFFERED), min_size=1)] * MATTERS),
    rules=st.frozensets(
        st.tuples(
            st.sampled_from(["allow", "deny"]),
            st.none() | people_,
            st.none() | st.sampled_from(GROUPS),
            units_,
            st.sampled_from([None, None, "Head"]),
            st.integers(0, 2),
        ),
        max_size=3,
    ),
    walls=st.frozensets(
        st.tuples(
            st.sampled_from(["excluding", "enclosing"]),
            st.sampled_from(["up", "up", "requested"]),
            st.frozensets(people_, max_size=3),
            st.sampled_from(["matter", "client", "enquiry"]),
            matters_,
        ),
        max_size=2,
    ),
    emergencies=st.frozensets(st.tuples(matters_, people_, st.sampled_from(["running", "over", "ended"])), max_size=2),
)


# --- the rules, a second time


def up_the_tree(unit):
    while unit is not None:
        yield unit
        unit = UNITS[unit]


class BruteForce:
    """What each person may know of in a world."""

    def __init__(self, world, person):
        self.world, self.person = world, person
        self.groups = world.groups[person]
        self.rights = RIGHTS.of(self.groups)

    def _walled(self, *, matter=None, enquiry=None):
        for kind, state, named, around, which in self.world.walls:
            if state != "up" or (self.person in named) == (kind == "enclosing"):
                continue
            if matter is not None and (
                which == matter if around != "client" else CLIENT_OF[which] == CLIENT_OF[matter]
            ):
                return True
            if enquiry is not None and around == "enquiry" and which == enquiry:
                return True
        return False

    def _rule(self, effect, matter):
        return any(
            said == effect
            and client == CLIENT_OF[matter]
            and person in (None, self.person)
            and (group is None or group in self.groups)
            and (unit is None or unit in up_the_tree(self.world.unit[self.person]))
            and (post is None or post == self.world.post[self.person])
            for said, person, group, unit, post, client in self.world.rules
        )

    def _on_team(self, matter):
        return any(m == matter and p == self.person and not left for m, p, left in self.world.team)

    def _holds(self, matter):
        return self.world.holder[matter] == self.person

    def _is_offered(self, matter):
        return self.world.holder[matter] is None and bool(self.world.offered[matter] & self.groups)

    def denied(self, matter):
        is_closed = self.world.secrecy[matter] != "ordinary"
        return (
            self._walled(matter=matter)
            or (is_closed and not self._on_team(matter) and not self._holds(matter))
            or self._rule("deny", matter)
        )

    def sees(self, matter):
        if self.denied(matter):
            return False
        in_unit = (
            "see_unit_matters" in self.rights
            and self.world.unit[self.person] is not None
            and self.world.unit[self.person] in up_the_tree(self.world.matter_unit[matter])
        )
        return (
            "see_all_matters" in self.rights
            or self._on_team(matter)
            or self._holds(matter)
            or self._is_offered(matter)
            or in_unit
            or self._rule("allow", matter)
            or (matter, self.person, "running") in self.world.emergencies
        )

    def sees_enquiry(self, matter):
        if self.denied(matter) or self._walled(enquiry=matter):
            return False
        return RECEIVED_BY[matter] == self.person or "see_all_matters" in self.rights or self.sees(matter)

    def sees_instance(self, matter):
        reason = "see_all_instances" in self.rights or self._holds(matter) or self._is_offered(matter)
        return not self.denied(matter) and (reason or self.sees(matter))

    def sees_task(self, matter):
        # Who could have taken a task is told who was faster.
        late = bool(self.world.offered[matter] & self.groups)
        reason = "see_all_user_tasks" in self.rights or self._holds(matter) or late
        return not self.denied(matter) and (reason or self.sees(matter))

    def inbox(self, scope):
        found = {matter for matter in range(MATTERS) if not self.denied(matter)}
        if scope == "mine":
            return {matter for matter in found if self._holds(matter)}
        if scope == "group":
            return {matter for matter in found if self._is_offered(matter)}
        if "see_all_user_tasks" in self.rights:
            return found
        return self.inbox("mine") | self.inbox("group")

    def all(self, question):
        return {matter for matter in range(MATTERS) if question(matter)}


# --- the same firm in the database


@dataclass
class Founded:
    """What stays the same from world to world."""

    matters: list[Matter]
    tasks: list
    instances: list
    units: dict
    clients: list
    events: list


def found(session):
    """Make four matters of three clients, each with an enquiry, an event and a process with one open task."""
    body = start() + user_task("look", groups="lawyers") + end() + path("started", "look", "ended")
    deployments.deploy(session, {"civil.bpmn": model(body, key="civil")}, by=SYSTEM, now=NOW)
    units, clients = {}, []
    for code, parent in UNITS.items():
        units[code] = OrgUnit(
            code=code, name=code, kind="branch", parent_id=parent and units[parent].id, created_at=NOW
        )
        session.add(units[code])
        session.flush()
        session.add_all(
            OrgUnitReach(ancestor_id=units[above].id, unit_id=units[code].id) for above in up_the_tree(code)
        )
    for client_name in NAMES:
        party = Party(
            name=client_name, normalised_name=client_name.lower(), kind="person", created_at=NOW, created_by="ana"
        )
        session.add(party)
        clients.append(party)
    kind = DirectoryEntry(
        directory="event_kind", key="call", name="Call", path="call/", created_at=NOW, created_by="system"
    )
    session.add(kind)
    session.flush()
    made = Founded([], [], [], units, clients, [])
    for number, client in enumerate(CLIENT_OF):
        name, at = NAMES[client], NOW - timedelta(days=number)
        enquiry = Enquiry(
            number=f"E-2026-{number:04d}", client_name=name, search_text=name.lower(), state="accepted",
            received_at=at, received_by=RECEIVED_BY[number], closed_at=at,
        )  # fmt: skip
        session.add(enquiry)
        session.flush()
        matter = Matter(
            number=f"2026-CV-{number:04d}", title=name, case_type="civil", client_party_id=clients[client].id,
            client_name=name, responsible="ada", search_text=f"2026 cv {number:04d} {name.lower()}", opened_at=at,
            enquiry_number=enquiry.number,
        )  # fmt: skip
        session.add(matter)
        session.flush()
        instance = process_instances.start(session, "civil", business_key=matter.number, by=SYSTEM, now=NOW)
        matter.process_instance_id = instance.id
        event = Event(
            matter_id=matter.id, kind_id=kind.id, title="Call", planned_start_at=at, created_at=at, created_by="ada"
        )
        session.add(event)
        session.flush()
        task = sa.select(UserTask.id).where(UserTask.process_instance_id == instance.id)
        made.matters.append(matter)
        made.instances.append(instance.id)
        made.tasks.append(session.scalars(task).one())
        made.events.append(event.id)
    return made


def live_in(session, made, world):
    """Make the database say what the world says."""
    for table in (WallScope, WallMember, Wall, RightRule, MatterMember, EmergencyAccess, StaffRecord):
        session.execute(sa.delete(table))
    ids = dict(session.execute(sa.select(User.username, User.id)).all())
    session.execute(sa.delete(Membership).where(Membership.user_id.in_([ids[name] for name in PEOPLE])))
    session.execute(sa.update(User).values(locked_at=None))
    for name in PEOPLE:
        session.add_all(Membership(user_id=ids[name], group_name=group) for group in world.groups[name])
        unit = world.unit[name]
        session.add(
            StaffRecord(username=name, org_unit_id=unit and made.units[unit].id, post=world.post[name], languages=[])
        )
    for number, matter in enumerate(made.matters):
        unit = world.matter_unit[number]
        values = {"confidentiality": world.secrecy[number], "org_unit_id": unit and made.units[unit].id}
        session.execute(sa.update(Matter).where(Matter.id == matter.id).values(values))
        _hand_out(session, made.tasks[number], world.holder[number], world.offered[number])
    for number, name, left in sorted(world.team):
        session.add(
            MatterMember(
                matter_id=made.matters[number].id, username=name, role="approver" if left else "member",
                since=NOW - timedelta(days=9), until=NOW if left else None,
            )
        )  # fmt: skip
    for effect, name, group, unit, post, client in world.rules:
        session.add(
            RightRule(
                effect=effect, action="read", username=name, group_name=group, post=post,
                org_unit_id=unit and made.units[unit].id, client_party_id=made.clients[client].id,
                created_at=NOW, created_by="ada",
            )
        )  # fmt: skip
    for number, wall in enumerate(sorted(world.walls, key=repr)):
        session.add(_wall(made, number, *wall))
    for number, name, state in _latest(world.emergencies):
        session.add(
            EmergencyAccess(
                matter_id=made.matters[number].id, username=name, reason="Hearing", since=NOW - timedelta(days=2),
                until=NOW + timedelta(days=1) if state == "running" else NOW - timedelta(days=1),
                ended_at=NOW if state == "ended" else None,
            )
        )  # fmt: skip
    session.flush()


def _latest(emergencies):
    """At most one that nobody ended for each person and matter: the running one before the one that ran out."""
    chosen = {}
    for number, name, state in sorted(emergencies):
        known = chosen.get((number, name))
        if known is None or state == "running":
            chosen[number, name] = state
    return [(number, name, state) for (number, name), state in chosen.items()]


def tidied(world):
    """Leave out what the database refuses: two emergencies of one person for one matter."""
    return replace(world, emergencies=frozenset(_latest(world.emergencies)))


def _hand_out(session, task_id, holder, offered):
    session.execute(sa.delete(UserTaskCandidate).where(UserTaskCandidate.user_task_id == task_id))
    session.execute(
        sa.update(UserTask).where(UserTask.id == task_id).values(assignee=holder, candidate_groups=sorted(offered))
    )
    principals = [f"user:{holder}"] if holder else [f"group:{group}" for group in sorted(offered)]
    rows = [{"principal": one, "due_at": NO_DUE_DATE, "user_task_id": task_id} for one in principals]
    session.execute(sa.insert(UserTaskCandidate), rows)


def _wall(made, number, kind, state, named, around, which):
    scope = {
        "matter": {"matter_id": made.matters[which].id},
        "client": {"client_party_id": made.matters[which].client_party_id},
        "enquiry": {"enquiry_number": made.matters[which].enquiry_number},
    }[around]
    side = "in" if kind == "enclosing" else "out"
    return Wall(
        id=new_id(), number=f"W-{number}", name="North", kind=kind, basis="conflict", reason="Acted for them",
        state=state, requested_at=NOW, requested_by="ada", approved_by="ada", up_at=NOW,
        members=[WallMember(username=name, side=side, added_at=NOW, added_by="ada") for name in sorted(named)],
        scopes=[WallScope(**scope)],
    )  # fmt: skip


def actor(world, person):
    """Return the person as the web layer would."""
    return Actor(person, world.groups[person], RIGHTS.of(world.groups[person]), NOW)
