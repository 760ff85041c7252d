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


def ident(name: str, *args: object, **kwargs: object) -> "Column[str]":
    """A text column that must be there."""
    return Column(name, Text, *args, **{"nullable": False, **kwargs})  # type: ignore[arg-type]


def instant(name: str, *, nullable: bool = False) -> "Column[int]":
    """A column of microseconds."""
    return Column(name, BigInteger, nullable=nullable)


cases = Table(
    "cases", metadata,
    ident("case_id", primary_key=True),
    ident("case_number"),
    ident("kind"),
    ident("state"),
    Column("revision", Integer, nullable=False),
    Column("is_open", SmallInteger, nullable=False),
    instant("wake_at", nullable=True),
    ident("body"),
    instant("opened_at"),
    instant("updated_at"),
)
Index("one_case_per_number", cases.c.case_number, unique=True)
Index("cases_by_wake", cases.c.wake_at, sqlite_where=text("is_open = 1"))

policies = Table(
    "policies", metadata,
    ident("policy_id", primary_key=True),  # hash of the body: equal policies are one row
    ident("body"),
)

journal = Table(
    "journal", metadata,
    ident("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without gaps within a case
    instant("at"),
    ident("actor"),
    ident("op_id", nullable=True),
    ident("policy_id", ForeignKey("policies.policy_id")),
    ident("input"),
    ident("outcome"),
    ident("decision"),
    ident("refusal", nullable=True),
    ident("state_after"),
    Column("revision_after", Integer, nullable=False),
)
Index("one_line_per_op", journal.c.case_id, journal.c.op_id, unique=True, sqlite_where=text("op_id IS NOT NULL"))

owed = Table(
    "owed", metadata,
    ident("owed_id", primary_key=True),    # <case>/<leg>/<errand>/<attempt>, or <case>/tell/<key>
    ident("case_id", ForeignKey("cases.case_id")),
    Column("seq", Integer, nullable=False),    # the journal line that owed it
    Column("place", Integer, nullable=False),  # its place among the effects of that line
    ident("kind"),
    ident("msg_id", nullable=True),
    Column("leg", Integer),
    ident("errand", nullable=True),
    Column("attempt", Integer),
    ident("body"),
    instant("deadline_at", nullable=True),
    instant("owed_at"),
    instant("settled_at", nullable=True),
    ident("claimed_by", nullable=True),
    instant("claimed_until", nullable=True),
)
_UNSETTLED = text("settled_at IS NULL")
Index("owed_by_age", owed.c.owed_at, owed.c.case_id, owed.c.seq, owed.c.place, sqlite_where=_UNSETTLED)
Index("owed_by_case", owed.c.case_id, sqlite_where=_UNSETTLED)
Index("owed_by_message", owed.c.msg_id)

bindings = Table(
    "bindings", metadata,
    ident("binding_id", primary_key=True),
    ident("serial"),
    ident("site_ref"),
    ident("provider_ref"),
    ident("schedule_ref"),
    ident("state"),
    Column("revision", Integer, nullable=False),
    ident("case_id", ForeignKey("cases.case_id")),
    instant("updated_at"),
    CheckConstraint("state IN ('ACTIVE', 'SUSPENDED', 'TEST', 'RETIRED')", name="binding_state_is_known"),
)
Index("one_live_binding_per_serial", bindings.c.serial, unique=True, sqlite_where=text(LIVE))
_SUSPENDED = text("state = 'SUSPENDED'")
Index("one_suspended_binding_per_serial", bindings.c.serial, unique=True, sqlite_where=_SUSPENDED)

case_bindings = Table(
    "case_bindings", metadata,
    ident("binding_id", primary_key=True),
    ident("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("is_open", SmallInteger, nullable=False),
)
_OPEN = text("is_open = 1")
Index("one_open_case_per_binding", case_bindings.c.binding_id, unique=True, sqlite_where=_OPEN)
Index("case_bindings_by_case", case_bindings.c.case_id)

told = Table(
    "told", metadata,
    ident("case_id", ForeignKey("cases.case_id"), primary_key=True),
    ident("key", primary_key=True),  # within its case: two cases that choose the same key must not silence each other
    ident("audience"),
    ident("about"),
    ident("text_sv"),
    ident("text_en"),
    instant("at"),
)

people = Table(
    "people", metadata,
    ident("person_ref", primary_key=True),
    ident("kind"),
    Column("sealed", LargeBinary, nullable=False),
    instant("updated_at"),
)

case_people = Table(
    "case_people", metadata,
    ident("case_id", ForeignKey("cases.case_id"), primary_key=True),
    ident("form_ref", primary_key=True),   # the row of `people`
    ident("part", primary_key=True),       # handing_over, receiving
    ident("subject_ref"),                  # the person, as a keyed hash of the number: equal in all forms about one person
    ident("site_ref"),
)
Index("case_people_by_subject", case_people.c.subject_ref)
Index("case_people_by_form", case_people.c.form_ref)

person_index = Table(
    "person_index", metadata,
    ident("token", primary_key=True),      # keyed hash of a person number or of a normalised name (D21); nothing else is found by
    ident("form_ref", primary_key=True),
)
Index("person_index_by_form", person_index.c.form_ref)

protections = Table(
    "protections", metadata,
    ident("subject_ref", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # the level, of one length for everybody; everybody has a row (D19)
    instant("updated_at"),
)

openings = Table(
    "openings", metadata,
    ident("opening_id", primary_key=True),
    ident("subject_ref"),
    ident("asked_by"),
    instant("asked_at"),
    Column("sealed", LargeBinary, nullable=False),  # the reason, in words
    ident("opened_by", nullable=True),
    instant("opened_at", nullable=True),
)
Index("openings_by_subject", openings.c.subject_ref, openings.c.asked_at)

kept_keys = Table(
    "kept_keys", metadata,
    ident("name", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    instant("updated_at"),
)

retention_runs = Table(
    "retention_runs", metadata,
    ident("run_id", primary_key=True),
    instant("started_at"),
    instant("finished_at", nullable=True),   # None: cut off, or the files could not be emptied; the next one finishes that
    ident("report", nullable=True),
)

audit = Table(
    "audit", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without gaps
    instant("at"),
    ident("actor"),
    ident("role"),
    ident("via"),
    ident("action"),
    ident("kind"),
    ident("ref"),
    ident("purpose"),
    Column("count", Integer, nullable=False),
    ident("previous"),
    ident("hash"),
)
Index("audit_by_ref", audit.c.ref)
Index("audit_by_time", audit.c.at)

audit_cuts = Table(
    "audit_cuts", metadata,
    Column("upto_seq", BigInteger, primary_key=True, autoincrement=False),  # so far the log may be erased, and a line of it says so
    instant("at"),
)

camera_places = Table(
    "camera_places", metadata,
    ident("serial", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    instant("updated_at"),
)

login_attempts = Table(
    "login_attempts", metadata,
    ident("camera", primary_key=True),
    Column("sent", Integer, nullable=False),  # passwords since `since` that were not answered with yes
    instant("since"),
    Column("attempts_left", Integer),         # as the camera said
    instant("locked_until", nullable=True),
)

camera_accounts = Table(
    "camera_accounts", metadata,
    ident("serial", primary_key=True),
    ident("state"),                        # settled, rotating, proving: see provisioner/secret.py
    Column("sealed", LargeBinary, nullable=False),  # under the camera key, which is not the one of personal data
    instant("rotated_at", nullable=True),    # when a new account was last proved
    instant("updated_at"),
)

dossiers = Table(
    "dossiers", metadata,
    ident("serial", primary_key=True),
    ident("body"),
    ident("pinned_by"),                    # the case that touched the camera first, or "depot"
    ident("reason", nullable=True),        # why it was pinned again
    instant("updated_at"),
)

dossier_marks = Table(
    "dossier_marks", metadata,
    ident("serial", ForeignKey("dossiers.serial"), primary_key=True),
    ident("value", primary_key=True),      # a number, an address, an endpoint reference or a certificate, bare (case/dossier.py: marks_of)
)
Index("dossier_marks_by_value", dossier_marks.c.value)

receipts = Table(
    "receipts", metadata,
    ident("receipt_ref", primary_key=True),
    ident("serial"),
    ident("body"),                         # the signed JSON, as it was signed
    instant("at"),
)
Index("receipts_by_serial", receipts.c.serial, receipts.c.at)

camera_steps = Table(
    "camera_steps", metadata,
    ident("serial", primary_key=True),
    ident("step"),                         # camera/progress.py: Step
    instant("at"),
)

calls = Table(
    "calls", metadata,
    ident("call_key", primary_key=True),
    ident("audience"),
    ident("about"),
    ident("text_sv"),
    ident("text_en"),
    instant("raised_at"),
    ident("case_id", nullable=True),
    Column("calls", Integer, nullable=False),   # how many times it went out
    instant("next_at", nullable=True),              # when it goes out again; none: taken on, or delivered
    ident("taken_by", nullable=True),
    instant("taken_at", nullable=True),
    ident("note", nullable=True),
    ident("trouble"),                             # of the last try
)
Index("calls_by_next", calls.c.next_at, sqlite_where=text("next_at IS NOT NULL"))

decisions = Table(
    "decisions", metadata,
    ident("decision_ref", primary_key=True),
    ident("site_ref"),
    ident("unit_ref"),
    ident("looks"),                        # JSON list of Swedish wall times
    Column("cameras", Integer, nullable=False),
    instant("valid_from"),
    instant("until", nullable=True),
    instant("updated_at"),
)

daemons = Table(
    "daemons", metadata,
    ident("worker", primary_key=True),
    Column("pid", Integer, nullable=False),
    instant("started_at"),
    instant("beat_at"),
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
