"""Certificates of simulated cameras, made when they are first needed: self-signed, or a device identity after IEEE 802.1AR.

A device identity (IDevID) is signed by the maker's authority at the factory and carries the device's serial number in the subject's
serialNumber attribute (IEEE 802.1AR-2018, 8.6). `maker_pem()` is what a buyer gets from the maker to check it with.
"""

from __future__ import annotations

import ssl
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .state import CameraState

KINDS = ("none", "self-signed", "device", "expired", "other-serial")
FOREVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)        # RFC 5280 4.1.2.5: no well-defined expiration


@lru_cache(maxsize=1)
def _maker() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The maker's authority: one for all cameras of this process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Simulated Device Identity CA", "Simulated", "")
    start = datetime.now(UTC) - timedelta(days=1)
    built = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
             .not_valid_before(start).not_valid_after(FOREVER).add_extension(x509.BasicConstraints(True, 0), critical=True))
    return key, built.sign(key, hashes.SHA256())


def maker_pem() -> bytes:
    return _maker()[1].public_bytes(serialization.Encoding.PEM)


def _name(common: str, organisation: str, serial: str) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common), (NameOID.SERIAL_NUMBER, serial)]
    return x509.Name([x509.NameAttribute(oid, value[:64]) for oid, value in parts if value])


class Identity:
    """Key, certificate and TLS settings of one camera."""

    def __init__(self, state: CameraState, host: str) -> None:
        self._state, self._host = state, host

    @cached_property
    def _made(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        state, kind = self._state, self._state.tls.kind
        key = ec.generate_private_key(ec.SECP256R1())
        by_maker = kind in ("device", "expired", "other-serial")
        serial = "SIM0000002X" if kind == "other-serial" else state.serial
        subject = _name(f"{state.model} {serial}"[:64], state.manufacturer, serial) if by_maker else _name(self._host, "", "")
        signer, issuer = (_maker()[0], _maker()[1].subject) if by_maker else (key, subject)
        now = datetime.now(UTC)
        until = now - timedelta(days=1) if kind == "expired" else FOREVER if by_maker else now + timedelta(days=3650)
        built = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
                 .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=2)).not_valid_after(until)
                 .add_extension(x509.BasicConstraints(False, None), critical=True))
        if not by_maker:
            built = built.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(self._host))]), critical=False)
        return key, built.sign(signer, hashes.SHA256())

    @property
    def der(self) -> bytes:
        return self._made[1].public_bytes(serialization.Encoding.DER)

    @cached_property
    def context(self) -> ssl.SSLContext:
        key, certificate = self._made
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._state.tls.legacy:
            # OpenSSL 3 speaks TLS 1.0 at security level 0 only.
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)      # that it is old is the point
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        with tempfile.NamedTemporaryFile() as file:        # load_cert_chain reads files alone
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
            file.flush()
            context.load_cert_chain(file.name)
        return context
