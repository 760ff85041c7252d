"""Settings: one closed TOML file; secrets only by reference, as files in a directory of their own.

Every key that exists is in `systemd/provisioner.toml`, which a test loads. An unknown key is refused with the nearest known one.
"""

import base64
import difflib
import os
import re
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from provisioner.case.calling import Ladder
from provisioner.case.policy import Policy
from provisioner.documents.sign_texts import SignContact
from provisioner.fault import PlainError, Text
from provisioner.secret import Secret
from provisioner.wrong import HIDDEN, Wrong, finding, has_hidden_signs, os_finding

DEFAULT_PATH = Path("/etc/provisioner/provisioner.toml")
PATH_VARIABLE = "PROVISIONER_CONFIG"
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
SECRET_LEAST = {"api-token": 16}
"""Fewest characters: a token that anybody on the machine may try again and again has to be one that nobody guesses."""


KEYS = ("personal-key", "camera-key", "receipt-key")
"""The secrets that are 32 random bytes each: what seals personal data, what seals the cameras' passwords, what signs receipts."""


def fresh_keys() -> dict[str, str]:
    """New keys by name, as they stand in their files: for an installation that begins, such as the demo's."""
    return {name: os.urandom(32).hex() for name in KEYS}


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(_Closed):
    """`url` as SQLAlchemy writes it: `sqlite:////var/lib/provisioner/provisioner.db`, or `postgresql+psycopg://...` for several daemons. `audit_url`: a
    database of its own for the audit log; empty: beside the cases, where a read and its line are one transaction."""

    url: str
    audit_url: str = ""


class BrokerSettings(_Closed):
    """The MQTT 5 broker. TLS files are paths; without them only loopback is spoken to. The password is the secret `mqtt-password`."""

    host: str = "127.0.0.1"
    port: int = Field(default=8883, ge=1, le=65535)
    client_id: str = "provisioner"
    username: str = "daemon"
    actor_ref: str = "provisioner-daemon"
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class HttpSettings(_Closed):
    """The HTTP trigger: loopback only, with the bearer token of the secret `api-token`. `port` 0 switches it off."""

    host: Literal["127.0.0.1", "::1", "localhost"] = "127.0.0.1"
    port: int = Field(default=8085, ge=0, le=65535)


class CameraSection(_Closed):
    """`frame_source`: `auto` takes the snapshot where the camera has one, else RTSP. A camera's first account is in the secret `cameras.toml`; from its
    first rotation on the database has it. `kept_accounts`: accounts on a camera that a rotation leaves alone, such as the alarm centre's viewer.
    `approved_firmware`: model -> the oldest firmware that a camera of it may run (D15); a model that is not named has none.
    `device_ca_file`: the makers' authorities (PEM), by which device certificates after IEEE 802.1AR are verified.
    `night_follows_s`: seconds until a picture shows what filter and lamp were set to, instead of what the device profiles say.
    `time_server`: given to a camera that follows none (D15), an IPv4 address or a name; empty: none is given. A camera's clock itself is never set."""

    frame_source: Literal["auto", "snapshot", "rtsp"] = "auto"
    at_once: int = Field(default=8, ge=1, le=64)
    kept_accounts: tuple[str, ...] = ("alarmcentre",)
    approved_firmware: dict[str, str] = {}
    device_ca_file: Path | None = None
    night_follows_s: float | None = Field(default=None, ge=0, le=10)
    time_server: str = Field(default="", pattern=r"^[A-Za-z0-9.-]{0,253}$")


class PostSection(_Closed):
    """Ways out to people who look at no page. Mail where `smtp_host` is given (password: the secret `smtp-password`, where `smtp_username` is); a POST where
    the secret `webhook-url` exists, signed where `webhook-secret` does. `to`: audience -> addresses; nobody is told by mail whose audience is not named.
    A call that somebody must act on is repeated every `repeat_min` until a named person takes it; the team lead is called besides after `higher_after_min`."""

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_sender: str = ""
    smtp_username: str = ""
    smtp_ca_file: Path | None = None
    repeat_min: float = Field(default=15, ge=1, le=120)
    higher_after_min: float = Field(default=30, ge=0)
    to: dict[Literal["on_call", "team_lead", "coordinator", "night_patrol", "handing_over_unit", "receiving_unit", "case_officer"], tuple[str, ...]] = {}

    def ladder(self) -> Ladder:
        """As the core wants it."""
        return Ladder(timedelta(minutes=self.repeat_min), ((timedelta(minutes=self.higher_after_min), "team_lead"),))


