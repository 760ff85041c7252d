"""What is under way, for the person who waits at the camera."""

import threading
from collections.abc import Callable
from enum import StrEnum

from provisioner.fault import Text


class Step(StrEnum):
    """Where an operation on a camera is. The first word of each is for machines."""

    LOGIN = "login"
    ASKING = "asking"
    SNAPSHOT = "snapshot"
    STREAM = "stream"
    TAKEN = "taken"
    WAITING = "waiting"
    AGAIN = "again"
    JUDGING = "judging"
    FINDING = "finding"
    POSTURE = "posture"
    DOORS = "doors"
    SETTING = "setting"

    @property
    def text(self) -> Text:
        """The sentence for people."""
        return _TEXTS[self]


_TEXTS = {
    Step.LOGIN: Text("Loggar in på kameran.", "Logging in to the camera."),
    Step.ASKING: Text("Frågar kameran var bilden finns.", "Asking the camera where its picture is."),
    Step.SNAPSHOT: Text("Hämtar en stillbild.", "Fetching a still picture."),
    Step.STREAM: Text("Öppnar videon.", "Opening the video."),
    Step.TAKEN: Text("Andra tittar genom kameran. Väntar på att den blir ledig; det kan ta en minut.",
                     "Others are looking through the camera. Waiting for it to become free; this may take a minute."),
    Step.WAITING: Text("Väntar på nästa hela bild i videon; det kan ta tio sekunder.", "Waiting for the next whole picture of the video; this may take ten seconds."),
    Step.AGAIN: Text("Bilden kom inte hel. Tar en ny.", "The picture was not whole. Taking another one."),
    Step.JUDGING: Text("Bedömer bilden.", "Judging the picture."),
    Step.FINDING: Text("Lyssnar efter kamerans annonsering på nätet.", "Listening for the camera's announcement on the network."),
    Step.POSTURE: Text("Läser kamerans inställningar.", "Reading the camera's settings."),
    Step.DOORS: Text("Prövar om kameran släpper in någon utan lösenord.", "Trying whether the camera lets anybody in without a password."),
    Step.SETTING: Text("Rättar kamerans inställningar.", "Setting the camera's settings right."),
}

Progress = Callable[[Step], None]
"""Called from the thread that works, or from a rival of it; returns at once and raises nothing."""


def silent(_: Step) -> None:
    """For who does not wait for anything."""


class Board:
    """What is under way at each camera, for who looks now and then. Any thread.

    A step that is over before anybody looked is never told: most take milliseconds, and nobody could read them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: dict[str, Step] = {}
        self._told: dict[str, Step] = {}

    def note(self, serial: str, step: Step | None) -> None:
        """The camera with this serial number is there now; None: nothing is under way any more."""
        with self._lock:
            if step is None:
                self._now.pop(serial, None)
                self._told.pop(serial, None)
            else:
                self._now[serial] = step

    def take(self) -> tuple[tuple[str, Step], ...]:
        """Serial number and step of all that changed since it was last taken."""
        with self._lock:
            news = tuple((serial, step) for serial, step in self._now.items() if self._told.get(serial) is not step)
            self._told.update(news)
        return news


Noted = Callable[[str, Step | None], None]
"""`Board.note`, or whoever else wants to know."""


def unnoted(_serial: str, _step: Step | None) -> None:
    """For who keeps no board."""
