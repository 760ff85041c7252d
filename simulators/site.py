"""A whole site on loopback: broker, alarm centre, cameras and the homes they hang in.

    with Site.load("two_homes") as site:
        site.centre.levers.pull("silent", for_s=20)
        site.cameras["bedroom"].levers.hold_card("4711")
        site.carry("bedroom", "nygatan")

Tests use it in their own process; `python -m simulators site FILE` holds it for a person or for a program in another process.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from simulators.alarm_centre.ids import random_id
from simulators.alarm_centre.mqtt import AlarmCentre, Line
from simulators.alarm_centre.operator import Access, Operator
from simulators.alarm_centre.registry import Registry
from simulators.broker import Broker
from simulators.camera import CameraState, Level, SimulatedCamera, User
from simulators.control import Control
from simulators.models import persona
from simulators.site_plan import CameraPlan, HomePlan, SitePlan, find, read


class SiteError(ValueError):
    """Something that this site does not have or cannot do; the text is for a person."""


class Site:
    """Bodies exist from the beginning; ports and lives only between `start` and `stop`."""

    def __init__(self, plan: SitePlan, *, name: str = "site", directory: Path | None = None, mqtt_port: int = 0) -> None:
        """With a `directory` the broker and the centre remember there; without one they begin anew each time."""
        self.name = name
        self.plan = plan
        passwords = {str(user): password for user, password in plan.broker.passwords.items()}
        self.broker = Broker(directory / "broker" if directory else None, port=mqtt_port or plan.broker.port, passwords=passwords)
        self.cameras: dict[str, SimulatedCamera] = {camera.name: _camera(camera, self._home(camera.home)) for camera in plan.camera}
        self.where: dict[str, str] = {camera.name: camera.home for camera in plan.camera}
        self.operator = Operator(patience_s=plan.alarm_centre.operator_patience_s)
        self._keeps = directory / "alarm_centre.json" if directory else None
        self._centre: AlarmCentre | None = None
        self._control: Control | None = None
        self._stack = ExitStack()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, file: str | Path, *, directory: Path | None = None, mqtt_port: int = 0) -> Site:
        """A path to a site file, or the bare name of one of `simulators/sites/`."""
        return cls(read(file), name=find(file).stem, directory=directory, mqtt_port=mqtt_port)

    # ---- life

    def start(self) -> None:
        """Everything is reachable when this returns; where something fails, what was started is stopped again."""
        with ExitStack() as stack:
            stack.callback(self.broker.close)
            self.broker.start()
            for camera in self.cameras.values():
                stack.callback(camera.stop)
                camera.start()
            self._introduce_cameras()
            self._centre = self._new_centre()
            stack.callback(self._centre.stop)
            self._centre.start()
            self._control = Control(self)
            stack.callback(self._control.stop)
            self._control.start()
            self._stack = stack.pop_all()

    def stop(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # ---- what there is

    @property
    def centre(self) -> AlarmCentre:
        if self._centre is None:
            raise SiteError("the site has not been started")
        return self._centre

    @property
    def control_url(self) -> str:
        if self._control is None:
            raise SiteError("the site has not been started")
        return self._control.url

    def camera(self, name: str) -> SimulatedCamera:
        found = self.cameras.get(name)
        if found is None:
            raise SiteError(f"there is no camera {name}; there are {', '.join(self.cameras)}")
        return found

    def carry(self, camera: str, home: str, boot_s: float | None = None) -> None:
        """Takes a camera down and mounts it in another home, at the same address: dark, another room, power again. It answers after `boot_s`."""
        body, new_home = self.camera(camera), self._home(home)
        with self._lock:
            body.levers.lose_power()
            if boot_s is not None:
                body.state.boot_time_s = boot_s
            body.levers.scene(new_home.scene)
            self.where[camera] = home
            body.levers.power_on()

    def describe(self) -> dict[str, object]:
        """All that somebody in another process needs, JSON-able. It holds the passwords of this playground."""
        return {
            "site": self.name,
            "control_url": self.control_url,
            "broker": {"host": self.broker.host, "port": self.broker.port, "users": dict(self.broker.passwords)},
            "cameras": [self._describe_camera(plan) for plan in self.plan.camera],
            "homes": [home.model_dump(include={"name", "site_ref", "words", "scene"}) for home in self.plan.home],
            "bindings": self.centre.bindings(),
            "alarm_centre": {
                "client_id": self.plan.alarm_centre.client_id,
                "providers": list(self.plan.alarm_centre.providers or ()),
                "seen": dict(self.centre.seen),
            },
        }

    def levers(self) -> dict[str, object]:
        camera = next(iter(self.cameras.values()), None)
        return {
            "camera": camera.levers.names() if camera else {},
            "alarm_centre": self.centre.levers.names(),
            "broker": dict(BROKER_LEVERS),
            "carry": "(camera, home, boot_s=None) Takes a camera down and mounts it in another home, at the same address.",
        }

    # ---- within

    def _home(self, name: str) -> HomePlan:
        for home in self.plan.home:
            if home.name == name:
                return home
        raise SiteError(f"there is no home {name}; there are {', '.join(home.name for home in self.plan.home)}")

    def _describe_camera(self, plan: CameraPlan) -> dict[str, object]:
        body = self.cameras[plan.name]
        return {
            "name": plan.name, "serial": plan.serial, "asset_number": plan.asset_number, "home": self.where[plan.name],
            "host": body.host, "http_port": body.http_port, "rtsp_port": body.rtsp_port, "onvif_url": body.onvif_url,
            "rtsp_url": body.rtsp_url(), "snapshot_url": body.snapshot_url(),
            "user": plan.user, "password": body.state.users[plan.user].password if plan.user in body.state.users else None,
        }  # fmt: skip

    def _introduce_cameras(self) -> None:
        for plan in self.plan.camera:
            body = self.cameras[plan.name]
            self.operator.knows(plan.serial, Access(body.host, body.http_port, body.rtsp_port, plan.operator_user, plan.operator_password))

    def _new_centre(self) -> AlarmCentre:
        line = Line(self.broker.host, self.broker.port, self.broker.passwords["alarm_centre"], client_id=self.plan.alarm_centre.client_id)
        sites, providers = [home.site_ref for home in self.plan.home], self.plan.alarm_centre.providers
        centre = AlarmCentre(line, lambda: Registry(random_id, sites=sites, providers=providers), self.operator, keeps=self._keeps)
        if not centre.bindings():  # else it remembers, and what it remembers is the truth
            centre.registry.seed(self.plan.bindings(datetime.now(UTC)))
        return centre


BROKER_LEVERS = {
    "start": "() Starts it again, on the same port and with what it had saved.",
    "stop": "() SIGTERM: it saves and ends.",
    "kill": "() SIGKILL: what it had not saved is lost, acknowledged or not.",
    "freeze": "() SIGSTOP: connections stay open and nobody answers, as with a hung machine.",
    "thaw": "() It goes on after freeze.",
}


def _camera(plan: CameraPlan, home: HomePlan) -> SimulatedCamera:
    # Two accounts, as in the field: the daemon's, which may change the camera, and the alarm centre's, which may look.
    users = {plan.user: User(plan.password, Level.ADMINISTRATOR), plan.operator_user: User(plan.operator_password, Level.USER)}
    known: dict[str, Any] = {"serial": plan.serial, "scene": home.scene, "boot_time_s": plan.boot_s}
    own: dict[str, Any] = {"manufacturer": plan.manufacturer, "model": plan.model, "gop_s": plan.gop_s}
    if plan.persona is None:
        return SimulatedCamera(CameraState(**known, **own, users=users), host=plan.host, http_port=plan.http_port, rtsp_port=plan.rtsp_port)
    # What the site says of the camera wins over the persona; what it leaves out is the persona's.
    state = persona(plan.persona, **known, **{name: value for name, value in own.items() if name in plan.model_fields_set})
    if not state.is_factory_new:
        del state.users["admin"]
        state.users.update(users)
    return SimulatedCamera(state, host=plan.host, http_port=plan.http_port, rtsp_port=plan.rtsp_port)
