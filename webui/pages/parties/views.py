"""Parties: the list, recording somebody, and the card with everything about one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.contacts import operations as contacts
from practice.contacts import queries as contact_queries
from practice.contacts.models import KINDS as CONTACT_KINDS
from practice.parties import cards, duplicates, merging, naming, queries, records
from practice.parties.models import IDENTIFIER_KINDS, KINDS, NAME_KINDS, RELATION_KINDS, Party
from practice.parties.records import IdentifierGiven, NameGiven, PartyGiven, Profile
from practice.people import queries as people
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.parties import forms, words

bp = Blueprint("parties", __name__, url_prefix="/parties")
PAGE_SIZE = 40
LONGEST_SEARCH = 100


@bp.get("")
def index() -> Any:
    """List the parties that the reader may see, the newest first."""
    session, actor, args = db.session(), current_actor(), request.args
    q, kind = args.get("q", "").strip()[:LONGEST_SEARCH], args.get("kind")
    kind = kind if kind in KINDS else None
    person = asked_for(args)
    page = queries.search(
        session,
        actor=actor,
        text=q,
        kind=kind,
        person=person,
        limit=PAGE_SIZE,
        cursor=args.get("cursor") or None,
    )
    context = {
        "page": page,
        "words": words.ALL,
        "kept": {key: value for key, value in (("q", q), ("kind", kind), ("person", person)) if value},
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("parties/_rows.html", **context)
    pairs = duplicates.all_proposed(session, actor=actor, limit=20) if not context["kept"] else []
    return render_template("parties/index.html", q=q, kind=kind, pairs=pairs, kinds=KINDS, **context)


@bp.post("/look-up")
def look_up() -> Any:
    """Find who is calling; the number travels in the body, because addresses are logged."""
    kind = request.form.get("kind", "phone")
    found = contact_queries.look_up(db.session(), kind, request.form.get("value", ""), actor=current_actor())
    if len(found) == 1:
        return redirect(url_for("parties.show", party_id=found[0].id), 303)
    return render_template("parties/found.html", found=found, words=words.ALL)


@bp.get("/new")
def new() -> Any:
    """Show the form for somebody new."""
    records.require_right(current_actor())
    return render_template("parties/new.html", words=words.ALL, given={}, namesakes=[])


@bp.post("/new")
@forms.back_on_refusal
def record() -> Any:
    """Record somebody; who has a namesake is asked first whether it is the same."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    name = forms.needed("name")
    namesakes = queries.named(session, naming.compared(name)[1], actor=actor)
    if namesakes and not request.form.get("another"):
        given = {field: value for field, value in request.form.items() if field in ("name", "kind", "transliteration")}
        return render_template("parties/new.html", words=words.ALL, given=given, namesakes=namesakes)
    party = records.record(
        session,
        PartyGiven(
            NameGiven(name, transliteration=forms.text("transliteration")),
            Profile(
                kind=forms.text("kind") or "unknown", born_on=forms.day("born_on"), language=forms.text("language")
            ),
        ),
        by=actor,
        now=now,
    )
    for kind in ("phone", "email"):
        value = forms.text(kind)
        if value:
            contacts.record(session, party.id, kind, value, field=kind, by=actor, now=now)
    duplicates.propose(session, party, now=now)
    flash(gettext("Recorded: %(name)s.", name=party.name), "good")
    return redirect(url_for("parties.show", party_id=party.id), 303)


@bp.get("/<uuid:party_id>")
def show(party_id: UUID) -> Any:
    """Show the card; who was merged leads to who they are."""
    session, actor = db.session(), current_actor()
    card = cards.of_party(session, party_id, actor=actor)
    if card.party.merged_into_id is not None:
        return redirect(url_for("parties.show", party_id=card.party.merged_into_id))
    q = request.args.get("with", "").strip()[:LONGEST_SEARCH]
    others = queries.search(session, actor=actor, text=q, limit=20).items if q else []
    asked = contact_queries.unmaskings(session, actor=actor, may_consent=False, now=clock.utc_now())
    return render_template(
        "parties/show.html",
        card=card,
        party=card.party,
        words=words.ALL,
        others=[other for other in others if other.id != party_id],
        other_q=q,
        asked={row.contact_point_id: row for row, _, _ in reversed(asked)},
        state_of=lambda row: contact_queries.state_of(row, clock.utc_now()),
        may_record=actor.may(records.RIGHT),
        may_merge=actor.may(merging.RIGHT),
        may_ask=actor.may(contacts.RIGHT_TO_ASK),
        names_of_people=people.display_names(session, [card.party.created_by, *(row.merged_by for row in card.merges)]),
        name_kinds=NAME_KINDS,
        identifier_kinds=IDENTIFIER_KINDS,
        contact_kinds=CONTACT_KINDS,
        relation_kinds=RELATION_KINDS,
        kinds=KINDS,
    )


