"""What is under way at each camera."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table(
        "camera_steps",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial"),
    )
