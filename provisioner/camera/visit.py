"""What one operation does with a camera: read who it is; take a frame and judge it. Raises `CameraTrouble`; the adapter makes it a `Fault`."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from provisioner.camera.attempts import AttemptBook, Attempts
from provisioner.camera.errors import CameraTrouble, CannotDo, ClosedOnUs, LoginRefused, NoPicture, OutOfTime, ReplyTooBig
from provisioner.camera.frames import SnapshotLink, Taken, decoded_video, from_stream, ready_opencv, wipe
from provisioner.camera.identity import read_identity
from provisioner.camera.lens import Lens
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.onvif import MediaProfile, OnvifSession
from provisioner.camera.places import CameraPlace
from provisioner.camera.progress import Progress, Step, silent
from provisioner.camera.rtsp import LiveStream, StreamAddress, address_of, describe, free_stream, why_not
from provisioner.camera.sdp import StreamDescription
from provisioner.camera.settings import CameraSettings
from provisioner.case.model import FrameReport, Identity
from provisioner.scene.findings import Finding
from provisioner.scene.limits import FrameLimits

if TYPE_CHECKING:
    from provisioner.scene.pictures import Frame
    from provisioner.scene.quality import Quality

See = Callable[[str], Callable[["Frame"], object]]

GOOD_ENOUGH_PX = 1280   # wide: what is judged is measured at this width at most
SYNC_S = 2.0            # for SetSynchronizationPoint; the stream goes on meanwhile
_RIVAL_ENDS_S = 2.0     # a snapshot that lost is given up; its connection is closed under it


class Visit:
    """One camera, one connection, one login; kept between the operations of a visit. For one thread at a time."""

    def __init__(self, place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime]) -> None:
        self.place = place
        self._settings = settings
        self._clock = clock
        self.onvif = OnvifSession(place, settings, clock)
        self.lens = Lens(self.onvif)
        self._asking = threading.Lock()   # of the ONVIF connection, which the snapshot's thread and the stream's share
        self._profile: MediaProfile | None = None
        self._snapshots: SnapshotLink | None = None
        self._stream: StreamAddress | None = None

    def attempts(self, book: AttemptBook | None, camera: str, *, trusted: bool = False) -> Attempts:
        """The lock-out budget of one operation, in the measure of the camera's family."""
        budget, window_s = self.onvif.budget, self._settings.lockout_window_s
        return Attempts(book, camera, self._clock, budget if window_s is None else replace(budget, window_s=window_s), trusted=trusted)

    def close(self) -> None:
        """Close all connections."""
        if self._snapshots is not None:
            self._snapshots.close()
        self.onvif.close()

    def identity(self, deadline: Deadline, attempts: Attempts) -> Identity:
        """Who the camera says it is, after a login where it wants one, with all the evidence that it gives."""
        return read_identity(self.onvif, self._settings, self._clock, deadline, attempts)

    def ask_addresses(self, deadline: Deadline, attempts: Attempts) -> None:
        """Ask where still pictures and the stream are, so that the next picture begins with its own first byte. A camera without one of them keeps
        that to itself until it is wanted."""
        profile = self.profile(deadline, attempts)
        with suppress(CannotDo):
            self._ask_stills(profile, deadline, attempts)
        with suppress(CannotDo):
            self._ask_stream(profile, deadline, attempts)

    def _ask_stills(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> SnapshotLink:
        with self._asking:
            if self._snapshots is None:
                uri = self.onvif.snapshot_uri(profile, deadline, attempts)
                self._snapshots = SnapshotLink(uri, self.place, self._settings, self.onvif.link, self.onvif.granted.basic)
            return self._snapshots

    def _ask_stream(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> StreamAddress:
        with self._asking:
            if self._stream is None:
                self._stream = address_of(self.onvif.stream_uri(profile, deadline, attempts), self.place)
            return self._stream

    def frame_report(self, deadline: Deadline, attempts: Attempts, progress: Progress = silent) -> FrameReport:
        """One frame, judged and wiped. A frame that came broken is taken again until the deadline; if none is whole, the report says so."""
        begun = time.monotonic()
        progress(Step.ASKING)
        with self.lens.on_room(self.profile(deadline, attempts), deadline, attempts) as deadline:
            return self.first_whole(deadline, attempts, begun, progress)

    def first_whole(self, deadline: Deadline, attempts: Attempts, begun: float, progress: Progress = silent, see: See | None = None) -> FrameReport:
        """The same, where the lens is on the room already. `see` gives, by source, what is shown each whole picture; two ways may race in two threads."""
        broken: FrameReport | None = None
        trouble: CameraTrouble | None = None
        for take in self._sources():
            try:
                report = take(deadline, attempts, begun, progress, see)
            except CameraTrouble as exc:
                # A refused password is what the person must know; otherwise the last way that was tried tells most.
                trouble = trouble if isinstance(trouble, LoginRefused) else exc
            else:
                if report.trusted:
                    return report
                progress(Step.AGAIN)
                broken = report
            if deadline.left_s() <= 0:
                break
        if broken is not None:
            return broken
        raise trouble or OutOfTime(0)

    def _sources(self) -> tuple[Callable[[Deadline, Attempts, float, Progress, See | None], FrameReport], ...]:
        match self._settings.frame_source, self.onvif.manners.frame_first:
            case "snapshot", _:
                return (self._still, self._still)
            case "rtsp", _:
                return (self._moving,)
            case _, "stream":
                return (self._moving, self._still)
            case _, "snapshot":
                return (self._still, self._moving)
            case _:
                return (self.raced,)

    def _still(self, deadline: Deadline, attempts: Attempts, begun: float, progress: Progress, see: See | None) -> FrameReport:
        return self.still(deadline, attempts, begun, progress, see and see("snapshot"))

    def _moving(self, deadline: Deadline, attempts: Attempts, begun: float, progress: Progress, see: See | None) -> FrameReport:
        return self.moving(deadline, attempts, begun, progress, see=see and see("rtsp"))

    def profile(self, deadline: Deadline, attempts: Attempts) -> MediaProfile:
        """The media profile that pictures are taken from, H.264 before others. The smallest that is good enough to judge comes soonest: its whole
        pictures are small, and cameras often give it the shorter GOP."""
        if self._profile is None:
            found = self.onvif.profiles(deadline, attempts)
            alike = [one for one in found if one.encoding == found[0].encoding and one.width_px >= GOOD_ENOUGH_PX]
            small = self.onvif.manners.stream_first == "smallest" and bool(alike)
            self._profile = min(alike, key=lambda one: one.width_px * one.height_px) if small else found[0]
        return self._profile

    def raced(self, deadline: Deadline, attempts: Attempts, begun: float, progress: Progress = silent, see: See | None = None) -> FrameReport:
        """A snapshot; where it does not come soon, or not whole, the stream besides. The first whole picture wins, the rival is stopped."""
        rival = _Rival(lambda: self.still(deadline, attempts, begun, progress, see and see("snapshot")))
        rival.wait(min(self._settings.hedge_s, deadline.left_s()))
        if rival.is_good():
            return rival.result()
        lost: CameraTrouble | None = None
        report: FrameReport | None = None
        try:
            report = self.moving(deadline, attempts, begun, progress, rival.good, see and see("rtsp"))
        except CameraTrouble as exc:
            lost = exc
        if report is None or not report.trusted:
            rival.wait(max(0.0, deadline.left_s()))
        elif self._snapshots is not None:
            self._snapshots.hurry()
        rival.wait(_RIVAL_ENDS_S)
        if report is not None and report.trusted:
            return report
        if rival.is_good() or (report is None and rival.is_over() and not isinstance(lost, LoginRefused) and rival.trouble is None):
            return rival.result()
        if report is not None:
            return report
        raise (rival.trouble if isinstance(rival.trouble, LoginRefused) else None) or lost or OutOfTime(0)

    def see(self, source: str, deadline: Deadline, attempts: Attempts, see: Callable[["Frame"], object]) -> None:
        """Show one whole picture (`snapshot` or `rtsp`) to `see`, before it is wiped. Raises `CameraTrouble`, `NoPicture` where only broken ones come."""
        begun = time.monotonic()
        report = self.still(deadline, attempts, begun, see=see) if source == "snapshot" else self.moving(deadline, attempts, begun, see=see)
        if not report.trusted:
            raise NoPicture("no whole picture")

    def still(self, deadline: Deadline, attempts: Attempts, begun: float, progress: Progress = silent,
              see: Callable[["Frame"], object] | None = None) -> FrameReport:
        """A frame by HTTP snapshot, judged. Half of the time is left for the stream, which may have to stand in. `see` is shown a whole picture."""
        progress(Step.SNAPSHOT)
        stills = self._ask_stills(self.profile(deadline, attempts), deadline, attempts)
        look = _Look(self._settings.frame_limits, see)
        taken = stills.take(deadline.sooner(deadline.left_s() / 2), attempts)
        try:
            progress(Step.JUDGING)
            look(taken.frame)
        finally:
            wipe(taken.frame)
        return self._report(taken, look, begun)

    def moving(self, deadline: Deadline, attempts: Attempts, begun: float, progress: Progress = silent,
               cancelled: threading.Event | None = None, see: Callable[["Frame"], object] | None = None) -> FrameReport:
        """A frame from the RTSP stream, judged. At most one session, torn down whatever happens."""
        profile = self.profile(deadline, attempts)
        stream = self._ask_stream(profile, deadline, attempts)
        progress(Step.STREAM)
        cancelled = cancelled or threading.Event()
        look = _Look(self._settings.frame_limits, see)
        taken: Taken | None = None

        def mid_gop() -> None:
            progress(Step.WAITING)
            if self.onvif.manners.sync_point == "ask":
                with self._asking, suppress(CameraTrouble):  # a camera that cannot do this gives its whole picture when it is time
                    self.onvif.ask_for_key_frame(profile, deadline.sooner(SYNC_S), attempts)

        try:
            with free_stream(lambda: self._live(stream, deadline, attempts), deadline, cancelled, lambda: progress(Step.TAKEN)) as live:
                assert live.description is not None
                codec = live.description.codec
                if codec in ("H264", "H265"):
                    for picture in live.pictures(deadline, cancelled, self._settings.stream_most_bytes, mid_gop):
                        try:
                            frame = decoded_video(picture)
                        except NoPicture:
                            progress(Step.AGAIN)
                            continue
                        if taken is not None:
                            wipe(taken.frame)
                        taken = Taken(frame, "rtsp", codec, frame.shape[1], frame.shape[0])
                        progress(Step.JUDGING)
                        if look(frame):
                            break
                        progress(Step.AGAIN)
                    else:
                        raise NoPicture("another way was quicker")
            if taken is None:
                taken = self._by_opencv(stream, live.description, deadline, attempts, look)
        except (OutOfTime, ClosedOnUs, ReplyTooBig):
            if taken is None:
                raise
        finally:
            if taken is not None:
                wipe(taken.frame)
        return self._report(taken, look, begun)

    def _live(self, stream: StreamAddress, deadline: Deadline, attempts: Attempts) -> LiveStream:
        settings = self._settings
        opening = Allowance(deadline.sooner(2 * settings.setup_s), settings.stream_most_bytes, settings.setup_s)
        return LiveStream(stream, self.place, opening, settings.connect_s, attempts, self.onvif.granted.basic)

    def _by_opencv(self, stream: StreamAddress, description: StreamDescription, deadline: Deadline, attempts: Attempts, look: "_Look") -> Taken:
        """For codecs that we do not put together ourselves (JPEG, MPEG-4): no camera of today has nothing else."""
        try:
            return from_stream(stream, self.place, description.needs_login, description.codec, self._settings, deadline, look)
        except NoPicture:
            # OpenCV does not say why. Where a session cannot be set up, that is raised instead; it is the better answer.
            why_not(stream, self.place, self._rtsp_allowance(deadline), self._settings.connect_s, attempts)
            raise

    def description(self, deadline: Deadline, attempts: Attempts) -> StreamDescription:
        """What the stream offers."""
        stream = self._ask_stream(self.profile(deadline, attempts), deadline, attempts)
        return describe(stream, self.place, self._rtsp_allowance(deadline), self._settings.connect_s, attempts, self.onvif.granted.basic)

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


class _Rival:
    """One way of getting a frame, in a thread of its own. A bug in it is raised where its result is asked for."""

    def __init__(self, take: Callable[[], FrameReport]) -> None:
        self.good = threading.Event()    # a whole picture came
        self.trouble: CameraTrouble | None = None
        self._report: FrameReport | None = None
        self._bug: BaseException | None = None
        self._take = take
        self._thread = threading.Thread(target=self._run, name="snapshot", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._report = self._take()
            if self._report.trusted:
                self.good.set()
        except CameraTrouble as exc:
            self.trouble = exc
        except BaseException as exc:  # noqa: BLE001  # handed to the thread that waits
            self._bug = exc

    def wait(self, seconds: float) -> None:
        """Wait until it is over, at most so long. Raises its bug."""
        self._thread.join(seconds)
        if self._bug is not None:
            raise self._bug

    def is_over(self) -> bool:
        """Whether it has ended."""
        return not self._thread.is_alive()

    def is_good(self) -> bool:
        """Whether it brought a whole picture."""
        return self.good.is_set()

    def result(self) -> FrameReport:
        """The report; call only where there is one."""
        assert self._report is not None
        return self._report


class _Look:
    """Judges a frame when it is called; True where the frame is whole. Keeps what it found, so that a frame is measured once."""

    def __init__(self, limits: FrameLimits, see: Callable[["Frame"], object] | None = None) -> None:
        self._limits = limits
        self._see = see
        self.quality: Quality | None = None
        self.findings: tuple[Finding, ...] = ()

    def __call__(self, frame: "Frame") -> bool:
        ready_opencv()
        from provisioner.scene.pictures import Picture
        from provisioner.scene.quality import judge, measure

        picture = Picture(frame)
        try:
            self.quality = measure(picture)
        finally:
            picture.forget()
        self.findings = judge(self.quality, self._limits)
        whole = not any(finding.spoils for finding in self.findings)
        if whole and self._see is not None:
            self._see(frame)
        return whole
