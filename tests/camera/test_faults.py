"""Evidence without secrets and addresses; every trouble has a row and a hint in two languages."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.camera import errors, hints, soap
from provisioner.camera.errors import CameraTrouble, LoginRefused, Told
from provisioner.camera.faults import EVIDENCE_MOST, fault_from, scrubbed
from provisioner.fault import FaultKind, Text
from provisioner.secret import Secret

SAMPLES: list[CameraTrouble] = [
    errors.OutOfTime(0), errors.OutOfTime(7), errors.ReplyTooBig(9), errors.NotThere("refused"), errors.ClosedOnUs(0), errors.ClosedOnUs(5),
    errors.TlsFailed("no protocols available", old=True), errors.TlsFailed("eof", old=False), errors.WrongCertificate("another"), errors.NotHttp("x"),
    errors.NotOnvif(404, "a web page"), errors.BrokenReply("x"), errors.HttpRefused(453, "x"), errors.CannotDo("x"),
    errors.NoPicture("x"), LoginRefused(Told(), sent=True, clock_offset_s=None, why="x"), soap.SoapFault(400, ("Sender",), "x"),
    errors.NotNoted("database_locked"), errors.InUse("x"), soap.NotAuthorized(401, (), "", ""),
]


def test_every_trouble_has_a_row() -> None:
    kinds = {cls for module in (errors, soap) for _, cls in inspect.getmembers(module, inspect.isclass)
             if issubclass(cls, CameraTrouble) and cls is not CameraTrouble}
    assert kinds == {type(sample) for sample in SAMPLES}
    for sample in SAMPLES:
        made = fault_from(sample, "asking")
        assert made.what == "asking" and made.hint.sv and made.hint.en and "{" not in made.hint.sv + made.hint.en


def test_hints_are_pairs_of_plain_sentences() -> None:
    for name, text in vars(hints).items():
        if isinstance(text, Text):
            assert text.sv.endswith(".") and text.en.endswith(".") and text.sv != text.en, name
            assert not {"SOAP", "RTSP", "HTTP", "401"} & set(text.sv.split()), name


@pytest.mark.parametrize("text", [
    "see http://10.1.2.3/onvif now", "rtsp://admin:hemligt@10.1.2.3:554/x", "from 10.1.2.3:80", "mac AC:CC:8E:01:02:03",
    "at fe80::1ff:fe23:4567:890a",
    "user admin said hemligt",
])
def test_evidence_is_scrubbed(text: str) -> None:
    clean = scrubbed(text, ("hemligt", "admin"))
    assert not any(part in clean for part in ("10.1.2.3", "hemligt", "AC:CC", "4567", "admin"))


@given(st.text(max_size=600), st.text(min_size=4, max_size=20))
def test_evidence_is_one_short_printable_line_without_the_secret(text: str, secret: str) -> None:
    clean = scrubbed(text + secret + text, (secret,))
    assert len(clean) <= EVIDENCE_MOST and "\n" not in clean
    if "***" not in secret and secret not in "***<address>…":
        assert secret not in clean or secret.strip() == ""


def test_h10_clock_far_off_is_named_with_its_size() -> None:
    made = fault_from(LoginRefused(Told(), sent=True, clock_offset_s=-3600.0, why="refused"), "login")
    assert made.kind is FaultKind.REFUSED and "60 min" in made.hint.sv and "60 min" in made.hint.en
    assert "2 h" in fault_from(LoginRefused(Told(), sent=True, clock_offset_s=7200.0, why="refused"), "login").hint.en


def test_camera_with_too_many_clients_is_busy() -> None:
    assert fault_from(soap.SoapFault(500, ("Receiver", "Action"), "The maximum number of sessions is reached"), "x").kind is FaultKind.BUSY


def test_secret_shows_itself_to_nobody() -> None:
    secret = Secret("kanarie")
    assert {repr(secret), str(secret), f"{secret}", f"{secret!r:>5}".strip()} == {"***"} and secret.reveal() == "kanarie"
    assert secret == Secret("kanarie") and secret != Secret("x") and hash(secret) == hash(Secret("kanarie"))
    with pytest.raises(TypeError):
        __import__("pickle").dumps(secret)
