"""What a site file may say: one closed TOML, every key explained in `sites/two_homes.toml`. An unknown key is an error that names it."""

from __future__ import annotations

import secrets
import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from simulators.alarm_centre.book import Binding
from simulators.camera import SCENE_NAMES
from simulators.models import persona

SITES = Path(__file__).parent / "sites"
LOCAL = "Europe/Stockholm"

Ref = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{5,63}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Port = Annotated[int, Field(ge=0, le=65535)]


class PlanError(ValueError):
    """The file cannot be used; the text names the place and the reason."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BrokerPlan(_Closed):
    port: Port = 0
    passwords: dict[Literal["daemon", "alarm_centre", "observer"], str] = {}


class CentrePlan(_Closed):
    client_id: str = "alarm-centre"
    providers: tuple[Ref, ...] | None = None
    operator_patience_s: Annotated[float, Field(gt=0, le=60)] = 3.0


class HomePlan(_Closed):
    name: Name
    words: str
    site_ref: Ref
    scene: str

    @model_validator(mode="after")
    def _scene_exists(self) -> Self:
        if self.scene not in SCENE_NAMES:
            raise ValueError(f"no scene {self.scene}; there are {', '.join(SCENE_NAMES)}")
        return self


class CameraPlan(_Closed):
    name: Name
    serial: Annotated[str, StringConstraints(pattern=r"^[!-~](?:[ -~]{0,62}[!-~])?$")]
    asset_number: str
    home: Name
    persona: str | None = None
    manufacturer: str = "Simulated"
    model: str = "SC-1080"
    user: str = "provisioner"
    password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    operator_user: str = "alarmcentre"
    operator_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    host: str = "127.0.0.1"
    http_port: Port = 0
    rtsp_port: Port = 0
    boot_s: Annotated[float, Field(ge=0, le=300)] = 0.2
    gop_s: Annotated[float, Field(gt=0, le=30)] = 1.0

    @model_validator(mode="after")
    def _persona_exists(self) -> Self:
        if self.persona is not None:
            persona(self.persona)          # a PersonaError is a ValueError with a sentence
        return self


class BindingPlan(_Closed):
    binding_id: Ref
    camera: Name
    home: Name
    provider_ref: Ref
    schedule_ref: Ref
    state: Literal["ACTIVE", "SUSPENDED", "TEST", "RETIRED"] = "ACTIVE"
    revision: Annotated[int, Field(ge=1)] = 1
    next_look: time | None = None
    next_look_at_least_h: Annotated[float, Field(ge=0, le=24)] = 0.0

    def next_look_at(self, now: datetime) -> datetime | None:
        """The first time that the clock on the wall shows `next_look`, and not before `next_look_at_least_h` are over."""
        if self.next_look is None:
            return None
        earliest = (now + timedelta(hours=self.next_look_at_least_h)).astimezone(ZoneInfo(LOCAL))
        for day in range(3):
            at = datetime.combine(earliest.date() + timedelta(days=day), self.next_look, tzinfo=earliest.tzinfo).astimezone(UTC)
            if at > earliest:
                return at
        raise AssertionError("no such time in three days")


class SitePlan(_Closed):
    broker: BrokerPlan = BrokerPlan()
    alarm_centre: CentrePlan = CentrePlan()
    home: tuple[HomePlan, ...] = ()
    camera: tuple[CameraPlan, ...] = ()
    binding: tuple[BindingPlan, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        homes, cameras = [h.name for h in self.home], [c.name for c in self.camera]
        for what, found in (
            ("home", homes), ("camera", cameras), ("serial", [c.serial for c in self.camera]),
            ("site_ref", [h.site_ref for h in self.home]), ("binding_id", [b.binding_id for b in self.binding]),
        ):  # fmt: skip
            if twice := {value for value in found if found.count(value) > 1}:
                raise ValueError(f"{what} {', '.join(sorted(twice))} stands twice")
        if missing := ({b.home for b in self.binding} | {c.home for c in self.camera}) - set(homes):
            raise ValueError(f"there is no home {', '.join(sorted(missing))}")
        for binding in self.binding:
            if binding.camera not in cameras:
                raise ValueError(f"binding {binding.binding_id}: there is no camera {binding.camera}")
        return self

    def bindings(self, now: datetime) -> list[Binding]:
        serials = {camera.name: camera.serial for camera in self.camera}
        sites = {home.name: home.site_ref for home in self.home}
        return [
            Binding(
                binding_id=plan.binding_id, camera_serial=serials[plan.camera], site_ref=sites[plan.home], provider_ref=plan.provider_ref,
                schedule_ref=plan.schedule_ref, state=plan.state, revision=plan.revision, updated_at=now, next_look_at=plan.next_look_at(now),
            )
            for plan in self.binding
        ]  # fmt: skip


def find(file: str | Path) -> Path:
    """A path, or the bare name of one of the files in `sites/`."""
    path = Path(file)
    own = SITES / f"{path.name.removesuffix('.toml')}.toml"
    if path.exists():
        return path
    if len(path.parts) == 1 and own.exists():
        return own
    raise PlanError(f"there is no file {file}; of its own the simulator has {', '.join(sorted(p.stem for p in SITES.glob('*.toml')))}")


def read(file: str | Path) -> SitePlan:
    path = find(file)
    try:
        return SitePlan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path}: {error}") from error
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(str(part) for part in one['loc']) or 'the file'}: {one['msg']}" for one in error.errors(include_input=False))
        raise PlanError(f"{path}: {places}") from error