class NightSection(_Closed):
    """`lists_at`: Swedish wall times at which the three lists are compared and tonight's homes are counted; the alarm centre is told the count. `silent_h`: an
    ACTIVE binding without a successful look for so long calls somebody (D24)."""

    lists_at: tuple[time, ...] = (time(12), time(18), time(20))
    silent_h: float = Field(default=24, gt=0, le=24)


class PolicySection(_Closed):
    """What a municipality may change of `case/policy.py`; hours and minutes as numbers."""

    asset_number_pattern: str = Policy().asset_number_pattern
    escalate_before_first_look_h: tuple[float, ...] = (4, 2, 1)
    booking_margin_h: float = Field(default=4, ge=0)
    travel_margin_min: float = Field(default=30, ge=0, le=240)
    suspension_review_days: float = Field(default=7, gt=0, le=7)
    counterpart_reminder_h: float = Field(default=24, gt=0)
    counterpart_phone_h: float = Field(default=48, gt=0)
    hold_review_h: float = Field(default=24, gt=0, le=24)
    frames_per_visit: int = Field(default=6, ge=1, le=6)
    it_supports: tuple[str, ...] = Policy().it_supports

    def policy(self) -> Policy:
        """As the core wants it. Raises `PlainError` for a pattern that is no regular expression."""
        try:
            re.compile(self.asset_number_pattern)
        except re.error as error:
            raise _bad("policy.asset_number_pattern", f"är inget reguljärt uttryck ({error})", f"is no regular expression ({error})") from None
        return Policy(
            asset_number_pattern=self.asset_number_pattern,
            escalate_before_first_look=tuple(timedelta(hours=h) for h in sorted(self.escalate_before_first_look_h, reverse=True)),
            booking_margin=timedelta(hours=self.booking_margin_h), travel_margin=timedelta(minutes=self.travel_margin_min),
            suspension_review=timedelta(days=self.suspension_review_days),
            counterpart_reminder=timedelta(hours=self.counterpart_reminder_h), counterpart_phone=timedelta(hours=self.counterpart_phone_h),
            hold_review=timedelta(hours=self.hold_review_h), frames_per_visit=self.frames_per_visit, it_supports=self.it_supports)


class DocumentsSection(_Closed):
    """Where the organisation's own documents are (a diary number, a link): what an auditor asks for and no program can answer. Empty: not entered."""

    dpia: str = ""
    record_of_processing: str = ""
    processor_agreements: str = ""
    hosting_list: str = ""
    restore_test: str = ""
    penetration_test: str = ""
    vulnerability_address: str = ""
    incident_register: str = ""
    retention_plan: str = ""


class SignSection(_Closed):
    """What stands on every sign besides the text: who answers for the cameras, and where one can ask. Needed only where signs are printed.
    `reviews_file`: who stands for the text in each language (`provisioner sign review`)."""

    controller: str = Field(default="", max_length=80)
    phone: str = Field(default="", pattern=r"^(\+?[0-9][0-9 ()/-]{4,24})?$")
    dpo: str = Field(default="", max_length=80)
    url: str = Field(default="", pattern=r"^([!-~]{4,100})?$")
    reviews_file: Path = Path("/var/lib/provisioner/sign-reviews.json")

    @field_validator("controller", "dpo")
    @classmethod
    def _seen(cls, text: str) -> str:
        if has_hidden_signs(text) or "\n" in text:
            raise Wrong(HIDDEN.sv, HIDDEN.en)
        return " ".join(text.split())

    def contact(self) -> SignContact:
        """As the sign wants it. Raises `PlainError` for the first that is not set: a sign without it would not say what it must."""
        for key in ("controller", "phone", "dpo", "url"):
            if not getattr(self, key):
                raise _bad(f"sign.{key}", "saknas, och ska stå på skylten. Skriv den i inställningarna under [sign].",
                           "is missing, and must stand on the sign. Put it into the settings under [sign].")
        return SignContact(self.controller, self.phone, self.dpo, self.url)


