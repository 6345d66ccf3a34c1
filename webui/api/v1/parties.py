"""People and organisations outside the firm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from practice.contacts import operations as contacts
from practice.contacts import queries as contact_queries
from practice.contacts.models import ContactPoint
from practice.paging import Page
from practice.parties import cards, duplicates, merging, queries, records
from practice.parties.models import Party, PartyIdentifier, PartyMerge, PartyName, PartyRelation
from practice.parties.records import IdentifierGiven, NameGiven, PartyGiven, Profile
from webui.api.v1 import party_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("parties", __name__, url_prefix="/parties", description="People and organisations outside the firm.")


@bp.get("")
@bp.arguments(schemas.PartyFilters, location="query")
@bp.response(200, schemas.PartiesSchema)
@operation("list_parties")
def list_visible(args: dict[str, Any]) -> Page[Party]:
    """List the parties the person may see, the newest first."""
    return queries.search(
        db.session(),
        actor=current_actor(),
        text=args["q"],
        kind=args["kind"],
        limit=args["limit"],
        cursor=args["cursor"],
    )


@bp.post("")
@bp.arguments(schemas.PartyGivenSchema)
@bp.response(201, schemas.PartyCardSchema)
@operation("record_party", 403)
def record(args: dict[str, Any]) -> dict[str, Any]:
    """Record somebody, also when somebody of the name is known: `possible_duplicates` names who it may be."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    given = PartyGiven(
        NameGiven(args["name"], transliteration=args["transliteration"]),
        Profile(args["kind"], args["born_on"], args["language"], args["sensitivities"], args["is_discreet"]),
        tuple(NameGiven(each["name"], each["kind"], each["transliteration"]) for each in args["names"]),
        tuple(IdentifierGiven(**each) for each in args["identifiers"]),
    )
    party = records.record(session, given, by=actor, now=now)
    for index, each in enumerate(args["contact_points"]):
        contacts.record(
            session,
            party.id,
            each["kind"],
            each["value"],
            label=each["label"],
            consent=each["consent"],
            field=f"contact_points.{index}.value",
            by=actor,
            now=now,
        )
    duplicates.propose(session, party, now=now)
    return card(party.id)


@bp.post("/look-up")
@bp.arguments(schemas.LookUpSchema)
@bp.response(200, schemas.FoundSchema)
@operation("look_up_party")
def look_up(args: dict[str, Any]) -> dict[str, Any]:
    """Find who can be reached under a telephone number or an address, as far as the person may see them."""
    return {"items": contact_queries.look_up(db.session(), args["kind"], args["value"], actor=current_actor())}


@bp.get("/<uuid:party_id>")
@bp.response(200, schemas.PartyCardSchema)
@operation("get_party", 404)
def show(party_id: UUID) -> dict[str, Any]:
    """Show everything about a party."""
    return card(party_id)


@bp.patch("/<uuid:party_id>")
@bp.arguments(schemas.PartyChangeSchema)
@bp.response(200, schemas.PartyCardSchema)
@operation("revise_party", 403, 404, 409)
def revise(args: dict[str, Any], party_id: UUID) -> dict[str, Any]:
    """Change what is said of a party."""
    records.revise(db.session(), party_id, Profile(**args), by=current_actor(), now=clock.utc_now())
    return card(party_id)


