"""Privacy masks for the forbidden zones, made over Media2 and proved in the picture.

What a camera answers proves nothing here: some list a mask and draw none. So the pictures before and after are compared, of every way that the camera
shows itself (the still and the stream are drawn by different parts of some firmware), and the least of them counts. Where the room is as dark or flat as
the mask, the masks are given another colour for a moment, and must follow. Pictures are kept small, in memory, and wiped.
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provisioner.camera import mask_words
from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, LoginRefused, NotOnvif
from provisioner.camera.frames import ready_opencv, wipe
from provisioner.camera.net import Deadline
from provisioner.camera.reading import Element
from provisioner.camera.soap import SoapFault
from provisioner.camera.visit import Visit
from provisioner.camera.wsdl import MEDIA2
from provisioner.case.device import Masking, Zone, ZoneProof
from provisioner.fault import Text
from provisioner.scene.zones import MaskRoom, Polygon, Wanted, encloses, same_shape, wanted_masks

if TYPE_CHECKING:
    from provisioner.scene.masks import Sight
    from provisioner.scene.pictures import Frame

PAUSES_S = (0.0, 0.5, 2.0)  # before each look at what was set: encoders of the field take 0.1-2 s to draw it; no more pictures of a home than that
PICTURE_S = 6.0   # for one picture of one way
ENOUGH = 0.99     # as `ZoneProof.proved`
NEARLY = 0.8      # of a zone, where a text of the camera's own stands over the mask; a clock takes 1 % of the picture
TEXT_FROM = 0.8   # of the picture's half height: cameras write in the outermost tenth
YCBCR = "http://www.onvif.org/ver10/colorspace/YCbCr"
RGB = "http://www.onvif.org/ver10/colorspace/RGB"
_DENIALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused)
_MOST = 64        # masks, and corners of one; no camera has so many

Colour = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What GetMaskOptions tells. `colours`: the one for good and the one for the proof, each None where the camera chooses or has no second one."""

    room: MaskRoom
    kind: str
    colours: tuple[Colour | None, Colour | None]


