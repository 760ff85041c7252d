"""Posture on simulated cameras over real sockets: read without setting, set right and read again, and what can neither be asked nor believed (D15)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.attempts import MemoryBook
from provisioner.camera.net import fingerprint
from provisioner.case.posture import Finding, Posture, Proof
from provisioner.case.posture_items import Item, State
from provisioner.fault import Fault, FaultKind
from provisioner.secret import Secret
from simulators.camera import SimulatedCamera, User
from simulators.camera.camera import SERVICES
from simulators.camera.onvif import Access
from simulators.camera.soap import TDS
from simulators.models import expects, names, persona
from tests.camera.helpers import OnePlace, now, place, settings

SERIAL = "SIM0000001"
APPROVED = {"sc 1080": "1.4.0", "IPC-HDW1230": "1.4.0"}
QUICK_S = 30.0


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@contextmanager
def at(text: str, **state: object) -> Iterator[tuple[SimulatedCamera, OnvifCamera]]:
    """A simulated camera of these personas, and the adapter that finds it; `state` are settings by name."""
    with SimulatedCamera(persona(text)) as sim:
        for name, value in state.items():
            setattr(sim.state, name, value)
        yield sim, adapter(sim)


def adapter(sim: SimulatedCamera, **more: object) -> OnvifCamera:
    password = sim.state.users["admin"].password if "admin" in sim.state.users else "unasked"
    where = replace(place(sim.http_port, password), **more)
    return OnvifCamera(OnePlace(where), replace(settings(), approved_firmware=APPROVED), now, MemoryBook())


def found(posture: Posture | Fault, item: Item) -> Finding:
    assert isinstance(posture, Posture), posture
    return next(finding for finding in posture.findings if finding.item is item)


def states(posture: Posture | Fault) -> dict[Item, State]:
    assert isinstance(posture, Posture), posture
    return {finding.item: finding.state for finding in posture.findings}


def writes(sim: SimulatedCamera) -> set[str]:
    """What was asked of the camera that changes something."""
    return {name for name in sim.seen.requests if name.startswith(("Set", "Remove", "Delete", "Add", "Create")) and name != "SetSynchronizationPoint"}


def test_a_camera_in_good_order_is_acceptable_and_nothing_was_set() -> None:
    with at("plain") as (sim, camera):
        told = camera.posture(SERIAL, QUICK_S)
        assert isinstance(told, Posture) and told.acceptable and told.blocking == ()
        assert {finding.item for finding in told.findings if finding.state is not State.OK} == {Item.HTTP}  # accepted by the generic profile, with its reason
        assert found(told, Item.HTTP).excused is not None
        proved = {Item.AUDIO_ON_WIRE, Item.HTTPS, Item.ANONYMOUS_ONVIF, Item.ANONYMOUS_RTSP, Item.ANONYMOUS_SNAPSHOT, Item.DEFAULT_ACCOUNT}
        assert {finding.item for finding in told.findings if finding.proved is Proof.WIRE} == proved
        assert writes(sim) == set()


SETTABLE = {"audio": (Item.AUDIO_IN_PROFILES, Item.AUDIO_ON_WIRE), "discovery": (Item.DISCOVERY,), "scopes": (Item.SCOPES,), "osd": (Item.OSD,),
            "event_broker": (Item.EVENT_BROKERS,)}
"""Finding of the personas -> the items that `ensure_posture` sets for it."""
COMBINED = ("media1-only + microphone-on", "media2-only + microphone-on", "media1-only + personal-osd", "token-only + discoverable")
BAD = {text: tuple(item for finding, items in SETTABLE.items() if expects(text)[finding] == "bad" for item in items) for text in (*names(), *COMBINED)}
BAD = {text: items for text, items in BAD.items() if items}
"""Every persona that has something wrong that can be set right, and what."""


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_set_right_and_read_back(text: str) -> None:
    with at(text) as (sim, camera):
        before = camera.posture(SERIAL, QUICK_S)
        assert isinstance(before, Posture) and {*BAD[text]} <= {*before.blocking} and writes(sim) == set()
        after = camera.ensure_posture(SERIAL, QUICK_S)
        assert isinstance(after, Posture) and after.acceptable, after.blocking
        for item in BAD[text]:
            finding = found(after, item)
            assert (finding.state, finding.tried, finding.read_back) == (State.OK, True, True), finding
        done = writes(sim)
        assert done and isinstance(camera.ensure_posture(SERIAL, QUICK_S), Posture) and writes(sim) == done, "nothing left to set the second time"


def test_h8_sound_in_the_stream_is_found_though_no_profile_tells_of_it() -> None:
    """The profiles say one thing and the SDP another: the SDP is what is heard."""
    with at("microphone-on") as (sim, camera):
        sim.state.lies.unsupported = {"GetProfiles"}
        assert found(camera.posture(SERIAL, QUICK_S), Item.AUDIO_IN_PROFILES).state is not State.OK
        sim.state.lies.unsupported = set()
        sim.state.lies.no_effect = {"RemoveConfiguration", "RemoveAudioEncoderConfiguration", "RemoveAudioSourceConfiguration"}
        after = camera.ensure_posture(SERIAL, QUICK_S)
        assert isinstance(after, Posture) and {Item.AUDIO_IN_PROFILES, Item.AUDIO_ON_WIRE} <= {*after.blocking}
        assert found(after, Item.AUDIO_IN_PROFILES).tried and found(after, Item.AUDIO_IN_PROFILES).count == 2
        assert "did not take" in found(after, Item.AUDIO_IN_PROFILES).sentence.en


def test_h8_recording_jobs_end_and_recordings_are_reported_until_somebody_asks_for_more() -> None:
    with at("records-to-card") as (sim, camera):
        after = camera.ensure_posture(SERIAL, QUICK_S)
        assert found(after, Item.RECORDINGS).state is State.WRONG and found(after, Item.RECORDINGS).count == 1
        assert sim.state.jobs == [] and len(sim.state.recordings) == 1
        after = camera.ensure_posture(SERIAL, QUICK_S, delete_recordings=True)
        assert found(after, Item.RECORDINGS).state is State.OK and sim.state.recordings == []


def test_no_recorder_no_recordings() -> None:
    with at("plain") as (sim, camera):
        sim.state.lies.services.remove("recording")
        told = camera.posture(SERIAL, QUICK_S)
        assert found(told, Item.RECORDINGS).state is State.UNSUPPORTED and isinstance(told, Posture) and told.acceptable


@pytest.mark.parametrize(("lie", "text", "item"), [
    ("SetDiscoveryMode", "discoverable", Item.DISCOVERY), ("RemoveScopes", "personal-scope", Item.SCOPES), ("DeleteOSD", "personal-osd", Item.OSD),
    ("DeleteEventBroker", "foreign-broker", Item.EVENT_BROKERS), ("DeleteRecordingJob", "records-to-card", Item.RECORDINGS),
])
def test_success_without_effect_is_never_ok(lie: str, text: str, item: Item) -> None:
    """Tapo's manner (quirk 16): 200, and nothing was done. The same where the call fails."""
    for how in ("no_effect", "fails", "unsupported"):
        with at(text) as (sim, camera):
            setattr(sim.state.lies, how, {lie, "SetScopes"})
            finding = found(camera.ensure_posture(SERIAL, QUICK_S), item)
            assert finding.state is State.WRONG and finding.item in {item}, (how, finding)


