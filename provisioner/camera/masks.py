"""Taking everything out of a camera's words that could tell one camera, home or person from another, so that the words may be shown to strangers.

What is not known to be harmless is replaced, not the other way round. Harmless are the words of the ONVIF and SOAP schemas themselves, the words of faults
and headers, what the camera calls its make, and small numbers. Every other word gives way to another of the same shape (digits for digits, hexadecimal for
hexadecimal), always the same for the same word within one transcript: a serial number that is also the MAC address stays so, a token told in one answer
fits the next question. The key is thrown away with the `Masker`, so nobody can work a word back.
"""

import functools
import hashlib
import hmac
import re
import secrets

from provisioner.camera.wsdl import wsdl_files
from provisioner.case.identifiers import normalise_serial
from provisioner.case.weak_serials import why_weak

OWN_ACCOUNT = "recorder"
"""What our own account is called in every transcript; a replay lets it in."""

KEPT_ELEMENTS = frozenset({"Manufacturer", "Model", "FirmwareVersion", "HardwareId", "TZ"})
_PERSONAL = frozenset({"SerialNumber", "Username", "PlainText", "Name", "FriendlyName", "DeviceName"})
_MORE_WORDS = frozenset(re.findall(r"\S+", """
 http https rtsp rtspt urn uuid www org w3 xmlsoap oasis open com net env soap s a d dn ter tds trt tr2 tt tev timg trc tptz wsnt wsa wsse wsu xml xmlns xsi xsd
 encoding utf html head body title ver10 ver20 ver1 schema schemas service services onvif device media media2 media_service device_service Sender Receiver
 Client Server NotAuthorized FailedAuthentication InvalidSecurity InvalidSecurityToken SecurityTokenUnavailable MessageExpired FailedCheck ActionNotSupported
 Action InvalidArgVal InvalidArgs NoProfile NoConfig NoSuchService OperationProhibited WellFormed TagMismatch Tag Namespace MissingAttr DataEncodingUnknown
 OutofMemory CriticalError TooManyUsers NoSource NoEntity NoRecording NoToken fault the action requested requires authorization and sender is was not provided
 supported by authorized authorised device account has been lock locked out please try again in minute minutes second seconds after you still have attempt
 attempts remaining left login invalid username or password user name error failed failure no such profile token does exist operation optional
 implemented method bad request found forbidden unauthorized internal ok true false text image application soap jpeg charset digest basic realm nonce qop auth
 opaque algorithm md5 sha 256 stale onvif streaming location hardware type profile t s g m video audio encoder macaddress serialnumber network transmitter
 snapshot cgi bin jpg live stream streams channel channels unicast tcp udp rtp avp in ip4 ip6 h264 h265 hevc jpeg pcma pcmu aac lrv range npt now control
 upperleft upperright lowerleft lowerright custom yyyy mm dd hh ss plaintext posix cet cest en
 trackid recvonly sendonly sdp session datetime dateandtime date time plain check expired clock wrong
""".lower()))

_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_MAC = re.compile(r"(?<![0-9A-Za-z:])[0-9A-Fa-f]{2}([:\-]|%3[Aa])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Za-z:])")
_IPV6 = re.compile(r"(?<=\[)[0-9A-Fa-f:]{3,39}(?=[\]%])|(?<![0-9A-Za-z:])[0-9A-Fa-f:]{0,30}::[0-9A-Fa-f:]{1,30}(?![0-9A-Za-z:])")
_PORT = r"(?<=[0-9A-Za-z\]]):\d{2,5}(?=[/?\s]|\Z)"   # of an address: tells nothing, and must stay one
_PROTOCOLS = frozenset({"HTTP", "HTTPS", "RTSP"})  # names in GetNetworkProtocols
_ESCAPE = r"%[0-9A-Fa-f]{2}"
_WORD = re.compile(r"[A-Za-z0-9\x80-\U0010ffff]+")
_PLAIN_VALUE = re.compile(r"-?\d{1,7}(?:\.\d{1,6})?|-?P(?:\d+D)?(?:T[\dHMS.]+)?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?|\s*")
_SCOPE_OF_PEOPLE = re.compile(r"(onvif://www\.onvif\.org/(?:location|name)/|urn:)", re.IGNORECASE)


@functools.cache
def _schema_words() -> frozenset[str]:
    """Every word of the names, enumerations and name spaces of the ONVIF service descriptions, lower case."""
    found: set[str] = set()
    for file in wsdl_files():
        for value in re.findall(r'\b(?:name|value|targetNamespace|namespace|type|element|ref|base)="([^"]*)"', file.read_text(encoding="utf-8", errors="replace")):
            found.update(word.lower() for word in _WORD.findall(value) if not word.isdigit())
    return frozenset(found)


