"""Keep documents, and what people say, ask and help with at a user task; drafts keep what was typed beside them.

The previous release runs on the new schema: yes. It knows nothing of the new tables and column.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1242"
down_revision = "1241"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(length=30), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("doc_class", sa.String(length=30), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=150), nullable=True),
        sa.Column("withdrawn_because", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "doc_class IN ('evidence', 'pleading', 'court', 'correspondence', 'contract', 'power_of_attorney', "
            "'invoice', 'identity', 'other')",
            name=op.f("ck_document_known_class"),
        ),
        sa.CheckConstraint("owner_kind <> '' AND owner <> ''", name=op.f("ck_document_owner_is_named")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_document_title_is_given")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name=op.f("ck_document_withdrawn_by_somebody"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_document_version_from_one")),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_document_user_task_id_user_task"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(
        "ix_document_changed_at",
        "document",
        ["changed_at", "id"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_document_owner", "document", ["owner", "owner_kind", "changed_at", "id"], unique=False)
    op.create_index("ix_document_user_task_id", "document", ["user_task_id"], unique=False)

    op.create_table(
        "task_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(length=150), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("body <> ''", name=op.f("ck_task_comment_says_something")),
        sa.ForeignKeyConstraint(
            ["author"], ["user_account.username"], name=op.f("fk_task_comment_author_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_task_comment_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_comment")),
    )
    op.create_index("ix_task_comment_user_task_id", "task_comment", ["user_task_id", "created_at", "id"], unique=False)

    op.create_table(
        "task_helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("added_by", sa.String(length=150), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_task_helper_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_task_helper_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_helper")),
    )
    op.create_index(
        "ix_task_helper_user_task_id",
        "task_helper",
        ["user_task_id", "username"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "task_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(length=150), nullable=False),
        sa.Column("asked_of", sa.String(length=150), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "question <> '' AND (answer IS NULL OR answer <> '')", name=op.f("ck_task_question_says_something")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_task_question_answered_iff_answer")
        ),
        sa.CheckConstraint(
            "answered_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_task_question_answered_or_taken_back")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.username"], name=op.f("fk_task_question_asked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["asked_of"], ["user_account.username"], name=op.f("fk_task_question_asked_of_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_task_question_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_question")),
    )
    op.create_index(
        "ix_task_question_asked_by",
        "task_question",
        ["asked_by", "asked_at"],
        unique=False,
        sqlite_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "ix_task_question_asked_of",
        "task_question",
        ["asked_of", "asked_at"],
        unique=False,
        sqlite_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index("ix_task_question_user_task_id", "task_question", ["user_task_id", "asked_at", "id"], unique=False)

    op.create_table(
        "document_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=150), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_document_version_hash_is_sha256")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_document_version_number_from_one")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_document_version_is_not_empty")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_version_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_version")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_document_version_document_id")),
    )
    op.create_index("ix_document_version_sha256", "document_version", ["sha256"], unique=False)

    op.create_table(
        "draft_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_draft_copy_draft_id_draft"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_copy")),
    )
    op.create_index("ix_draft_copy_draft_id", "draft_copy", ["draft_id", "saved_at"], unique=False)

    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_column("form_digest")

    op.drop_table("draft_copy")

    op.drop_table("document_version")

    op.drop_table("task_question")

    op.drop_table("task_helper")

    op.drop_table("task_comment")

    op.drop_table("document")
