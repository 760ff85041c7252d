"""People with marked data go every way there is, and afterwards nothing that anybody else can see holds a piece of them (H6).

Every personal field of both forms holds a canary of its own, made anew for each run. The forms come in by the command line, well and badly; the case is moved
to its end by a daemon that is killed on the way; statements come over HTTP, well and badly; keys are rotated; a program of ours dies of a bug with the form
in its hands. Then every file of the installation but the form itself and the secrets, the broker's memory, everything that was said on the wire, every answer
and every traceback is searched, in every dress that bytes wear.
"""

import base64
import contextlib
import io
import json
import secrets
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from provisioner.case.model import State
from provisioner.cli.demo import forms
from provisioner.cli.main import run
from provisioner.store.sitting import Sitting
from simulators.site import Site
from tests.cli.desk import free_port
from tests.whole.daemons import Daemon, Forker, write_settings
from tests.whole.move import Move, _Described
from tests.whole.wire import Observer

PERSONAL = ("name", "person_number", "address", "phone", "sender_name", "sender_email", "sender_phone", "unit", "provider")


def test_number() -> str:
    """One of Skatteverket's test numbers: a birth number from 980, and its check digit (Luhn)."""
    nine = f"{secrets.randbelow(80) + 10:02d}{secrets.randbelow(12) + 1:02d}{secrets.randbelow(28) + 1:02d}98{secrets.randbelow(10)}"
    doubled = [int(sign) * (2 - at % 2) for at, sign in enumerate(nine)]
    return f"19{nine}{-sum(number // 10 + number % 10 for number in doubled) % 10}"


test_number.__test__ = False  # type: ignore[attr-defined]


