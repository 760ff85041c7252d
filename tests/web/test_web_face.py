"""The HTTP face over real sockets: a running service on a free port, a real database, nobody at the broker."""

import json
import logging
import re
import secrets
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from provisioner.case import inputs as i
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import CaseKind, State, but
from provisioner.config import Secrets, fresh_keys, parse
from provisioner.fault import PlainError
from provisioner.wiring import Service

CASE = "01a20675-7666-78d4-91c9-31b72c656504"
NUMBER = "2026-WEB01"
WITHIN_S = 20.0
VISIT = {"by": "technician-1", "scanned": "ACCC8EF8431B", "nobody_in_view_or_agrees": True}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Face:
    """A client with the right token, and what stands behind it."""

    http: httpx.Client
    service: Service
    database: Path

    def revision(self) -> int:
        return self.service.store.load(CASE).revision


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    """One service for all tests here. Each test leaves the one case in DRAFT."""
    folder = tmp_path_factory.mktemp("web")
    hidden = folder / "secrets"
    hidden.mkdir(mode=0o700)
    token = secrets.token_hex(16)
    for name, text in {**fresh_keys(), "mqtt-password": "nobody-listens", "api-token": token}.items():
        (hidden / name).touch(mode=0o600)
        (hidden / name).write_text(text)
    settings = parse({"mode": "test", "language": "en", "secrets_directory": str(hidden), "store": {"url": f"sqlite:///{folder}/web.db"},
                      "http": {"port": free_port()}, "broker": {"port": free_port()}})
    with Service(settings, Secrets(settings), warm=False) as service:
        thread = threading.Thread(target=service.run, daemon=True)
        thread.start()
        assert service.ready.wait(WITHIN_S)
        service.daemon.submit(CASE, i.Opened(CASE, NUMBER, CaseKind.MOVE_ONLY)).result(WITHIN_S)
        with httpx.Client(base_url=f"http://127.0.0.1:{service.http_port}", headers={"authorization": f"Bearer {token}"}, timeout=WITHIN_S) as http:
            yield Face(http, service, folder / "web.db")
        service.stop()
        thread.join(WITHIN_S)


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """RFC 9457: the media type, the members, the status twice."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code and body["status"] == status and body["type"] == f"urn:provisioner:{code}"
    assert body["title"] and re.match(r"^[A-Za-z'_].+\.$", body["detail"], re.DOTALL), body
    return body


@pytest.mark.parametrize("given", [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": "Bearer wrong"}, {"authorization": "Basic Og=="},
                                   {"authorization": "Bearer å".encode("latin-1")}], ids=["none", "empty", "no token", "wrong", "basic", "not ascii"])
def test_h22_without_the_token_nobody_is_let_in(face: Face, given: dict[str, str]) -> None:
    before = face.revision()
    for method, path in (("GET", f"/api/v1/cases/{CASE}"), ("POST", f"/api/v1/cases/{CASE}/provision"), ("POST", f"/api/v1/cases/{CASE}/say")):
        with httpx.Client(base_url=face.http.base_url) as stranger:
            is_problem(stranger.request(method, path, headers=given), 401, "no_token")
    assert face.revision() == before


def test_the_view_by_id_number_and_beginning(face: Face) -> None:
    for wanted in (CASE, NUMBER, NUMBER.lower(), NUMBER[:7]):
        answer = face.http.get(f"/api/v1/cases/{wanted}")
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert (body["case_id"], body["case_number"], body["state"]) == (CASE, NUMBER, "DRAFT") and body["next_action"]


def test_unknown_case_path_and_method(face: Face) -> None:
    is_problem(face.http.get("/api/v1/cases/nothing-such"), 404, "unknown_case")
    is_problem(face.http.post("/api/v1/cases/nothing-such/provision", json=VISIT), 404, "unknown_case")
    is_problem(face.http.get("/api/v2/anything"), 404, "no_such_path")
    answer = face.http.delete(f"/api/v1/cases/{CASE}")
    is_problem(answer, 405, "wrong_method")
    assert "GET" in answer.headers["allow"]


def test_a_visit_in_the_wrong_state_is_refused_and_changes_nothing(face: Face) -> None:
    before = face.revision()
    body = is_problem(face.http.post(f"/api/v1/cases/{CASE}/provision", json=VISIT), 409, "wrong_state")
    assert "DRAFT" in body["detail"] and face.revision() == before


def test_what_a_person_did_is_taken_once_under_one_op_id(face: Face) -> None:
    said = {"by": "coordinator-1", "role": "coordinator", "what": "exit_wanted", "fields": {"exit": "HOLD", "reason": "the person is ill"}, "op_id": "op-1"}
    before = face.revision()
    first = face.http.post(f"/api/v1/cases/{CASE}/say", json=said)
    assert first.status_code == 200 and first.json()["state"] == "ON_HOLD", first.text
    second = face.http.post(f"/api/v1/cases/{CASE}/say", json=said)
    assert second.status_code == 200 and face.revision() == first.json()["revision"] > before
    stale = {"by": "coordinator-1", "role": "coordinator", "what": "resumed", "seen_revision": before}
    is_problem(face.http.post(f"/api/v1/cases/{CASE}/say", json=stale), 409, "stale_revision")
    is_problem(face.http.post(f"/api/v1/cases/{CASE}/say", json={**said, "op_id": "op-2", "what": "resumed", "fields": {}, "said_at": "2020-01-01T00:00:00Z"}),
               409, "old_step")
    again = face.http.post(f"/api/v1/cases/{CASE}/say", json={**stale, "seen_revision": second.json()["revision"]})
    assert again.status_code == 200 and again.json()["state"] == "DRAFT", again.text


@pytest.mark.parametrize(("body", "field"), [
    (b"", "by"), (b"{", "body"), (b"[]", "body"), (b'"text"', "body"), (b"\xff\xfe", "body"), (b"[" * 20_000, "body"), (b'{"by": NaN}', "by"),
    (json.dumps({**VISIT, "surprise": 1}).encode(), "surprise"), (json.dumps({**VISIT, "by": ""}).encode(), "by"),
    (json.dumps({**VISIT, "by": 7}).encode(), "by"), (json.dumps({**VISIT, "port": 70000}).encode(), "port"),
    (json.dumps({**VISIT, "host": "http://169.254.169.254/latest"}).encode(), "host"), (json.dumps({**VISIT, "host": "a b"}).encode(), "host"),
    (json.dumps({**VISIT, "seen_revision": -1}).encode(), "seen_revision"), (json.dumps({**VISIT, "scanned_at": "2026-12-01T07:00:00"}).encode(), "scanned_at"),
    (json.dumps({**VISIT, "scanned_at": "yesterday"}).encode(), "scanned_at"), (json.dumps({**VISIT, "scanned": "x" * 81}).encode(), "scanned"),
], ids=lambda value: value[:24].decode(errors="replace") if isinstance(value, bytes) else value)
def test_garbage_names_its_field(face: Face, body: bytes, field: str) -> None:
    before = face.revision()
    assert is_problem(face.http.post(f"/api/v1/cases/{CASE}/provision", content=body), 422, "wrong_field")["field"] == field
    assert face.revision() == before


@pytest.mark.parametrize(("said", "code"), [
    ({"what": "nonsense"}, "unknown_statement"), ({"what": "handing_over_notice"}, "unknown_statement"),
    ({"what": "mounted", "fields": {"colour": "white"}}, "unknown_field"), ({"what": "dismantled"}, "wrong_field"),
    ({"what": "dismantled", "fields": {"scanned": "X", "old_sign_removed": "perhaps"}}, "wrong_field"),
    ({"what": "visit_started", "fields": {"scanned": "X", "nobody_in_view_or_agrees": True, "scanned_at": "soon"}}, "wrong_field"),
    ({"what": "mounted", "fields": {"scanned": "X", "cohabitants_asked": True, "assessment_ref": "a", "consents": [
        {"subject": "service_user", "given": True, "recorded_at": "2026-12-01T07:00:00"}]}}, "wrong_field"),
    ({"what": "resumed", "role": "system"}, "wrong_field"), ({"what": "resumed", "role": "king"}, "wrong_field"),
])
def test_statements_that_make_no_sense(face: Face, said: dict[str, Any], code: str) -> None:
    before = face.revision()
    is_problem(face.http.post(f"/api/v1/cases/{CASE}/say", json={"by": "coordinator-1", **said}), 422, code)
    assert face.revision() == before


def test_a_text_that_cannot_be_stored(face: Face) -> None:
    """Half a surrogate pair is no text: refused at the door, whoever notices it first."""
    answer = face.http.post(f"/api/v1/cases/{CASE}/say", content=b'{"by": "technician-\\ud800", "what": "try_again"}')
    assert answer.status_code in (400, 422) and answer.json()["code"] in ("text_not_storable", "wrong_field")


def test_a_body_too_large_ends_early(face: Face) -> None:
    is_problem(face.http.post(f"/api/v1/cases/{CASE}/provision", content=b" " * 65_537), 413, "body_too_large")
    assert face.http.get(f"/api/v1/cases/{CASE}").status_code == 200, "and the next one is served"


def test_a_locked_database_is_a_503_and_nothing_is_lost(face: Face) -> None:
    """Another program holds the write lock for longer than we wait; what the person said is told to be not taken, and is not taken later either."""
    before, said = face.revision(), {"by": "coordinator-1", "role": "coordinator", "what": "exit_wanted", "fields": {"exit": "HOLD", "reason": "the person is ill"}}
    with closing(sqlite3.connect(face.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        problem = face.http.post(f"/api/v1/cases/{CASE}/say", json=said)
        assert face.http.get(f"/api/v1/cases/{CASE}").status_code == 200, "reading goes on"
        other.execute("ROLLBACK")
    is_problem(problem, 503, problem.json()["code"])
    assert problem.json()["code"].startswith("database_") and face.revision() == before
    assert face.http.get(f"/api/v1/cases/{CASE}").json()["state"] == State.DRAFT
    taken = face.http.post(f"/api/v1/cases/{CASE}/say", json=said)
    assert taken.status_code == 200, "the daemon lives, and takes it when it is said again"
    assert face.http.post(f"/api/v1/cases/{CASE}/say", json={"by": "coordinator-1", "role": "coordinator", "what": "resumed"}).json()["state"] == State.DRAFT


def test_health_needs_no_token_and_says_nothing_of_people(face: Face) -> None:
    with httpx.Client(base_url=face.http.base_url) as stranger:
        answer = stranger.get("/api/v1/health")
    assert answer.status_code in (200, 503) and set(answer.json()) == {"ok", "database"}


def test_the_openapi_document_describes_what_is_answered(face: Face) -> None:
    document = face.http.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1") and {"title", "version"} <= set(document["info"])
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    references = set(re.findall(r'"#/components/schemas/([A-Za-z]+)"', json.dumps(document)))
    assert references == set(schemas)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["responses"] and operation["summary"], path
            assert ("{case_id}" in path) == any(parameter["name"] == "case_id" for parameter in operation.get("parameters", []))
    for name, answer in (("CaseView", face.http.get(f"/api/v1/cases/{CASE}")), ("Problem", face.http.get("/api/v1/cases/nothing-such"))):
        Draft202012Validator({"components": document["components"], "$ref": f"#/components/schemas/{name}"}).validate(answer.json())


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "example.org"])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(PlainError) as caught:
        parse({"store": {"url": "sqlite://"}, "http": {"host": host}})
    assert caught.value.code == "config_key" and "http.host" in caught.value.text.en


def test_h7_the_drawing_of_the_last_check_is_shown_from_memory_counted_and_never_stored(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    path, drawing = f"/api/v1/cases/{CASE}/preview", b"\x89PNG-of-a-simulated-room"
    missing = face.http.get(path)
    assert missing.status_code == 404 and missing.json()["code"] == "no_preview"
    case = face.service.store.load(CASE)
    assert case.expected_serial is None
    loaded = face.service.store.find_case
    face.service.store.find_case = lambda wanted: but(loaded(wanted), expected_serial=SerialNumber("ACCC8EF8431B"))  # type: ignore[method-assign]
    try:
        face.service.shelf.lay("ACCC8EF8431B", drawing, time.monotonic())
        with caplog.at_level(logging.INFO, "provisioner.web"):
            shown = face.http.get(path, params={"purpose": "sign_place"})
        assert (shown.content, shown.headers["content-type"], shown.headers["cache-control"]) == (drawing, "image/png", "no-store")
        assert ("preview shown for sign_place, time 1", CASE) in [(line.getMessage(), getattr(line, "case", "")) for line in caplog.records]
        assert [(line.action, line.kind) for line in face.service.store.audit_of(CASE) if line.action == "shown"] == [("shown", "frame")]
        assert face.http.get(path, params={"purpose": "curiosity"}).status_code == 422
        assert face.http.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
        face.service.shelf.lay("ACCC8EF8431B", drawing, time.monotonic() - 121)
        assert face.http.get(path).status_code == 404
    finally:
        del face.service.store.find_case  # type: ignore[attr-defined]


def notice(role: str, **changes: Any) -> dict[str, Any]:
    """A support form of an invented person, who has one of Skatteverket's test numbers."""
    fields = {"role": role, "case_kind": "MOVE_ONLY", "unit": "Grupp 2", "provider": "Hemtjänst Norr", "sender_name": "Karin Avsändare",
              "sender_email": "karin@example.org", "sender_phone": "013-555 01 26", "name": "Astrid Exempelsson", "person_number": "18900101-9802",
              "address": "Storgatan 12" if role == "handing_over" else "Nygatan 4", "phone": "013-555 01 23", "move_date": "2027-01-11",
              "decision_ref": "decision-17", "contacts": [{"kind": "service_user"}], "form_ref": f"form-{role.replace('_', '-')}"}
    own = {"serial_number": "ACCC8EF84999"} if role == "handing_over" else {"keys_signed_out": True, "street_key": "not_required"}
    return {name: value for name, value in {**fields, **own, **changes}.items() if value is not None}


