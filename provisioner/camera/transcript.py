"""A recorded conversation with a camera as a file that may be shown to strangers: masked, and still good enough to be replayed as a simulated camera.

JSON: `{"format": "camera-transcript-1", "questions", "without_answer", "exchanges": [...]}`. Each exchange:
- `face`: `http` or `rtsp`; `method`, `path`; of SOAP also `space`, `operation` and `arguments` (pairs of name and text, in order)
- `login`: how the question was logged in: `none`, `digest`, `basic`, `token`
- `head`: status line and header lines as they came; `length`: what Content-Length was off by, None where there was none; `chunked`
- `body` (UTF-8) or `body_bytes` (Latin-1, for what is no UTF-8); or `image`: its size in bytes and pixels, in the place of the picture
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from provisioner.camera.errors import NoPicture
from provisioner.camera.frames import jpeg_size
from provisioner.camera.masks import Masker
from provisioner.camera.recording import Exchange, Recorded
from provisioner.fault import PlainError, Text

FORMAT = "camera-transcript-1"
_KEPT_HEADERS = frozenset({"content-type", "content-length", "connection", "date", "server", "transfer-encoding", "keep-alive", "cache-control", "cseq", "public",
                           "allow", "content-encoding", "pragma", "expires", "retry-after", "vary", "accept-ranges"})
_SECRET_PARTS = re.compile(r'((?:realm|nonce|opaque)=")([^"]*)(")', re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>|[^<>]+|[<>]", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(?P<name>[\w:.-]+)(?P<is>\s*=\s*)(?P<quote>["'])(?P<value>[^"'<>]*)(?P=quote)""")
_TAG = re.compile(r"</?(?:[\w.-]+:)?(?P<name>[\w.-]+)")
_LEAST_TO_SEEK = 5  # characters: shorter words of those taken out stand in other words by chance


def masked(recorded: Recorded, *, own_account: str = "", hide: Sequence[str] = ()) -> dict[str, Any]:
    """The transcript. `hide`: password, address and whatever else must not be in it.

    Raises `PlainError` (`mask_failed`) where something that was taken out in one place stands in another: then nothing may be written.
    """
    masker = Masker(own_account, tuple(hide))
    for exchange in recorded.exchanges:
        for found in re.finditer(rb"<(?:[\w.-]+:)?(?:Manufacturer|Model|FirmwareVersion|HardwareId)>([^<>]{1,80})<", bytes(exchange.answered)):
            masker.learn(found[1].decode("utf-8", "replace"))
    done = {"format": FORMAT, "questions": recorded.questions, "without_answer": recorded.without_answer,
            "exchanges": [_exchange(one, masker) for one in recorded.exchanges if one.asked]}
    _must_be_clean(json.dumps(done, ensure_ascii=False), masker, hide)
    return done


def _must_be_clean(text: str, masker: Masker, hide: Sequence[str]) -> None:
    seek = {word for word in hide if len(word) >= _LEAST_TO_SEEK} | {word for word in masker.replaced if len(word) >= 12 and any(char.isdigit() for char in word)}
    lowered = text.lower()
    if any(word.lower() in lowered for word in seek):
        raise PlainError("mask_failed", Text("Något av kamerans egna uppgifter gick inte att ta bort, så inget sparades. Rapportera det som ett fel hos oss.",
                                             "Something of the camera's own could not be taken out, so nothing was kept. Report it as a bug of ours."))


def _exchange(one: Exchange, masker: Masker) -> dict[str, Any]:
    head, _, body = bytes(one.asked).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target = (*first.split(" "), "", "")[:2]
    path = re.sub(r"^rtsp://[^/]*", "", target)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    login = headers.get("authorization", "none").split(" ")[0].lower()
    asked: dict[str, Any] = {"face": one.face, "method": method, "path": masker.value(path)}
    if one.face == "http" and method == "POST":
        space, operation, arguments, has_token = _question(body)
        asked |= {"space": space, "operation": operation, "arguments": [[name, masker.value(text, name)] for name, text in arguments]}
        login = "token" if has_token else login
    return {**asked, "login": login, **_answer(bytes(one.answered), masker)}


def _question(body: bytes) -> tuple[str, str, list[tuple[str, str]], bool]:
    """What we asked; our own words, so they can be read."""
    root = ElementTree.fromstring(body)
    asked = next(iter(next(part for part in root if part.tag.endswith("}Body"))))
    space, _, operation = asked.tag.removeprefix("{").partition("}")
    leaves = [(leaf.tag.rpartition("}")[2], (leaf.text or "").strip()) for leaf in asked.iter() if leaf is not asked and not len(leaf)]
    return space, operation, leaves, any(part.tag.endswith("}UsernameToken") for part in root.iter())


