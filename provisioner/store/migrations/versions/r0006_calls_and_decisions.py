"""Calls to people until somebody takes them on, and the supervision decisions that the bindings are held against."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table(
        "calls",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("call_key", "audience", "about", "text_sv", "text_en")),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_key"),
    )
    op.create_index("calls_by_next", "calls", ["next_at"], sqlite_where=sa.text("next_at IS NOT NULL"), postgresql_where=sa.text("next_at IS NOT NULL"))
    op.create_table(
        "decisions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("decision_ref", "site_ref", "unit_ref", "looks")),
        sa.Column("cameras", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("decision_ref"),
    )
