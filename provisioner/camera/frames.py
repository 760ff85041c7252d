"""The first frame: a snapshot over HTTP where the camera has one, otherwise the stream. It lives in memory, in one array, until it is judged.

Whoever gets a frame from here calls `wipe` on it. Nothing is written, cached or logged.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from provisioner.camera.attempts import Attempts
from provisioner.camera.challenge import ChallengedLogin
from provisioner.camera.errors import CannotDo, ClosedOnUs, HttpRefused, NoPicture, NotThere, OutOfTime
from provisioner.camera.http import HttpAnswer, HttpLink
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.onvif import path_of
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import SecretInClear
from provisioner.camera.rtsp import StreamAddress
from provisioner.camera.settings import CameraSettings

if TYPE_CHECKING:
    from provisioner.scene.pictures import Frame

# probesize 32 ends FFmpeg's looking-around after the first packets (1.15 s becomes 0.1 s); only the video is asked for, because an announced but
# silent microphone would be waited for. Never `nobuffer`: it throws away the packets read while probing, the first whole picture among them.
# The list of codecs is for the looking-around alone: FFmpeg decodes a first picture of anything on it once to see what it is, and then again to give it
# out. H.264 and H.265 tell what they are in their parameter sets, so they are left off the list, and decoded once (17 ms become 8 for 1080p).
CAPTURE_OPTIONS = "rtsp_transport;tcp|probesize;32|allowed_media_types;video|codec_whitelist;mjpeg,mpeg4,h263,mpeg2video,vp8,vp9,libdav1d"
_WARM_LOCK = threading.Lock()
_ready = False
_JPEG_BEGIN, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_TRIES_MOST = 4
_HALVED_FROM_PX = 1920
_SIDE_MOST_PX = 8192   # a picture of more than this in one direction is no camera's
_MOST_PX = 24_000_000  # nor of more than this in all; decoded at half size it takes 18 MB


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame and how it was got. `source` is `snapshot` or `rtsp`; the size in pixels is the camera's, `frame` may be smaller."""

    frame: "Frame"
    source: str
    codec: str
    width_px: int
    height_px: int


def wipe(frame: "Frame") -> None:
    """Overwrite the pixels, so that no part of the home stays in freed memory."""
    frame.fill(0)


def ready_opencv() -> Any:
    """The module cv2, imported and set up once: one thread (the daemon parallelises over cameras), silent, our capture options.

    The options are FFmpeg's for the whole process and read at each open; so they are set once, before the first.
    """
    global _ready
    with _WARM_LOCK:
        if not _ready:
            os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = CAPTURE_OPTIONS
            os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"  # AV_LOG_QUIET: FFmpeg writes straight to standard error otherwise
            for name in ("OPENCV_VIDEOIO_DEBUG", "OPENCV_FFMPEG_DEBUG"):  # the first prints the stream's address, password and all
                os.environ.pop(name, None)
            import cv2

            cv2.setNumThreads(1)
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
            _ready = True
    import cv2

    return cv2


# -- snapshot ---------------------------------------------------------------------------------------------------------------


class SnapshotLink:
    """Stills from one camera, with the digest login kept from picture to picture."""

    def __init__(self, uri: str, place: CameraPlace, settings: CameraSettings, onvif: HttpLink, basic: SecretInClear = "never") -> None:
        self._place = place
        self._settings = settings
        self._path = path_of(uri)
        # A connection of its own: a slow still must not keep ONVIF from being asked for a whole picture of the stream.
        self._links = [HttpLink(place.host, onvif.port, settings.connect_s, onvif.tls), *self._other_port(uri, onvif)]
        self._login = ChallengedLogin(place, basic, "snapshot", inside_tls=onvif.tls is not None)

    def _other_port(self, uri: str, onvif: HttpLink) -> list[HttpLink]:
        """Some cameras serve pictures at another port than ONVIF; the port they tell is tried where the one that answered has no such page."""
        try:
            port = urlsplit(uri).port or 80
        except ValueError:
            return []
        return [] if port == onvif.port else [HttpLink(self._place.host, port, self._settings.connect_s, onvif.tls)]

    def close(self) -> None:
        """Close what this object opened."""
        for link in self._links:
            link.close()

    def hurry(self) -> None:
        """End a picture that is being taken in another thread: nobody waits for it any more."""
        for link in self._links:
            link.interrupt()

    def take(self, deadline: Deadline, attempts: Attempts) -> Taken:
        """One still. Raises `LoginRefused`, `HttpRefused`, `NoPicture` and what the connection raises."""
        answer = self._get(deadline, attempts)
        if answer.status != 200:
            raise HttpRefused(answer.status, "", answer.body[:1000].decode("utf-8", "replace"))
        width_px, height_px = jpeg_size(answer.body)
        return Taken(decoded(answer.body, width_px), "snapshot", "JPEG", width_px, height_px)

    def _get(self, deadline: Deadline, attempts: Attempts) -> HttpAnswer:
        missing: HttpAnswer | None = None
        for link in list(self._links):
            try:
                answer = self._get_from(link, deadline, attempts)
            except (NotThere, ClosedOnUs):
                if missing is None:
                    raise
                break
            if answer.status not in (404, 405):
                if link is not self._links[0]:
                    self._links.reverse()
                return answer
            missing = missing or answer
        assert missing is not None
        return missing

    def _get_from(self, link: HttpLink, deadline: Deadline, attempts: Attempts) -> HttpAnswer:
        settings = self._settings
        for _ in range(_TRIES_MOST):
            login = self._login.header("GET", self._path)
            allowance = Allowance(deadline.sooner(settings.snapshot_s), settings.snapshot_most_bytes, settings.silence_s)
            answer = link.exchange("GET", self._path, {"Authorization": login} if login is not None else {}, None, allowance)
            if answer.status != 401:
                self._login.worked(attempts)
                return answer
            self._login.refused(answer.challenges, answer.body[:4096].decode("utf-8", "replace"), answer.retry_after, attempts)
        raise NoPicture("asks for a new login without end")


