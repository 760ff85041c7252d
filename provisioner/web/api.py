"""`GET /api/v1/cases/{id}`, `POST .../provision`, `POST .../say`, `POST /api/v1/notices`: loopback, bearer token, problem documents. No rules here: what may
be is the core's word."""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from provisioner.case.audit import Access, Action, Purpose
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import Input, Said
from provisioner.case.model import Case, Role
from provisioner.case.outcome import Outcome
from provisioner.case.pairing import Pairing
from provisioner.fault import PlainError, Text
from provisioner.front_desk import Choice, Received
from provisioner.notices import NoticesWrong, Row, RowFault, parse_notices
from provisioner.ports import Clock, Taken
from provisioner.secret import Secret
from provisioner.statements import parse
from provisioner.view import case_view, next_action
from provisioner.web.openapi import PURPOSES, ProvisionRequest, SayRequest, document
from provisioner.wrong import finding

Body = TypeVar("Body", bound=BaseModel)
log = logging.getLogger("provisioner.web")
BODY_MOST_BYTES = 64 * 1024
KEY_MOST = 64  # characters
ANSWER_S = 10.0
"""How long a request waits for the daemon's one loop; an input takes about a millisecond."""
_STATUS = {"unknown_case": 404, "unknown_statement": 422, "unknown_field": 422, "wrong_field": 422, "person_number_here": 422}


class Cases(Protocol):
    """What the web face needs of the store."""

    def find_case(self, wanted: str) -> Case:
        """The case of an id, a case number or a unique prefix."""

    def note(self, access: Access, action: Action, kind: str, ref: str, now: datetime, count: int = 1) -> None:
        """One line of the audit log."""