def test_what_cannot_be_read_is_unknown_and_never_a_no() -> None:
    with at("plain") as (sim, camera):
        sim.state.lies.fails = {"GetDiscoveryMode", "GetUsers", "GetNTP"}
        told = camera.posture(SERIAL, QUICK_S)
        assert {item for item, state in states(told).items() if state is State.UNKNOWN} == {Item.DISCOVERY, Item.OTHER_ACCOUNTS, Item.NTP}
        assert all(found(told, item).fault is not None for item in (Item.DISCOVERY, Item.OTHER_ACCOUNTS, Item.NTP))
        assert isinstance(told, Posture) and Item.NTP not in told.blocking, "the clock is right, so a time server is not needed"


@pytest.mark.parametrize(("text", "item"), [("anonymous-onvif", Item.ANONYMOUS_ONVIF), ("anonymous-rtsp", Item.ANONYMOUS_RTSP),
                                             ("anonymous-snapshot", Item.ANONYMOUS_SNAPSHOT)])
def test_h9_a_door_without_a_login_is_found_and_blocks(text: str, item: Item) -> None:
    with at(text) as (_, camera):
        told = camera.posture(SERIAL, QUICK_S)
        assert isinstance(told, Posture) and told.blocking == (item,) and found(told, item).proved is Proof.WIRE