@bp.post("/<uuid:party_id>/names")
@forms.back_on_refusal
def add_name(party_id: UUID) -> Response:
    """Give a party another name."""
    given = NameGiven(forms.needed("name"), request.form.get("kind", "alias"), forms.text("transliteration"))
    records.add_name(db.session(), party_id, given, by=current_actor(), now=clock.utc_now())
    return _shown(party_id)


@bp.post("/<uuid:party_id>/identifiers")
@forms.back_on_refusal
def identify(party_id: UUID) -> Response:
    """Record what an authority calls a party."""
    given = IdentifierGiven(request.form.get("kind", ""), forms.needed("value"), request.form.get("country", ""))
    records.identify(db.session(), party_id, given, by=current_actor(), now=clock.utc_now())
    return _shown(party_id)


@bp.post("/<uuid:party_id>/contact-points")
@forms.back_on_refusal
def add_contact_point(party_id: UUID) -> Response:
    """Keep a way to reach a party; it is shown masked from now on."""
    point = contacts.record(
        db.session(),
        party_id,
        request.form.get("kind", ""),
        forms.needed("value"),
        label=forms.text("label"),
        by=current_actor(),
        now=clock.utc_now(),
    )
    flash(gettext("Kept and sealed: %(masked)s.", masked=point.masked), "good")
    return _shown(party_id)


@bp.post("/<uuid:party_id>/relations")
@forms.back_on_refusal
def relate(party_id: UUID) -> Response:
    """Say what a party is to another."""
    records.relate(
        db.session(),
        party_id,
        forms.party("other"),
        request.form.get("kind", ""),
        since_on=forms.day("since_on"),
        note=forms.text("note"),
        by=current_actor(),
        now=clock.utc_now(),
    )
    return _shown(party_id)


@bp.post("/<uuid:party_id>/profile")
@forms.back_on_refusal
def revise(party_id: UUID) -> Response:
    """Change what is said of a party."""
    profile = Profile(
        kind=forms.text("kind"),
        born_on=forms.day("born_on"),
        language=request.form.get("language", "").strip(),
        sensitivities=request.form.get("sensitivities", "").strip(),
        is_discreet="is_discreet" in request.form,
    )
    records.revise(db.session(), party_id, profile, by=current_actor(), now=clock.utc_now())
    return _shown(party_id)


@bp.post("/<uuid:party_id>/merge")
@forms.back_on_refusal
def merge(party_id: UUID) -> Response:
    """Merge another party into this one."""
    row = merging.merge(
        db.session(),
        forms.party("other"),
        into=party_id,
        reason=forms.needed("reason"),
        by=current_actor(),
        now=clock.utc_now(),
    )
    flash(gettext("They are one party now; the history says what was moved."), "good")
    return _shown(row.survivor_id)


@bp.post("/duplicates/<uuid:proposal_id>/tell-apart")
@forms.back_on_refusal
def tell_apart(proposal_id: UUID) -> Response:
    """Decide that two parties are two."""
    row = duplicates.tell_apart(db.session(), proposal_id, by=current_actor(), now=clock.utc_now())
    back = request.form.get("party")
    return (
        _shown(UUID(back))
        if back in (str(row.first_id), str(row.second_id))
        else redirect(url_for("parties.index"), 303)
    )


def _shown(party_id: UUID) -> Response:
    duplicates.propose(db.session(), db.session().get_one(Party, party_id), now=clock.utc_now())
    return redirect(url_for("parties.show", party_id=party_id), 303)
