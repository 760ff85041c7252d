"""What a camera wrote, read by local names only: prefixes may be undeclared, name spaces wrong, bytes no UTF-8.

zeep's reader wants all of that right and gives up the whole answer otherwise; real cameras get it wrong (home-assistant/core#89620,
mvantellingen/python-zeep#1205). The limits are on our side: size before this, depth and number of elements here, no DTD, no entities.
"""

import codecs
import re
from typing import Any

from provisioner.camera.errors import BrokenReply

DEPTH_MOST = 64          # the deepest answer read so far has 14 levels (capabilities of an Axis camera)
ELEMENTS_MOST = 100_000  # GetProfiles of a camera with 64 profiles has about 5,000
_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]{0,200}?\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.\-]{1,40})["']""")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, 2.2
_ENVELOPE_END = re.compile(rb"</\s*(?:[\w.\-]+:)?Envelope\s*>")
_INTEGER = re.compile(r"[+-]?\d{1,12}\Z")


class Element:
    """One element of an answer. Names are local names, texts are stripped; what is missing is '' or None or an empty list."""

    __slots__ = ("_element",)

    def __init__(self, element: Any) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """The local name."""
        return local(self._element.tag)

    def all(self, *path: str) -> list["Element"]:
        """The elements at `path`, in order: all of the last name below the first of each name before it."""
        here: Element | None = self if len(path) == 1 else self.first(*path[:-1])
        return [] if here is None else [Element(child) for child in here._element if local(child.tag) == path[-1]]

    def first(self, *path: str) -> "Element | None":
        """The first element at `path`."""
        here = self._element
        for name in path:
            here = next((child for child in here if local(child.tag) == name), None)
            if here is None:
                return None
        return Element(here)

    def children(self) -> list["Element"]:
        """All child elements."""
        return [Element(child) for child in self._element if isinstance(child.tag, str)]

    def text(self, *path: str) -> str:
        """The text of the first element at `path`, its white space made single spaces."""
        found = self.first(*path)
        return "" if found is None else " ".join((found._element.text or "").split())

    def number(self, *path: str) -> int | None:
        """The whole number at `path`; None for anything else. Decimals are cut: cameras were seen to write `50.00`."""
        whole = self.text(*path).partition(".")[0]
        return int(whole) if _INTEGER.match(whole) else None

    def attribute(self, name: str) -> str:
        """The attribute with this local name."""
        return next((str(value).strip() for key, value in self._element.attrib.items() if local(key) == name), "")


def local(tag: Any) -> str:
    """The local name of a tag, also of `ter:NotAuthorized` with `ter` undeclared; '' for comments."""
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def read_xml(body: bytes, root: str = "Envelope") -> Element:
    """The root element of a message. Raises `BrokenReply`: a DTD, too deep, too many elements, cut off, no XML, another root."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BrokenReply("document type declaration in a message")  # SOAP 1.2 part 1, section 5
    from lxml import etree  # type: ignore[import-untyped]

    end = _ENVELOPE_END.search(body)
    if root == "Envelope" and end is None:
        raise BrokenReply("the answer is cut off")
    # Nothing after the end counts: cameras send blanks, NULs and log lines there.
    text = _decoded(body if end is None or root != "Envelope" else body[: end.end()])
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, load_dtd=False)
    try:
        found = etree.fromstring(text, parser)
    except (etree.LxmlError, ValueError):
        found = None
    if found is None or local(found.tag) != root:
        raise BrokenReply("the answer is no XML")
    _within_limits(found)
    return Element(found)


def _decoded(body: bytes) -> bytes:
    """The message as clean UTF-8 without its declaration: bytes that are none are replaced, characters that XML forbids become blanks."""
    declaration = _DECLARATION.match(body)
    encoding = "utf-8"
    if declaration is not None:
        body = body[declaration.end():]
        told = _ENCODING.search(declaration[0])
        try:
            encoding = codecs.lookup(told[1].decode()).name if told is not None else encoding
        except LookupError:
            encoding = "utf-8"
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = body.decode(encoding, "replace")
    except (LookupError, UnicodeError, ValueError):
        text = body.decode("utf-8", "replace")  # `encoding="base64"` and other things that are no text
    return _FORBIDDEN.sub(" ", text.lstrip("\ufeff \r\n\t")).encode("utf-8", "replace")


def _within_limits(root: Any) -> None:
    count, level = 0, [root]
    for _ in range(DEPTH_MOST):
        count += len(level)
        if count > ELEMENTS_MOST:
            raise BrokenReply("too many elements")
        level = [child for element in level for child in element]
        if not level:
            return
    raise BrokenReply("too deep")
