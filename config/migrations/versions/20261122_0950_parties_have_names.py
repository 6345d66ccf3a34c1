"""Give parties names, identifiers, relations, contact points and a history of merging; keep clients and leads.

The previous release runs on the new schema: yes. Every new column of a table that it writes may be empty or has a
default. ``party.normalised_name`` stays unique, because that release opens matters by it: a namesake holds another key
there. A party that it makes meanwhile has no name row; ``naming.name_the_unnamed`` writes it at the next start.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = "0950"
down_revision = "0945"
branch_labels = None
depends_on = None

_ID, _TEXT, _AT = sa.Uuid(), sa.Text(), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.String(length=60), nullable=True),
        sa.Column("contact_every_days", sa.Integer(), nullable=True),
        sa.Column("contact_party_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("originator", sa.String(length=150), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("contact_every_days > 0", name=op.f("ck_client_cadence_is_positive")),
        sa.ForeignKeyConstraint(["contact_party_id"], ["party.id"], name=op.f("fk_client_contact_party_id_party")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_client_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("number", name=op.f("uq_client_number")),
        sa.UniqueConstraint("party_id", name=op.f("uq_client_party_id")),
    )
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.create_index("ix_client_contact_party_id", ["contact_party_id"], unique=False)
        batch_op.create_index("ix_client_since", ["since", "id"], unique=False)

    op.create_table(
        "contact_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("tail_digest", sa.String(length=64), nullable=True),
        sa.Column("label", sa.String(length=100), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('phone', 'email', 'address', 'messenger', 'fax')", name=op.f("ck_contact_point_known_kind")
        ),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_contact_point_digest_is_hmac_sha256")),
        sa.CheckConstraint(
            "tail_digest IS NULL OR length(tail_digest) = 64", name=op.f("ck_contact_point_tail_digest_is_hmac_sha256")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_contact_point_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("code", name=op.f("uq_contact_point_code")),
    )
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.create_index("ix_contact_point_digest", ["digest"], unique=False)
        batch_op.create_index("ix_contact_point_party_id", ["party_id"], unique=False)
        batch_op.create_index("ix_contact_point_tail_digest", ["tail_digest"], unique=False)

    op.create_table(
        "party_duplicate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=150), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_party_duplicate_decided_iff_decided_at")
        ),
        sa.CheckConstraint("state IN ('proposed', 'distinct', 'merged')", name=op.f("ck_party_duplicate_known_state")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_party_duplicate_each_pair_once")),
        sa.ForeignKeyConstraint(["first_id"], ["party.id"], name=op.f("fk_party_duplicate_first_id_party")),
        sa.ForeignKeyConstraint(["second_id"], ["party.id"], name=op.f("fk_party_duplicate_second_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_duplicate")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_party_duplicate_first_id")),
    )
    with op.batch_alter_table("party_duplicate", schema=None) as batch_op:
        batch_op.create_index("ix_party_duplicate_second_id", ["second_id"], unique=False)
        batch_op.create_index("ix_party_duplicate_state", ["state", "score"], unique=False)

    op.create_table(
        "party_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.Column("normalised", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "kind IN ('registration_number', 'tax_number', 'lei', 'passport', 'national_id', 'other')",
            name=op.f("ck_party_identifier_known_kind"),
        ),
        sa.CheckConstraint("value <> '' AND normalised <> ''", name=op.f("ck_party_identifier_value_is_given")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_identifier_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_identifier")),
        sa.UniqueConstraint("party_id", "kind", "country", "normalised", name=op.f("uq_party_identifier_party_id")),
    )
    with op.batch_alter_table("party_identifier", schema=None) as batch_op:
        batch_op.create_index("ix_party_identifier_normalised", ["normalised", "kind"], unique=False)

    op.create_table(
        "party_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("merged_id <> survivor_id", name=op.f("ck_party_merge_of_two_parties")),
        sa.ForeignKeyConstraint(["merged_id"], ["party.id"], name=op.f("fk_party_merge_merged_id_party")),
        sa.ForeignKeyConstraint(["survivor_id"], ["party.id"], name=op.f("fk_party_merge_survivor_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_merge")),
        sa.UniqueConstraint("merged_id", name=op.f("uq_party_merge_merged_id")),
    )
    with op.batch_alter_table("party_merge", schema=None) as batch_op:
        batch_op.create_index("ix_party_merge_survivor_id", ["survivor_id"], unique=False)

    op.create_table(
        "party_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("written", sa.String(length=300), nullable=False),
        sa.Column("normalised", sa.String(length=600), nullable=False),
        sa.Column("script", sa.String(length=4), nullable=False),
        sa.Column("transliteration", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('main', 'alias', 'former', 'birth', 'trade', 'transliteration')",
            name=op.f("ck_party_name_known_kind"),
        ),
        sa.CheckConstraint("written <> '' AND normalised <> ''", name=op.f("ck_party_name_name_is_given")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_name_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_name")),
        sa.UniqueConstraint("party_id", "normalised", name=op.f("uq_party_name_party_id")),
    )
    with op.batch_alter_table("party_name", schema=None) as batch_op:
        batch_op.create_index("ix_party_name_normalised", ["normalised"], unique=False)

    op.create_table(
        "party_relation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_party_id", sa.Uuid(), nullable=False),
        sa.Column("to_party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "kind IN ('owner', 'relative', 'affiliate', 'counsel', 'insurer', 'director', 'employer', "
            "'contact_person')",
            name=op.f("ck_party_relation_known_kind"),
        ),
        sa.CheckConstraint("from_party_id <> to_party_id", name=op.f("ck_party_relation_of_two_parties")),
        sa.CheckConstraint(
            "until_on IS NULL OR since_on IS NULL OR until_on >= since_on",
            name=op.f("ck_party_relation_ends_after_start"),
        ),
        sa.ForeignKeyConstraint(["from_party_id"], ["party.id"], name=op.f("fk_party_relation_from_party_id_party")),
        sa.ForeignKeyConstraint(["to_party_id"], ["party.id"], name=op.f("fk_party_relation_to_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_relation")),
    )
    with op.batch_alter_table("party_relation", schema=None) as batch_op:
        batch_op.create_index("ix_party_relation_from_party_id", ["from_party_id"], unique=False)
        batch_op.create_index("ix_party_relation_to_party_id", ["to_party_id"], unique=False)

    op.create_table(
        "contact_unmasking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.String(length=150), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=150), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'used') = (viewed_at IS NOT NULL)", name=op.f("ck_contact_unmasking_used_iff_viewed")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_contact_unmasking_reason_is_given")),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'refused', 'used', 'lapsed')",
            name=op.f("ck_contact_unmasking_known_state"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'lapsed') OR decided_by IS NOT NULL",
            name=op.f("ck_contact_unmasking_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> requested_by", name=op.f("ck_contact_unmasking_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_point.id"], name=op.f("fk_contact_unmasking_contact_point_id_contact_point")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.username"], name=op.f("fk_contact_unmasking_requested_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_unmasking")),
    )
    with op.batch_alter_table("contact_unmasking", schema=None) as batch_op:
        batch_op.create_index("ix_contact_unmasking_contact_point_id", ["contact_point_id"], unique=False)
        batch_op.create_index("ix_contact_unmasking_requested_by", ["requested_by", "requested_at", "id"], unique=False)
        batch_op.create_index("ix_contact_unmasking_state", ["state", "requested_at", "id"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("originator", sa.String(length=150), nullable=True),
        sa.Column("originator_party_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.String(length=300), nullable=True),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lost_reason", sa.String(length=300), nullable=True),
        sa.Column("enquiry_number", sa.String(length=40), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(length=150), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'lost') = (lost_reason IS NOT NULL)", name=op.f("ck_lead_lost_iff_reason")),
        sa.CheckConstraint(
            "(state IN ('won', 'lost')) = (closed_at IS NOT NULL)", name=op.f("ck_lead_closed_iff_final")
        ),
        sa.CheckConstraint(
            "source IN ('call', 'visit', 'web', 'mail', 'referral', 'former_client', 'event', 'advertising', 'other')",
            name=op.f("ck_lead_known_source"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'contacted', 'enquired', 'won', 'lost')", name=op.f("ck_lead_known_state")
        ),
        sa.ForeignKeyConstraint(["enquiry_number"], ["enquiry.number"], name=op.f("fk_lead_enquiry_number_enquiry")),
        sa.ForeignKeyConstraint(["originator_party_id"], ["party.id"], name=op.f("fk_lead_originator_party_id_party")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_lead_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("enquiry_number", name=op.f("uq_lead_enquiry_number")),
        sa.UniqueConstraint("number", name=op.f("uq_lead_number")),
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index("ix_lead_originator", ["originator"], unique=False)
        batch_op.create_index("ix_lead_originator_party_id", ["originator_party_id"], unique=False)
        batch_op.create_index("ix_lead_party_id", ["party_id"], unique=False)
        batch_op.create_index("ix_lead_received_at", ["received_at", "id"], unique=False)
        batch_op.create_index("ix_lead_received_by", ["received_by"], unique=False)
        batch_op.create_index("ix_lead_state", ["state", "received_at", "id"], unique=False)

    with op.batch_alter_table("enquiry_party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("party_id", sa.Uuid(), nullable=True))

    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("born_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=35), nullable=True))
        batch_op.add_column(sa.Column("sensitivities", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("is_discreet", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("search_text", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_party_created_at", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_party_created_by", ["created_by"], unique=False)
        batch_op.create_index("ix_party_merged_into_id", ["merged_into_id"], unique=False)

    _name_the_parties()
    _make_clients()


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index("ix_party_merged_into_id")
        batch_op.drop_index("ix_party_created_by")
        batch_op.drop_index("ix_party_created_at")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("search_text")
        batch_op.drop_column("is_discreet")
        batch_op.drop_column("sensitivities")
        batch_op.drop_column("language")
        batch_op.drop_column("born_on")

    with op.batch_alter_table("enquiry_party", schema=None) as batch_op:
        batch_op.drop_column("party_id")

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_state")
        batch_op.drop_index("ix_lead_received_by")
        batch_op.drop_index("ix_lead_received_at")
        batch_op.drop_index("ix_lead_party_id")
        batch_op.drop_index("ix_lead_originator_party_id")
        batch_op.drop_index("ix_lead_originator")

    op.drop_table("lead")
    with op.batch_alter_table("contact_unmasking", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_unmasking_state")
        batch_op.drop_index("ix_contact_unmasking_requested_by")
        batch_op.drop_index("ix_contact_unmasking_contact_point_id")

    op.drop_table("contact_unmasking")
    with op.batch_alter_table("party_relation", schema=None) as batch_op:
        batch_op.drop_index("ix_party_relation_to_party_id")
        batch_op.drop_index("ix_party_relation_from_party_id")

    op.drop_table("party_relation")
    with op.batch_alter_table("party_name", schema=None) as batch_op:
        batch_op.drop_index("ix_party_name_normalised")

    op.drop_table("party_name")
    with op.batch_alter_table("party_merge", schema=None) as batch_op:
        batch_op.drop_index("ix_party_merge_survivor_id")

    op.drop_table("party_merge")
    with op.batch_alter_table("party_identifier", schema=None) as batch_op:
        batch_op.drop_index("ix_party_identifier_normalised")

    op.drop_table("party_identifier")
    with op.batch_alter_table("party_duplicate", schema=None) as batch_op:
        batch_op.drop_index("ix_party_duplicate_state")
        batch_op.drop_index("ix_party_duplicate_second_id")

    op.drop_table("party_duplicate")
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_point_tail_digest")
        batch_op.drop_index("ix_contact_point_party_id")
        batch_op.drop_index("ix_contact_point_digest")

    op.drop_table("contact_point")
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.drop_index("ix_client_since")
        batch_op.drop_index("ix_client_contact_party_id")

    op.drop_table("client")


def _table(table: str, /, **columns: Any) -> Any:
    return sa.table(table, *(sa.column(column, kind) for column, kind in columns.items()))


def _name_the_parties() -> None:
    """Write the one name that each party had until now."""
    connection = op.get_bind()
    party = _table(
        "party", id=_ID, name=_TEXT, normalised_name=_TEXT, search_text=_TEXT, created_at=_AT, created_by=_TEXT
    )
    name = _table(
        "party_name",
        id=_ID,
        party_id=_ID,
        kind=_TEXT,
        written=_TEXT,
        normalised=_TEXT,
        script=_TEXT,
        created_at=_AT,
        created_by=_TEXT,
    )
    query = sa.select(party.c.id, party.c.name, party.c.normalised_name, party.c.created_at, party.c.created_by)
    for rows in connection.execute(query.order_by(party.c.created_at, party.c.id)).partitions(1000):
        connection.execute(sa.insert(name), [_name_of(row) for row in rows])
    connection.execute(sa.update(party).values(search_text=party.c.normalised_name))


def _name_of(row: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "party_id": row.id,
        "kind": "main",
        "written": row.name,
        "normalised": row.normalised_name,
        "script": _script_of(row.name),
        "created_at": row.created_at,
        "created_by": row.created_by,
    }


def _script_of(text: str) -> str:
    known = {"LATIN": "Latn", "FULLWIDTH": "Latn", "CYRILLIC": "Cyrl", "GREEK": "Grek", "CJK": "Hani"}
    known |= {"HANGUL": "Hang", "ARABIC": "Arab", "HEBREW": "Hebr", "HIRAGANA": "Hira", "KATAKANA": "Kana"}
    words = (unicodedata.name(letter, "").partition(" ")[0].partition("-")[0] for letter in text if letter.isalpha())
    found = Counter(known.get(word, "Zzzz") for word in words)
    return found.most_common(1)[0][0] if found else "Zyyy"


def _make_clients() -> None:
    """Whoever is the client of a matter is a client of the firm, since the first of them."""
    connection = op.get_bind()
    matter = _table("matter", id=_ID, client_party_id=_ID, opened_at=_AT, enquiry_number=_TEXT)
    enquiry = _table("enquiry", number=_TEXT, source=_TEXT)
    client = _table("client", id=_ID, number=_TEXT, party_id=_ID, source=_TEXT, since=_AT, created_by=_TEXT)
    sequence = _table("number_sequence", name=_TEXT, year=sa.Integer(), last_value=sa.Integer())
    query = (
        sa.select(matter.c.client_party_id, matter.c.opened_at, enquiry.c.source)
        .outerjoin(enquiry, enquiry.c.number == matter.c.enquiry_number)
        .order_by(matter.c.opened_at, matter.c.id)
    )
    numbers: Counter[int] = Counter()
    made: dict[Any, dict[str, Any]] = {}
    for row in connection.execute(query):
        if row.client_party_id in made:
            continue
        numbers[row.opened_at.year] += 1
        made[row.client_party_id] = {
            "id": uuid7(),
            "number": f"C-{row.opened_at.year}-{numbers[row.opened_at.year]:04d}",
            "party_id": row.client_party_id,
            "source": row.source,
            "since": row.opened_at,
            "created_by": "system",
        }
    if made:
        connection.execute(sa.insert(client), list(made.values()))
        counters = [{"name": "client", "year": year, "last_value": last} for year, last in numbers.items()]
        connection.execute(sa.insert(sequence), counters)
