"""The lock-out budget of cameras."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table(
        "login_attempts",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("attempts_left", sa.Integer(), nullable=True),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("camera"),
    )
