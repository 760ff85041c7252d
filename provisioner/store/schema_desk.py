"""The tables of the desk: the forms that came, and the register of units, dwellings, cameras and consents. `migrate.py` imports this beside `schema.py`."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table, text

from provisioner.store.schema import _at, _id, metadata

notices = Table(
    "notices", metadata,
    _id("form_ref", primary_key=True),
    _id("part", primary_key=True),       # handing_over, receiving
    _id("case_id", ForeignKey("cases.case_id")),
    _id("digest"),                       # keyed hash of all the form said: whether it is the same when it comes again
    _id("op_key", nullable=True),        # the sender's Idempotency-Key
    _at("arrived_at"),
)
Index("one_notice_per_key", notices.c.op_key, unique=True, sqlite_where=text("op_key IS NOT NULL"))
Index("notices_by_case", notices.c.case_id)

providers = Table(
    "providers", metadata,
    _id("provider_ref", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # its name
    _at("updated_at"),
)

units = Table(
    "units", metadata,
    _id("unit_ref", primary_key=True),
    _id("provider_ref", ForeignKey("providers.provider_ref")),
    Column("sealed", LargeBinary, nullable=False),  # name, e-mail, phone
    _at("updated_at"),
)

sites = Table(
    "sites", metadata,
    _id("site_ref", primary_key=True),   # the address stands in the forms alone
    _id("housing"),
    _id("rooms"),                        # JSON list of closed words
    _id("assessment_ref", nullable=True),
    _at("updated_at"),
)

inventory = Table(
    "inventory", metadata,
    _id("serial", primary_key=True),     # the maker's
    _id("asset_number"),                 # the municipality's
    _id("site_ref", nullable=True),
    _id("room", nullable=True),
    _at("updated_at"),
)
Index("one_camera_per_asset_number", inventory.c.asset_number, unique=True, sqlite_where=text("asset_number <> ''"))

consents = Table(
    "consents", metadata,
    _id("person_ref", primary_key=True),
    _id("site_ref", primary_key=True),   # a consent is for one home
    _id("subject", primary_key=True),    # service_user, cohabitant-1 ...
    Column("given", SmallInteger, nullable=False),
    _at("recorded_at"),
    _id("recorded_by"),
    _at("withdrawn_at", nullable=True),
    _id("withdrawn_by", nullable=True),
)