class Masker:
    """One run on one camera."""

    def __init__(self, visit: Visit, zones: tuple[Zone, ...], deadline: Deadline, attempts: Attempts, clock: Callable[[], datetime]) -> None:
        self._visit = visit
        self._zones = zones
        self._deadline = deadline
        self._attempts = attempts
        self._clock = clock
        self._source = ""

    def run(self) -> Masking:
        """Make exactly these masks, read them back, look. Masks that cover none of the zones are taken away: the zones are what the person on site said,
        and masks of an earlier home hide the new one's bed. Raises `CameraTrouble`; `ValueError` for a zone without area."""
        visit, deadline, attempts = self._visit, self._deadline, self._attempts
        wanted_masks(self._zones, MaskRoom())
        if visit.onvif.manners.masks_way == "by_hand":
            return self._cannot(mask_words.BY_HAND)
        profile = visit.profile(deadline, attempts)
        try:
            self._source = profile.source or self._first_source()
            options = self._options()
        except CannotDo:
            return self._cannot(mask_words.NO_MASKS)
        if options is None:
            return self._cannot(mask_words.NO_MASKS)
        with visit.lens.on_room(profile, deadline, attempts) as self._deadline:
            wanted = wanted_masks(self._zones, options.room)
            before = self._pictures() if self._zones else {}
            try:
                made = self._make(wanted, options)
                if made is None:
                    return self._cannot(mask_words.NO_MASKS)
                sights = self._proved(before, wanted, options)
            finally:
                _wipe_all(before)
        return self._masking(made, sights, wanted, options)

    # -- asking and setting ---------------------------------------------------------------------------------------------------

    def _call(self, operation: str, **arguments: Any) -> Element:
        return self._visit.onvif.service(MEDIA2, operation, self._deadline, self._attempts, **arguments)

    def _first_source(self) -> str:
        found = self._call("GetVideoSourceConfigurations").all("Configurations")
        if not found:
            raise CannotDo("no video source configuration")
        return found[0].attribute("token")

    def _options(self) -> Options | None:
        """None: no masks. A camera that cannot be asked is tried with what the least one can."""
        try:
            answer = self._call("GetMaskOptions", ConfigurationToken=self._source).first("Options")
        except SoapFault:
            answer = None
        if answer is None:
            return Options(MaskRoom(), "Color", (None, None))
        most = answer.number("MaxMasks")
        if most is not None and most <= 0:
            return None
        only = answer.attribute("RectangleOnly").lower() in ("true", "1")
        kinds = [one.text() for one in answer.all("Types")]
        kind = "Color" if not kinds or "Color" in kinds else kinds[0]
        colours = _colours(answer.first("Color")) if kind == "Color" else (None, None)
        return Options(MaskRoom(min(most or 4, _MOST), answer.number("MaxPoints") or 4, only), kind, colours)

    def _listed(self) -> list[tuple[str, Polygon, bool, Element]]:
        """Token, shape and whether it is on, of each mask of our video source."""
        found = []
        for one in self._call("GetMasks", ConfigurationToken=self._source).all("Masks")[:_MOST]:
            points = one.all("Polygon", "Point")
            try:
                shape = tuple((_finite(point.attribute("x")), _finite(point.attribute("y"))) for point in points) if len(points) <= _MOST else ()
            except ValueError:
                shape = ()  # covers nothing that we know of
            found.append((one.attribute("token"), shape, one.text("Enabled").lower() in ("true", "1"), one))
        return found

    def _make(self, wanted: tuple[Wanted, ...], options: Options) -> tuple[Polygon, ...] | None:
        """What is there is kept where it fits, the rest set anew: new masks before old ones go, so that nothing is uncovered in between. The shapes that
        are on afterwards; None: the camera has no masks after all."""
        try:
            there = self._listed()
        except SoapFault as exc:
            if is_unknown(exc):
                return None
            raise
        missing = []
        for one in wanted:
            match = next((mask for mask in there if mask[2] and same_shape(mask[1], one.shape) and mask[3].text("Type") == options.kind), None)
            if match is None:
                missing.append(one)
            else:
                there.remove(match)
        for one in missing:
            room_left = len(there) + len(wanted) - len(missing) < options.room.masks_most
            token = "" if room_left or not there else there.pop()[0]
            if not self._set(token, one.shape, options, options.colours[0]) and not token and there:
                self._set(there.pop()[0], one.shape, options, options.colours[0])  # fuller than it says: an old one gives its place
        for token, _, _, _ in there:
            with suppress(SoapFault):
                self._call("DeleteMask", Token=token)
        return tuple(shape for _, shape, on, _ in self._listed() if on)

    def _set(self, token: str, shape: Polygon, options: Options, colour: Colour | None) -> bool:
        """Create (no token) or change a mask; a camera that refuses the colour is asked without one, and one that refuses the shape with its rectangle."""
        box = wanted_masks((shape,), MaskRoom())[0].shape
        for corners, paint in dict.fromkeys(((shape, True), (shape, False), (box, True), (box, False))):
            mask = {"ConfigurationToken": self._source, "Polygon": {"Point": [{"x": round(x, 4), "y": round(y, 4)} for x, y in corners]},
                    "Type": options.kind, "Enabled": True}
            if paint and colour is not None:
                mask["Color"] = colour
            elif paint:
                continue
            try:
                self._call("SetMask" if token else "CreateMask", Mask={**mask, "token": token} if token else mask)
            except SoapFault as exc:
                if is_unknown(exc) or "MaxMasks" in exc.codes:
                    return False
                continue
            return True
        return False

    # -- looking --------------------------------------------------------------------------------------------------------------

    def _pictures(self, ways: Sequence[str] = ("snapshot", "rtsp")) -> dict[str, "Frame"]:
        """One small picture of each way that gives one; the caller wipes them."""
        ready_opencv()
        from provisioner.scene.masks import kept

        found: dict[str, Frame] = {}

        def keep(way: str) -> Callable[["Frame"], None]:
            def see(frame: "Frame") -> None:
                if way in found:
                    wipe(found[way])
                found[way] = kept(frame)
            return see

        try:
            for way in ways:
                try:
                    self._visit.see(way, self._deadline.sooner(min(PICTURE_S, self._deadline.left_s() / 4)), self._attempts, keep(way))
                except LoginRefused:
                    raise
                except CameraTrouble:
                    continue  # no picture this way: the zones stay unproved by it
        except BaseException:
            _wipe_all(found)
            raise
        return found

    def _proved(self, before: dict[str, "Frame"], wanted: tuple[Wanted, ...], options: Options) -> tuple["Sight | None", ...]:
        """Each zone as the worst picture shows it; None where there was nothing to compare."""
        if not self._zones:
            return ()
        sights = self._compared(before)
        if any(sight is not None and sight.covered < ENOUGH <= sight.covered + sight.undecided for sight in sights) and None not in options.colours:
            sights = self._recoloured(wanted, options, before) or sights
        return sights

    def _compared(self, before: dict[str, "Frame"], *, recoloured: bool = False) -> tuple["Sight | None", ...]:
        from provisioner.scene.masks import seen

        worst: tuple[Sight | None, ...] = tuple(None for _ in self._zones)
        for pause_s in PAUSES_S if before else ():
            if self._deadline.left_s() <= pause_s:
                break
            time.sleep(pause_s)
            after = self._pictures(tuple(before))
            try:
                each = [seen(before[way], after[way], self._zones, recoloured=recoloured) for way in after]
                # A way that gives no second picture leaves the zones unproved.
                blind = len(after) < len(before)
            finally:
                _wipe_all(after)
            if each:
                worst = tuple(None if blind else min(column, key=lambda sight: (sight.covered + sight.undecided, sight.covered))
                              for column in zip(*each, strict=True))
            if each and not blind and all(sight is not None and sight.covered + sight.undecided >= ENOUGH for sight in worst):
                break
        return worst

    def _recoloured(self, wanted: tuple[Wanted, ...], options: Options, before: dict[str, "Frame"]) -> tuple["Sight | None", ...] | None:
        """Show the masks in the other colour, then in their own: what follows is a mask. None where that cannot be done; the own colour is always put
        back, before anything is told."""
        second: dict[str, Frame] = {}
        try:
            if not self._paint(wanted, options, options.colours[1]):
                self._paint(wanted, options, options.colours[0])
                return None
            time.sleep(PAUSES_S[1])
            second = self._pictures(tuple(before))
        finally:
            painted = self._paint(wanted, options, options.colours[0])
        try:
            return self._compared(second, recoloured=True) if painted and len(second) == len(before) else None
        finally:
            _wipe_all(second)

    def _paint(self, wanted: tuple[Wanted, ...], options: Options, colour: Colour | None) -> bool:
        masks = self._listed()
        tokens = [next((token for token, shape, on, _ in masks if on and encloses(shape, one.shape)), "") for one in wanted]
        painted = True
        for token, one in zip(tokens, wanted, strict=True):
            painted = bool(token) and self._set(token, one.shape, options, colour) and painted
        return painted

    # -- telling --------------------------------------------------------------------------------------------------------------

    def _masking(self, made: tuple[Polygon, ...], sights: tuple["Sight | None", ...], wanted: tuple[Wanted, ...], options: Options) -> Masking:
        proofs, under_text = [], False
        for zone, sight in zip(self._zones, sights, strict=True):
            hopeless = sight is not None and sight.covered + sight.undecided < ENOUGH
            if hopeless and sight is not None and sight.covered + sight.undecided >= NEARLY and self._has_text_over(zone):
                under_text, hopeless = True, False
            told = None if sight is None or (not hopeless and sight.covered < ENOUGH) else round(sight.covered, 4)
            proofs.append(ZoneProof(any(encloses(shape, zone) for shape in made), told))
        sentence = mask_words.sentence(tuple(proofs), wider=any(one.wider for one in wanted), kind=options.kind, under_text=under_text)
        return Masking(tuple(proofs), True, self._clock(), sentence)

    def _has_text_over(self, zone: Zone) -> bool:
        """Whether the camera writes something of its own in a corner that the zone reaches into: what stands there is no room, but it hides the mask."""
        try:
            texts = self._call("GetOSDs").all("OSDs")
        except _DENIALS:
            return False
        corners = {one.text("Position", "Type") for one in texts}
        top, bottom, left, right = (any(test(x, y) for x, y in zone) for test in (lambda _, y: y > TEXT_FROM, lambda _, y: y < -TEXT_FROM,
                                                                                  lambda x, _: x < 0, lambda x, _: x > 0))
        reached = {name for name, is_so in (("UpperLeft", top and left), ("UpperRight", top and right), ("LowerLeft", bottom and left),
                                            ("LowerRight", bottom and right), ("Custom", True)) if is_so}
        return not corners.isdisjoint(reached)

    def _cannot(self, sentence: Text) -> Masking:
        return Masking(tuple(ZoneProof(False, None) for _ in self._zones), False, self._clock(), sentence)


