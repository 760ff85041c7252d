"""What one operation does with a camera: read who it is; take a frame and judge it. Raises `CameraTrouble`; the adapter makes it a `Fault`."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, CannotDo, LoginRefused, NoPicture, OutOfTime
from provisioner.camera.frames import SnapshotLink, Taken, from_stream, ready_opencv, wipe
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.onvif import MediaProfile, OnvifSession
from provisioner.camera.places import CameraPlace
from provisioner.camera.rtsp import StreamAddress, StreamDescription, address_of, describe, why_not
from provisioner.camera.settings import CameraSettings
from provisioner.case.identifiers import normalise_serial
from provisioner.case.model import FrameReport, Identity
from provisioner.scene.limits import FrameLimits

if TYPE_CHECKING:
    from provisioner.scene.quality import Finding, Frame, Quality


class Visit:
    """One camera, one connection, one login; kept between the operations of a visit. For one thread at a time."""

    def __init__(self, place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime]) -> None:
        self.place = place
        self._settings = settings
        self._clock = clock
        self.onvif = OnvifSession(place, settings, clock)
        self._profile: MediaProfile | None = None
        self._snapshots: SnapshotLink | None = None
        self._stream: StreamAddress | None = None

    def close(self) -> None:
        """Close all connections."""
        if self._snapshots is not None:
            self._snapshots.close()
        self.onvif.close()

    def identity(self, deadline: Deadline, attempts: Attempts) -> Identity:
        """Who the camera says it is, after a login where it wants one."""
        offset_s = self.onvif.read_clock(deadline)
        told = self.onvif.device_information(deadline, attempts)
        offset_s = self.onvif.state.offset_s if offset_s is None else offset_s
        return Identity(
            serial_reported=told.serial, serial=normalise_serial(told.serial), manufacturer=told.manufacturer, model=told.model,
            firmware=told.firmware, hardware_id=told.hardware_id, clock_offset_s=offset_s, read_at=self._clock(),
        )

    def frame_report(self, deadline: Deadline, attempts: Attempts) -> FrameReport:
        """One frame, judged and wiped. A frame that came broken is taken again until the deadline; if none is whole, the report says so."""
        begun = time.monotonic()
        self.profile(deadline, attempts)
        broken: FrameReport | None = None
        trouble: CameraTrouble | None = None
        for take in self._sources():
            try:
                report = take(deadline, attempts, begun)
            except CameraTrouble as exc:
                # A refused password is what the person must know; otherwise the last way that was tried tells most.
                trouble = trouble if isinstance(trouble, LoginRefused) else exc
            else:
                if report.trusted:
                    return report
                broken = report
            if deadline.left_s() <= 0:
                break
        if broken is not None:
            return broken
        raise trouble or OutOfTime(0)

    def _sources(self) -> tuple[Callable[[Deadline, Attempts, float], FrameReport], ...]:
        match self._settings.frame_source:
            case "snapshot":
                return (self.still, self.still)
            case "rtsp":
                return (self.moving,)
            case _:
                return (self.still, self.moving)

    def profile(self, deadline: Deadline, attempts: Attempts) -> MediaProfile:
        """The media profile that pictures are taken from: the first with H.264, or else with any video."""
        if self._profile is None:
            self._profile = self.onvif.profiles(deadline, attempts)[0]
        return self._profile

    def still(self, deadline: Deadline, attempts: Attempts, begun: float) -> FrameReport:
        """A frame by HTTP snapshot, judged. Half of the time is left for the stream, which may have to stand in."""
        if self._snapshots is None:
            uri = self.onvif.snapshot_uri(self.profile(deadline, attempts), deadline, attempts)
            self._snapshots = SnapshotLink(uri, self.place, self._settings, self.onvif.link, self.onvif.granted.basic)
        look = _Look(self._settings.frame_limits)
        taken = self._snapshots.take(deadline.sooner(deadline.left_s() / 2), attempts)
        try:
            look(taken.frame)
        finally:
            wipe(taken.frame)
        return self._report(taken, look, begun)

    def moving(self, deadline: Deadline, attempts: Attempts, begun: float) -> FrameReport:
        """A frame from the RTSP stream, judged."""
        description = self.description(deadline, attempts)
        if not description.codec:
            raise CannotDo("the stream has no video")
        assert self._stream is not None
        look = _Look(self._settings.frame_limits)
        try:
            taken = from_stream(self._stream, self.place, description.needs_login, description.codec, self._settings, deadline, look)
        except NoPicture:
            # OpenCV does not say why. Where a session cannot be set up, that is raised instead; it is the better answer.
            why_not(self._stream, self.place, self._rtsp_allowance(deadline), self._settings.connect_s, attempts)
            raise
        wipe(taken.frame)
        return self._report(taken, look, begun)

    def description(self, deadline: Deadline, attempts: Attempts) -> StreamDescription:
        """What the stream offers."""
        if self._stream is None:
            uri = self.onvif.stream_uri(self.profile(deadline, attempts), deadline, attempts)
            self._stream = address_of(uri, self.place)
        return describe(self._stream, self.place, self._rtsp_allowance(deadline), self._settings.connect_s, attempts)

    def _rtsp_allowance(self, deadline: Deadline) -> Allowance:
        settings = self._settings
        return Allowance(deadline.sooner(settings.operation_s), settings.rtsp_reply_most_bytes, settings.silence_s)

    def _report(self, taken: Taken, look: "_Look", begun: float) -> FrameReport:
        assert look.quality is not None
        return FrameReport(
            source=taken.source, codec=taken.codec, width_px=taken.width_px, height_px=taken.height_px, took_s=round(time.monotonic() - begun, 4),
            trusted=not any(finding.spoils for finding in look.findings), good=not look.findings, mean_luma=round(look.quality.mean_luma, 1),
            sharpness=round(look.quality.sharpness, 3), findings=tuple(finding.text for finding in look.findings), judged_at=self._clock(),
        )


class _Look:
    """Judges a frame when it is called; True where the frame is whole. Keeps what it found, so that a frame is measured once."""

    def __init__(self, limits: FrameLimits) -> None:
        self._limits = limits
        self.quality: Quality | None = None
        self.findings: tuple[Finding, ...] = ()

    def __call__(self, frame: "Frame") -> bool:
        ready_opencv()
        from provisioner.scene.quality import judge, measure

        self.quality = measure(frame)
        self.findings = judge(self.quality, self._limits)
        return not any(finding.spoils for finding in self.findings)