@bp.post("/<uuid:party_id>/names")
@bp.arguments(schemas.NameGivenSchema)
@bp.response(201, schemas.NameSchema)
@operation("name_party", 403, 404, 409)
def name(args: dict[str, Any], party_id: UUID) -> PartyName:
    """Give a party another name; `main` replaces what it is called."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    given = NameGiven(args["name"], args["kind"], args["transliteration"])
    row = records.add_name(session, party_id, given, by=actor, now=now)
    _propose(party_id)
    return row


@bp.post("/<uuid:party_id>/names/<uuid:name_id>/retire")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, schemas.NameSchema)
@operation("retire_party_name", 403, 404, 409)
def retire_name(_: dict[str, Any], party_id: UUID, name_id: UUID) -> PartyName:
    """Say that a party no longer uses a name; it is still found by it."""
    return records.retire_name(db.session(), party_id, name_id, by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:party_id>/identifiers")
@bp.arguments(schemas.IdentifierGivenSchema)
@bp.response(201, schemas.IdentifierSchema)
@operation("identify_party", 403, 404, 409)
def identify(args: dict[str, Any], party_id: UUID) -> PartyIdentifier:
    """Record what an authority calls a party."""
    row = records.identify(db.session(), party_id, IdentifierGiven(**args), by=current_actor(), now=clock.utc_now())
    _propose(party_id)
    return row


@bp.post("/<uuid:party_id>/contact-points")
@bp.arguments(schemas.ContactGivenSchema)
@bp.response(201, schemas.ContactPointSchema)
@operation("record_contact_point", 403, 404, 409)
def record_contact_point(args: dict[str, Any], party_id: UUID) -> ContactPoint:
    """Keep a way to reach a party. What was sent is sealed; no answer repeats it."""
    point = contacts.record(
        db.session(),
        party_id,
        args["kind"],
        args["value"],
        label=args["label"],
        consent=args["consent"],
        by=current_actor(),
        now=clock.utc_now(),
    )
    _propose(party_id)
    return point


@bp.post("/<uuid:party_id>/relations")
@bp.arguments(schemas.RelationGivenSchema)
@bp.response(201, schemas.RelationSchema)
@operation("relate_parties", 403, 404, 409)
def relate(args: dict[str, Any], party_id: UUID) -> dict[str, Any]:
    """Say what this party is to another: its owner, relative, counsel, ..."""
    session, actor = db.session(), current_actor()
    row = records.relate(
        session,
        party_id,
        args["to_party_id"],
        args["kind"],
        since_on=args["since_on"],
        until_on=args["until_on"],
        note=args["note"],
        by=actor,
        now=clock.utc_now(),
    )
    return _relation(row, queries.get(session, row.to_party_id, actor=actor))


@bp.post("/relations/<uuid:relation_id>/end")
@bp.arguments(schemas.RelationEndSchema)
@bp.response(200, schemas.RelationSchema)
@operation("end_relation", 403, 404, 409)
def end_relation(args: dict[str, Any], relation_id: UUID) -> dict[str, Any]:
    """Say until when a relation lasted."""
    row = records.end_relation(
        db.session(), relation_id, until_on=args["until_on"], by=current_actor(), now=clock.utc_now()
    )
    return _relation(row, None)


@bp.post("/<uuid:party_id>/merge")
@bp.arguments(schemas.MergeGivenSchema)
@bp.response(200, schemas.MergeSchema)
@operation("merge_party", 403, 404, 409)
def merge(args: dict[str, Any], party_id: UUID) -> PartyMerge:
    """Merge this party into another that it turned out to be; the history keeps what was moved."""
    return merging.merge(
        db.session(), party_id, into=args["into"], reason=args["reason"], by=current_actor(), now=clock.utc_now()
    )


@bp.post("/duplicates/<uuid:proposal_id>/tell-apart")
@bp.arguments(NothingSchema, required=False)
@bp.response(204)
@operation("tell_parties_apart", 403, 404, 409)
def tell_apart(_: dict[str, Any], proposal_id: UUID) -> None:
    """Decide that two parties are two; they are not proposed again."""
    duplicates.tell_apart(db.session(), proposal_id, by=current_actor(), now=clock.utc_now())


def card(party_id: UUID) -> dict[str, Any]:
    """Return a party's card as the API answers it."""
    found = cards.of_party(db.session(), party_id, actor=current_actor())
    party = found.party
    columns = ("id", "kind", "name", "born_on", "language", "is_discreet", "sensitivities", "merged_into_id")
    return {
        **{column: getattr(party, column) for column in (*columns, "created_at", "created_by")},
        "names": found.names,
        "identifiers": found.identifiers,
        "contact_points": found.contact_points,
        "relations": [_relation(row, other) for row, other in found.relations],
        "matters": [
            {"matter_number": matter.number, "title": matter.title, "state": matter.state, "role": role}
            for matter, role in found.matters
        ],
        "client_number": found.client.number if found.client else None,
        "possible_duplicates": [
            {"id": row.id, "party_id": other.id, "name": other.name, "score": row.score, "reasons": row.reasons}
            for row, other in found.duplicates
        ],
    }


def _relation(row: PartyRelation, other: Party | None) -> dict[str, Any]:
    columns = ("id", "kind", "from_party_id", "to_party_id", "since_on", "until_on", "note")
    return {**{column: getattr(row, column) for column in columns}, "other_name": other.name if other else None}


def _propose(party_id: UUID) -> None:
    duplicates.propose(db.session(), db.session().get_one(Party, party_id), now=clock.utc_now())
