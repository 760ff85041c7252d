"""By what each camera is known again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table(
        "dossiers",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("pinned_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial"),
    )
    op.create_table(
        "dossier_marks",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["serial"], ["dossiers.serial"]),
        sa.PrimaryKeyConstraint("serial", "value"),
    )
    op.create_index("dossier_marks_by_value", "dossier_marks", ["value"])
