"""A camera retired: everything of the home gone as read back, or said to be left, unknown or not verified. R26, D16, H11, H12."""

import json
import logging
import time
from collections.abc import Iterator

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.attempts import MemoryBook
from provisioner.camera.credentials import MemorySecrets
from provisioner.camera.marking import NEUTRAL
from provisioner.camera.settings import CameraSettings
from provisioner.case.device import ClearedItem, Marking, Retirement
from provisioner.case.marker import ROOTS
from provisioner.case.model import Identity
from provisioner.fault import PlainError, Text
from provisioner.secret import Account, Credentials, Secret
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.camera.parts import Broker, Mask, Osd, Recording, RecordingJob
from simulators.camera.state import Level
from simulators.models import persona
from tests.camera.helpers import SERIAL, OnePlace, now, place

OLD, BINDING = "the-old-password", "b-3f9a21c7"
CANARY = "Storgatan%2012%20Anna"


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


class Filed:
    """A receipt book that remembers."""

    def __init__(self) -> None:
        self.receipts: list[tuple[str, tuple[str, ...], Retirement]] = []
        self.full = False

    def file_receipt(self, serial: str, binding_ids: tuple[str, ...], retirement: Retirement) -> str:
        if self.full:
            raise PlainError("disk_full", Text("Full.", "Full."))
        self.receipts.append((serial, binding_ids, retirement))
        return f"kv-{len(self.receipts)}"


class Desk:
    def __init__(self, sim: SimulatedCamera) -> None:
        self.sim, self.filed, self.accounts, self.attempts = sim, Filed(), MemorySecrets(), MemoryBook()
        where = place(sim.http_port, OLD, rtsp_port=sim.rtsp_port)
        self.camera = OnvifCamera(OnePlace(where), CameraSettings(kept_accounts=("alarm-viewer",)), now, self.attempts, self.accounts, self.filed)

    def retire(self, deadline_s: float = 30.0, *, factory_default: bool = False) -> Retirement:
        found = self.camera.retire(SERIAL, deadline_s, factory_default=factory_default)
        assert isinstance(found, Retirement), found
        return found


def lived_in(text: str = "plain", password: str = OLD) -> CameraState:
    """As a camera hangs in a home: marked, masked, named, watched."""
    state = persona(text, serial=SERIAL)
    state.users = {"admin": User(password), "alarm-viewer": User("viewing", Level.USER), "relative": User("watching", Level.USER)}
    state.extra_scopes = [f"onvif://www.onvif.org/location/{CANARY}", ROOTS[0] + BINDING]
    state.osds = [*state.osds, Osd("osd_name", "Plain", "LowerLeft", "Anna, Storgatan")]
    state.masks = [Mask("mask_0", ((-1, -1), (-1, 0), (0, 0)))]
    state.brokers = [Broker("mqtts://broker.example:8883", "home", "kontot-hos-dem")]
    state.jobs = [RecordingJob("job_0", "recording_0")]
    return state


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with SimulatedCamera(getattr(request, "param", None) or lived_in()) as sim:
        yield Desk(sim)


def items(found: Retirement) -> dict[str, ClearedItem]:
    return {item.what: item for item in found.items}


def assert_bare(state: CameraState) -> None:
    assert state.masks == state.brokers == state.jobs == [] and [osd.kind for osd in state.osds] == ["DateAndTime"]
    assert CANARY not in " ".join(state.scopes) and BINDING not in " ".join(state.scopes) and len(state.users) == 1


def test_r26_h11_h12_everything_of_the_home_is_gone_and_read_back(desk: Desk) -> None:
    found = desk.retire()
    assert found.state == "verified" and found.way == "in_place", found
    assert_bare(desk.sim.state)
    kept = desk.accounts.credentials_of(SERIAL)
    assert kept is not None and kept.current is not None and list(desk.sim.state.users) == [kept.current.username]
    assert {what: (item.cleared, item.count) for what, item in items(found).items()} == {
        "credentials": (True, None), "other_accounts": (True, 3), "recordings": (True, 1), "event_brokers": (True, 1), "osd": (True, 1),
        "scopes": (True, 1), "mark": (True, 1), "masks": (True, 1), "subscriptions": (True, None)}
    assert found.receipt_ref == "kv-1" and desk.filed.receipts[0][:2] == (SERIAL, (BINDING,))
    assert isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity)
    assert desk.retire().state == "verified" and desk.filed.receipts[1][1] == ()


