"""A firm with matters behind the web: ana answers for them, bo is an outsider, olga is compliance."""

from datetime import UTC, datetime

import sqlalchemy as sa

from engine import bundles, clock, deployments
from engine.actor import SYSTEM, Actor
from practice.accesses.models import AccessAttempt, BreachCase
from practice.conflicts import operations as conflicts
from practice.enquiries import operations as enquiries
from practice.matters import operations as matters
from practice.notices.models import Notice
from practice.people import operations as people
from practice.people.models import User
from practice.walls.models import Wall, WallMember, WallScope
from tests.practice.firm import civil
from tests.processes.shipped import ROOT
from tests.webui.conftest import PASSWORD, Client
from webui.db import db
from webui.worker import Worker

ANA = Actor("ana", frozenset({"lawyers"}))
#: Clients and opponents that nobody takes for one another.
NAMES = (
    ("Orhan Demir", "Nordhafen Logistik GmbH"),
    ("Ingrid Falk", "Baltic Cold Stores AB"),
    ("Camille Brun", "Hafenbau SARL"),
    ("Yusuf Tekin", "Kessler Brauerei KG"),
    ("Mei Tanaka", "Pemberton Shipping plc"),
)
MORNING = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def furnish(office, matters_count=1):
    """Let compliance join, deploy the processes and open matters; return their numbers."""
    now = clock.utc_now()
    with office.transaction() as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=now)
        for name in ("access_breach", "ethical_wall"):
            deployments.deploy(session, bundles.read(ROOT / name), by=SYSTEM, now=now)
        for name, groups in (("olga", {"conflicts_officers"}), ("odd", {"conflicts_officers"})):
            people.create_user(session, name, name.title(), password=PASSWORD, groups=groups, by=SYSTEM, now=now)
            token = people.issue_token(session, name, "tests", by=SYSTEM, now=now)
            office.clients[name] = Client(office.app.test_client(use_cookies=False), token)
        return [open_matter(session, *names, now) for names in NAMES[:matters_count]]


def open_matter(session, client, opponent, now):
    facts = {"client_name": client, "opponent_name": opponent, "case_type": "civil"}
    asked = enquiries.register(session, facts, by=ANA, now=now)
    conflicts.check(session, asked, by=SYSTEM, now=now)
    return matters.open_matter(session, asked, facts | {"responsible": "ana"}, by=ANA, now=now).number


def client(office, name):
    return office.clients[name] if name in office.clients else getattr(office, name)


def put_up_wall(office, number, *out):
    with office.transaction() as session:
        matter_id = session.scalar(
            sa.text("SELECT id FROM matter WHERE number = :n").bindparams(n=number).columns(id=sa.Uuid())
        )
        session.add(
            Wall(
                number="W-2026-0900", name="North", kind="excluding", basis="conflict", reason="Acted for them",
                state="up", requested_at=MORNING, requested_by="olga", approved_by="odd", up_at=MORNING,
                members=[WallMember(username=name, side="out", added_at=MORNING, added_by="olga") for name in out],
                scopes=[WallScope(matter_id=matter_id)],
            )
        )  # fmt: skip


def on_record(office):
    """Every attempt, in order: who, at what, how, through which door."""
    with office.transaction() as session:
        rows = session.scalars(sa.select(AccessAttempt).order_by(AccessAttempt.at, AccessAttempt.id)).all()
        return [(row.username, row.subject, row.action, row.channel) for row in rows]


def cases(office):
    with office.transaction() as session:
        rows = session.scalars(sa.select(BreachCase).order_by(BreachCase.opened_at, BreachCase.id)).all()
        return [(row.username, row.subject, row.opened_because, row.state) for row in rows]


def told(office, username):
    with office.transaction() as session:
        return list(session.scalars(sa.select(Notice).where(Notice.username == username).order_by(Notice.created_at)))


def is_locked(office, username):
    with office.transaction() as session:
        return session.scalar(sa.select(User.locked_at).where(User.username == username)) is not None


def let_worker_run(office):
    with office.app.app_context():
        engine = db.engine
    return Worker(engine, database_file=None).tick()


def sign_in(office, username):
    """A browser with the person signed in, or None when they are not let in."""
    browser = office.app.test_client()
    page = browser.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.post("/sign-in", data={"username": username, "password": PASSWORD, "csrf_token": token})
    return browser if answer.status_code in (302, 303) else None
