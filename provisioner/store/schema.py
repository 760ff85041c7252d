"""The tables, and the indexes that hold invariant 1 by themselves: whatever a program does wrong, the database refuses a camera in two homes.

Instants are integers: microseconds since 1970-01-01 00:00 UTC. They sort by time on SQLite and PostgreSQL alike whatever the collation, hold a
`datetime` exactly and take 8 bytes; ISO text would sort by the server's locale on PostgreSQL and by the number of decimals on both. For people the
same instants stand readable in the JSON bodies. Yes and no are 0 and 1, for the same reason.

A body is the whole value as JSON text (`codec.py`); the columns beside it are what is searched, sorted or guarded, and are written from it in the
same statement.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, text

metadata = MetaData()

LIVE = "state IN ('ACTIVE', 'TEST')"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """An aware instant as the database holds it, in microseconds since 1970 UTC."""
    return (at - _EPOCH) // _US


def from_us(us: int) -> datetime:
    """The instant of `to_us`, in UTC."""
    return _EPOCH + us * _US


def _id(name: str, *args: object, **kwargs: object) -> "Column[str]":
    return Column(name, Text, *args, **{"nullable": False, **kwargs})  # type: ignore[arg-type]


def _at(name: str, *, nullable: bool = False) -> "Column[int]":
    return Column(name, BigInteger, nullable=nullable)


cases = Table(
    "cases", metadata,
    _id("case_id", primary_key=True),
    _id("case_number"),
    _id("kind"),
    _id("state"),
    Column("revision", Integer, nullable=False),
    Column("is_open", SmallInteger, nullable=False),
    _at("wake_at", nullable=True),
    _id("body"),
    _at("opened_at"),
    _at("updated_at"),
)
Index("one_case_per_number", cases.c.case_number, unique=True)
Index("cases_by_wake", cases.c.wake_at, sqlite_where=text("is_open = 1"))

policies = Table(
    "policies", metadata,
    _id("policy_id", primary_key=True),  # hash of the body: equal policies are one row
    _id("body"),
)

journal = Table(
    "journal", metadata,
    _id("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without gaps within a case
    _at("at"),
    _id("actor"),
    _id("op_id", nullable=True),
    _id("policy_id", ForeignKey("policies.policy_id")),
    _id("input"),
    _id("outcome"),
    _id("decision"),
    _id("refusal", nullable=True),
    _id("state_after"),
    Column("revision_after", Integer, nullable=False),
)
Index("one_line_per_op", journal.c.case_id, journal.c.op_id, unique=True, sqlite_where=text("op_id IS NOT NULL"))

owed = Table(
    "owed", metadata,
    _id("owed_id", primary_key=True),    # <case>/<leg>/<errand>/<attempt>, or <case>/tell/<key>
    _id("case_id", ForeignKey("cases.case_id")),
    Column("seq", Integer, nullable=False),    # the journal line that owed it
    Column("place", Integer, nullable=False),  # its place among the effects of that line
    _id("kind"),
    _id("msg_id", nullable=True),
    Column("leg", Integer),
    _id("errand", nullable=True),
    Column("attempt", Integer),
    _id("body"),
    _at("deadline_at", nullable=True),
    _at("owed_at"),
    _at("settled_at", nullable=True),
    _id("claimed_by", nullable=True),
    _at("claimed_until", nullable=True),
)
_UNSETTLED = text("settled_at IS NULL")
Index("owed_by_age", owed.c.owed_at, owed.c.case_id, owed.c.seq, owed.c.place, sqlite_where=_UNSETTLED)
Index("owed_by_case", owed.c.case_id, sqlite_where=_UNSETTLED)
Index("owed_by_message", owed.c.msg_id)

bindings = Table(
    "bindings", metadata,
    _id("binding_id", primary_key=True),
    _id("serial"),
    _id("site_ref"),
    _id("provider_ref"),
    _id("schedule_ref"),
    _id("state"),
    Column("revision", Integer, nullable=False),
    _id("case_id", ForeignKey("cases.case_id")),
    _at("updated_at"),
    CheckConstraint("state IN ('ACTIVE', 'SUSPENDED', 'TEST', 'RETIRED')", name="binding_state_is_known"),
)
Index("one_live_binding_per_serial", bindings.c.serial, unique=True, sqlite_where=text(LIVE))
_SUSPENDED = text("state = 'SUSPENDED'")
Index("one_suspended_binding_per_serial", bindings.c.serial, unique=True, sqlite_where=_SUSPENDED)

case_bindings = Table(
    "case_bindings", metadata,
    _id("binding_id", primary_key=True),
    _id("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("is_open", SmallInteger, nullable=False),
)
_OPEN = text("is_open = 1")
Index("one_open_case_per_binding", case_bindings.c.binding_id, unique=True, sqlite_where=_OPEN)
Index("case_bindings_by_case", case_bindings.c.case_id)

told = Table(
    "told", metadata,
    _id("case_id", ForeignKey("cases.case_id"), primary_key=True),
    _id("key", primary_key=True),  # within its case: two cases that choose the same key must not silence each other
    _id("audience"),
    _id("about"),
    _id("text_sv"),
    _id("text_en"),
    _at("at"),
)

people = Table(
    "people", metadata,
    _id("person_ref", primary_key=True),
    _id("kind"),
    Column("sealed", LargeBinary, nullable=False),
    _at("updated_at"),
)

camera_places = Table(
    "camera_places", metadata,
    _id("serial", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _at("updated_at"),
)

login_attempts = Table(
    "login_attempts", metadata,
    _id("camera", primary_key=True),
    Column("sent", Integer, nullable=False),  # passwords since `since` that were not answered with yes
    _at("since"),
    Column("attempts_left", Integer),         # as the camera said
    _at("locked_until", nullable=True),
)

camera_accounts = Table(
    "camera_accounts", metadata,
    _id("serial", primary_key=True),
    _id("state"),                        # settled, rotating, proving: see provisioner/secret.py
    Column("sealed", LargeBinary, nullable=False),  # under the camera key, which is not the one of personal data
    _at("rotated_at", nullable=True),    # when a new account was last proved
    _at("updated_at"),
)

camera_lights = Table(
    "camera_lights", metadata,
    _id("serial", primary_key=True),
    _id("body"),                         # how the camera's lens and lamp stood before a check changed them, JSON (camera/light.py)
    _at("at"),
)

dossiers = Table(
    "dossiers", metadata,
    _id("serial", primary_key=True),
    _id("body"),
    _id("pinned_by"),                    # the case that touched the camera first, or "depot"
    _id("reason", nullable=True),        # why it was pinned again
    _at("updated_at"),
)

dossier_marks = Table(
    "dossier_marks", metadata,
    _id("serial", ForeignKey("dossiers.serial"), primary_key=True),
    _id("value", primary_key=True),      # a number, an address, an endpoint reference or a certificate, bare (case/dossier.py: marks_of)
)
Index("dossier_marks_by_value", dossier_marks.c.value)

receipts = Table(
    "receipts", metadata,
    _id("receipt_ref", primary_key=True),
    _id("serial"),
    _id("body"),                         # the signed JSON, as it was signed
    _at("at"),
)
Index("receipts_by_serial", receipts.c.serial, receipts.c.at)

camera_steps = Table(
    "camera_steps", metadata,
    _id("serial", primary_key=True),
    _id("step"),                         # camera/progress.py: Step
    _at("at"),
)

calls = Table(
    "calls", metadata,
    _id("call_key", primary_key=True),
    _id("audience"),
    _id("about"),
    _id("text_sv"),
    _id("text_en"),
    _at("raised_at"),
    _id("case_id", nullable=True),
    Column("calls", Integer, nullable=False),   # how many times it went out
    _at("next_at", nullable=True),              # when it goes out again; none: taken on, or delivered
    _id("taken_by", nullable=True),
    _at("taken_at", nullable=True),
    _id("note", nullable=True),
    _id("trouble"),                             # of the last try
)
Index("calls_by_next", calls.c.next_at, sqlite_where=text("next_at IS NOT NULL"))

decisions = Table(
    "decisions", metadata,
    _id("decision_ref", primary_key=True),
    _id("site_ref"),
    _id("unit_ref"),
    _id("looks"),                        # JSON list of Swedish wall times
    Column("cameras", Integer, nullable=False),
    _at("valid_from"),
    _at("until", nullable=True),
    _at("updated_at"),
)

daemons = Table(
    "daemons", metadata,
    _id("worker", primary_key=True),
    Column("pid", Integer, nullable=False),
    _at("started_at"),
    _at("beat_at"),
)


def ready_for_postgresql() -> None:
    """Give the partial indexes their condition there too. Not said where they are made: SQLAlchemy would then load all of PostgreSQL's drivers into
    every daemon on SQLite (2.8 MB and 30 ms)."""
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