def test_h9_a_default_account_is_found() -> None:
    with at("default-account") as (sim, camera):
        told = camera.posture(SERIAL, QUICK_S)
        assert isinstance(told, Posture) and set(told.blocking) == {Item.DEFAULT_ACCOUNT, Item.OTHER_ACCOUNTS}
        assert "888888" not in repr(told)
        sim.state.users["888888"].password = "changed-1"
        assert found(camera.posture(SERIAL, QUICK_S), Item.DEFAULT_ACCOUNT).state is State.OK


def test_h9_our_own_account_with_the_makers_password_is_a_default_account_and_costs_no_attempt() -> None:
    with at("plain") as (sim, _):
        sim.state.users["admin"].password = "admin"
        told = adapter(sim).posture(SERIAL, QUICK_S)
        assert found(told, Item.DEFAULT_ACCOUNT).state is State.WRONG and sim.seen.failed_logins <= 1


@pytest.mark.parametrize("text", ["lockout-minutes", "lockout-attempts", "lockout-minutes + token-only", "plain + sha-256-only"])
def test_h9_trying_default_accounts_locks_nobody_out(text: str) -> None:
    """A camera that locks after three wrong passwords in a row: ours is used between the two of the maker."""
    with at(text) as (sim, camera):
        for _ in range(4):
            assert found(camera.posture(SERIAL, QUICK_S), Item.DEFAULT_ACCOUNT).state is State.OK
        assert sim.seen.failed_logins == 8 and not sim.gate.locked_s()


def test_h9_no_default_account_is_tried_when_the_budget_is_spent() -> None:
    """The camera said two attempts are left, or somebody else has used them up: unknown, and no password leaves."""
    with at("plain") as (sim, _):
        book = MemoryBook()
        camera = OnvifCamera(OnePlace(place(sim.http_port, sim.state.users["admin"].password)), settings(), now, book)
        assert isinstance(camera.posture(SERIAL, QUICK_S), Posture)
        failed = sim.seen.failed_logins
        for _ in range(2):
            assert book.reserve_login(SERIAL, now(), 2, 2, 1800.0) is None
        told = camera.posture(SERIAL, QUICK_S)
        assert found(told, Item.DEFAULT_ACCOUNT).state is State.UNKNOWN and sim.seen.failed_logins == failed
        assert isinstance(told, Posture) and Item.DEFAULT_ACCOUNT in told.blocking


