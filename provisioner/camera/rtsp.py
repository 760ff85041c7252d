"""RTSP (RFC 2326), video only: whether a stream can be had, why not, and its pictures.

Our own client, because no library at hand tells a wrong password from a wrong path, logs in with SHA-256, keeps the password out of an address, asks
for the video alone, and always tears its session down. One session, also when it is cancelled: cameras have few and forget them slowly. Packets come
through the connection itself, encrypted where the address is `rtsps`; by UDP where the camera refuses that. RTSP tunnelled in HTTP is not spoken.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Self, TypeVar

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, CannotDo, ClosedOnUs, HttpRefused, NoPicture, OutOfTime
from provisioner.camera.net import Allowance, AnySocket, Deadline, Tls, connect, encrypted
from provisioner.camera.pictures import Assembler
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import SecretInClear
from provisioner.camera.rtsp_talk import Moved, Talk, must_be_ok
from provisioner.camera.sdp import StreamDescription
from provisioner.camera.stream_address import StreamAddress, address_of, moved_to, track_of

__all__ = ["LiveStream", "StreamAddress", "StreamDescription", "address_of", "describe", "free_stream", "track_of", "why_not"]

EXPIRY_S = 60.0     # RFC 2326 12.37: a viewer who is gone holds his session so long, unless the camera says otherwise
_SLICE_S = 0.1      # how soon a cancelled stream notices
_GOODBYE_S = 0.5    # for the TEARDOWN, after whatever happened
_MOVES_MOST = 2     # redirections of one session
_TAKEN = (453, 454)                   # RFC 2326 11.3.4, 11.3.5: no stream free; a session that is none
_PAUSES_S = (5.0, 10.0, 20.0, 25.0)   # between questions whether a stream has become free; together a session's time-out
_PICTURE_S = 3.0                      # of the deadline, kept for the picture itself
Result = TypeVar("Result")


def describe(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts,
             basic: SecretInClear = "never") -> StreamDescription:
    """Ask what the stream offers, logging in where asked.

    Raises `LoginRefused`, `HttpRefused` (404, 453, 454, ...), `NotThere`, `OutOfTime`, `ClosedOnUs`, `ReplyTooBig`, `NotHttp`, `TlsFailed`,
    `WrongCertificate`.
    """
    def asked(where: StreamAddress) -> StreamDescription:
        with _talk(where, place, allowance, connect_s, attempts, basic) as talk:
            return talk.describe()

    return _followed(address, place, asked)


def why_not(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts) -> None:
    """Set a session up and tear it down again; raises what stands in the way (`HttpRefused` 453, ...), returns where nothing does."""
    def tried(where: StreamAddress) -> None:
        with _talk(where, place, allowance, connect_s, attempts, "never") as talk:
            talk.set_up(talk.describe())
            talk.ask("TEARDOWN", where.url, talk.session_line)

    _followed(address, place, tried)


def _followed(address: StreamAddress, place: CameraPlace, run: Callable[[StreamAddress], Result]) -> Result:
    """`run` where the stream is, also after the camera has sent us elsewhere on itself. A redirection to another host is raised, not followed."""
    for _ in range(_MOVES_MOST):
        try:
            return run(address)
        except Moved as exc:
            after = moved_to(exc.location, address, place)
            if after is None or after == address:
                raise HttpRefused(exc.status, "sends us to another host") from None
            address = after
    return run(address)


def _connected(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float) -> AnySocket:
    sock = connect(address.host, address.port, allowance, connect_s)
    return encrypted(sock, Tls(place.pin, legacy=False)) if address.tls else sock


@contextmanager
def _talk(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts,
          basic: SecretInClear) -> Iterator[Talk]:
    with _connected(address, place, allowance, connect_s) as sock:
        talk = Talk(sock, address, place, attempts, basic)
        try:
            yield talk
        except OSError:
            raise ClosedOnUs(allowance.received) from None
        finally:
            talk.close()


class LiveStream:
    """One playing RTSP session. `with LiveStream(...) as live: for picture in live.pictures(...)`; left in any way, the session is torn down."""

    def __init__(self, address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts,
                 basic: SecretInClear = "never") -> None:
        self._address, self._place, self._allowance, self._connect_s, self._attempts, self._basic = address, place, allowance, connect_s, attempts, basic
        self._talk: Talk
        self._sock: AnySocket
        self.description: StreamDescription | None = None
        self.assembler = Assembler("")

    def __enter__(self) -> Self:
        _followed(self._address, self._place, self._begin)
        return self

    def _begin(self, address: StreamAddress) -> None:
        self._address = address
        self._sock = _connected(address, self._place, self._allowance, self._connect_s)
        self._talk = Talk(self._sock, address, self._place, self._attempts, self._basic)
        try:
            self.description = self._talk.describe()
            if not self.description.codec:
                raise CannotDo("the stream has no video")
            if self.description.codec in ("H264", "H265"):
                self.assembler = Assembler(self.description.codec)
                self.assembler.know(self.description.sets)
                self._talk.set_up(self.description)
                must_be_ok(self._talk.ask("PLAY", self._url, (*self._talk.session_line, "Range: npt=0.000-")))
        except BaseException as exc:
            self.__exit__()
            if isinstance(exc, OSError) and not isinstance(exc, CameraTrouble):
                raise ClosedOnUs(self._sock.allowance.received) from None
            raise

    def __exit__(self, *_: object) -> None:
        with self._sock, suppress(CameraTrouble, OSError):
            self._talk.close()
            if self._talk.session:
                self._sock.allowance = Allowance(Deadline(_GOODBYE_S), 1 << 20, _GOODBYE_S)
                self._talk.send("TEARDOWN", self._url, self._talk.session_line)

    @property
    def _url(self) -> str:
        return track_of(self._address, "", self.description.base if self.description is not None else "")

    def pictures(self, deadline: Deadline, cancelled: threading.Event, most_bytes: int, on_mid_gop: Callable[[], None]) -> Iterator[bytes]:
        """Whole pictures that stand alone, until `deadline` or `cancelled`. Raises `OutOfTime`, `ClosedOnUs`, `ReplyTooBig`.

        `on_mid_gop` is called once, when a picture has come that builds on others: the stream was joined in the middle.
        """
        talk, assembler, told = self._talk, self.assembler, False
        self._sock.allowance = Allowance(deadline, most_bytes, _SLICE_S)
        alive_at = time.monotonic()
        while not cancelled.is_set():
            try:
                talk.listen()
            except OutOfTime:
                if deadline.left_s() <= 0:
                    raise
            except OSError:
                raise ClosedOnUs(self._sock.allowance.received) from None
            while talk.packets:
                picture = assembler.take(talk.packets.popleft())
                if picture is not None:
                    yield picture
            if assembler.skipped + assembler.broken > 0 and not told:
                told = True
                on_mid_gop()
            if time.monotonic() - alive_at > talk.kept_s / 2:
                # OPTIONS: every server knows it; GET_PARAMETER is advertised by some that then close the connection (ZLMediaKit#642).
                alive_at = time.monotonic()
                talk.send("OPTIONS", self._url, talk.session_line)


@contextmanager
def free_stream(make: Callable[[], LiveStream], deadline: Deadline, cancelled: threading.Event, on_busy: Callable[[], None]) -> Iterator[LiveStream]:
    """The stream that `make` opens, waited for while others hold all that the camera can serve: viewers who went without a word are forgotten after
    their time-out (RFC 2326 12.37). Asked again after growing pauses, or when the camera says, as far as `deadline` reaches; each time anew, so that
    nothing of ours is held meanwhile. `on_busy` is called before each pause.

    Raises `HttpRefused` (453, 454) with the rest of a session's time-out as its wait; `NoPicture` where `cancelled`.
    """
    begun, tries = time.monotonic(), 0
    with ExitStack() as stack:
        while True:
            try:
                live = stack.enter_context(make())
                break
            except HttpRefused as exc:
                if exc.status not in _TAKEN:
                    raise
                pause_s = _pause_s(exc, tries)
                if pause_s + _PICTURE_S > deadline.left_s():
                    left_s = max(pause_s, EXPIRY_S - (time.monotonic() - begun))
                    raise HttpRefused(exc.status, exc.reason, exc.body, round(left_s)) from None
            tries += 1
            on_busy()
            if cancelled.wait(pause_s):
                raise NoPicture("another way was quicker")
        yield live


def _pause_s(refusal: HttpRefused, tries: int) -> float:
    """Until the next question. A session that the camera has forgotten between two requests (454) is asked for anew at once, the first time."""
    if refusal.wait_s is not None:
        return max(1.0, refusal.wait_s)
    if refusal.status == 454 and tries == 0:
        return 0.0
    return _PAUSES_S[min(tries, len(_PAUSES_S) - 1)]