@dataclass(frozen=True, slots=True)
class WebFace:
    """The handlers. `submit` is the daemon's door; `preview` gives the drawing of a camera's last check and how many times it was shown."""

    cases: Cases
    submit: Callable[[str, Input, str | None], "Future[Taken]"]
    put_place: Callable[[SerialNumber, str, int], None]
    clock: Clock
    token: Secret
    language: str
    degraded: Callable[[], str | None]
    preview: Callable[[str], tuple[bytes, int] | None]
    receive: Callable[[Row, Choice], Received]

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[
            Route("/api/v1/openapi.json", self._openapi),
            Route("/api/v1/health", self._health),
            Route("/api/v1/notices", self._guarded(self._notice), methods=["POST"]),
            Route("/api/v1/cases/{case_id}", self._guarded(self._show)),
            Route("/api/v1/cases/{case_id}/preview", self._guarded(self._preview)),
            Route("/api/v1/cases/{case_id}/provision", self._guarded(self._provision), methods=["POST"]),
            Route("/api/v1/cases/{case_id}/say", self._guarded(self._say), methods=["POST"]),
        ], exception_handlers={HTTPException: self._no_such, Exception: self._bug})

    async def _no_such(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            return self._problem(405, "wrong_method", Text("Den vägen tar inte emot den metoden.", "That path does not take that method."), headers=error.headers)
        return self._problem(error.status_code, "no_such_path", Text("Den vägen finns inte. Se /api/v1/openapi.json.",
                                                                     "There is no such path. See /api/v1/openapi.json."))

    async def _bug(self, request: Request, error: Exception) -> Response:
        return self._problem(500, "bug", Text("Ett fel hos oss; det står i loggen.", "A bug of ours; it is in the log."))

    async def _openapi(self, request: Request) -> Response:
        return JSONResponse(document())

    async def _health(self, request: Request) -> Response:
        unwell = self.degraded()
        return JSONResponse({"ok": unwell is None, "database": unwell or "ok"}, 200 if unwell is None else 503)

    def _guarded(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self.token.reveal()}".encode()):
                return self._problem(401, "no_token", Text("Skicka med rätt token: Authorization: Bearer ...", "Send the right token: Authorization: Bearer ..."))
            try:
                response = await handler(request)
            except PlainError as error:
                status = _STATUS.get(error.code, 503 if error.code.startswith(("database_", "disk_")) else error.http_status)
                return self._problem(status, error.code, error.text, error.field,
                                     errors=error.faults if isinstance(error, NoticesWrong) else ())
            response.headers["cache-control"] = "no-store"
            return response
        return guarded

    def _problem(self, status: int, code: str, text: Text, field: str = "", headers: Mapping[str, str] | None = None,
                 errors: Sequence[RowFault] = ()) -> Response:
        body: dict[str, Any] = {"type": f"urn:provisioner:{code}", "title": code.replace("_", " "), "status": status, "detail": text.in_language(self.language),
                "code": code, "field": field}
        if errors:
            body["errors"] = [{"field": one.field, "detail": one.text.in_language(self.language)} for one in errors]
        return JSONResponse(body, status, {"cache-control": "no-store", **(headers or {})}, media_type="application/problem+json")

    def _view(self, case: Case, now: datetime) -> dict[str, Any]:
        return {**case_view(case, now, self.language), "next_action": next_action(case, self.language)}

    async def _show(self, request: Request) -> Response:
        case = await run_in_threadpool(self.cases.find_case, request.path_params["case_id"])
        return JSONResponse(self._view(case, self.clock.now()))

    async def _preview(self, request: Request) -> Response:
        """The drawing of the last check, for the person on site. Each showing is a line of the audit log before a byte goes out, and is kept by nobody."""
        purpose = request.query_params.get("purpose", PURPOSES[0])
        if purpose not in PURPOSES:
            listed = ", ".join(PURPOSES)
            raise _wrong("purpose", f"ska vara ett av {listed}", f"must be one of {listed}")
        case = await run_in_threadpool(self.cases.find_case, request.path_params["case_id"])
        found = None if case.expected_serial is None else self.preview(case.expected_serial)
        if found is None:
            return self._problem(404, "no_preview", Text("Det finns ingen bild: den finns i två minuter efter en kontroll. Ta en ny (frame_wanted).",
                                                         "There is no picture: it is there for two minutes after a check. Take another (frame_wanted)."))
        drawing, shown = found
        await run_in_threadpool(self.cases.note, Access("http", "technician", Purpose.VISIT, purpose), Action.SHOWN, "frame", case.case_id, self.clock.now())
        log.info("preview shown for %s, time %d", purpose, shown, extra={"case": case.case_id, "event": "preview_shown"})
        return Response(drawing, media_type="image/png")

    async def _provision(self, request: Request) -> Response:
        body = await self._body(request, ProvisionRequest)
        fields: dict[str, Any] = {"scanned": body.scanned, "nobody_in_view_or_agrees": body.nobody_in_view_or_agrees, "typed_reason": body.typed_reason}
        if body.scanned_at is not None:
            fields["scanned_at"] = body.scanned_at

        def begin() -> "Future[Taken]":
            case = self.cases.find_case(request.path_params["case_id"])
            if body.host is not None and case.expected_serial is not None:
                self.put_place(case.expected_serial, body.host, body.port or 80)
            return self._say_it(case.case_id, "visit_started", fields, body.by, Role.TECHNICIAN, body.seen_revision, None)
        return self._answer(await _outcome(await run_in_threadpool(begin)), 202)

    async def _say(self, request: Request) -> Response:
        body = await self._body(request, SayRequest)
        if body.role not in set(Role) - {Role.SYSTEM}:
            raise _wrong("role", "ska vara en roll ur rutinen", "must be a role of the routine")

        def begin() -> "Future[Taken]":
            case_id = self.cases.find_case(request.path_params["case_id"]).case_id
            return self._say_it(case_id, body.what, body.fields, body.by, Role(body.role), body.seen_revision, body.op_id, body.said_at)
        return self._answer(await _outcome(await run_in_threadpool(begin)), 200)

    async def _notice(self, request: Request) -> Response:
        """R6, R15: a support form, from the system that the units fill it in with."""
        key = request.headers.get("idempotency-key")
        if key is not None and not (0 < len(key) <= KEY_MOST and key.isascii() and key.isprintable()):
            raise _wrong("Idempotency-Key", f"ska vara 1 till {KEY_MOST} tecken ASCII", f"must be 1 to {KEY_MOST} characters of ASCII")
        raw = await self._raw(request)
        try:
            given = json.loads(raw)
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise _wrong("body", "är inte giltig JSON", "is no valid JSON") from None
        [row] = parse_notices([given])
        wanted, new = request.query_params.get("case", ""), request.query_params.get("new", "") == "true"

        def begin() -> Received:
            return self.receive(row, Choice(self.cases.find_case(wanted) if wanted else None, new, key))
        done = await run_in_threadpool(begin)
        return JSONResponse({"case_id": done.case.case_id, "case_number": done.case.case_number, "state": done.case.state.value, "pairing": done.pairing.value,
                             "questions": [one.text.in_language(self.language) for one in done.asked],
                             "notes": [note.in_language(self.language) for note in done.notes]}, 201 if done.pairing is Pairing.OPENED else 200)

    def _say_it(self, case_id: str, what: str, fields: dict[str, Any], by: str, role: Role, seen_revision: int | None, op_id: str | None,
                said_at: datetime | None = None) -> "Future[Taken]":
        return self.submit(case_id, Said(by, role, parse(what, fields, self.clock.now()), seen_revision, said_at), op_id)

    def _answer(self, outcome: Outcome, status: int) -> Response:
        if outcome.refusal is not None:
            return self._problem(409, outcome.refusal.code, outcome.refusal.text, outcome.refusal.field)
        return JSONResponse(self._view(outcome.case, self.clock.now()), status)

    async def _raw(self, request: Request) -> bytes:
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > BODY_MOST_BYTES:
                raise PlainError("body_too_large", Text("Högst 64 kB tas emot.", "At most 64 kB are taken."), http_status=413)
        return bytes(raw)

    async def _body(self, request: Request, model: type[Body]) -> Body:
        raw = await self._raw(request)
        try:
            return model.model_validate_json(raw or b"{}")
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            found = finding(first)
            raise _wrong(".".join(str(part) for part in first["loc"]) or "body", found.sv, found.en) from None
        except RecursionError:
            raise _wrong("body", "är för djupt nästlad", "is nested too deeply") from None


async def _outcome(taken: "Future[Taken]") -> Outcome:
    """Wait without a thread: a slow disk shall not use up the threads that read. What was not begun in time is taken back, so it may be said again."""
    try:
        return (await asyncio.wait_for(asyncio.wrap_future(taken), ANSWER_S)).outcome
    except TimeoutError:
        raise PlainError("database_busy", Text("Daemonen hinner inte svara just nu. Säg det igen om en stund.",
                                               "The daemon cannot answer just now. Say it again in a moment."), http_status=503) from None


def _wrong(field: str, sv: str, en: str) -> PlainError:
    return PlainError("wrong_field", Text(f"Fältet {field}: {sv}.", f"The field {field}: {en}."), http_status=422, field=field)
