"""Reading what cameras write: by local names, whatever is broken around them; never without limits."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.camera.errors import BrokenReply
from provisioner.camera.reading import DEPTH_MOST, read_xml
from tests.camera.scripted import soap, transcript

INNER = "<tds:GetDeviceInformationResponse><tds:Model>M-1</tds:Model></tds:GetDeviceInformationResponse>"


def model_in(body: bytes) -> str:
    return read_xml(body).text("Body", "GetDeviceInformationResponse", "Model")


@pytest.mark.parametrize("body", [
    soap(INNER), soap(INNER).replace(b"xmlns:tds=", b"xmlns:other="), b"\xef\xbb\xbf" + soap(INNER), soap(INNER) + b"\0\0\r\nlog line",
    soap(INNER).replace(b"utf-8", b"nonsense-8").replace(b"UTF-8", b"nonsense-8"), soap(INNER).replace(b"M-1", b"\n  M-1\r\n"),
    soap(INNER).replace(b"<tds:Model>", b"<!-- x --><tds:Model>"), soap(INNER).replace(b"http://www.onvif.org/ver10/device/wsdl", b"urn:wrong"),
    b"\r\n\r\n" + soap(INNER), soap(INNER).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
], ids=range(10))
def test_broken_around_the_edges(body: bytes) -> None:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        with pytest.raises(BrokenReply):  # nobody was seen to answer in UTF-16; it is refused, not misread
            model_in(body)
    else:
        assert model_in(body) == "M-1"


def test_invalid_bytes_cost_their_characters_only() -> None:
    assert model_in(soap(INNER).replace(b"M-1", b"M\xff\x01-1")).startswith("M") and model_in(soap(INNER).replace(b"M-1", b"M\x00-1")) == "M -1"


@pytest.mark.parametrize("body", [
    b"", b"<", b"<html></html>", soap(INNER)[:-30], b"<!DOCTYPE a>" + soap(INNER), soap("<a>" * (DEPTH_MOST + 1) + "</a>" * (DEPTH_MOST + 1)),
    soap("<a/>" * 100_001), b"<x><Envelope></Envelope>",
], ids=["empty", "one sign", "html", "cut off", "dtd", "deep", "many", "another root"])
def test_refused(body: bytes) -> None:
    with pytest.raises(BrokenReply):
        read_xml(body)


def test_numbers_and_attributes() -> None:
    root = read_xml(soap('<tt:a x:token=" t1 " xmlns:x="urn:x"><tt:n>50.00</tt:n><tt:n>x</tt:n><tt:n>99999999999999</tt:n></tt:a>'))
    one = root.first("Body", "a")
    assert one is not None and one.attribute("token") == "t1" and one.number("n") == 50 and [n.number() for n in one.all("n")] == [50, None, None]
    assert one.first("no", "where") is None and one.all("no", "where") == [] and one.text("no") == ""


def test_transcripts_of_real_cameras_are_read() -> None:
    assert read_xml(transcript("axis_device_information.xml")).text("Body", "GetDeviceInformationResponse", "Manufacturer") == "AXIS"
    assert read_xml(transcript("undeclared_ter_fault.xml")).first("Body", "Fault") is not None


@given(st.binary(max_size=400), st.integers(0, 400))
def test_garbage_is_read_or_refused(noise: bytes, at: int) -> None:
    whole = soap(INNER)
    with contextlib.suppress(BrokenReply):
        model_in(whole[:at] + noise + whole[at:])