def jpeg_size(body: bytes) -> tuple[int, int]:
    """Width and height of a JPEG in pixels, from its frame header (ITU-T T.81, B.2.2). Raises `NoPicture` for anything else.

    Cameras answer 200 with a web page, with nothing, or with half a file, which a decoder would fill up with grey.
    """
    if not body.startswith(_JPEG_BEGIN):
        raise NoPicture("no JPEG" if body else "an empty answer")
    if _JPEG_END not in body[-4096:]:
        raise NoPicture("half a JPEG")
    at = 2
    while at + 9 < len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height_px, width_px = int.from_bytes(body[at + 5 : at + 7], "big"), int.from_bytes(body[at + 7 : at + 9], "big")
            if 32 <= width_px <= _SIDE_MOST_PX and 32 <= height_px <= _SIDE_MOST_PX and width_px * height_px <= _MOST_PX:
                return width_px, height_px
            raise NoPicture(f"a picture of {width_px} by {height_px}")
        at += 2 + length
    raise NoPicture("a JPEG without a size")


def decoded(body: bytes, width_px: int) -> "Frame":
    """The pixels of a JPEG, at half its size where it is wide enough for that: what is judged needs no more, and it costs half."""
    cv2 = ready_opencv()
    import numpy as np

    try:
        frame = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR if width_px < _HALVED_FROM_PX else cv2.IMREAD_REDUCED_COLOR_2)
    except cv2.error:
        frame = None
    if frame is None:
        raise NoPicture("a JPEG that cannot be decoded")
    return _checked(frame)


def _checked(frame: Any) -> "Frame":
    if frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < 16 or max(frame.shape[:2]) > _SIDE_MOST_PX:
        raise NoPicture(f"a picture of {frame.shape}")
    checked: Frame = frame
    return checked


# -- video ------------------------------------------------------------------------------------------------------------------


def decoded_video(picture: bytes) -> "Frame":
    """The pixels of one H.264 or H.265 picture that stands alone. Raises `NoPicture`.

    OpenCV decodes video from a file name only (its reader of Python objects crashes the interpreter in 5.0.0.93), so the bytes are given to it in a
    file without a name that lives in memory, and is gone when it is closed.
    """
    cv2 = ready_opencv()
    file = os.memfd_create("picture", os.MFD_CLOEXEC)
    try:
        left = memoryview(picture)
        while left:
            left = left[os.write(file, left):]
        capture = cv2.VideoCapture(f"/proc/self/fd/{file}", cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        try:
            got, frame = capture.read() if capture.isOpened() else (False, None)
        finally:
            capture.release()
    except cv2.error:
        got, frame = False, None
    finally:
        os.close(file)
    if not got or frame is None:
        raise NoPicture("a picture that cannot be decoded")
    return _checked(frame)


# -- stream -----------------------------------------------------------------------------------------------------------------


def from_stream(address: StreamAddress, place: CameraPlace, with_login: bool, codec: str, settings: CameraSettings, deadline: Deadline,
                is_whole: Callable[["Frame"], bool]) -> Taken:
    """The first frame of the stream that `is_whole`, or the last one that came. Raises `NoPicture`, `OutOfTime`, `CannotDo`.

    FFmpeg's time-outs are set so that open, and the read that is under way when time ends, fit into `deadline`: control returns after open + 2 reads
    at the worst. A read that times out is repeated: the next whole picture of a long GOP may be further away than one read waits.
    The session is always torn down.
    """
    if address.tls:
        raise CannotDo(f"{codec} over TLS")  # FFmpeg would not hold the certificate against our pin
    cv2 = ready_opencv()
    left_s = deadline.left_s()
    read_s = min(settings.rtsp_read_s, left_s / 5)
    open_s = min(settings.rtsp_open_s, left_s - 2 * read_s)
    if open_s < 0.05:
        raise OutOfTime(0)
    capture = cv2.VideoCapture(_url_for_opencv(address, place, with_login), cv2.CAP_FFMPEG,
                               [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(open_s * 1000), cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(read_s * 1000),
                                cv2.CAP_PROP_N_THREADS, 1])
    kept: Frame | None = None
    try:
        if not capture.isOpened():
            if left_s - deadline.left_s() >= 0.9 * open_s:
                raise OutOfTime(0)
            raise NoPicture("the stream did not open")
        while (left_s := deadline.left_s()) > read_s:
            got, frame = capture.read()
            if not got and left_s - deadline.left_s() < read_s / 2:
                raise NoPicture("the stream ended")  # a read that failed without waiting fails for ever
            if not got:
                continue
            if kept is not None:
                wipe(kept)
            kept = _checked(frame)
            if is_whole(kept):
                break
    finally:
        capture.release()
    if kept is None:
        raise OutOfTime(0)
    return Taken(kept, "rtsp", codec, kept.shape[1], kept.shape[0])


def _url_for_opencv(address: StreamAddress, place: CameraPlace, with_login: bool) -> str:
    """OpenCV takes a login only inside the address. The text is made here, handed over, and kept by nobody; every special character is escaped."""
    if not with_login or place.password is None:
        return address.url
    login = f"{quote(place.username, safe='')}:{quote(place.password.reveal(), safe='')}@"
    return address.url.replace("rtsp://", f"rtsp://{login}", 1)
