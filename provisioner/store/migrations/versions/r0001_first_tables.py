"""The first tables: cases, journal, owed effects, bindings, notices, people, camera places, daemons."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables. There is no way down: a database goes back by restoring the backup from before."""
    _cases()
    _journal()
    _bindings()
    _beside()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.SmallInteger(), nullable=False),
        sa.Column("wake_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    where = sa.text("is_open = 1")
    op.create_index("cases_by_wake", "cases", ["wake_at"], sqlite_where=where, postgresql_where=where)
    op.create_index("one_case_per_number", "cases", ["case_number"], unique=True)
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id"),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("op_id", sa.Text(), nullable=True),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("revision_after", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.policy_id"]),
        sa.PrimaryKeyConstraint("case_id", "seq"),
    )
    where = sa.text("op_id IS NOT NULL")
    op.create_index("one_line_per_op", "journal", ["case_id", "op_id"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "owed",
        sa.Column("owed_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("msg_id", sa.Text(), nullable=True),
        sa.Column("leg", sa.Integer(), nullable=True),
        sa.Column("errand", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=True),
        sa.Column("owed_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]),
        sa.PrimaryKeyConstraint("owed_id"),
    )
    where = sa.text("settled_at IS NULL")
    op.create_index("owed_by_age", "owed", ["owed_at", "case_id", "seq", "place"], sqlite_where=where, postgresql_where=where)
    op.create_index("owed_by_case", "owed", ["case_id"], sqlite_where=where, postgresql_where=where)
    op.create_index("owed_by_message", "owed", ["msg_id"])
    op.create_table(
        "told",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("text_sv", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "key"),
    )


def _bindings() -> None:
    op.create_table(
        "bindings",
        sa.Column("binding_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("site_ref", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("schedule_ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('ACTIVE', 'SUSPENDED', 'TEST', 'RETIRED')", name="binding_state_is_known"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]),
        sa.PrimaryKeyConstraint("binding_id"),
    )
    where = sa.text("state IN ('ACTIVE', 'TEST')")
    op.create_index("one_live_binding_per_serial", "bindings", ["serial"], unique=True, sqlite_where=where, postgresql_where=where)
    where = sa.text("state = 'SUSPENDED'")
    op.create_index("one_suspended_binding_per_serial", "bindings", ["serial"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "case_bindings",
        sa.Column("binding_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("is_open", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]),
        sa.PrimaryKeyConstraint("binding_id", "case_id"),
    )
    op.create_index("case_bindings_by_case", "case_bindings", ["case_id"])
    where = sa.text("is_open = 1")
    op.create_index("one_open_case_per_binding", "case_bindings", ["binding_id"], unique=True, sqlite_where=where, postgresql_where=where)


def _beside() -> None:
    op.create_table(
        "people",
        sa.Column("person_ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_ref"),
    )
    op.create_table(
        "camera_places",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial"),
    )
    op.create_table(
        "daemons",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker"),
    )
