"""Mail to a real SMTP server and a POST to a real web server, on loopback; what went wrong is said without an address or a secret."""

import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from provisioner.case.calling import Call, Ladder
from provisioner.fault import Text
from provisioner.post.channels import Mail, Webhook
from provisioner.post.sender import send_due
from provisioner.secret import Secret

NOW = datetime(2026, 11, 27, 20, tzinfo=UTC)
CALL = Call("case-1/unwatched-1", "on_call", "escalation", Text("INGEN ser till hemmet. Ärende K-7.", "NOBODY watches over the home. Case K-7."), NOW, "case-1", 2)
TO = {"on_call": ("jour@kommun.example",), "team_lead": ("chef@kommun.example",)}


class Inbox:
    """The far side of SMTP. `answers`: what is said to the message itself."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], str]] = []
        self.answer = "250 taken"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return self.answer


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"provisioner", b"post-kanarie"), handled=False)

    controller = Controller(handler, hostname="127.0.0.1", port=0, authenticator=login, auth_require_tls=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    yield handler, controller.port
    controller.stop()


def mail(port: int, **changes) -> Mail:
    return Mail(**{"host": "127.0.0.1", "port": port, "security": "none", "sender": "larm@kommun.example", "to": TO, "username": "provisioner",
                   "password": Secret("post-kanarie"), **changes})


def test_a_mail_says_what_to_do_and_how_to_take_it_on(inbox) -> None:
    handler, port = inbox
    assert mail(port).send(CALL, ("on_call", "team_lead"), NOW) is None
    [(recipients, text)] = handler.mails
    assert recipients == ["jour@kommun.example", "chef@kommun.example"]
    assert "provisioner call take 'case-1/unwatched-1' --by NAMN" in text and "Auto-Submitted: auto-generated" in text and "importance: high" in text.lower()
    made = mail(port).message(CALL, recipients, NOW)
    assert made["Subject"] == "LARM (3): INGEN ser till hemmet. Ärende K-7."


@pytest.mark.parametrize(("changes", "says"), [
    ({"password": Secret("wrong-kanarie")}, "the mail server answered 535"),
    ({"port": 1}, "the mail server cannot be spoken to (ConnectionRefusedError)"),
    ({"security": "starttls"}, "the mail server cannot be spoken to (SMTPNotSupportedError)"),
    ({"to": {}}, ""),
])
def test_what_is_wrong_with_mail_is_said_without_a_secret(inbox, changes: dict, says: str) -> None:
    assert mail(changes.pop("port", inbox[1]), **changes).send(CALL, ("on_call",), NOW) == says
    assert "kanarie" not in repr(mail(inbox[1], **changes))


def test_a_server_that_takes_nothing_has_not_taken_it(inbox) -> None:
    inbox[0].answer = "451 try later, jour@kommun.example"
    assert mail(inbox[1]).send(CALL, ("on_call",), NOW) == "the mail server answered 451"


@pytest.fixture
def web() -> Iterator[tuple[list, list[int], str]]:
    got: list[tuple[dict, bytes]] = []
    status = [204]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status[0])
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield got, status, f"http://127.0.0.1:{server.server_port}/token-kanarie"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_signed_and_knows_its_repeat(web) -> None:
    got, _, url = web
    assert Webhook(url, Secret("signing")).send(CALL, ("on_call",), NOW) is None
    [(headers, body)] = got
    assert headers["x-provisioner-signature"] == "sha256=" + hmac.new(b"signing", body, sha256).hexdigest()
    assert headers["idempotency-key"] == "case-1/unwatched-1/2" and json.loads(body)["text"]["sv"] == CALL.text.sv and json.loads(body)["urgent"] is True


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it(web, status: int) -> None:
    web[1][0] = status
    assert Webhook(web[2]).send(CALL, ("on_call",), NOW) == f"the webhook answered {status}"
    assert len(web[0]) == 1, "a redirection is not followed"


def test_a_webhook_out_of_reach_tells_no_address() -> None:
    hook = Webhook("http://127.0.0.1:1/token-kanarie")
    assert hook.send(CALL, ("on_call",), NOW) == "the webhook cannot be reached (ConnectionError)" and "kanarie" not in repr(hook)


class Book:
    """Calls in memory."""

    def __init__(self, *calls: Call) -> None:
        self.calls, self.went = list(calls), []

    def calls_due(self, now: datetime, limit: int = 20):
        return self.calls

    def call_went(self, call: Call, next_at, trouble: str) -> bool:
        self.went.append((call.key, next_at, trouble))
        return True


def test_h5_one_dead_channel_does_not_stop_the_other(inbox, web) -> None:
    book = Book(CALL)
    assert send_due(book, [mail(1), Webhook(web[2])], Ladder(), lambda: NOW) == 1
    assert book.went == [("case-1/unwatched-1", NOW + timedelta(minutes=15), "mail: the mail server cannot be spoken to (ConnectionRefusedError)")]


def test_nobody_named_is_a_trouble_of_its_own(inbox) -> None:
    book = Book(CALL)
    assert send_due(book, [mail(inbox[1], to={})], Ladder(), lambda: NOW) == 0
    assert book.went[0][2] == "nobody is named for on_call"
