"""TLS to the broker: taken where its certificate is signed by the authority of the settings, refused otherwise."""

import ipaddress
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provisioner.fault import Fault
from provisioner.registry.asking import Questioner
from provisioner.registry.settings import TlsFiles
from simulators.broker import find_program
from tests.registry.line import settings
from tests.registry.test_client_mosquitto import WallClock

PORT_TRIES = 20


def self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return cert_file, key_file


@pytest.fixture
def tls_broker(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Port and certificate of a mosquitto that speaks TLS only."""
    cert_file, key_file = self_signed(tmp_path, "broker")
    for port in range(38830, 38830 + PORT_TRIES):
        conf = tmp_path / "mosquitto.conf"
        conf.write_text(f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n"
                        f"certfile {cert_file}\nkeyfile {key_file}\ntls_version tlsv1.2\n")
        process = subprocess.Popen([find_program("mosquitto"), "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.2)
        if process.poll() is None:
            break
    else:
        raise AssertionError("no free port")
    try:
        yield port, cert_file
    finally:
        process.terminate()
        process.wait(5)
        shutil.rmtree(tmp_path, ignore_errors=True)


def asked(port: int, ca_file: Path) -> str:
    """What a question brings: nobody answers here, so the evidence says how far it came."""
    with Questioner(settings("127.0.0.1", port, client_id="cli-1", tls=TlsFiles(ca_file)), WallClock(), 1.0) as questioner:
        fault = questioner.ask("list_bindings", {"cursor": None})
    assert isinstance(fault, Fault)
    return fault.evidence


def test_h22_only_a_broker_whose_certificate_is_trusted_is_spoken_to(tls_broker: tuple[int, Path], tmp_path: Path) -> None:
    port, cert_file = tls_broker
    assert "not listening" in asked(port, cert_file)
    assert "no connection to the broker" in asked(port, self_signed(tmp_path, "stranger")[0])
