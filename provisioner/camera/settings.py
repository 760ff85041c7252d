"""The adapter's settings: how long to wait, how much to read, where the first frame comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from provisioner.camera.profiles import generic_frame_limits
from provisioner.scene.limits import FrameLimits

FrameSource = Literal["auto", "snapshot", "rtsp"]


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Times in seconds. The caller's deadline always ends everything; these end single waits before it.

    `connect_s`: a camera on the home's own network answers in milliseconds; a camera over 4G within about a second.
    `operation_s`: wall clock of one call, whatever trickles in. `silence_s`: without a byte; `setup_s` the same of a stream that is being opened, because some
    cameras start their encoder for it, which takes 5 to 10 s (go2rtc#1444). `reply_most_bytes`: the largest ONVIF answer known to us
    is GetProfiles of a multi-sensor camera, about 200 kB. `snapshot_most_bytes`: a 4K JPEG of full quality is 6 MB.
    `rtsp_open_s`, `rtsp_read_s`: FFmpeg's own time-outs; a read that ends in one is repeated until the deadline, so it may be shorter than a GOP.
    `stream_most_bytes`: 8 Mbit/s for a minute. `hedge_s`: a snapshot that takes longer than this gets the stream as a rival; most take 0.02-0.2 s.
    `lockout_window_s`: so long refused passwords keep us from sending more; None: as long as the camera's profile says.
    `kept_accounts`: accounts on the camera that a rotation of ours leaves alone and that the posture does not count.
    `approved_firmware`: the oldest firmware that a camera of a model may run, by the model's name as it tells it (case and signs do not matter).
    `device_ca_file`: the makers' authorities (PEM) by which device certificates are verified (IEEE 802.1AR); None: none is.
    `time_server`: given to a camera that follows none; '' gives none.
    `night_follows_s`: seconds that a picture is given to show what filter and lamp were set to; None: as the camera's profile says.
    `discovery_port`: where cameras hear WS-Discovery. `session_kept_s`: how long a logged-in session waits for the next operation on the same camera.
    `sessions_kept_most`: of so many cameras at a time; a process may open 1,024 files, a session has up to three, and a round of a fleet would keep all.
    """

    connect_s: float = 3.0
    silence_s: float = 5.0
    setup_s: float = 12.0
    operation_s: float = 8.0
    reply_most_bytes: int = 4 * 1024 * 1024
    snapshot_most_bytes: int = 16 * 1024 * 1024
    snapshot_s: float = 8.0
    rtsp_open_s: float = 5.0
    rtsp_read_s: float = 2.0
    rtsp_reply_most_bytes: int = 64 * 1024
    stream_most_bytes: int = 64 * 1024 * 1024
    hedge_s: float = 0.4
    frame_source: FrameSource = "auto"
    session_kept_s: float = 120.0
    sessions_kept_most: int = 64
    lockout_window_s: float | None = None
    kept_accounts: tuple[str, ...] = ()
    approved_firmware: Mapping[str, str] = field(default_factory=dict)
    device_ca_file: Path | None = None
    time_server: str = ""
    night_follows_s: float | None = None
    discovery_port: int = 3702
    frame_limits: FrameLimits = field(default_factory=generic_frame_limits)
