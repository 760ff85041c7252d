"""The simulated operator. He takes his looks through the camera itself, with credentials of his own, and reads the code in the picture: what the camera
writes into it (`reading.py`), or the card that somebody holds before the lens.

Nothing is handed to him beside the picture: if the wrong camera is aimed at the wrong card, that is what he reports.
Pictures live in memory for as long as one look lasts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

import cv2
import numpy as np
import requests
from cv2.typing import MatLike
from requests.auth import HTTPDigestAuth

from simulators.alarm_centre.reading import read_text_code

CODE_CHARACTERS_MOST = 64
PAUSE_S = 0.05  # between two pictures; a card that moves is sharp in one of the next


@dataclass(frozen=True, slots=True)
class Seen:
    """What an operator says after a look. No picture at all and a picture without a code are two different things."""

    picture: bool
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How the alarm centre reaches one camera. Kept apart from the registry: nothing of it travels over MQTT."""

    host: str
    http_port: int
    rtsp_port: int
    user: str
    password: str
    snapshot_path: str = "/snapshot/profile_main.jpg"
    rtsp_path: str = "/stream/profile_main"
    via: str = "either"  # "snapshot", "rtsp", or "either": the still picture first, because it is there in milliseconds

    def __repr__(self) -> str:
        return f"Access({self.host}:{self.http_port}, {self.user}, ***)"


class Operator:
    """`look` blocks for as long as a person would look: until the code is read, or `patience_s` are over."""

    def __init__(self, cameras: Mapping[str, Access] | None = None, *, patience_s: float = 3.0) -> None:
        self.patience_s = patience_s
        self.misreads: str | None = None  # a lever: what he says instead of what he read
        self._cameras = dict(cameras or {})
        self._lock = threading.Lock()

    def knows(self, camera_serial: str, access: Access) -> None:
        with self._lock:
            self._cameras[camera_serial] = access

    def credentials(self, camera_serial: str, user: str, password: str) -> None:
        """They rotate. KeyError for a camera he does not have."""
        with self._lock:
            self._cameras[camera_serial] = replace(self._cameras[camera_serial], user=user, password=password)

    def look(self, camera_serial: str, *, wants_code: bool) -> Seen:
        with self._lock:
            access = self._cameras.get(camera_serial)
        if access is None:
            return Seen(picture=False)
        give_up_at_s = time.monotonic() + self.patience_s
        seen = Seen(picture=False)
        for frame in _frames(access, give_up_at_s):
            seen = Seen(picture=True, code=read_code(frame) if wants_code else None)
            if seen.code is not None or not wants_code:
                break
        if seen.picture and wants_code and self.misreads is not None:
            return Seen(picture=True, code=self.misreads)
        return seen


def read_code(frame: MatLike) -> str | None:
    """The code in a picture, or None: the camera's own text, else the text of a QR code.

    The QR code is tried as it is, then at half size, which evens a noisy picture out, then by OpenCV's other finder: of the 4,096 codes of the card the first
    alone misses 5 at 1920 x 1080 and 8 at 640 x 360, the three together none (all measured, OpenCV 5.0).
    """
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
    written = read_text_code(grey)
    if written is not None:
        return written
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for finder, picture in ((cv2.QRCodeDetector(), grey), (cv2.QRCodeDetector(), half), (cv2.QRCodeDetectorAruco(), grey)):
        try:
            text = finder.detectAndDecode(picture)[0]
        except cv2.error:  # seen on pictures where it takes a pattern for a code of impossible size
            continue
        if text:
            return str(text)[:CODE_CHARACTERS_MOST]
    return None


def _frames(access: Access, give_up_at_s: float) -> Iterator[MatLike]:
    """Pictures until the time is over. Where one way gives none, the other one is tried."""
    while time.monotonic() < give_up_at_s:
        frame = _snapshot(access, give_up_at_s) if access.via in ("snapshot", "either") else None
        if frame is not None:
            yield frame
        elif access.via in ("rtsp", "either"):
            yield from _stream(access, give_up_at_s)
        time.sleep(PAUSE_S)


def _snapshot(access: Access, give_up_at_s: float) -> MatLike | None:
    wait_s = max(0.05, give_up_at_s - time.monotonic())
    try:
        answer = requests.get(
            f"http://{access.host}:{access.http_port}{access.snapshot_path}", auth=HTTPDigestAuth(access.user, access.password), timeout=wait_s,
        )  # fmt: skip
    except requests.RequestException:
        return None
    if answer.status_code != 200 or not answer.content:
        return None
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)


def _stream(access: Access, give_up_at_s: float) -> Iterator[MatLike]:
    wait_ms = max(50, int(1000 * (give_up_at_s - time.monotonic())))
    # OpenCV takes a password only within the URL; it stays in this process.
    url = f"rtsp://{quote(access.user, safe='')}:{quote(access.password, safe='')}@{access.host}:{access.rtsp_port}{access.rtsp_path}"
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait_ms])
    try:
        while capture.isOpened() and time.monotonic() < give_up_at_s:
            is_good, frame = capture.read()
            if not is_good:
                return
            yield frame
    finally:
        capture.release()
