"""A camera adapter for one place, as the tests want it."""

from datetime import UTC, datetime

from provisioner.camera.adapter import OnvifCamera
from provisioner.camera.checkup import Asked, Checkup
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings, FrameSource
from provisioner.secret import Secret
from tests.camera.scripted import PASSWORD

SERIAL = "ACC8E0123456"


def now() -> datetime:
    """Server time."""
    return datetime.now(UTC)


def settings(frame_source: FrameSource = "auto", operation_s: float = 8.0, silence_s: float = 5.0,
             reply_most_bytes: int = 4 * 1024 * 1024) -> CameraSettings:
    """The adapter's settings with what a test changes."""
    return CameraSettings(frame_source=frame_source, operation_s=operation_s, silence_s=silence_s, reply_most_bytes=reply_most_bytes)


class OnePlace:
    """A place book with one place for every serial number."""

    def __init__(self, place: CameraPlace | None) -> None:
        self.place = place

    def place_of(self, serial: str) -> CameraPlace | None:
        """The place."""
        return self.place


def place(port: int, password: str | None = PASSWORD, username: str = "admin", host: str = "127.0.0.1", rtsp_port: int | None = None) -> CameraPlace:
    """A place on loopback."""
    return CameraPlace(host, port, username, None if password is None else Secret(password), rtsp_port)


def camera_at(where: CameraPlace | None, how: CameraSettings | None = None) -> OnvifCamera:
    """An adapter that finds every camera at `where`."""
    return OnvifCamera(OnePlace(where), how or settings(), now)


def checked(camera: OnvifCamera, where: CameraPlace, deadline_s: float = 15.0) -> Checkup:
    """The check of the camera at a place, asked on a UDP port where nobody announces anything."""
    return camera.check(where, Asked(discovery_port=9, deadline_s=deadline_s))
