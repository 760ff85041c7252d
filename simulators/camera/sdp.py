"""The session description of a stream (RFC 4566, RFC 6184 8.2), as it should be and as cameras write it."""

from __future__ import annotations

import base64
import secrets

from . import h264
from .h264 import ParameterSets
from .rtp import PAYLOAD_TYPE
from .state import CameraState, Profile

VIDEO_TRACK, AUDIO_TRACK = "trackID=0", "trackID=1"
START_CODE = b"\0\0\0\1"


def describe(state: CameraState, profile: Profile, host: str, sets: ParameterSets) -> bytes:
    manners = state.rtsp
    base = f"rtsp://10.0.0.1:554/stream/{profile.token}/" if manners.control == "absolute" else ""
    lines = ["v=0", f"o=- {secrets.randbits(31)} 1 IN IP4 {host}", f"s={state.model}", "c=IN IP4 0.0.0.0", "t=0 0",
             "a=control:*", "a=range:npt=now-",
             f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"b=AS:{profile.bitrate_kbit_s}", f"a=rtpmap:{PAYLOAD_TYPE} {state.codec}/{h264.CLOCK_RATE_HZ}",
             f"a=fmtp:{PAYLOAD_TYPE} {_format_of(manners.sprop, sets)}",
             f"a=framerate:{state.fps}", f"a=control:{base}{VIDEO_TRACK}"]
    if state.sends_audio(profile):
        lines += ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", f"a=control:{base}{AUDIO_TRACK}"]
    if manners.sdp == "untidy":
        lines = _untidy(lines)
    return ("\r\n".join(lines) + "\r\n").encode()


def _format_of(how: str, sets: ParameterSets) -> str:
    """RFC 6184 8.1; RFC 7798 7.1, where each parameter set has a name of its own."""
    if not sets.vps:
        return f"packetization-mode=1;profile-level-id={sets.profile_level_id}{_sprop(how, sets)}"
    if how == "missing":
        return "profile-id=1"
    each = {"vps": sets.vps, "sps": sets.sps, "pps": sets.pps}
    start = START_CODE if how == "annexb" else b""
    return "profile-id=1" + "".join(f";sprop-{name}={'!!not-base64!!' if how == 'invalid' else base64.b64encode(start + one).decode()}" for name, one in each.items())


def _sprop(how: str, sets: ParameterSets) -> str:
    """Good, missing (they come in band before each IDR), no base64 at all, or with Annex B start codes before each set."""
    if how == "missing":
        return ""
    if how == "invalid":
        return ";sprop-parameter-sets=Z0IAKQ,!!not-base64!!"
    if how == "annexb":
        return ";sprop-parameter-sets=" + ",".join(base64.b64encode(START_CODE + one).decode() for one in (sets.sps, sets.pps))
    return f";sprop-parameter-sets={sets.sprop}"


def _untidy(lines: list[str]) -> list[str]:
    """Seen: no o= line, an empty c= line, spaces at the ends of lines, an application track that is never sent."""
    kept = [line if not line.startswith("c=") else "c=" for line in lines if not line.startswith("o=")]
    spaced = [line + " " if line.startswith(("s=", "t=", "a=rtpmap", "a=framerate")) else line for line in kept]
    return [*spaced, "m=application/TP-LINK 0 RTP/AVP smart/1/90000", "a=rtpmap:95 TP-LINK/90000", "a=control:trackID=7"]
