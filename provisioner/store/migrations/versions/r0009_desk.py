"""The forms that came, by their references; providers, units, dwellings, cameras with both their numbers, consents."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _texts(*names: str, nullable: bool = False) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _at(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _sealed() -> "sa.Column[bytes]":
    return sa.Column("sealed", sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    """Make the tables. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table("notices", *_texts("form_ref", "part", "case_id", "digest"), *_texts("op_key", nullable=True), _at("arrived_at"),
                    sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]), sa.PrimaryKeyConstraint("form_ref", "part"))
    keyed = sa.text("op_key IS NOT NULL")
    op.create_index("one_notice_per_key", "notices", ["op_key"], unique=True, sqlite_where=keyed, postgresql_where=keyed)
    op.create_index("notices_by_case", "notices", ["case_id"])
    op.create_table("providers", *_texts("provider_ref"), _sealed(), _at("updated_at"), sa.PrimaryKeyConstraint("provider_ref"))
    op.create_table("units", *_texts("unit_ref", "provider_ref"), _sealed(), _at("updated_at"),
                    sa.ForeignKeyConstraint(["provider_ref"], ["providers.provider_ref"]), sa.PrimaryKeyConstraint("unit_ref"))
    op.create_table("sites", *_texts("site_ref", "housing", "rooms"), *_texts("assessment_ref", nullable=True), _at("updated_at"),
                    sa.PrimaryKeyConstraint("site_ref"))
    op.create_table("inventory", *_texts("serial", "asset_number"), *_texts("site_ref", "room", nullable=True), _at("updated_at"),
                    sa.PrimaryKeyConstraint("serial"))
    numbered = sa.text("asset_number <> ''")
    op.create_index("one_camera_per_asset_number", "inventory", ["asset_number"], unique=True, sqlite_where=numbered, postgresql_where=numbered)
    op.create_table("consents", *_texts("person_ref", "site_ref", "subject"), sa.Column("given", sa.SmallInteger(), nullable=False), _at("recorded_at"),
                    *_texts("recorded_by"), _at("withdrawn_at", nullable=True), *_texts("withdrawn_by", nullable=True),
                    sa.PrimaryKeyConstraint("person_ref", "site_ref", "subject"))