def test_h9_a_camera_that_tells_anybody_what_it_is_still_refuses_the_default_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered without looking at the password proves nothing about it (agsh/onvif#210)."""
    _, answer = SERVICES[TDS]["GetDeviceInformation"]
    monkeypatch.setitem(SERVICES[TDS], "GetDeviceInformation", (Access.PRE_AUTH, answer))
    for text in ("plain", "token-only"):
        with at(text) as (sim, camera):
            told = camera.posture(SERIAL, QUICK_S)
            assert found(told, Item.DEFAULT_ACCOUNT).state is State.OK and sim.seen.failed_logins == 2, text
            assert found(told, Item.ANONYMOUS_ONVIF).state is State.WRONG and found(told, Item.ANONYMOUS_ONVIF).count == 1


def test_h9_where_no_door_asks_for_a_login_no_default_account_can_be_refused() -> None:
    with at("nobody-asks") as (_, camera):
        assert found(camera.posture(SERIAL, QUICK_S), Item.DEFAULT_ACCOUNT).state is State.UNKNOWN
    with at("factory-open") as (_, camera):
        assert found(camera.posture(SERIAL, QUICK_S), Item.DEFAULT_ACCOUNT).state is State.WRONG
    with at("anonymous-onvif") as (_, camera):
        assert found(camera.posture(SERIAL, QUICK_S), Item.DEFAULT_ACCOUNT).state is State.OK, "refused over RTSP"


def test_h12_nothing_personal_of_the_camera_leaves_the_adapter() -> None:
    with at("personal-scope + personal-osd + foreign-broker") as (sim, camera):
        sim.state.users["kajsa.andersson"] = User("simulated-kajsa-1")
        sim.state.profiles[0].name = "Sovrum Andersson"
        told = camera.posture(SERIAL, QUICK_S)
        assert isinstance(told, Posture) and {Item.SCOPES, Item.OSD, Item.EVENT_BROKERS, Item.OTHER_ACCOUNTS} == {*told.blocking}
        said = repr(told).lower()
        for word in ("andersson", "exempelgatan", "kajsa", "broker.example", "127.0.0.1", "simulated-1"):
            assert word not in said


def test_h12_own_mark_and_kept_account_may_stay() -> None:
    with at("plain") as (sim, camera):
        sim.state.extra_scopes = ["urn:provisioner:binding:b-0123456789"]
        sim.state.users["alarm-viewer"] = User("simulated-viewer-1")
        told = camera.posture(SERIAL, QUICK_S)
        assert isinstance(told, Posture) and set(told.blocking) == {Item.SCOPES, Item.OTHER_ACCOUNTS}
        assert isinstance(ours := camera.posture(SERIAL, QUICK_S, marks=("b-0123456789",), accounts=("alarm-viewer",)), Posture) and ours.acceptable


# -- HTTPS, clock, firmware -------------------------------------------------------------------------------------------------


def test_https_is_switched_on_and_proved_and_http_stays_without_a_pin() -> None:
    state = persona("plain")
    state.network.disabled = {"HTTPS"}
    with SimulatedCamera(state) as sim:
        camera = adapter(sim)
        assert found(camera.posture(SERIAL, QUICK_S), Item.HTTPS).state is State.WRONG
        after = camera.ensure_posture(SERIAL, QUICK_S)
        assert (found(after, Item.HTTPS).state, found(after, Item.HTTPS).proved) == (State.OK, Proof.WIRE)
        assert found(after, Item.HTTP).state is State.WRONG and not found(after, Item.HTTP).tried and "HTTP" not in sim.state.network.disabled


def test_http_goes_off_only_under_a_visit_over_the_pinned_certificate_which_goes_on() -> None:
    with at("plain") as (sim, _):
        pin = fingerprint(sim.identity.der)
        for more in ({"tls": True}, {"tls": True, "pin": pin}):
            camera = adapter(sim, port=sim.https_port, **more)
            after = camera.ensure_posture(SERIAL, QUICK_S)
            off = "pin" in more
            assert (found(after, Item.HTTP).state is State.OK) == off == ("HTTP" in sim.state.network.disabled)
        assert isinstance(camera.posture(SERIAL, QUICK_S), Posture) and not isinstance(camera.read_identity(SERIAL, 10.0), Fault)


@pytest.mark.parametrize(("text", "state"), [("no-https", State.UNSUPPORTED), ("expired-certificate", State.WRONG), ("legacy-tls", State.WRONG)])
def test_https_as_found(text: str, state: State) -> None:
    with at(text) as (_, camera):
        told = camera.posture(SERIAL, QUICK_S)
        assert found(told, Item.HTTPS).state is state
        assert isinstance(told, Posture) and (Item.HTTPS in told.blocking) == (state is State.WRONG)


def test_clock_is_left_alone_unless_asked_for() -> None:
    with at("clock-minus-1h + no-time-server") as (sim, camera):
        after = camera.ensure_posture(SERIAL, QUICK_S)
        assert isinstance(after, Posture) and {*after.blocking} == {Item.CLOCK, Item.NTP} and sim.state.clock_offset == timedelta(hours=-1)
        after = camera.ensure_posture(SERIAL, QUICK_S, set_time=True)
        assert isinstance(after, Posture) and after.acceptable and found(after, Item.CLOCK).state is State.OK
        assert abs(sim.state.clock_offset) < timedelta(seconds=2) and sim.state.timezone.startswith(("Europe/Stockholm", "CET"))


def test_a_time_server_is_entered_where_one_is_named() -> None:
    with at("no-time-server") as (sim, camera):
        after = camera.ensure_posture(SERIAL, QUICK_S, time_server="192.0.2.5", set_time=True)
        assert found(after, Item.NTP).state is State.OK and sim.state.network.ntp_servers == ("192.0.2.5",) and sim.state.date_time_type == "NTP"


def test_the_settings_time_server_is_given_to_a_camera_that_follows_none() -> None:
    with at("no-time-server") as (sim, _):
        where = place(sim.http_port, sim.state.users["admin"].password)
        camera = OnvifCamera(OnePlace(where), replace(settings(), approved_firmware=APPROVED, time_server="ntp.example.org"), now, MemoryBook())
        assert found(camera.ensure_posture(SERIAL, QUICK_S), Item.NTP).state is State.OK
        assert sim.state.network.ntp_servers == ("ntp.example.org",) and sim.state.date_time_type == "NTP"


def test_a_zone_lost_by_setting_the_clock_is_said() -> None:
    with at("clock-minus-1h + no-time-server + clock-set-loses-zone") as (sim, camera):
        after = camera.ensure_posture(SERIAL, QUICK_S, set_time=True)
        finding = found(after, Item.CLOCK)
        assert finding.state is State.UNKNOWN and finding.fault is not None and "zone" in finding.fault.evidence
        assert sim.seen.requests["SetSystemDateAndTime"] == 2, "once to set, once to restore"


def test_firmware_older_than_approved_and_without_any_approved() -> None:
    with at("old-firmware") as (sim, camera):
        assert found(camera.posture(SERIAL, QUICK_S), Item.FIRMWARE).state is State.WRONG
        nobody = OnvifCamera(OnePlace(place(sim.http_port, sim.state.users["admin"].password)), settings(), now)
        told = nobody.posture(SERIAL, QUICK_S)
        assert found(told, Item.FIRMWARE).state is State.UNKNOWN and found(told, Item.FIRMWARE).excused is not None
        assert isinstance(told, Posture) and told.acceptable


# -- what ends it -----------------------------------------------------------------------------------------------------------


def test_a_refused_login_is_a_fault_and_nothing_is_tried_after_it() -> None:
    with at("plain") as (sim, _):
        camera = OnvifCamera(OnePlace(replace(place(sim.http_port), password=Secret("wrong"))), settings(), now)
        told = camera.ensure_posture(SERIAL, QUICK_S)
        assert isinstance(told, Fault) and told.kind is FaultKind.REFUSED and sim.seen.failed_logins <= 2 and writes(sim) == set()


def test_the_deadline_ends_it_with_what_was_learnt() -> None:
    with at("plain") as (sim, camera):
        assert not isinstance(camera.read_identity(SERIAL, 10.0), Fault)
        sim.state.troubles.slow_s = 0.4
        told = camera.posture(SERIAL, 3.0)
        assert isinstance(told, Posture) and not told.acceptable and State.UNKNOWN in states(told).values()
