"""No secret and no personal text in any log, value, exception, output or process list: canaries sung by every persona, listened for everywhere.

The passwords, the account names, and every text that a person may have written into the camera hold one marker, made anew for each run. Every public
operation of the adapter is done to every persona with every logger at DEBUG; afterwards the marker may be nowhere. What a rotation made up is a canary too.
"""

import base64
import inspect
import io
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.attempts import MemoryBook
from provisioner.camera.checkup import Asked
from provisioner.camera.credentials import MemorySecrets
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.case.view_check import ViewAsked
from provisioner.secret import Account, Secret
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.camera.parts import Broker, Osd, Recording
from simulators.models import names
from simulators.models import persona as state_of
from tests.camera.helpers import SERIAL, OnePlace, now

AT_ONCE = 16
OPERATION_S = 4.0      # an operation on a healthy camera takes 0.3
ALL_MOST_S = 60.0      # CPU of everything here; on an idle machine of two cores the wall clock shows less
MARKER = "kanarie" + secrets.token_hex(4)
CODE = f"{secrets.randbelow(10_000):04d}"

Do = Callable[[OnvifCamera, CameraPlace], object]
OPERATIONS: dict[str, Do] = {
    "read_identity": lambda camera, _: camera.read_identity(SERIAL, OPERATION_S),
    "judge_frame": lambda camera, _: camera.judge_frame(SERIAL, OPERATION_S, ViewAsked(2) if secrets.randbelow(4) == 0 else None),
    "put_light_back": lambda camera, _: camera.put_light_back(SERIAL, OPERATION_S),
    "posture": lambda camera, _: camera.posture(SERIAL, OPERATION_S),
    "check": lambda camera, place: camera.check(place, Asked(SERIAL, 9, OPERATION_S)),
    "mark": lambda camera, _: camera.mark(SERIAL, "b-1a2e637d8102aa8a24b1", OPERATION_S),
    "ensure_posture": lambda camera, _: camera.ensure_posture(SERIAL, OPERATION_S, delete_recordings=True),
    "mask": lambda camera, _: camera.mask(SERIAL, (((-0.9, 0.9), (-0.5, 0.9), (-0.5, 0.5), (-0.9, 0.5)),), OPERATION_S),
    "show_code": lambda camera, _: camera.show_code(SERIAL, CODE, OPERATION_S),
    "hide_code": lambda camera, _: camera.hide_code(SERIAL, OPERATION_S),
    "park": lambda camera, _: camera.park(SERIAL, OPERATION_S),
    "rotate_credentials": lambda camera, _: camera.rotate_credentials(SERIAL, OPERATION_S),
    "retire": lambda camera, _: camera.retire(SERIAL, OPERATION_S),
}
ALWAYS = ("read_identity", "check", "rotate_credentials")   # where passwords and personal texts are handled most; the others take turns
TURNS = 2                                                   # that each persona gets of the others; CANARY_ALL=1 gives all to all


def test_every_operation_of_the_adapter_is_listened_to() -> None:
    public = {name for name, _ in inspect.getmembers(OnvifCamera, inspect.isfunction) if not name.startswith("_")} - {"close"}
    assert public == set(OPERATIONS), "a new operation needs a line in OPERATIONS"


def singing(text: str) -> tuple[CameraState, Account]:
    """A camera of this persona all of whose secrets and personal texts are canaries, and our account on it."""
    state = state_of(text, serial=SERIAL)
    ours = Account(f"konto-{MARKER}", Secret(f"{MARKER}-Pw1"))
    if "admin" in state.users:
        state.users = {ours.username if name == "admin" else name: replace(user, password=f"{MARKER}-Pw{number}")
                       for number, (name, user) in enumerate(state.users.items(), 1)}
        ours = Account(ours.username, Secret(state.users[ours.username].password))
        state.users[f"astrid-{MARKER}"] = User(f"{MARKER}-Pw9", fixed=True)
    state.extra_scopes += [f"onvif://www.onvif.org/location/Exempelgatan-{MARKER}", f"onvif://www.onvif.org/name/Astrid-{MARKER}"]
    state.osds.append(Osd("osd_person", text=f"Rum Astrid {MARKER}"))
    for profile in state.profiles:
        profile.name = f"Sovrum {MARKER}"
    state.brokers.append(Broker(f"mqtts://{MARKER}.example:8883", f"hem/{MARKER}", f"user-{MARKER}"))
    state.recordings.append(Recording("rec_person", about=f"Hos Astrid {MARKER}"))
    state.network.hostname = f"kamera-{MARKER}"
    return state, ours


