"""How to reach the broker, and how patient to be with it."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from provisioner.case.identifiers import is_opaque
from provisioner.fault import PlainError, Text
from provisioner.secret import Secret

_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")  # it becomes part of a topic: no slash, no wildcard


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths to PEM files. `ca_file`: who signed the broker; `cert_file` and `key_file`: who we are, where the broker asks for a certificate."""

    ca_file: Path
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """One client of the broker. Raises `PlainError` where it would speak without TLS to another machine, or under a name that no topic can carry."""

    host: str
    port: int
    client_id: str
    username: str
    password: Secret
    tls: TlsFiles | None = None
    actor_ref: str = "provisioner-daemon"  # who asks, in every command; a person's pseudonym stays in our own journal
    resend_s: float = 5.0                  # a command without a reply is published again this often; the core's deadline is 30 s
    keepalive_s: int = 15                  # a frozen broker is noticed within twice this
    session_expiry_s: int = 3600           # case-and-contract 6.3; 0 is a client that leaves nothing behind
    reconnect_first_s: int = 1
    reconnect_most_s: int = 30             # doubling from the first to this

    def __post_init__(self) -> None:
        if not _CLIENT_ID.match(self.client_id):
            raise PlainError("registry_client_id", Text(
                "Klientnamnet mot mäklaren får bara ha bokstäver, siffror, punkt, bindestreck och understreck (högst 64).",
                "The MQTT client id may only have letters, digits, dot, hyphen and underscore (64 at most)."))
        if not is_opaque(self.actor_ref):
            raise PlainError("registry_actor_ref", Text(
                "actor_ref måste vara en pseudonym: små bokstäver, siffror och bindestreck, 6 till 64 tecken.",
                "actor_ref must be a pseudonym: lower case letters, digits and hyphens, 6 to 64 characters."))
        if self.tls is None and not is_loopback(self.host):
            raise PlainError("registry_needs_tls", Text(
                f"Mäklaren {self.host} är en annan maskin; ange ca_file, så att förbindelsen krypteras.",
                f"The broker {self.host} is another machine; give a ca_file so that the connection is encrypted."))


def is_loopback(host: str) -> bool:
    """Whether this name or address cannot leave the machine. A name other than `localhost` may point anywhere, so it does not count."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
