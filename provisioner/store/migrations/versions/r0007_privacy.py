"""Who is in which case, what is found by, protection, openings, the audit log, retention runs."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_stays BEFORE DELETE ON audit WHEN NOT (OLD.seq <= coalesce((SELECT max(upto_seq) FROM audit_cuts), 0))"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_cuts_keep BEFORE UPDATE ON audit_cuts BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_cuts_stay BEFORE DELETE ON audit_cuts BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_TABLE_NAME = 'audit' AND TG_OP = 'DELETE' THEN"
        " IF OLD.seq <= coalesce((SELECT max(upto_seq) FROM audit_cuts), 0) THEN RETURN OLD; END IF; END IF;"
        " RAISE integrity_constraint_violation USING MESSAGE = 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_cuts_stay BEFORE UPDATE OR DELETE ON audit_cuts FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_cuts_whole BEFORE TRUNCATE ON audit_cuts FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    ),
}


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables, and link the cases that are there to their forms. There is no way down: a database goes back by restoring the backup from before."""
    op.create_table("case_people", *_texts("case_id", "form_ref", "part", "subject_ref", "site_ref"),
                    sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"]), sa.PrimaryKeyConstraint("case_id", "form_ref", "part"))
    op.create_index("case_people_by_subject", "case_people", ["subject_ref"])
    op.create_index("case_people_by_form", "case_people", ["form_ref"])
    op.create_table("person_index", *_texts("token", "form_ref"), sa.PrimaryKeyConstraint("token", "form_ref"))
    op.create_index("person_index_by_form", "person_index", ["form_ref"])
    op.create_table("protections", *_texts("subject_ref"), sa.Column("sealed", sa.LargeBinary(), nullable=False),
                    sa.Column("updated_at", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("subject_ref"))
    op.create_table("openings", *_texts("opening_id", "subject_ref", "asked_by"), sa.Column("asked_at", sa.BigInteger(), nullable=False),
                    sa.Column("sealed", sa.LargeBinary(), nullable=False), sa.Column("opened_by", sa.Text(), nullable=True),
                    sa.Column("opened_at", sa.BigInteger(), nullable=True), sa.PrimaryKeyConstraint("opening_id"))
    op.create_index("openings_by_subject", "openings", ["subject_ref", "asked_at"])
    op.create_table("kept_keys", *_texts("name"), sa.Column("sealed", sa.LargeBinary(), nullable=False),
                    sa.Column("updated_at", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("name"))
    op.create_table("retention_runs", *_texts("run_id"), sa.Column("started_at", sa.BigInteger(), nullable=False),
                    sa.Column("finished_at", sa.BigInteger(), nullable=True), sa.Column("report", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("run_id"))
    op.create_table("audit", sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False), sa.Column("at", sa.BigInteger(), nullable=False),
                    *_texts("actor", "role", "via", "action", "kind", "ref", "purpose"), sa.Column("count", sa.Integer(), nullable=False),
                    *_texts("previous", "hash"), sa.PrimaryKeyConstraint("seq"))
    op.create_index("audit_by_ref", "audit", ["ref"])
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_table("audit_cuts", sa.Column("upto_seq", sa.BigInteger(), autoincrement=False, nullable=False),
                    sa.Column("at", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("upto_seq"))
    connection = op.get_bind()
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    for case_id, body in connection.execute(sa.text("SELECT case_id, body FROM cases")).fetchall():
        case = json.loads(body)
        for part in ("handing_over", "receiving"):
            notice = case.get(part)
            if notice:
                connection.execute(sa.text("INSERT INTO case_people (case_id, form_ref, part, subject_ref, site_ref) VALUES (:case_id, :form, :part, :subject, :site)"),
                                   {"case_id": case_id, "form": notice["form_ref"], "part": part, "subject": notice["person_ref"], "site": notice["site_ref"]})