def visited(number: int, text: str) -> tuple[str, list[str], int]:
    """What the operations on one persona returned, as text of every kind; and how many were answered with something else than a fault."""
    state, ours = singing(text)
    said: list[str] = []
    good = 0
    with SimulatedCamera(state, host=f"127.9.{number // 250}.{number % 250 + 1}") as sim:
        place = CameraPlace(sim.host, sim.http_port, ours.username, ours.password, sim.rtsp_port)
        accounts = MemorySecrets()
        camera = OnvifCamera(OnePlace(place), CameraSettings(), now, MemoryBook(), accounts)
        others = [name for name in OPERATIONS if name not in ALWAYS]
        turns = others if os.environ.get("CANARY_ALL") == "1" else [others[(number * TURNS + turn) % len(others)] for turn in range(TURNS)]
        for name in (*(one for one in ALWAYS[:2]), *turns, ALWAYS[2]):
            answer = OPERATIONS[name](camera, place)
            good += type(answer).__name__ != "Fault"
            said += [f"{name} of {text}: {answer!r}", f"{name} of {text}: {answer!s}", f"{name} of {text}: {_all_of(answer)}"]
        camera.close()
        kept = accounts.credentials_of(SERIAL)
        made = [account.password.reveal() for account in (*(() if kept is None else (kept.current, kept.coming, *kept.old)),) if account is not None]
        said.append(f"repr of what is kept: {kept!r} {place!r} {camera!r} {vars(camera)!r}")
    return text, [line for line in said if _is_heard(line, made)] + [f"new password of {text} in a log" for one in made if _is_logged(one)], good


def _all_of(value: Any) -> str:
    """Every field, also those that `repr` leaves out."""
    if isinstance(value, Secret):
        return repr(value)
    if hasattr(value, "__dataclass_fields__"):
        return " ".join(f"{name}={_all_of(getattr(value, name))}" for name in value.__dataclass_fields__)
    if isinstance(value, dict):
        return " ".join(f"{_all_of(key)}:{_all_of(one)}" for key, one in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(map(_all_of, value))
    return str(value)


def _is_heard(text: str, others: list[str]) -> bool:
    lower = text.lower()
    return MARKER in lower or any(one in text for one in others) or any(_in_base64(one) in text for one in (MARKER, *others))


def _in_base64(text: str) -> str:
    """The middle of `text` in base64, where it begins a group of three."""
    return base64.b64encode(text.encode()[: len(text) // 3 * 3]).decode()


_LOG = io.StringIO()


def _is_logged(text: str) -> bool:
    return text in _LOG.getvalue()


@pytest.fixture
def everything_logged() -> Iterator[None]:
    """Every logger at DEBUG, into memory."""
    root, handler = logging.getLogger(), logging.StreamHandler(_LOG)
    levels = {name: logger.level for name, logger in logging.root.manager.loggerDict.items() if isinstance(logger, logging.Logger)}
    before = root.level
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        logging.getLogger("zeep").debug("the log is heard")
        assert "the log is heard" in _LOG.getvalue()
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _processes() -> str:
    """Command lines and environments of this process and all that can be read besides: what `ps` shows."""
    found = [str(dict(os.environ))]
    for process in Path("/proc").iterdir():
        for name in ("cmdline", "environ") if process.name.isdecimal() else ():
            try:
                found.append((process / name).read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue  # gone, or somebody else's
    return "\n".join(found)


@pytest.mark.timeout(240)
def test_no_canary_is_heard_anywhere(everything_logged: None, capfd: pytest.CaptureFixture[str]) -> None:
    warm_up()
    begun, texts = time.process_time(), names()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(visited, number, text) for number, text in enumerate(texts)]
        shown = []
        while not all(one.done() for one in running):
            shown.append(_processes())
            time.sleep(1.0)
        done = [one.result() for one in running]
    heard = [line[:600] for _, lines, _ in done for line in lines]
    heard += [f"process list: {one[max(0, one.lower().find(MARKER) - 200):][:400]}" for one in shown if MARKER in one.lower()]
    outputs = {"log": _LOG.getvalue(), **dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))}
    heard += [f"{name}: {line[:400]}" for name, text in outputs.items() for line in text.splitlines() if _is_heard(line, [])]
    assert not heard, f"{len(heard)} canaries:\n" + "\n".join(heard[:12])
    assert sum(good > 0 for *_, good in done) > 0.8 * len(texts), "the cameras were not really asked"
    assert os.environ.get("CANARY_ALL") == "1" or time.process_time() - begun < ALL_MOST_S


def test_a_canary_that_sings_is_heard() -> None:
    """The ears work: a password in a value, in base64, and in a socket's error are heard."""
    assert _is_heard(f"Fault(evidence='{MARKER.upper()}')", []) and _is_heard(f"Basic {base64.b64encode(MARKER.encode()).decode()}", [])
    assert _is_heard(_all_of(Account("x", Secret("y"))) + MARKER, []) and not _is_heard(repr(Secret(MARKER)), []) and not _is_heard("", ["made"])
    assert _is_heard("made", ["made"]) and socket.gethostname() is not None
