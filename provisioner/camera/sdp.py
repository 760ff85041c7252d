"""What an RTSP stream offers, from an SDP that may be as odd as it likes: of everything but the first usable video medium nothing is wanted.

Seen in the field: trailing blanks, an empty `c=`, no `o=`, media called `application`, parameter sets that are missing, invalid or with start codes
(moonfire-nvr#213, #238; retina#42, #52, #68; gortsplib#402; mediamtx#2348).
"""

import base64
import binascii
from dataclasses import dataclass

_STATIC = {"26": "JPEG", "32": "MPV"}  # payload types that need no rtpmap (RFC 3551 table 5)
_SETS = ("sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps")  # RFC 6184 8.1; RFC 7798 7.1


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """What the SDP offers. `codec` is the video's encoding name (`H264`, `H265`; '' where there is no video), `control` its track's address.
    `sets` are the parameter sets told ahead, without start codes. `base` is the `Content-Base` of the answer."""

    codec: str
    has_audio: bool
    needs_login: bool
    control: str
    sets: tuple[bytes, ...] = ()
    base: str = ""


def described(sdp: bytes, needs_login: bool, base: str = "") -> StreamDescription:
    """The first video medium with a known encoding, or else the first one; and whether any audio is announced."""
    media: list[dict[str, str]] = []
    for line in sdp.decode("utf-8", "replace").splitlines():
        line = line.strip()
        if line.startswith("m="):
            words = line[2:].lower().split()
            media.append({"kind": words[0] if words else "", "type": words[3] if len(words) > 3 else ""})
        elif line.startswith("a=") and media:
            name, _, value = line[2:].partition(":")
            media[-1].setdefault(name.strip().lower(), value.strip())
    has_audio = any(one["kind"] == "audio" for one in media)
    videos = [(one, _codec(one)) for one in media if one["kind"] == "video"]
    chosen = next(((one, codec) for one, codec in videos if codec in ("H264", "H265")), videos[0] if videos else None)
    if chosen is None:
        return StreamDescription("", has_audio, needs_login, "", (), base)
    return StreamDescription(chosen[1], has_audio, needs_login, chosen[0].get("control", ""), _sets(chosen[0].get("fmtp", "")), base)


def _codec(medium: dict[str, str]) -> str:
    name = medium.get("rtpmap", "").partition(" ")[2].partition("/")[0].strip().upper() or _STATIC.get(medium["type"], "")
    name = {"HEVC": "H265", "AVC": "H264"}.get(name, name)
    return name if name.replace("-", "").isalnum() else ""


def _sets(fmtp: str) -> tuple[bytes, ...]:
    found = []
    for part in fmtp.partition(" ")[2].split(";"):
        name, _, value = part.strip().partition("=")
        for text in value.split(",") if name.lower() in _SETS else ():
            try:
                one = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), validate=True)
            except (binascii.Error, ValueError):
                continue
            one = one.lstrip(b"\0").removeprefix(b"\1") if one.startswith((b"\0\0\1", b"\0\0\0\1")) else one
            if one:
                found.append(one)
    return tuple(found)