class Marked:
    """Forms of which each personal field is a canary. `words` are the pieces that are listened for."""

    def __init__(self, site: Site) -> None:
        self.number = test_number()
        self.words: set[str] = {self.number, self.number[2:], f"{self.number[:8]}-{self.number[8:]}"}
        self.file: dict[str, Any] = forms(_Described(site), (datetime.now(UTC) + timedelta(days=30)).date().isoformat())  # type: ignore[arg-type]
        self.name = f"Astrid {self.word('Kanariesson')}"
        for part in ("handing_over", "receiving"):
            form = self.file[part]
            form.update(name=self.name, person_number=f"{self.number[:8]}-{self.number[8:]}", phone=self.digits(), address=f"{self.word('Gatan')} 12, 582 23",
                        sender_name=self.word("Karin"), sender_email=f"{self.word('post')}@example.org", sender_phone=self.digits(), unit=self.word("Grupp"),
                        provider=self.word("Omsorg"), contacts=[{"kind": "related_person", "name": self.word("Bo"), "phone": self.digits(),
                                                                 "email": f"{self.word('bo')}@example.org"}, {"kind": "unit", "phone": self.digits()}])

    def word(self, beginning: str) -> str:
        """A new canary."""
        self.words.add(mark := f"k{secrets.token_hex(5)}")
        return beginning + mark

    def digits(self) -> str:
        """A phone number that nobody has."""
        number = f"88213{secrets.randbelow(10**9):09d}"
        self.words.add(number)
        return f"+{number}"

    def dressed(self) -> set[bytes]:
        """Each canary in every dress: UTF-8, UTF-16, base64 at each offset, hexadecimal, percent, reversed halves of a number."""
        found: set[bytes] = set()
        for word in self.words:
            raw = word.encode()
            found |= {raw, word.upper().encode(), word.encode("utf-16-le"), raw.hex().encode(), urllib.parse.quote(word).encode()}
            for pad in range(3):
                coded = base64.b64encode(b"\0" * pad + raw)
                found.add(coded[4:-4] if pad else coded[: len(raw) // 3 * 4])
        return {piece for piece in found if len(piece) >= 8}


def heard(marked: Marked, places: dict[str, bytes]) -> list[str]:
    """Where a canary sings, and what stands around it."""
    pieces = marked.dressed()
    return sorted(f"{name}: {content[max(0, at - 120):at + 60]!r}" for name, content in places.items()
                  if (at := min((found for piece in pieces if (found := content.find(piece)) >= 0), default=-1)) >= 0)


@pytest.fixture
def moved(forker: Forker, tmp_path: Path) -> Iterator[Move]:
    """As the fixture `move`, with the HTTP face open."""
    with Site.load("two_homes") as site:
        daemon = Daemon(forker, write_settings(tmp_path, site, http_port=free_port()))
        store = daemon.open_store()
        try:
            yield Move(site, daemon, store)
        finally:
            daemon.kill()
            store.close()


class Desk:
    """The command line of the installation; everything it says is kept."""

    def __init__(self, move: Move, folder: Path) -> None:
        self.config, self.folder, self.said = str(move.daemon.config), folder, io.StringIO()

    def run(self, *words: str) -> dict[str, Any]:
        """One command with `--json`."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(self.said):
            run([*words, "--json", "--config", self.config])
        self.said.write(out.getvalue())
        found: dict[str, Any] = json.loads(out.getvalue())
        return found

    def form(self, file: Any) -> str:
        """A file outside the installation, as a unit's form comes in."""
        path = self.folder / f"{secrets.token_hex(4)}.json"
        path.write_text(file if isinstance(file, str) else json.dumps(file, ensure_ascii=False), encoding="utf-8")
        return str(path)


def bad_forms(desk: Desk, marked: Marked) -> None:
    """What is wrong with a form is said without repeating it."""
    for part in ("handing_over", "receiving"):
        wrongs: tuple[Any, ...] = ({"x": marked.name}, f"{marked.name}\u202e", marked.name * 400, [marked.name])
        for at, field in enumerate((*PERSONAL, "serial_number", "site_ref", "form_ref", "housing", "move_date", "decision_ref", "asset_number")):
            for value in (wrongs[at % len(wrongs)], marked.number):
                wrong = {**marked.file, part: {**marked.file[part], field: value}}
                if field in PERSONAL and value == marked.number:
                    continue  # that is a good form
                answer = desk.run("case", "open", desk.form(wrong))
                assert "error" in answer, (field, answer)
    wrong_digit = f"{marked.number[:-1]}{(int(marked.number[-1]) + 1) % 10}"
    marked.words.add(wrong_digit)
    for text in (json.dumps(marked.file)[:-40], f'{{"x": "{marked.name}"}}', json.dumps({**marked.file, "case_number": marked.number}),
                 json.dumps({**marked.file, "case_number": marked.name}),
                 json.dumps({**marked.file, "receiving": {**marked.file["receiving"], "person_number": wrong_digit}})):
        assert "error" in desk.run("case", "open", desk.form(text))
    for words in (("case", "show", marked.name), ("case", "show", marked.number), ("person", "find", "--number", wrong_digit),
                  ("person", "find", "--name", marked.name, "--actor", marked.name), ("camera", "card", marked.name)):
        assert "error" in desk.run(*words)


def crash(desk: Desk, marked: Marked) -> str:
    """A bug of ours with the form in its hands: what the machine's owner would send us."""
    def dying(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sitting, "take", dying)
        wrong = {**marked.file, "case_number": "K-BUG", "handing_over": {**marked.file["handing_over"], "serial_number": "ACCC8E00BB02"}}
        try:
            desk.run("case", "open", desk.form(wrong))
        except RuntimeError:
            return traceback.format_exc()
    raise AssertionError("the bug was swallowed")


def over_http(move: Move, marked: Marked) -> str:
    """Requests with personal data where none belong."""
    base, said = f"http://127.0.0.1:{move.daemon.settings.http.port}/api/v1/cases", ""
    head = {"authorization": f"Bearer {move.daemon.secrets.read('api-token').reveal()}"}
    bodies: list[Any] = [{"what": marked.name, "role": "technician", "by": "tekla"}, {"by": marked.name}, [marked.name],
                         {"what": "booked", "role": marked.name, "by": "x"},
                         {"what": "task_done", "role": "coordinator", "by": "x", "fields": {"key": "k", "note": marked.number}},
                         {"what": "booked", "role": "technician", "by": "tekla", "fields": {marked.name: marked.number, "dismantle_from": marked.name}}]
    for path in (f"{base}/{move.case_id}/say", f"{base}/{urllib.parse.quote(marked.name)}/say", f"{base}/{marked.number}/provision"):
        for body in bodies:
            answer = requests.post(path, json=body, headers=head, timeout=10)
            assert 400 <= answer.status_code < 500
            said += answer.text + str(answer.headers)
    for path in (f"{base}/{urllib.parse.quote(marked.name)}", f"{base}/{marked.number}?x={marked.number}", f"{base}/{move.case_id}"):
        said += requests.get(path, headers=head, timeout=10).text
    return said


def all_of(folder: Path, but: Path) -> dict[str, bytes]:
    """Every file below `folder`, but the secrets and what lies in `but`."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and not path.is_relative_to(but) and not path.is_relative_to(folder / "secrets")}


@pytest.mark.timeout(120)
def test_h6_no_canary_of_a_person_is_heard_anywhere(moved: Move, tmp_path: Path) -> None:
    move, marked = moved, Marked(moved.site)
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    desk, places = Desk(move, incoming), {}
    broker = move.site.broker
    move.daemon.start()
    with Observer(broker.host, broker.port, broker.passwords["observer"]) as wire:
        bad_forms(desk, marked)
        places["traceback"] = crash(desk, marked).encode()
        opened = desk.run("case", "open", desk.form(marked.file))
        move.case_id = opened["case_id"]
        assert "error" not in desk.run("person", "protect", opened["case_number"], "--level", "protected_registration")
        desk.run("person", "open", opened["case_number"], "--reason", f"ringer om {marked.name}", "--actor", "cecilia")
        for words in (("person", "find", "--name", marked.name), ("person", "find", "--number", marked.number), ("person", "show", opened["case_number"]),
                      ("case", "list"), ("audit", "verify"), ("audit", "review"), ("keys", "status"), ("doctor", "--deadline-s", "2")):
            desk.run(*words)
        assert desk.run("person", "find", "--name", marked.name)["cases"], "the person is really there"
        move.until_state(State.READY)
        move.suspend()
        places["http"] = over_http(move, marked).encode()
        move.daemon.kill()
        move.daemon.start()
        (move.daemon.config.parent / "secrets" / "personal-key-2").write_text(secrets.token_hex(32))
        (move.daemon.config.parent / "secrets" / "personal-key-2").chmod(0o600)
        move.daemon.stop()
        move.daemon.start()
        desk.run("keys", "rotate")
        for chapter in (move.carry, move.visit, move.look, move.feedback, move.close):
            chapter()
        move.has_ended_well()
        desk.run("case", "show", opened["case_number"])
        desk.run("case", "replay", opened["case_number"])
        [row] = desk.run("register", "surveillance")["rows"]
        assert row["site_ref"] == marked.file["receiving"]["site_ref"] and row["assessment_ref"] and row["began_at"] and not row["ended_at"]
        answers = [desk.run("audit", "question", str(number), "--case", opened["case_number"]) for number in range(1, 21)]
        answered = {answer["name"] for answer in answers if answer["answered"]}
        assert {"case", "one-home", "gaps", "protected-reads", "log-review", "audio", "default-passwords", "overrides"} <= answered, answers
        assert desk.run("person", "export", opened["case_number"])["error"] == "opening_needed"
        places |= {f"wire {number}": message.bytes for number, message in enumerate(wire.messages())}
    with Observer(broker.host, broker.port, broker.passwords["observer"]) as late:
        move.clock_passes(0.2)
        places |= {f"retained {number}": message.bytes for number, message in enumerate(late.messages())}
    broker.kill()  # what it kept is on its disk
    places["commands"] = desk.said.getvalue().encode()
    places |= all_of(tmp_path, incoming) | {f"broker/{name}": content for name, content in all_of(broker.directory, incoming).items()}
    assert any(name.endswith("provisioner.db") for name in places) and any(name.endswith("-wal") for name in places) and "log" in places
    assert len([name for name in places if name.startswith("wire ")]) > 15
    assert heard(marked, places) == []
    broker.start()


@pytest.mark.parametrize("dress", [
    lambda word: word.encode(), lambda word: word.encode("utf-16-le"), lambda word: base64.b64encode(f"Bearer {word} x".encode()),
    lambda word: json.dumps({"x": word}).encode(), lambda word: word.upper().encode()], ids=["plain", "utf-16", "base64", "json", "upper case"])
def test_planted_leak_is_heard(tmp_path: Path, dress: Callable[[str], bytes]) -> None:
    """The ears work, for each canary and each dress."""
    with Site.load("two_homes") as site:
        marked = Marked(site)
    assert len(marked.words) >= 20
    for number, word in enumerate(sorted(marked.words)):
        (tmp_path / f"log{number}").write_bytes(b"some text before " + dress(word) + b" and after")
    found = heard(marked, all_of(tmp_path, tmp_path / "incoming"))
    assert len(found) == len(marked.words)
    assert heard(marked, {"clean": b"case=2026-K7QM4 camera=...431B moved"}) == []
