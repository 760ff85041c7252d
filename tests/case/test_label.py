"""Labels as their codes are scanned: the serial number comes out, the secrets beside it do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.label import Label, read_label


@pytest.mark.parametrize(("text", "serial", "model"), [
    ("ACCC8E123456", "ACCC8E123456", ""),
    (" ac:cc:8e:12:34:56\n", "ACCC8E123456", ""),
    ("044 123 456 789 01234", "04412345678901234", ""),
    ("{SN:2J01018PAA00813,DT:IPC-HDBW4431R,SC:L2SECRET,NC:010}", "2J01018PAA00813", "IPC-HDBW4431R"),
    ("www.hik-connect.com\rC12345678\rSECRET\rDS-2CD2143G0-I\r", "C12345678", "DS-2CD2143G0-I"),
    ("https://www.ezviz7.com\r\nC12345678\r\n", "C12345678", ""),
    ("S/N: ACCC8E123456\nP/N: 0123-001", "ACCC8E123456", ""),
    ("Serial No.: AB-12345; Model: X1; Password: SECRET", "AB12345", "X1"),
    ('{"serial": "ABC12345", "key": "SECRET"}', "ABC12345", ""),
    ("https://make.example/s?sn=ABC12345&oak=SECRET", "ABC12345", ""),
])
def test_the_serial_number_is_found_and_no_secret_with_it(text: str, serial: str, model: str) -> None:
    found = read_label(text)
    assert found == Label(serial, model)  # type: ignore[arg-type]
    assert "SECRET" not in repr(found)


@pytest.mark.parametrize("text", ["", " ", "WIFI:S:home;T:WPA;P:secretword;;", "hello world, no", "https://make.example/", "http://[x", "SN:\nP/N: 1", "A" * 2000,
                                  "https://make.example/s?id=ABC12345", "www.hik-connect.com\r\r"])
def test_what_is_no_label_of_a_camera(text: str) -> None:
    assert read_label(text) is None


@given(st.text(max_size=300))
def test_any_text_gives_a_label_or_none(text: str) -> None:
    found = read_label(text)
    assert found is None or (found.serial.isalnum() and len(found.model) <= 60)