class Settings(_Closed):
    """The whole file. `mode` decides which person numbers are let in: Skatteverket's test numbers only in `test`, others only in `production`."""

    mode: Literal["test", "production"] = "production"
    language: Literal["sv", "en"] = "sv"
    worker: str = Field(default="provisioner-1", pattern=r"^[a-z0-9][a-z0-9-]{2,63}$")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = True
    secrets_directory: Path | None = None
    store: StoreSettings
    broker: BrokerSettings = BrokerSettings()
    http: HttpSettings = HttpSettings()
    camera: CameraSection = CameraSection()
    post: PostSection = PostSection()
    night: NightSection = NightSection()
    policy: PolicySection = PolicySection()
    documents: DocumentsSection = DocumentsSection()
    sign: SignSection = SignSection()


def find_path(given: str | None) -> Path:
    """The settings file: given on the command line, else in `PROVISIONER_CONFIG`, else `/etc/provisioner/provisioner.toml`."""
    return Path(given or os.environ.get(PATH_VARIABLE) or DEFAULT_PATH)


def load(path: Path) -> Settings:
    """Read and check the file. Raises `PlainError` with the key at fault and the way out."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlainError("config_missing", Text(
            f"Inställningsfilen {path} finns inte. Kopiera systemd/provisioner.toml dit, eller ange en annan med --config.",
            f"There is no settings file {path}. Copy systemd/provisioner.toml there, or name another with --config."), exit_code=EXIT_CONFIG) from None
    except OSError as error:
        found = os_finding(error)
        raise PlainError("config_unreadable", Text(f"Inställningsfilen {path} {found.sv}.", f"The settings file {path} {found.en}."), exit_code=EXIT_CONFIG) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlainError("config_garbled", Text(f"{path} är inte giltig TOML: {error}.", f"{path} is no valid TOML: {error}."), exit_code=EXIT_CONFIG) from None
    return parse(raw)


def parse(raw: dict[str, Any]) -> Settings:
    """Check the values. Raises `PlainError` for the first key at fault."""
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(first["loc"][-1]), _known_keys(first["loc"][:-1]), n=1)
            sv = f"finns inte{f'; menade du {near[0]}?' if near else '.'}"
            en = f"is not a key{f'; did you mean {near[0]}?' if near else '.'}"
            raise _bad(key, sv, en) from None
        found = finding(first)
        raise _bad(key, f"{found.sv}.", f"{found.en}.") from None


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    model: Any = Settings
    for part in path:
        field = model.model_fields.get(str(part))
        model = field.annotation if field is not None else None
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
    return list(model.model_fields)


def _bad(key: str, sv: str, en: str) -> PlainError:
    return PlainError("config_key", Text(f"Inställningen {key} {sv}", f"The setting {key} {en}"), exit_code=EXIT_CONFIG)


class Secrets:
    """The files of the secrets directory: `personal-key`, `camera-key`, `receipt-key`, `mqtt-password`, `api-token`, `cameras.toml`.

    Under systemd the directory is `$CREDENTIALS_DIRECTORY` (LoadCredential), readable by the service alone; elsewhere `secrets_directory`, whose files must
    be closed to others.
    """

    def __init__(self, settings: Settings) -> None:
        given = os.environ.get("CREDENTIALS_DIRECTORY")
        self._by_systemd = given is not None and settings.secrets_directory is None
        self._directory = settings.secrets_directory or (Path(given) if given else None)

    def read(self, name: str) -> Secret:
        """The secret of this name, without the newline at its end. Raises `PlainError` where it is missing, open to others, or too short to be one."""
        text, least = self._text(name).strip(), SECRET_LEAST.get(name, 1)
        if len(text) < least:
            raise PlainError("secret_short", Text(f"Hemligheten {name} ska ha minst {least} tecken: openssl rand -hex 32.",
                                                  f"The secret {name} needs at least {least} characters: openssl rand -hex 32."), exit_code=EXIT_CONFIG)
        return Secret(text)

    def has(self, name: str) -> bool:
        """Whether there is such a secret: for those that nobody must have."""
        return self._directory is not None and (self._directory / name).exists()

    def personal_keys(self) -> dict[int, bytes]:
        """The ring that seals personal data, by number: `personal-key` is 1, `personal-key-2` is 2. 32 bytes each, as 64 hexadecimal digits or base64.

        The newest seals, all open. The first may be gone once `provisioner keys status` says that nothing is sealed with it. Raises `PlainError`.
        """
        return self._ring("personal-key")

    def camera_keys(self) -> dict[int, bytes]:
        """The ring that seals the cameras' passwords, as `personal_keys`."""
        return self._ring("camera-key")

    def newest_key_at(self) -> float | None:
        """When the newest file of either ring was written, seconds since 1970; None where nobody can say."""
        if self._directory is None or not self._directory.is_dir():
            return None
        files = [path for path in self._directory.iterdir() if re.fullmatch(r"(personal|camera)-key(-[1-9][0-9]?)?", path.name)]
        return max((path.stat().st_mtime for path in files), default=None)

    def _ring(self, name: str) -> dict[int, bytes]:
        found = {} if self._directory is None or not self._directory.is_dir() else {
            int(match[1]): path.name for path in self._directory.iterdir() if (match := re.fullmatch(rf"{name}-([1-9][0-9]?)", path.name))}
        found.pop(1, None)
        if not found or (self._directory is not None and (self._directory / name).exists()):
            found[1] = name
        return {number: self._key(found[number]) for number in sorted(found)}

    def receipt_key(self) -> bytes:
        """The 32 bytes from which the receipts' signing key is made (Ed25519, RFC 8032 5.1.5)."""
        return self._key("receipt-key")

    def _key(self, name: str) -> bytes:
        text = self._text(name).strip()
        try:
            key = bytes.fromhex(text) if re.fullmatch(r"[0-9a-fA-F]{64}", text) else base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise PlainError("secret_key", Text(f"Hemligheten {name} ska vara 32 byte, som 64 hexsiffror: openssl rand -hex 32.",
                                                f"The secret {name} must be 32 bytes, as 64 hex digits: openssl rand -hex 32."), exit_code=EXIT_CONFIG)
        return key

    def camera_accounts(self) -> dict[str, tuple[str, Secret]]:
        """Serial number (or `default`) -> (user name, password), from `cameras.toml`. An absent file is no accounts."""
        if self._directory is None or not (self._directory / "cameras.toml").exists():
            return {}
        try:
            raw = tomllib.loads(self._text("cameras.toml"))
            return {serial: (str(account["username"]), Secret(str(account["password"]))) for serial, account in raw.items()}
        except (tomllib.TOMLDecodeError, KeyError, TypeError):
            raise PlainError("secret_cameras", Text('cameras.toml ska ha tabeller som [default] med username och password.',
                                                    'cameras.toml needs tables such as [default] with username and password.'), exit_code=EXIT_CONFIG) from None

    def _text(self, name: str) -> str:
        if self._directory is None:
            raise PlainError("secrets_missing", Text("Ange secrets_directory i inställningarna (eller starta genom systemd med LoadCredential).",
                                                     "Give secrets_directory in the settings (or start through systemd with LoadCredential)."), exit_code=EXIT_CONFIG)
        path = self._directory / name
        try:
            if not self._by_systemd and path.stat().st_mode & 0o077:
                raise PlainError("secret_open", Text(f"Hemligheten {path} kan läsas av andra: chmod 600 {path}.",
                                                     f"The secret {path} can be read by others: chmod 600 {path}."), exit_code=EXIT_CONFIG)
            return path.read_text(encoding="utf-8")
        except OSError as error:
            found = os_finding(error)
            raise PlainError("secret_missing", Text(f"Hemligheten {path} {found.sv}.", f"The secret {path} {found.en}."), exit_code=EXIT_CONFIG) from None
        except UnicodeDecodeError:
            raise PlainError("secret_garbled", Text(f"Hemligheten {path} är ingen text.", f"The secret {path} is no text."), exit_code=EXIT_CONFIG) from None
