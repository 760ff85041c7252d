"""The tables of the desk: the forms that came, and the register of units, dwellings, cameras and consents. `migrate.py` imports this beside `schema.py`."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table, text

from provisioner.store.schema import ident, instant, metadata

notices = Table(
    "notices", metadata,
    ident("form_ref", primary_key=True),
    ident("part", primary_key=True),       # handing_over, receiving
    ident("case_id", ForeignKey("cases.case_id")),
    ident("digest"),                       # keyed hash of all the form said: whether it is the same when it comes again
    ident("op_key", nullable=True),        # the sender's Idempotency-Key
    instant("arrived_at"),
)
Index("one_notice_per_key", notices.c.op_key, unique=True, sqlite_where=text("op_key IS NOT NULL"))
Index("notices_by_case", notices.c.case_id)

providers = Table(
    "providers", metadata,
    ident("provider_ref", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # its name
    instant("updated_at"),
)

units = Table(
    "units", metadata,
    ident("unit_ref", primary_key=True),
    ident("provider_ref", ForeignKey("providers.provider_ref")),
    Column("sealed", LargeBinary, nullable=False),  # name, e-mail, phone
    instant("updated_at"),
)

sites = Table(
    "sites", metadata,
    ident("site_ref", primary_key=True),   # the address stands in the forms alone
    ident("housing"),
    ident("rooms"),                        # JSON list of closed words
    ident("assessment_ref", nullable=True),
    instant("updated_at"),
)

inventory = Table(
    "inventory", metadata,
    ident("serial", primary_key=True),     # the maker's
    ident("asset_number"),                 # the municipality's
    ident("site_ref", nullable=True),
    ident("room", nullable=True),
    instant("updated_at"),
)
Index("one_camera_per_asset_number", inventory.c.asset_number, unique=True, sqlite_where=text("asset_number <> ''"))

consents = Table(
    "consents", metadata,
    ident("person_ref", primary_key=True),
    ident("site_ref", primary_key=True),   # a consent is for one home
    ident("subject", primary_key=True),    # service_user, cohabitant-1 ...
    Column("given", SmallInteger, nullable=False),
    instant("recorded_at"),
    ident("recorded_by"),
    instant("withdrawn_at", nullable=True),
    ident("withdrawn_by", nullable=True),
)
