"""The tables, and the indexes that hold invariant 1 by themselves: whatever a program does wrong, the database refuses a camera in two homes.

Instants are integers: microseconds since 1970-01-01 00:00 UTC. They sort by time on SQLite and PostgreSQL alike whatever the collation, hold a
`datetime` exactly and take 8 bytes; ISO text would sort by the server's locale on PostgreSQL and by the number of decimals on both. For people the
same instants stand readable in the JSON bodies. Yes and no are 0 and 1, for the same reason.

A body is the whole value as JSON text (`codec.py`); the columns beside it are what is searched, sorted or guarded, and are written from it in the
same statement.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import DDL, BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, event, text

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

case_people = Table(
    "case_people", metadata,
    _id("case_id", ForeignKey("cases.case_id"), primary_key=True),
    _id("form_ref", primary_key=True),   # the row of `people`
    _id("part", primary_key=True),       # handing_over, receiving
    _id("subject_ref"),                  # the person, as a keyed hash of the number: equal in all forms about one person
    _id("site_ref"),
)
Index("case_people_by_subject", case_people.c.subject_ref)
Index("case_people_by_form", case_people.c.form_ref)

person_index = Table(
    "person_index", metadata,
    _id("token", primary_key=True),      # keyed hash of a person number or of a normalised name (D21); nothing else is found by
    _id("form_ref", primary_key=True),
)
Index("person_index_by_form", person_index.c.form_ref)

protections = Table(
    "protections", metadata,
    _id("subject_ref", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # the level, of one length for everybody; everybody has a row (D19)
    _at("updated_at"),
)

openings = Table(
    "openings", metadata,
    _id("opening_id", primary_key=True),
    _id("subject_ref"),
    _id("asked_by"),
    _at("asked_at"),
    Column("sealed", LargeBinary, nullable=False),  # the reason, in words
    _id("opened_by", nullable=True),
    _at("opened_at", nullable=True),
)
Index("openings_by_subject", openings.c.subject_ref, openings.c.asked_at)

kept_keys = Table(
    "kept_keys", metadata,
    _id("name", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _at("updated_at"),
)

retention_runs = Table(
    "retention_runs", metadata,
    _id("run_id", primary_key=True),
    _at("started_at"),
    _at("finished_at", nullable=True),   # None: cut off, or the files could not be emptied; the next one finishes that
    _id("report", nullable=True),
)

audit = Table(
    "audit", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without gaps
    _at("at"),
    _id("actor"),
    _id("role"),
    _id("via"),
    _id("action"),
    _id("kind"),
    _id("ref"),
    _id("purpose"),
    Column("count", Integer, nullable=False),
    _id("previous"),
    _id("hash"),
)
Index("audit_by_ref", audit.c.ref)
Index("audit_by_time", audit.c.at)

audit_cuts = Table(
    "audit_cuts", metadata,
    Column("upto_seq", BigInteger, primary_key=True, autoincrement=False),  # so far the log may be erased, and a line of it says so
    _at("at"),
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

# The database itself refuses to change or remove a line of the audit log, but for a beginning whose time is over and whose end the log names.
_ERASABLE = "OLD.seq <= coalesce((SELECT max(upto_seq) FROM audit_cuts), 0)"
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        f"CREATE TRIGGER audit_stays BEFORE DELETE ON audit WHEN NOT ({_ERASABLE}) BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_cuts_keep BEFORE UPDATE ON audit_cuts BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_cuts_stay BEFORE DELETE ON audit_cuts BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    ),
    "postgresql": (
        f"CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_TABLE_NAME = 'audit' AND TG_OP = 'DELETE' THEN"
        f" IF {_ERASABLE} THEN RETURN OLD; END IF; END IF; RAISE integrity_constraint_violation USING MESSAGE = 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_cuts_stay BEFORE UPDATE OR DELETE ON audit_cuts FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_cuts_whole BEFORE TRUNCATE ON audit_cuts FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    ),
}
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:  # %: DDL() formats its text
        event.listen(metadata, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


def ready_for_postgresql() -> None:
    """Give the partial indexes their condition there too. Not said where they are made: SQLAlchemy would then load all of PostgreSQL's drivers into
    every daemon on SQLite (2.8 MB and 30 ms)."""
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
