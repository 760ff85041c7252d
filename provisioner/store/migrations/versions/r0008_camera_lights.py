"""How a camera's lens and lamp stood before a check of its view changed them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table(
        "camera_lights",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial"),
    )