def is_unknown(exc: SoapFault) -> bool:
    """Whether the camera says that it knows no such call (ONVIF Core, generic faults)."""
    return not {"ActionNotSupported", "UnknownAction", "NotImplemented"}.isdisjoint(exc.codes)


def _wipe_all(pictures: dict[str, "Frame"]) -> None:
    for frame in pictures.values():
        wipe(frame)
    pictures.clear()


def _colours(options: Element | None) -> tuple[Colour | None, Colour | None]:
    """Black for good, and a light one for the proof: both of no hue, because at night cameras show none (tt:ColorOptions, tt:Color)."""
    if options is None:
        return None, None
    listed = [(_luma(one.attribute("Colorspace") or YCBCR, *values), {"X": values[0], "Y": values[1], "Z": values[2], "Colorspace": one.attribute("Colorspace")
               or YCBCR}) for one in options.all("ColorList") if (values := _numbers(one)) is not None]
    if listed:
        dark, light = min(listed, key=lambda one: one[0]), max(listed, key=lambda one: one[0])
        return dark[1], light[1] if light[0] - dark[0] > 60 else None
    for one in options.all("ColorspaceRange"):
        space = one.text("Colorspace") or YCBCR
        try:
            ranges = [(_finite(one.text(axis, "Min")), _finite(one.text(axis, "Max"))) for axis in "XYZ"]
        except ValueError:
            continue
        if space == YCBCR:
            middle = [(low + high) / 2 for low, high in ranges[1:]]
            return tuple(_colour(space, ranges[0][0] + share * (ranges[0][1] - ranges[0][0]), *middle) for share in (0.07, 0.75))  # type: ignore[return-value]
        if space == RGB:
            return tuple(_colour(space, *(low + share * (high - low) for low, high in ranges)) for share in (0.0, 0.75))  # type: ignore[return-value]
    return None, None


def _colour(space: str, x: float, y: float, z: float) -> Colour:
    return {"X": round(x, 2), "Y": round(y, 2), "Z": round(z, 2), "Colorspace": space}


def _numbers(element: Element) -> tuple[float, float, float] | None:
    try:
        return _finite(element.attribute("X")), _finite(element.attribute("Y")), _finite(element.attribute("Z"))
    except ValueError:
        return None


def _finite(text: str) -> float:
    """A number as cameras write it. Raises `ValueError` for anything else, `nan` and `inf` among it."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _luma(space: str, x: float, y: float, z: float) -> float:
    return 0.299 * x + 0.587 * y + 0.114 * z if space == RGB else x