def _answer(raw: bytes, masker: Masker) -> dict[str, Any]:
    found = re.search(rb"\r?\n\r?\n", raw)
    head, body = (raw[:found.start()], raw[found.end():]) if found else (raw, b"")
    lines = head.decode("latin-1").splitlines()
    lengths = [int(line.partition(":")[2]) for line in lines if re.fullmatch(r"content-length:\s*\d{1,9}\s*", line, re.IGNORECASE)]
    chunked = any(re.match(r"transfer-encoding:.*chunked", line, re.IGNORECASE) for line in lines)
    off = lengths[0] - len(body) if lengths and not chunked else None
    if chunked:
        body = _unchunked(body)
    said = {"head": [_header(line, masker) if place else line for place, line in enumerate(lines)], "length": off, "chunked": chunked}
    kind = next((line.partition(":")[2].strip().lower() for line in lines if line.lower().startswith("content-type:")), "")
    if body.startswith(b"\xff\xd8\xff") or (kind.startswith("image/") and not body.lstrip().startswith(b"<")):
        return {**said, "image": _image(body)}
    try:
        return {**said, "body": _body(body.decode("utf-8"), kind, masker)}
    except UnicodeDecodeError:
        return {**said, "body_bytes": _body(body.decode("latin-1"), kind, masker)}


def _image(body: bytes) -> dict[str, int]:
    try:
        width_px, height_px = jpeg_size(body)
    except NoPicture:
        width_px = height_px = 0
    return {"bytes": len(body), "width_px": width_px, "height_px": height_px}


def _unchunked(body: bytes) -> bytes:
    """What the chunks hold; what is no chunk ends it."""
    done = b""
    while found := re.match(rb"([0-9A-Fa-f]{1,6})[^\r\n]{0,200}\r\n", body):
        size = int(found[1], 16)
        done += body[found.end():found.end() + size]
        body = body[found.end() + size + 2:]
    return done


def _header(line: str, masker: Masker) -> str:
    name, colon, value = line.partition(":")
    if name.strip().lower() in _KEPT_HEADERS:
        return line
    if name.strip().lower() == "www-authenticate":
        return name + colon + _SECRET_PARTS.sub(lambda found: found[1] + masker.value(found[2], "Name") + found[3], value)
    return name + colon + masker.value(value)


def _body(text: str, kind: str, masker: Masker) -> str:
    if "sdp" in kind or text.startswith("v=0"):
        return "".join(_sdp_line(line, masker) for line in text.splitlines(keepends=True))
    done, element = [], ""
    for found in _MARKUP.finditer(text):
        piece = found[0]
        tag = _TAG.match(piece)
        if piece.startswith("<") and len(piece) > 1:
            if tag is not None and not piece.startswith("</"):
                element = tag["name"]
            done.append(_tag(piece, masker) if tag is not None or piece.startswith("<?") else masker.value(piece, "Name"))
            element = "" if piece.startswith("</") else element
        else:
            done.append(masker.value(piece, element))
    return "".join(done)


def _tag(piece: str, masker: Masker) -> str:
    """A tag: its name and the names of its attributes stay; name spaces stay; values do not."""
    def attribute(found: re.Match[str]) -> str:
        name = found["name"]
        value = found["value"] if name.startswith("xmlns") or name in ("version", "encoding") else masker.value(found["value"], name.rpartition(":")[2])
        return f"{name}{found['is']}{found['quote']}{value}{found['quote']}"

    begin = _TAG.match(piece)
    at = begin.end() if begin is not None else len("<?xml")
    done = [piece[:at]]
    for found in _ATTRIBUTE.finditer(piece, at):
        done += [masker.value(piece[at:found.start()]), attribute(found)]
        at = found.end()
    return "".join((*done, masker.value(piece[at:])))


def _sdp_line(line: str, masker: Masker) -> str:
    """What tells how to decode stays as it is; names, addresses and controls are masked (RFC 4566)."""
    if re.match(r"[vtbm]=|a=(?:rtpmap|fmtp|range|framerate|recvonly|sendonly|control:\*)", line):
        return line
    return line[:2] + masker.value(line[2:], "Name" if line[:2] in ("s=", "i=", "e=", "p=", "u=") else "")
