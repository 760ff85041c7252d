"""Answers written as cameras write them: prefixes of their own, missing declarations, bytes that are no UTF-8."""

from __future__ import annotations

import re

from .manners import XmlManners

_VENDOR = '<ven:Uptime xmlns:ven="http://vendor.invalid/schema">1234</ven:Uptime>'


def write(envelope: bytes, manners: XmlManners) -> bytes:
    """The answer, spoilt as the manners say. An answer in good order is not touched."""
    if manners.extension:
        envelope = envelope.replace(b"</tds:Capabilities></tds:GetServiceCapabilitiesResponse>",
                                    _VENDOR.encode() + b"</tds:Capabilities></tds:GetServiceCapabilitiesResponse>")
    if manners.other_prefixes:
        envelope = envelope.replace(b"env:", b"SOAP-ENV:").replace(b":env=", b":SOAP-ENV=").replace(
            b"<SOAP-ENV:Body>", b"<SOAP-ENV:Header></SOAP-ENV:Header><SOAP-ENV:Body>")
    if manners.newlines:
        envelope = re.sub(rb">([^<>\n]+)</", rb">\n  \1\n</", envelope).replace(b"><", b">\n<")
    if manners.undeclared_prefix:
        envelope = re.sub(rb"(<(?:SOAP-ENV|env):Body>)", rb"<SOAP-HEAD><wsa:Action>reply</wsa:Action></SOAP-HEAD>\1", envelope, count=1)
    if manners.invalid_utf8:
        envelope = envelope.replace(b"</tds:Model>", b" \xe9\xff</tds:Model>").replace(b"</tt:Name>", b"\xe9</tt:Name>")
    return envelope
