"""A small client for tests of the simulated camera: SOAP by hand over httpx, written from the specifications."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import cv2
import httpx
import numpy as np

from simulators.camera import SimulatedCamera

NS = {
    "device": "http://www.onvif.org/ver10/device/wsdl", "media": "http://www.onvif.org/ver10/media/wsdl",
    "media2": "http://www.onvif.org/ver20/media/wsdl", "imaging": "http://www.onvif.org/ver20/imaging/wsdl",
    "recording": "http://www.onvif.org/ver10/recording/wsdl", "events": "http://www.onvif.org/ver10/events/wsdl",
    "ptz": "http://www.onvif.org/ver20/ptz/wsdl", "wsnt": "http://docs.oasis-open.org/wsn/b-2",
}
ENV, TT = "http://www.w3.org/2003/05/soap-envelope", "http://www.onvif.org/ver10/schema"
PASSWORD = "simulated-1"


class Refused(Exception):
    def __init__(self, status: int, codes: list[str], reason: str) -> None:
        super().__init__(status, codes, reason)
        self.status, self.codes, self.reason = status, codes, reason


class Asker:
    """One user of one camera; HTTP digest."""

    def __init__(self, camera: SimulatedCamera, user: str = "admin", password: str = PASSWORD, auth: Any = "digest", url: str = "", verify: Any = True,
                 keep: bool = True) -> None:
        self.camera, self.url = camera, url or camera.onvif_url
        login = httpx.DigestAuth(user, password) if auth == "digest" else httpx.BasicAuth(user, password) if auth == "basic" else None
        # The list of public authorities takes 30 ms to load; over plain HTTP nobody needs it.
        self.http = httpx.Client(auth=login, timeout=10, verify=verify if self.url.startswith("https") else False,
                                 limits=httpx.Limits(max_keepalive_connections=20 if keep else 0))

    def __call__(self, service: str, action: str, inside: str = "", header: str = "", query: str = "") -> ElementTree.Element:
        """The answer's element; Refused for a fault or whatever is no SOAP."""
        body = (f'<s:Envelope xmlns:s="{ENV}" xmlns:tt="{TT}"><s:Header>{header}</s:Header>'
                f'<s:Body><{action} xmlns="{NS[service]}">{inside}</{action}></s:Body></s:Envelope>')
        url = self.url.rsplit("/", 1)[0] + f"/{'events' if service == 'wsnt' else service}_service{query}"
        answer = self.http.post(url, content=body, headers={"Content-Type": "application/soap+xml"})
        try:
            content = ElementTree.fromstring(answer.content).find(f"{{{ENV}}}Body")
        except ElementTree.ParseError:
            raise Refused(answer.status_code, [], answer.text) from None
        assert content is not None
        fault = content.find(f"{{{ENV}}}Fault")
        if fault is not None:
            codes = [value.text or "" for value in fault.iter(f"{{{ENV}}}Value")]
            raise Refused(answer.status_code, codes, fault.findtext(f"{{{ENV}}}Reason/{{{ENV}}}Text") or "")
        assert answer.status_code == 200
        assert content[0].tag == f"{{{NS[service]}}}{action}Response"
        return content[0]

    def texts(self, service: str, action: str, name: str, inside: str = "") -> list[str]:
        """The texts of all elements of that local name in the answer."""
        return [(one.text or "").strip() for one in self(service, action, inside).iter() if one.tag.rpartition("}")[2] == name]

    def snapshot(self, profile: str = "profile_main") -> np.ndarray:
        answer = self.http.get(self.camera.snapshot_url(profile))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        read = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert read is not None
        return read