@pytest.mark.parametrize(("quirk", "what", "cleared", "count"), [
    ("recordings", "recordings", False, 1), ("lies DeleteMask", "masks", False, 1), ("lies DeleteOSD", "osd", False, 1),
    ("lies RemoveScopes SetScopes", "scopes", False, 1), ("lies DeleteEventBroker", "event_brokers", False, 1), ("lies DeleteRecordingJob", "recordings", False, 1),
    ("lies RemoveScopes SetScopes", "mark", False, 1), ("denies GetOSDs", "osd", None, None), ("denies GetRecordings", "recordings", None, None),
    ("denies GetMasks", "masks", True, 0), ("denies GetEventBrokers", "event_brokers", True, 0), ("fails GetMasks", "masks", None, None),
    ("lies CreateUsers SetUser DeleteUsers", "credentials", False, None), ("lies CreateUsers SetUser DeleteUsers", "other_accounts", None, None),
    ("lies DeleteUsers", "other_accounts", False, 3), ("denies GetServiceCapabilities", "subscriptions", None, None),
])
def test_what_is_left_or_cannot_be_asked_is_said_and_never_verified(desk: Desk, quirk: str, what: str, cleared: bool | None, count: int | None) -> None:
    lies = desk.sim.state.lies
    how, *calls = quirk.split()
    if how == "recordings":
        desk.sim.state.recordings = [Recording("recording_0")]
    else:
        {"lies": lies.no_effect, "denies": lies.unsupported, "fails": lies.fails}[how].update(calls)
    found = desk.retire()
    item = items(found)[what]
    assert (item.cleared, item.count) == (cleared, count), item
    assert (found.state == "verified") == (cleared is True)
    assert "Anna" not in repr(found) and "broker.example" not in repr(found)


def test_scopes_where_only_setscopes_works(desk: Desk) -> None:
    desk.sim.state.lies.unsupported.add("RemoveScopes")
    assert desk.retire().state == "verified" and "/location/unknown" in " ".join(desk.sim.state.scopes)


@pytest.mark.parametrize("desk", [lived_in("lens-parks")], indirect=True)
def test_lens_is_turned_away(desk: Desk) -> None:
    found = desk.retire()
    assert items(found)["lens"].cleared is True and desk.sim.state.parked and found.state == "verified"


@pytest.mark.parametrize("why", ["no power", "locked", "wrong password", "no place"])
def test_camera_that_cannot_be_asked_is_not_verified_and_has_a_receipt_that_says_so(desk: Desk, why: str) -> None:
    if why == "no power":
        desk.sim.levers.lose_power()
    elif why == "locked":
        desk.sim.state.users["admin"].password, desk.sim.state.login.lock_after = "another", 1
    elif why == "wrong password":
        desk.sim.state.users["admin"].password = "another"
    else:
        desk.camera = OnvifCamera(OnePlace(None), CameraSettings(), now, receipts=desk.filed)
    found = desk.retire(3.0)
    assert (found.state, found.way, found.items) == ("not_verified", "none", ()) and found.receipt_ref == "kv-1"
    assert desk.filed.receipts[0][2].state == "not_verified"
    assert desk.sim.state.masks and "DeleteMask" not in desk.sim.seen.requests


def test_power_lost_in_the_middle_is_not_verified_and_the_second_try_finishes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import provisioner.camera.retiring as retiring

    def dark(look: object) -> tuple[ClearedItem, ...]:
        desk.sim.levers.lose_power()
        return clear(look)  # type: ignore[arg-type]

    clear = retiring.cleared
    with monkeypatch.context() as patch:
        patch.setattr(retiring, "cleared", dark)
        found = desk.retire(3.0)
    assert found.state in ("not_verified", "partly") and found.state != "verified"
    desk.sim.levers.power_on()
    deadline = time.monotonic() + 10
    while not desk.sim.is_up:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    again = desk.retire()
    assert again.state == "verified", again


def test_receipt_that_cannot_be_kept_is_a_fault_and_may_be_repeated(desk: Desk) -> None:
    desk.filed.full = True
    found = desk.camera.retire(SERIAL, 30.0)
    assert not isinstance(found, Retirement) and found.kind == "busy"
    desk.filed.full = False
    assert desk.retire().state == "verified"


def test_factory_default_hard_old_login_refused_and_the_first_account_is_the_depots(desk: Desk) -> None:
    found = desk.retire(60.0, factory_default=True)
    assert (found.state, found.way) == ("verified", "factory_default"), found
    assert_bare(desk.sim.state)
    kept = desk.accounts.credentials_of(SERIAL)
    assert kept is not None and kept.current is not None and list(desk.sim.state.users) == [kept.current.username]
    assert desk.filed.receipts[0][1] == (BINDING,) and isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity)