def test_r6_r15_r44_notices_over_http_find_their_case_once(face: Face) -> None:
    first = face.http.post("/api/v1/notices", json=notice("handing_over", phone=None), headers={"idempotency-key": "key-1"})
    assert first.status_code == 201 and first.headers["cache-control"] == "no-store", first.text
    receipt = first.json()
    assert receipt["pairing"] == "opened" and receipt["questions"] == ["The form lacks: service user's phone."]
    revision = face.service.store.load(receipt["case_id"]).revision
    for headers in ({"idempotency-key": "key-1"}, {}):
        again = face.http.post("/api/v1/notices", json=notice("handing_over", phone=None), headers=headers)
        assert again.status_code == 200 and again.json()["pairing"] == "repeated" and again.json()["case_id"] == receipt["case_id"]
    assert face.service.store.load(receipt["case_id"]).revision >= revision, "the daemon may have asked the registry meanwhile"
    is_problem(face.http.post("/api/v1/notices", json=notice("receiving"), headers={"idempotency-key": "key-1"}), 422, "key_reused")
    changed = is_problem(face.http.post("/api/v1/notices", json=notice("handing_over", phone="013-555 99 99")), 409, "form_seen")
    assert receipt["case_number"] in changed["detail"] and changed["field"] == "form_ref"
    answered = face.http.post("/api/v1/notices", json=notice("handing_over", form_ref="form-corrected"), params={"case": receipt["case_number"]})
    assert answered.status_code == 200 and answered.json()["pairing"] == "answered" and answered.json()["questions"] == []
    second = face.http.post("/api/v1/notices", json=notice("receiving"))
    assert second.status_code == 200 and second.json()["pairing"] == "paired" and second.json()["case_id"] == receipt["case_id"]
    for schema in ("NoticeReceipt",):
        document = face.http.get("/api/v1/openapi.json").json()
        Draft202012Validator({"components": document["components"], "$ref": f"#/components/schemas/{schema}"}).validate(second.json())