class Masker:
    """One transcript's replacements. `hide` are words that must go wherever they stand, also inside others."""

    def __init__(self, own_account: str = "", hide: tuple[str, ...] = ()) -> None:
        self._key = secrets.token_bytes(32)
        self._own = own_account
        self._hide = tuple(sorted({word for word in hide if len(word) > 2}, key=len, reverse=True))
        self._hosts: dict[str, str] = {}
        self._done: set[str] = set()    # MAC addresses that are masks already
        self._learnt: set[str] = set()
        self.replaced: set[str] = set()  # what was taken out, to be looked for in what goes out

    def learn(self, value: str) -> None:
        """The words of a make, model, firmware: harmless wherever they stand again, unless they look like a number of one camera."""
        self._learnt.update(word.lower() for word in _WORD.findall(value) if sum(char.isdigit() for char in word) < 6)

    def value(self, text: str, element: str = "") -> str:
        """A text of a camera, or of a question to it, without what could tell anybody from anybody."""
        if element in KEPT_ELEMENTS or text in _PROTOCOLS or _PLAIN_VALUE.fullmatch(text):
            return self._without_hidden(text)
        if self._own and text.strip() == self._own:
            return text.replace(self._own, OWN_ACCOUNT)
        if element == "SerialNumber" and (serial := normalise_serial(text)) is not None and why_weak(serial) is not None:
            return text  # what many cameras have tells none of them
        people = _SCOPE_OF_PEOPLE.search(text)
        if people is not None and people.start() == 0 and not text.lower().startswith("urn:uuid:"):
            return people[0] + self._words(self._addresses(text[people.end():]), all_of_it=True)
        return self._words(self._addresses(self._without_hidden(text)), all_of_it=element in _PERSONAL)

    def _without_hidden(self, text: str) -> str:
        for word in self._hide:
            text = re.sub(re.escape(word), lambda found: self._word(found[0]), text, flags=re.IGNORECASE)
        return text

    def _addresses(self, text: str) -> str:
        def address(found: re.Match[str]) -> str:
            self.replaced.add(found[0])
            return self._hosts.setdefault(found[0], f"192.0.2.{len(self._hosts) % 254 + 1}")  # TEST-NET-1, RFC 5737

        def mac(found: re.Match[str]) -> str:
            self.replaced.add(found[0])
            bare = self._word(found[0].replace(found[1], ""))
            whole = found[1].join(bare[at:at + 2] for at in range(0, 12, 2))
            self._done.add(whole)
            return whole

        def six(found: re.Match[str]) -> str:
            self.replaced.add(found[0])
            return self._hosts.setdefault(found[0], f"2001:db8::{len(self._hosts) + 1:x}")  # RFC 3849

        return _IPV6.sub(six, _IPV4.sub(address, _MAC.sub(mac, text)))

    def _words(self, text: str, *, all_of_it: bool) -> str:
        """Word by word; what stands for an address is left as it is, and so are escapes, unless they hide a letter or a digit."""
        ready = "|".join(re.escape(one) for one in sorted({*self._hosts.values(), *self._done}, key=len, reverse=True))

        def one(found: re.Match[str]) -> str:
            if found["ready"] or found["port"]:
                return found[0]
            if found["escape"]:
                return found[0] if not chr(int(found[0][1:], 16)).isalnum() else "%5F"
            return self._one(found[0], all_of_it)

        return re.sub(f"(?P<ready>(?<![0-9A-Za-z.:])(?:{ready or '(?!)'})(?![0-9A-Za-z]))|(?P<port>{_PORT})|(?P<escape>{_ESCAPE})|{_WORD.pattern}", one, text)

    def _one(self, word: str, all_of_it: bool) -> str:
        if not all_of_it:
            if word.isdigit() and len(word) <= 2:
                return word
            if word.lower() in _MORE_WORDS or word.lower() in self._learnt or (not word.isdigit() and word.lower() in _schema_words()):
                return word
        return self._word(word)

    def _word(self, word: str) -> str:
        """Another word of the same shape, the same for the same letters in whatever case."""
        self.replaced.add(word)
        stream = hmac.new(self._key, word.upper().encode(), hashlib.sha512).digest() * (len(word) // 32 + 1)
        hexadecimal = len(word) > 3 and re.fullmatch(r"[0-9A-Fa-f]+", word) is not None
        return "".join(self._char(char, stream[place], hexadecimal) for place, char in enumerate(word))

    @staticmethod
    def _char(char: str, by: int, hexadecimal: bool) -> str:
        if char.isdigit() and char.isascii():
            return str(by % 10)
        if char.isascii():
            found = "abcdef"[by % 6] if hexadecimal else "abcdefghijklmnopqrstuvwxyz"[by % 26]
            return found.upper() if char.isupper() else found
        return {1: "\x80", 2: "ö", 3: "€"}.get(len(char.encode("utf-8", "surrogateescape")), "\N{SLIGHTLY SMILING FACE}")
