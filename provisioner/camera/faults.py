"""The door: every way in which a camera can fail becomes one of six kinds of `Fault` here, with evidence and one next action."""

import re
from collections.abc import Iterable

from provisioner.camera import hints
from provisioner.camera.errors import (
    TO_TLS,
    BrokenReply,
    CameraTrouble,
    CannotDo,
    ClosedOnUs,
    HttpRefused,
    InUse,
    LoginRefused,
    NoPicture,
    NotHttp,
    NotNoted,
    NotOnvif,
    NotThere,
    OutOfTime,
    ReplyTooBig,
    TlsFailed,
    WrongCertificate,
)
from provisioner.camera.login import told_in
from provisioner.camera.soap import NotAuthorized, SoapFault
from provisioner.fault import Fault, FaultKind, Text

EVIDENCE_MOST = 160        # characters: a line of a report
SESSION_EXPIRY_S = 60.0    # RFC 2326 12.37: a forgotten RTSP session is over after this, unless the camera says otherwise
_MINUTE_S = 60.0

_HIDDEN = (
    (re.compile(r"\b[a-z][a-z0-9+.\-]*://\S+", re.IGNORECASE), "<address>"),
    (re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE), "<address>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"(?:\b[0-9a-f]{0,4}:){3,}[0-9a-f]{0,4}\b", re.IGNORECASE), "<address>"),
)


def scrubbed(text: str, hide: Iterable[str] = ()) -> str:
    """`text` as evidence: one line, printable, short, without addresses and without any of `hide` (passwords, user and host names)."""
    for secret in sorted(filter(None, hide), key=len, reverse=True):
        text = text.replace(secret, "***")
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= EVIDENCE_MOST else text[: EVIDENCE_MOST - 1] + "…"


def fault_from(exc: CameraTrouble, what: str, hide: Iterable[str] = ()) -> Fault:
    """The fault that `exc` is. `what` names the operation for the report; `hide` are texts that must not appear in the evidence."""
    hide = tuple(hide)
    match exc:
        case LoginRefused():
            kind, hint, wait_s = _login(exc)
            evidence = f"{exc.why}: {exc.told.words}" if exc.told.words else exc.why
            return Fault(kind, what, scrubbed(evidence, hide), hint, wait_s)
        case SoapFault():
            kind, hint, wait_s = _soap(exc)
        case HttpRefused():
            kind, hint, wait_s = _status(exc)
        case _:
            kind, hint, wait_s = _plain(exc)
    return Fault(kind, what, scrubbed(str(exc), hide), hint, wait_s)


_Verdict = tuple[FaultKind, Text, float | None]

_TABLE: tuple[tuple[type[CameraTrouble], FaultKind, Text], ...] = (
    (NotThere, FaultKind.UNREACHABLE, hints.UNREACHABLE),
    (NotOnvif, FaultKind.UNSUPPORTED, hints.NOT_A_CAMERA),
    (WrongCertificate, FaultKind.REFUSED, hints.OTHER_CERTIFICATE),
    (NotNoted, FaultKind.BUSY, hints.NOT_NOTED),
    (InUse, FaultKind.BUSY, hints.IN_USE),
    (NotHttp, FaultKind.GARBLED, hints.NOT_A_CAMERA),
    (ReplyTooBig, FaultKind.GARBLED, hints.GARBLED),
    (BrokenReply, FaultKind.GARBLED, hints.GARBLED),
    (NoPicture, FaultKind.GARBLED, hints.NO_PICTURE),
    (CannotDo, FaultKind.UNSUPPORTED, hints.UNSUPPORTED),
    (NotAuthorized, FaultKind.REFUSED, hints.NO_PASSWORD),
)


def _plain(exc: CameraTrouble) -> _Verdict:
    if isinstance(exc, OutOfTime):
        return FaultKind.TIMED_OUT, hints.SLOW if exc.received else hints.SILENT, None
    if isinstance(exc, ClosedOnUs):
        # Half an answer is a broken one; none at all is a camera that starts, or that has thrown us out.
        return (FaultKind.GARBLED, hints.CLOSED, None) if exc.received else (FaultKind.UNREACHABLE, hints.CLOSED, None)
    if isinstance(exc, TlsFailed):
        return FaultKind.REFUSED if exc.old else FaultKind.GARBLED, hints.OLD_TLS if exc.old else hints.NO_TLS, None
    if isinstance(exc, NotOnvif) and exc.status in (301, 302, 307, 308, 426):
        return FaultKind.UNSUPPORTED, hints.WANTS_TLS if exc.sort == TO_TLS else hints.NOT_A_CAMERA, None
    for kind_of_trouble, kind, hint in _TABLE:
        if isinstance(exc, kind_of_trouble):
            return kind, hint, None
    raise TypeError(f"no row for {type(exc).__name__}")


