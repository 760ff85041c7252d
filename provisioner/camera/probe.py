"""A look at the room as it is and as the night will show it, within one visit: day, infrared with the lamp, infrared without, and a short exposure where
the night is blown.

The camera is ours, so its own light can be taken away: what is left is other people's, and the difference is the lamp's. Whatever a camera cannot do is
said in `missing`, and the rest is judged. Each picture that comes counts (D11), also one taken only because the camera had not followed yet. The
pictures are overwritten when they are judged, and the camera is put back as it was, whatever happened (`light.py`).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble
from provisioner.camera.faults import fault_from
from provisioner.camera.frames import ready_opencv, wipe
from provisioner.camera.light import Light, LightBook
from provisioner.camera.net import Deadline
from provisioner.camera.progress import Progress, Step
from provisioner.camera.seeing import see
from provisioner.camera.settings import CameraSettings
from provisioner.camera.shelf import Shelf
from provisioner.camera.visit import Visit
from provisioner.case.model import FrameReport
from provisioner.case.view_check import Look, Measure, SceneCheck, ViewAsked
from provisioner.fault import Text

if TYPE_CHECKING:
    from provisioner.scene.pictures import Frame

ALIVE_S = 110.0        # all pictures are gone after so long, whatever the caller's deadline says (D10: 120)
BACK_S = 12.0          # kept back for putting the camera back: five calls of 2 s, and what it needs to follow
WIDTH_PX = 1280        # what is judged is measured at this width at most; more would be memory and time for noise
BLOWN_LUMA, BLOWN_SHARE = 245, 0.003   # 0.96 of full, in three of a thousand pixels: from there on glare is called glare
SHORT = 0.1            # of the exposure: white cloth near the lens falls to a third of full, the lamp's own image stays clipped
LAMP_LUMA = 1.0        # grey levels, the mean difference that a lamp makes at least where it lights anything
COLOUR = 2.0           # grey levels between the channels, mean; infrared pictures have 0 to 1, compression included
_AGAIN = 3.0           # times longer is the second wait for a picture that follows

NO_LEVERS = Text("Kameran låter inte sitt nattläge ställas härifrån: natten är inte prövad. Titta på bilden när det är mörkt.",
                 "The camera does not let its night mode be set from here: the night was not tried. Look at the picture when it is dark.")
FILTER_STAYS = Text("Kameran gick inte över till nattläge: natten är inte prövad. Titta på bilden när det är mörkt.",
                    "The camera did not go over to night mode: the night was not tried. Look at the picture when it is dark.")
NO_LAMP = Text("Kamerans lampa går inte att släcka härifrån: vad som är dess eget sken går inte att skilja ut.",
               "The camera's lamp cannot be switched off from here: its own light cannot be told apart.")
LIT = Text("Rummet är ljust: kamerans lampa syns inte i bilden. Släck och dra för gardinerna, och gör om kontrollen.",
           "The room is lit: the camera's lamp does not show in the picture. Put out the lights, draw the curtains, and check again.")
DARK_ALREADY = Text("Rummet var mörkt redan: dagbilden är tagen i nattläge.", "The room was dark already: the day picture was taken in night mode.")
USED_UP = Text("Bilderna räckte inte till hela kontrollen. Skanna etiketten igen för ett nytt besök och gör om den.",
               "There were not enough frames for the whole check. Scan the label again for a new visit and check again.")
NOT_BACK = Text("Kamerans egna inställningar för dag och natt gick inte att läsa tillbaka. De ställs tillbaka nästa gång kameran nås.",
                "The camera's own settings for day and night could not be read back. They are put back the next time that the camera is reached.")


class Probe:
    """One run on one camera. Raises `CameraTrouble` where not even the room as it is could be seen."""

    def __init__(self, visit: Visit, light: Light, asked: ViewAsked, settings: CameraSettings, deadline: Deadline, attempts: Attempts, progress: Progress,
                 shelf: Shelf | None) -> None:
        self._visit, self._light, self._asked, self._settings = visit, light, asked, settings
        self._all = deadline.sooner(ALIVE_S)
        self._deadline, self._attempts, self._progress, self._shelf = self._all, attempts, progress, shelf
        self._pictures: dict[Look, Frame] = {}
        self._missing: list[Text] = []
        self._measures: list[Measure] = []
        self._taken = 0
        self._source = ""
        self._exposure: str = "none"

    def run(self, serial: str) -> FrameReport:
        """Look, judge, wipe. The drawing is laid on the shelf, where there is one."""
        begun_s = time.monotonic()
        try:
            with self._visit.lens.on_room(self._visit.profile(self._all, self._attempts), self._all, self._attempts) as self._all:
                report, restored = self._looked()
            if not report.trusted or not self._pictures:
                return replace(report, frames=self._taken)
            self._progress(Step.JUDGING)
            looks = tuple(self._pictures)
            self._blown("night_short", "blown_share_short")
            seen = see(self._pictures, self._asked, self._settings.frame_limits, draw=self._shelf is not None)
        finally:
            for picture in self._pictures.values():
                wipe(picture)
            self._pictures.clear()
        if self._shelf is not None:
            self._shelf.lay(serial, seen.drawing, begun_s)
        scene = SceneCheck(looks, self._exposure, restored, tuple(self._missing), seen.findings, (*self._measures, *seen.measures),  # type: ignore[arg-type]
                           seen.bed, seen.sign_places)
        return replace(report, frames=self._taken, scene=scene)

    # -- taking -------------------------------------------------------------------------------------------------------------------

    def _looked(self) -> tuple[FrameReport, bool | None]:
        """The room as it is, then the night; the camera as it was. Whether that was read back; None where nothing was changed."""
        report = self._day()
        self._taken = 1
        if not report.trusted or "day" not in self._pictures:
            return report, None
        if self._asked.frames_most < 2:
            if self._asked.frames_most == 1:
                self._missing.append(USED_UP)
            return report, None
        restored: bool | None = None
        try:
            self._deadline = self._all.sooner(self._all.left_s() - BACK_S)
            self._night()
        except CameraTrouble as exc:
            hint = fault_from(exc, "night").hint
            self._missing.append(Text(f"Natten gick inte att pröva: {hint.sv}", f"The night could not be tried: {hint.en}"))
        finally:
            try:
                restored = self._light.put_back(self._all)
            except CameraTrouble:
                restored = False
        if restored is False:
            self._missing.append(NOT_BACK)
        return report, restored

    def _day(self) -> FrameReport:
        keep = _Keep()
        try:
            report = self._visit.first_whole(self._deadline, self._attempts, time.monotonic(), self._progress, keep.of)
            self._source = report.source
            found = keep.taken(report.source)
            if found is not None and report.trusted:
                self._pictures["day"] = found
            return report
        finally:
            keep.wipe()

    def _night(self) -> None:
        """Filter out and lamp on; the exposure held; lamp off; a shorter one where the night is blown."""
        self._progress(Step.SETTING)
        light, day = self._light, self._pictures["day"]
        if not light.find(self._visit.profile(self._deadline, self._attempts)):
            self._missing.append(NO_LEVERS)
            return
        dark_already = _colour(day) < COLOUR
        if dark_already:
            self._missing.append(DARK_ALREADY)
        if not light.to_night():
            self._missing.append(FILTER_STAYS)
            return
        if not self._followed("night", lambda frame: dark_already or _colour(frame) < COLOUR):
            self._missing.append(FILTER_STAYS)
            return
        if dark_already:
            wipe(self._pictures.pop("day"))  # it was none
        self._blown("night", "blown_share_night")
        if not light.has_lamp:
            self._missing.append(NO_LAMP)
            return
        self._exposure = "locked" if light.lock_exposure() else "estimated"
        night = self._pictures["night"]
        if self._left <= 0:
            self._missing.append(USED_UP)
            return
        if not light.lamp_off():
            self._missing.append(NO_LAMP)
            return
        followed = self._followed("night_off", lambda frame: _apart(night, frame) >= LAMP_LUMA, keep_anyway=True)
        off = self._pictures.get("night_off")
        if off is not None:
            self._measures.append(Measure("lamp_difference_luma", round(_apart(night, off), 2), "grey levels"))
        if not followed:
            self._missing.append(LIT)
            for look in ("night_off", "night") if "day" in self._pictures else ("night_off",):  # daylight without colour: judged as night it would mislead
                if (found := self._pictures.pop(look, None)) is not None:
                    wipe(found)
            return
        if self._share_blown(night) >= BLOWN_SHARE and self._left > 0 and light.lamp_on() and light.lock_exposure(SHORT):
            self._followed("night_short", lambda _: True, keep_anyway=True)

    @property
    def _left(self) -> int:
        return self._asked.frames_most - self._taken

    def _followed(self, look: Look, shows: Callable[["Frame"], bool], *, keep_anyway: bool = False) -> bool:
        """Wait, take a picture, and once more after a longer wait where it does not show yet what was set and a frame is left."""
        told_s = self._settings.night_follows_s
        wait_s = float(self._visit.onvif.manners.night_follows_s) if told_s is None else told_s
        for again in (False, True):
            if self._left <= 0 or self._deadline.left_s() <= wait_s:
                return False
            self._progress(Step.SETTING)
            time.sleep(wait_s)
            picture = self._picture()
            old = self._pictures.pop(look, None)
            if old is not None:
                wipe(old)
            self._pictures[look] = picture
            if shows(picture):
                return True
            if again or look != "night" or self._left <= 1:  # a filter has a motor, a lamp has none; one frame is kept for the lamp
                break
            wait_s *= _AGAIN
        if not keep_anyway:
            wipe(self._pictures.pop(look))
        return False

    def _picture(self) -> "Frame":
        keep = _Keep()
        self._taken += 1
        try:
            self._visit.see(self._source, self._deadline, self._attempts, keep.of(self._source))
            found = keep.taken(self._source)
            assert found is not None, "a whole picture was shown"
            return found
        finally:
            keep.wipe()

    def _blown(self, look: Look, name: str) -> None:
        if look in self._pictures:
            self._measures.append(Measure(name, round(self._share_blown(self._pictures[look]), 4)))

    @staticmethod
    def _share_blown(frame: "Frame") -> float:
        return float((frame.max(axis=2)[::2, ::2] >= BLOWN_LUMA).mean())


class _Keep:
    """Copies of the pictures that a visit shows, by their source, at most `WIDTH_PX` wide. Any thread: a still and a stream may race."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Frame] = {}
        self._closed = False

    def of(self, source: str) -> Callable[["Frame"], object]:
        """Keeps what it is shown."""
        def kept(frame: "Frame") -> None:
            cv2 = ready_opencv()
            height_px, width_px = frame.shape[:2]
            copy = frame.copy() if width_px <= WIDTH_PX else cv2.resize(frame, (WIDTH_PX, round(height_px * WIDTH_PX / width_px)), interpolation=cv2.INTER_AREA)
            with self._lock:
                before = self._kept.pop(source, None)
                if before is not None:
                    wipe(before)
                if self._closed:
                    wipe(copy)
                else:
                    self._kept[source] = copy

        return kept

    def taken(self, source: str) -> "Frame | None":
        """The picture of this source, now the caller's to wipe."""
        with self._lock:
            return self._kept.pop(source, None)

    def wipe(self) -> None:
        """What nobody took; also what still comes."""
        with self._lock:
            self._closed = True
            for frame in self._kept.values():
                wipe(frame)
            self._kept.clear()


def _colour(frame: "Frame") -> float:
    """Mean distance of the channels from one another, in grey levels; every fourth pixel."""
    some = frame[::4, ::4].astype("int16")
    return float(abs(some[..., 2] - some[..., 1]).mean() + abs(some[..., 1] - some[..., 0]).mean())


def _apart(one: "Frame", other: "Frame") -> float:
    """Mean absolute difference in grey levels; every fourth pixel. Infinite for pictures of two sizes."""
    if one.shape != other.shape:
        return float("inf")
    return float(abs(one[::4, ::4].astype("int16") - other[::4, ::4].astype("int16")).mean())


def probe(visit: Visit, book: LightBook, serial: str, asked: ViewAsked, settings: CameraSettings, clock: Callable[[], datetime], deadline: Deadline,
          attempts: Attempts, progress: Progress, shelf: Shelf | None) -> FrameReport:
    """See `Probe`."""
    light = Light(visit.onvif, book, serial, deadline, attempts, clock)
    return Probe(visit, light, asked, settings, deadline, attempts, progress, shelf).run(serial)
