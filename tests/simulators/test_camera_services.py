"""Every setting of the simulated camera: set, read back, refused as the specifications say, and seen where it can be seen."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from camera_client import Asker, Refused

from simulators.camera import CameraState, Level, SimulatedCamera, User
from simulators.camera.parts import Recording, RecordingJob


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraState(serial="ACC8E0123456", audio=True)) as running:
        yield running


@pytest.fixture
def ask(camera: SimulatedCamera) -> Asker:
    return Asker(camera)


def refused(ask: Asker, *args: str) -> list[str]:
    with pytest.raises(Refused) as found:
        ask(*args)
    return found.value.codes


def item(scope: str) -> str:
    return f"<ScopeItem>onvif://www.onvif.org/{scope}</ScopeItem>"


def user(name: str, password: str | None = "Pass-word-1", level: str = "Operator") -> str:
    given = f"<tt:Password>{password}</tt:Password>" if password is not None else ""
    return f"<User><tt:Username>{name}</tt:Username>{given}<tt:UserLevel>{level}</tt:UserLevel></User>"


def test_scopes(ask: Asker) -> None:
    fixed = ask.texts("device", "GetScopes", "ScopeItem")
    ask("device", "AddScopes", item("location/bed") + item("x/marker"))
    assert ask.texts("device", "GetScopes", "ScopeItem")[len(fixed):] == ["onvif://www.onvif.org/location/bed", "onvif://www.onvif.org/x/marker"]
    assert ask.texts("device", "GetScopes", "ScopeDef")[-1] == "Configurable"
    assert ask.texts("device", "RemoveScopes", "ScopeItem", item("x/marker")) == ["onvif://www.onvif.org/x/marker"]
    ask("device", "SetScopes", "<Scopes>onvif://www.onvif.org/location/hall</Scopes>")
    assert ask.texts("device", "GetScopes", "ScopeItem") == [*fixed, "onvif://www.onvif.org/location/hall"]
    assert refused(ask, "device", "RemoveScopes", f"<ScopeItem>{fixed[0]}</ScopeItem>")[1:] == ["ter:OperationProhibited", "ter:FixedScope"]
    assert refused(ask, "device", "RemoveScopes", item("none"))[1:] == ["ter:InvalidArgVal", "ter:NoScope"]
    assert refused(ask, "device", "SetScopes", f"<Scopes>{fixed[0]}</Scopes>")[1:] == ["ter:OperationProhibited", "ter:ScopeOverwrite"]
    assert refused(ask, "device", "AddScopes", "".join(item(f"x/{n}") for n in range(30)))[1:] == ["ter:Action", "ter:TooManyScopes"]


def test_discovery_ntp_hostname(ask: Asker) -> None:
    ask("device", "SetDiscoveryMode", "<DiscoveryMode>NonDiscoverable</DiscoveryMode>")
    assert ask.texts("device", "GetDiscoveryMode", "DiscoveryMode") == ["NonDiscoverable"]
    ask("device", "SetNTP", "<FromDHCP>false</FromDHCP><NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>time.example</tt:DNSname></NTPManual>")
    assert ask.texts("device", "GetNTP", "DNSname") == ["time.example"]
    ask("device", "SetNTP", "<FromDHCP>true</FromDHCP>")
    assert ask.texts("device", "GetNTP", "FromDHCP") == ["true"]
    ask("device", "SetHostname", "<Name>camera-7</Name>")
    assert ask.texts("device", "GetHostname", "Name") == ["camera-7"]
    assert refused(ask, "device", "SetHostname", "<Name>two words</Name>")[-1] == "ter:InvalidHostname"


def test_a_protocol_that_is_switched_off_refuses(camera: SimulatedCamera, ask: Asker) -> None:
    def protocol(name: str, on: str, port: str = "") -> str:
        return f"<NetworkProtocols><tt:Name>{name}</tt:Name><tt:Enabled>{on}</tt:Enabled>{port}</NetworkProtocols>"

    ask("device", "SetNetworkProtocols", protocol("RTSP", "false"))
    assert dict(zip(ask.texts("device", "GetNetworkProtocols", "Name"), ask.texts("device", "GetNetworkProtocols", "Enabled"), strict=True)) \
        == {"HTTP": "true", "RTSP": "false"}
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((camera.host, camera.rtsp_port), 1)
    ask("device", "SetNetworkProtocols", protocol("RTSP", "true"))
    socket.create_connection((camera.host, camera.rtsp_port), 1).close()
    assert refused(ask, "device", "SetNetworkProtocols", protocol("HTTPS", "true"))[-1] == "ter:ServiceNotSupported"
    assert refused(ask, "device", "SetNetworkProtocols", protocol("HTTP", "true", "<tt:Port>81</tt:Port>"))[-1] == "ter:PortAlreadyInUse"


def test_users(camera: SimulatedCamera, ask: Asker) -> None:
    ask("device", "CreateUsers", user("night") + user("viewer", level="User"))
    assert ask.texts("device", "GetUsers", "Username") == ["admin", "night", "viewer"]
    assert ask.texts("device", "GetUsers", "UserLevel") == ["Administrator", "Operator", "User"]
    night = Asker(camera, "night", "Pass-word-1")
    assert night.texts("device", "GetDeviceInformation", "SerialNumber") == ["ACC8E0123456"]
    assert refused(night, "device", "GetUsers") == ["env:Sender", "ter:NotAuthorized"]
    ask("device", "SetUser", user("night", "Other-word-2", "Administrator"))
    assert refused(night, "device", "GetDeviceInformation")[1:] == ["ter:NotAuthorized"]
    assert Asker(camera, "night", "Other-word-2").texts("device", "GetUsers", "Username") == ["admin", "night", "viewer"]
    ask("device", "SetUser", user("night", None, "User"))              # no password: the old one stays
    assert Asker(camera, "night", "Other-word-2").texts("device", "GetDeviceInformation", "Model") == ["SC-1080"]
    ask("device", "DeleteUsers", "<Username>night</Username><Username>viewer</Username>")
    assert ask.texts("device", "GetUsers", "Username") == ["admin"]


@pytest.mark.parametrize(("action", "inside", "codes"), [
    ("CreateUsers", user("admin"), ["ter:OperationProhibited", "ter:UsernameClash"]),
    ("CreateUsers", user("a") + user("a"), ["ter:OperationProhibited", "ter:UsernameClash"]),
    ("CreateUsers", user("x" * 40), ["ter:OperationProhibited", "ter:UsernameTooLong"]),
    ("CreateUsers", user("a", "short"), ["ter:OperationProhibited", "ter:Password"]),
    ("CreateUsers", user("a", "x" * 70), ["ter:OperationProhibited", "ter:PasswordTooLong"]),
    ("CreateUsers", user("a", level="Anonymous"), ["ter:OperationProhibited", "ter:AnonymousNotAllowed"]),
    ("CreateUsers", "".join(user(f"u{n}") for n in range(10)), ["ter:Action", "ter:TooManyUsers"]),
    ("SetUser", user("nobody"), ["ter:InvalidArgVal", "ter:UsernameMissing"]),
    ("SetUser", user("admin", "weak", "Administrator"), ["ter:OperationProhibited", "ter:PasswordTooWeak"]),
    ("SetUser", user("service", None, "User"), ["ter:InvalidArgVal", "ter:FixedUser"]),
    ("DeleteUsers", "<Username>nobody</Username>", ["ter:InvalidArgVal", "ter:UsernameMissing"]),
    ("DeleteUsers", "<Username>service</Username>", ["ter:InvalidArgVal", "ter:FixedUser"]),
    ("DeleteUsers", "<Username>admin</Username><Username>service</Username>", ["ter:InvalidArgVal", "ter:FixedUser"]),
])
def test_users_refused_change_nothing(camera: SimulatedCamera, ask: Asker, action: str, inside: str, codes: list[str]) -> None:
    camera.state.users["service"] = User("service-1", Level.ADMINISTRATOR, fixed=True)
    camera.state.login.passwords = "strong"
    before = {name: (one.password, one.level) for name, one in camera.state.users.items()}
    assert refused(ask, "device", action, inside)[1:] == codes
    assert {name: (one.password, one.level) for name, one in camera.state.users.items()} == before


def clock(at: datetime, zone: str = "", summer: str = "false", kind: str = "Manual") -> str:
    zone_block = f"<TimeZone><tt:TZ>{zone}</tt:TZ></TimeZone>" if zone else ""
    return (f"<DateTimeType>{kind}</DateTimeType><DaylightSavings>{summer}</DaylightSavings>{zone_block}<UTCDateTime>"
            f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></UTCDateTime>")


def test_the_clock_is_set_and_the_zone_stays(camera: SimulatedCamera, ask: Asker) -> None:
    camera.levers.set_clock_offset(-3600)
    ask("device", "SetSystemDateAndTime", clock(datetime.now(UTC)))
    assert abs(camera.state.clock_offset) < timedelta(seconds=2)
    assert ask.texts("device", "GetSystemDateAndTime", "DateTimeType") == ["Manual"]
    assert ask.texts("device", "GetSystemDateAndTime", "TZ") == ["CET-1CEST,M3.5.0,M10.5.0/3"]
    ask("device", "SetSystemDateAndTime", clock(datetime.now(UTC), "EET-2EEST,M3.5.0/3,M10.5.0/4", "true"))
    assert ask.texts("device", "GetSystemDateAndTime", "TZ") == ["EET-2EEST,M3.5.0/3,M10.5.0/4"]
    assert refused(ask, "device", "SetSystemDateAndTime", clock(datetime.now(UTC), "somewhere"))[-1] == "ter:InvalidTimeZone"
    wrong = clock(datetime(2026, 2, 28, tzinfo=UTC)).replace("<tt:Day>28", "<tt:Day>31")
    assert refused(ask, "device", "SetSystemDateAndTime", wrong)[-1] == "ter:InvalidDateTime"


def test_summer_time_is_switched_off_in_summer_only(camera: SimulatedCamera, ask: Asker) -> None:
    winter, summer = datetime(2026, 12, 1, 10, tzinfo=UTC), datetime(2026, 7, 1, 10, tzinfo=UTC)
    ask("device", "SetSystemDateAndTime", clock(winter, "CET-1CEST,M3.5.0,M10.5.0/3"))
    assert ask.texts("device", "GetSystemDateAndTime", "TZ") == ["CET-1CEST,M3.5.0,M10.5.0/3"]
    ask("device", "SetSystemDateAndTime", clock(summer))
    assert ask.texts("device", "GetSystemDateAndTime", "TZ") == ["CET-1"]
    assert ask.texts("device", "GetSystemDateAndTime", "Hour") == ["10", "11"]
    camera.state.clock_manners.loses_zone_when_set = True
    ask("device", "SetSystemDateAndTime", clock(summer, "CET-1CEST,M3.5.0,M10.5.0/3", "true"))
    assert ask.texts("device", "GetSystemDateAndTime", "TZ") == ["UTC0"]


def test_ntp_puts_the_clock_right_where_a_server_answers(camera: SimulatedCamera, ask: Asker) -> None:
    camera.levers.set_clock_offset(-3600)
    ask("device", "SetSystemDateAndTime", "<DateTimeType>NTP</DateTimeType><DaylightSavings>false</DaylightSavings>")
    assert camera.state.clock_offset == timedelta(hours=-1)
    camera.state.network.ntp_works = True
    ask("device", "SetSystemDateAndTime", "<DateTimeType>NTP</DateTimeType><DaylightSavings>false</DaylightSavings>")
    assert camera.state.clock_offset == timedelta(0)
    camera.state.network.ntp_servers = ()
    assert refused(ask, "device", "SetSystemDateAndTime", "<DateTimeType>NTP</DateTimeType><DaylightSavings>false</DaylightSavings>")[-1] \
        == "ter:NtpServerUndefined"


def comes_back(camera: SimulatedCamera) -> None:
    end_s = time.monotonic() + 5
    while camera.is_up and time.monotonic() < end_s:                   # the answer leaves before it goes dark
        time.sleep(0.005)
    while not camera.is_up and time.monotonic() < end_s:
        time.sleep(0.005)
    assert camera.is_up


def test_reboot(camera: SimulatedCamera, ask: Asker) -> None:
    camera.state.boot_time_s = 0.2
    ask("events", "CreatePullPointSubscription")
    assert ask.texts("device", "SystemReboot", "Message") == ["Rebooting in 0 seconds"]
    comes_back(camera)
    assert camera.state.pull_points == {}
    assert Asker(camera).texts("device", "GetDeviceInformation", "Model") == ["SC-1080"]


@pytest.mark.parametrize("kind", ["Soft", "Hard"])
def test_factory_default(camera: SimulatedCamera, ask: Asker, kind: str) -> None:
    state = camera.state
    state.boot_time_s, state.recordings, state.jobs = 0.1, [Recording("r")], [RecordingJob("j", "r")]
    ask("device", "AddScopes", item("x/marker"))
    ask("device", "SetDiscoveryMode", "<DiscoveryMode>NonDiscoverable</DiscoveryMode>")
    ask("device", "SetSystemFactoryDefault", f"<FactoryDefault>{kind}</FactoryDefault>")
    comes_back(camera)
    assert (state.extra_scopes, state.discoverable, state.masks) == ([], True, [])
    assert state.recordings, "no reset touches the card"
    if kind == "Soft":
        assert Asker(camera).texts("device", "GetNTP", "IPv4Address") == ["192.0.2.123"]
        return
    assert refused(Asker(camera), "device", "GetDeviceInformation")[1:] == ["ter:NotAuthorized"]
    anybody = Asker(camera, auth=None)
    assert refused(anybody, "device", "GetUsers")[1:] == ["ter:NotAuthorized"]
    anybody("device", "CreateUsers", user("root", "First-user-1", "Administrator"))
    assert Asker(camera, "root", "First-user-1").texts("device", "GetUsers", "Username") == ["root"]
    assert refused(anybody, "device", "CreateUsers", user("second"))[1:] == ["ter:NotAuthorized"]


def test_recordings_jobs_and_their_order(camera: SimulatedCamera, ask: Asker) -> None:
    assert ask.texts("recording", "GetRecordings", "RecordingToken") == []
    camera.levers.record_to_card()
    assert ask.texts("recording", "GetRecordings", "RecordingToken") == ["recording_0"]
    assert ask.texts("recording", "GetRecordingJobs", "Mode") == ["Active"]
    assert refused(ask, "recording", "DeleteRecording", "<RecordingToken>recording_0</RecordingToken>")[-1] == "ter:CannotDelete"
    ask("recording", "SetRecordingJobMode", "<JobToken>job_0</JobToken><Mode>Idle</Mode>")
    assert ask.texts("recording", "GetRecordingJobs", "Mode") == ["Idle"]
    ask("recording", "DeleteRecordingJob", "<JobToken>job_0</JobToken>")
    ask("recording", "DeleteRecording", "<RecordingToken>recording_0</RecordingToken>")
    assert ask.texts("recording", "GetRecordings", "RecordingToken") == ask.texts("recording", "GetRecordingJobs", "JobToken") == []


def test_event_broker(ask: Asker) -> None:
    ns = 'xmlns:e="http://www.onvif.org/ver10/events/wsdl"'
    ask("events", "AddEventBroker", f"<e:EventBroker {ns}><e:Address>mqtts://broker.example</e:Address><e:TopicPrefix>old</e:TopicPrefix>"
        "<e:UserName>u</e:UserName><e:Password>p</e:Password></e:EventBroker>")
    assert ask.texts("events", "GetEventBrokers", "Address") == ["mqtts://broker.example"]
    assert ask.texts("events", "GetEventBrokers", "Password") == []
    ask("events", "DeleteEventBroker", "<Address>mqtts://broker.example</Address>")
    assert ask.texts("events", "GetEventBrokers", "Address") == []
    assert refused(ask, "events", "DeleteEventBroker", "<Address>mqtt://none</Address>")[-1] == "ter:NoConfig"


def test_pull_points_have_slots(camera: SimulatedCamera, ask: Asker) -> None:
    addresses = [ask.texts("events", "CreatePullPointSubscription", "Address", "<InitialTerminationTime>PT60S</InitialTerminationTime>")[0]
                 for _ in range(camera.state.events.pull_points_most)]
    assert refused(ask, "events", "CreatePullPointSubscription")[1] == "ter:Action"
    query = "?" + addresses[1].partition("?")[2]
    ask("events", "PullMessages", "<Timeout>PT1S</Timeout><MessageLimit>1</MessageLimit>", "", query)
    ask("wsnt", "Unsubscribe", "", "", query)
    with pytest.raises(Refused):
        ask("wsnt", "Unsubscribe", "", "", query)
    assert len(camera.state.pull_points) == camera.state.events.pull_points_most - 1


def test_a_lens_that_can_be_parked(camera: SimulatedCamera, ask: Asker) -> None:
    assert refused(ask, "ptz", "GetNodes")[1] == "ter:ActionNotSupported"
    camera.state.parks = True
    assert "http://www.onvif.org/ver20/ptz/wsdl" in ask.texts("device", "GetServices", "Namespace", "<IncludeCapability>false</IncludeCapability>")
    where = "<ProfileToken>profile_main</ProfileToken>"
    assert ask.texts("ptz", "GetPresets", "Name", where) == ["home", "parked"]
    before = ask.snapshot("profile_sub")
    ask("ptz", "GotoPreset", where + "<PresetToken>preset_park</PresetToken>")
    assert ask.snapshot("profile_sub").mean() > before.mean() + 30          # the ceiling
    ask("ptz", "GotoHomePosition", where)
    assert abs(ask.snapshot("profile_sub").mean() - before.mean()) < 2


def test_lies(camera: SimulatedCamera, ask: Asker) -> None:
    lies = camera.state.lies
    lies.no_effect, lies.unsupported, lies.fails = {"CreateUsers"}, {"GetOSDs"}, {"SetNTP"}
    ask("device", "CreateUsers", user("ghost"))
    assert ask.texts("device", "GetUsers", "Username") == ["admin"]
    assert refused(ask, "media", "GetOSDs")[1] == "ter:ActionNotSupported"
    assert refused(ask, "device", "SetNTP", "<FromDHCP>true</FromDHCP>") == ["env:Receiver", "ter:Action"]
    lies.services = ["device", "media2"]
    assert refused(ask, "media", "GetProfiles")[1] == "ter:ActionNotSupported"
    assert len(ask.texts("device", "GetServices", "Namespace")) == 2


def test_factory_state_that_is_open_to_all(camera: SimulatedCamera) -> None:
    camera.state.users.clear()
    camera.state.factory_is_open = True
    anybody = Asker(camera, auth=None)
    assert anybody.texts("device", "GetDeviceInformation", "Model") == ["SC-1080"]
    assert anybody.snapshot("profile_sub").shape == (360, 640, 3)
    assert httpx.get(camera.snapshot_url()).status_code == 200