def _login(exc: LoginRefused) -> _Verdict:
    told = exc.told
    if told.locked:
        if told.wait_s is None:
            return FaultKind.REFUSED, hints.LOCKED, None
        return FaultKind.REFUSED, _filled(hints.LOCKED_FOR, minutes=str(max(1, -int(-told.wait_s // _MINUTE_S)))), told.wait_s
    if not exc.sent and told.wait_s is not None and told.spent:
        return FaultKind.REFUSED, _filled(hints.SPENT, minutes=str(max(1, -int(-told.wait_s // _MINUTE_S)))), told.wait_s
    if not exc.sent:
        return FaultKind.REFUSED, hints.NO_PASSWORD if "no password" in exc.why else hints.WRONG_PASSWORD, told.wait_s
    if told.about_clock or (exc.clock_offset_s is not None and abs(exc.clock_offset_s) > _MINUTE_S):
        if exc.clock_offset_s is None:
            return FaultKind.REFUSED, hints.CLOCK_UNKNOWN, told.wait_s
        return FaultKind.REFUSED, _filled(hints.CLOCK, offset=_spoken(exc.clock_offset_s)), told.wait_s
    if told.attempts_left is not None:
        return FaultKind.REFUSED, _filled(hints.WRONG_PASSWORD_FEW, left=str(told.attempts_left)), told.wait_s
    return FaultKind.REFUSED, hints.WRONG_PASSWORD, told.wait_s


def _soap(exc: SoapFault) -> _Verdict:
    """ONVIF Core, 'Generic faults', and what a camera out of something writes into the reason."""
    codes, reason = set(exc.codes), exc.reason.lower()
    if "OperationProhibited" in codes:
        return FaultKind.REFUSED, hints.NOT_ALLOWED, None
    if "maximum" in reason or "too many" in reason or "busy" in reason or not codes.isdisjoint({"OutofMemory", "CriticalError", "MaxSessions"}):
        return FaultKind.BUSY, hints.BUSY, None
    if not codes.isdisjoint({"ActionNotSupported", "UnknownAction", "NotImplemented"}):
        return FaultKind.UNSUPPORTED, hints.UNSUPPORTED, None
    return FaultKind.GARBLED, hints.GARBLED, None


def _status(exc: HttpRefused) -> _Verdict:
    """HTTP and RTSP statuses (RFC 9110 15, RFC 2326 11)."""
    told = told_in(exc.body, exc.reason.removeprefix("Retry-After: ") if exc.reason.startswith("Retry-After") else "")
    if told.locked or exc.status == 423:
        return _login(LoginRefused(told if told.locked else told_in("locked " + exc.body), sent=True, clock_offset_s=None, why=""))
    match exc.status:
        case 401 | 403 | 407:
            return FaultKind.REFUSED, hints.NOT_ALLOWED, told.wait_s
        case 453 | 454:
            return FaultKind.BUSY, hints.BUSY, exc.wait_s or told.wait_s or SESSION_EXPIRY_S
        case 429 | 503:
            return FaultKind.BUSY, hints.BUSY, exc.wait_s or told.wait_s
        case 301 | 302 | 303 | 305 | 307 | 308 | 404 | 410 | 451:
            return FaultKind.UNSUPPORTED, hints.NO_STREAM, None
        case 461 | 501 | 505 | 551:
            return FaultKind.UNSUPPORTED, hints.UNSUPPORTED, None
        case _:
            return FaultKind.GARBLED, hints.GARBLED, None


def _filled(text: Text, **values: str) -> Text:
    return Text(text.sv.format(**values), text.en.format(**values))


def _spoken(seconds: float) -> str:
    """A clock's error in units that read the same in both languages."""
    size = abs(seconds)
    if size < 120:
        return f"{size:.0f} s"
    return f"{size / 60:.0f} min" if size < 2 * 3600 else f"{size / 3600:.0f} h"