def test_factory_default_with_the_makers_own_password_is_partly_verified(desk: Desk) -> None:
    desk.sim.state.factory_users = {"admin": User("on-the-sticker")}
    found = desk.retire(60.0, factory_default=True)
    assert found.state == "partly" and items(found)["credentials"].cleared is True and items(found)["masks"].cleared is None
    assert desk.accounts.credentials_of(SERIAL) == Credentials()


def test_factory_default_that_does_nothing_is_seen(desk: Desk) -> None:
    desk.sim.state.lies.no_effect.add("SetSystemFactoryDefault")
    found = desk.retire(11.0, factory_default=True)
    assert found.state == "partly" and items(found)["credentials"].cleared is False


def test_canary_nothing_of_the_home_in_the_receipt_log_or_value(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = repr(desk.retire()) + repr(desk.filed.receipts) + caplog.text
    for secret in (OLD, "watching", "relative", "Anna", "Storgatan", "broker.example", "kontot-hos-dem", "127.0.0.1"):
        assert secret not in said, secret


# -- the mark ----------------------------------------------------------------------------------------------------------------------


def marked(desk: Desk, binding_id: str | None) -> Marking:
    found = desk.camera.mark(SERIAL, binding_id, 10.0)
    assert isinstance(found, Marking), found
    return found


@pytest.mark.parametrize("calls", ["all", "set only", "add only"])
def test_mark_is_set_replaced_and_cleared_and_the_other_scopes_stay(desk: Desk, calls: str) -> None:
    state = desk.sim.state
    state.extra_scopes = [f"onvif://www.onvif.org/location/{CANARY}"]
    if calls != "all":
        state.lies.unsupported |= {"AddScopes", "RemoveScopes"} if calls == "set only" else {"SetScopes"}
    for binding_id in ("b-000001", "b-000001", "b-000002", None, None):
        found = marked(desk, binding_id)
        assert found.supported and found.marks == (() if binding_id is None else (binding_id,))
        assert [scope for scope in state.extra_scopes if "binding" not in scope] == [f"onvif://www.onvif.org/location/{CANARY}"]
        assert len(state.extra_scopes) == (1 if binding_id is None else 2)


@pytest.mark.parametrize("adds", [True, False])
def test_mark_in_the_name_where_the_camera_takes_nothing_else(desk: Desk, adds: bool) -> None:
    name = "onvif://www.onvif.org/name/Camera"
    desk.sim.state.lies.only_scopes = ("onvif://www.onvif.org/name/", "onvif://www.onvif.org/location/")
    desk.sim.state.extra_scopes = [name]
    if not adds:
        desk.sim.state.lies.unsupported |= {"AddScopes", "RemoveScopes"}
    found = marked(desk, "b-000001")
    assert found.supported and found.marks == ("b-000001",) and desk.sim.state.extra_scopes == [*([name] if adds else []), ROOTS[1] + "b-000001"]
    assert marked(desk, None).supported and desk.sim.state.extra_scopes == [name if adds else NEUTRAL]


def test_mark_that_does_not_stay_is_not_supported(desk: Desk) -> None:
    desk.sim.state.extra_scopes = []
    desk.sim.state.lies.no_effect |= {"AddScopes", "SetScopes"}
    assert (marked(desk, "b-000001").supported, marked(desk, None).supported) == (False, True)
    with pytest.raises(ValueError, match="opaque"):
        desk.camera.mark(SERIAL, "Anna Andersson", 10.0)
    assert json.dumps(desk.sim.state.scopes).count("binding") == 0


def test_account_of_the_depot_is_used_first_for_a_camera_that_was_rotated(desk: Desk) -> None:
    desk.accounts.put_credentials(SERIAL, Credentials(Account("relative", Secret("watching"))), now())
    desk.sim.state.users["relative"].level = Level.ADMINISTRATOR
    assert isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity) and desk.sim.seen.failed_logins == 0


def test_h2_h3_another_camera_at_that_place_is_left_alone(desk: Desk) -> None:
    """Somebody gave it that address meanwhile. It lets the same depot's password in, and is watching over another home."""
    desk.sim.state.serial = "ACCC8E00BEEF"
    before = {name: user.password for name, user in desk.sim.state.users.items()}
    found = desk.retire()
    assert found.state == "not_verified" and [(item.what, item.cleared) for item in found.items] == [("identity", False)]
    assert {name: user.password for name, user in desk.sim.state.users.items()} == before and desk.sim.state.extra_scopes