def test_d20_the_answer_to_a_notice_tells_its_sender_nothing_of_the_other_unit(face: Face) -> None:
    """The receiving unit is told neither the camera, nor the old home, nor what the other unit was asked."""
    person = {"person_number": "18900118-9811", "name": "Bo Exempelsson"}
    face.http.post("/api/v1/notices", json=notice("handing_over", form_ref="form-d20-a", serial_number="ACCC8EF84777", phone=None, unit="Grupp Hemlig", **person))
    answer = face.http.post("/api/v1/notices", json=notice("receiving", form_ref="form-d20-b", sender_phone=None, **person))
    assert answer.json()["questions"] == ["The form lacks: sender's phone."]
    assert not any(word in answer.text for word in ("4777", "Hemlig", "Storgatan", "service user"))


@pytest.mark.parametrize(("body", "field"), [
    (b"", "body"), (b"{", "body"), (b"[]", ""), (b"\xff", "body"), (b"[" * 20_000, "body"), (json.dumps({"role": "king"}).encode(), "role"),
    (json.dumps(notice("receiving", serial_number="ACCC8EF84999")).encode(), "serial_number"),
    (json.dumps(notice("handing_over", case_kind="HOUSE")).encode(), "case_kind"),
    (json.dumps(notice("handing_over", person_number="18900101-9803")).encode(), "handing_over.person_number"),
], ids=lambda value: value[:30].decode(errors="replace") if isinstance(value, bytes) else value)
def test_r25_a_notice_that_is_wrong_names_its_field(face: Face, body: bytes, field: str) -> None:
    answer = face.http.post("/api/v1/notices", content=body)
    assert answer.status_code == 422 and answer.json()["field"] == field, answer.text


def test_a_notice_with_many_faults_tells_them_all(face: Face) -> None:
    answer = face.http.post("/api/v1/notices", json=notice("handing_over", form_ref="form-many-faults", name="<b>x</b>", phone="7", move_date="soon"))
    problem = is_problem(answer, 422, "notice_wrong")
    assert {one["field"] for one in problem["errors"]} == {"name", "phone", "move_date"}
    document = face.http.get("/api/v1/openapi.json").json()
    Draft202012Validator({"components": document["components"], "$ref": "#/components/schemas/NoticeProblem"}).validate(problem)
    is_problem(face.http.post("/api/v1/notices", json=notice("receiving"), headers={"authorization": "Bearer wrong"}), 401, "no_token")
    is_problem(face.http.post("/api/v1/notices", json=notice("receiving"), headers={"idempotency-key": "x" * 65}), 422, "wrong_field")
    is_problem(face.http.post("/api/v1/notices", content=json.dumps(notice("receiving", name="x" * 70_000))), 413, "body_too_large")
