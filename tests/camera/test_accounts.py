"""The rotation of a camera's account against cameras that allow it, forbid it, lie about it. H9, H11."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.attempts import MemoryBook
from provisioner.camera.credentials import LENGTHS, NAMES, MemorySecrets, new_password
from provisioner.camera.net import fingerprint
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.case.device import Rotation
from provisioner.case.model import FrameReport, Identity
from provisioner.fault import Fault, FaultKind
from provisioner.secret import Account, Credentials, Secret
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.camera.state import Level
from simulators.models import names, persona
from tests.camera.helpers import SERIAL, OnePlace, now, place

OLD = "Kanarie-gammal-1"
VIEWER = "Kanarie-tittare-2"


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def state(text: str = "plain", **more: User) -> CameraState:
    found = persona(text, serial=SERIAL)
    found.users = {"admin": User(OLD, fixed=found.users.get("admin", User("")).fixed), **{name: user for name, user in found.users.items() if name != "admin"}, **more}
    return found


class Desk:
    """A camera, and an adapter that keeps its books in memory."""

    def __init__(self, sim: SimulatedCamera, keep: tuple[str, ...] = ("alarm-viewer",)) -> None:
        self.sim, self.keep = sim, keep
        self.accounts, self.attempts = MemorySecrets(), MemoryBook()
        self.camera = self.another()

    def another(self) -> OnvifCamera:
        """As after a restart: the books stay, nothing else does."""
        where = place(self.sim.http_port, OLD, rtsp_port=self.sim.rtsp_port)
        return OnvifCamera(OnePlace(where), CameraSettings(kept_accounts=self.keep), now, self.attempts, self.accounts)

    def rotate(self) -> Rotation:
        found = self.camera.rotate_credentials(SERIAL, 20.0)
        assert isinstance(found, Rotation), found
        return found

    @property
    def current(self) -> Account:
        kept = self.accounts.credentials_of(SERIAL)
        assert kept is not None and kept.current is not None
        return kept.current

    def password_on_camera(self, name: str) -> str:
        return self.sim.state.users[name].password


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with SimulatedCamera(getattr(request, "param", None) or state()) as sim:
        yield Desk(sim)


def test_d16_h11_new_account_proved_old_one_and_old_viewers_gone_the_centres_viewer_stays(desk: Desk) -> None:
    users = desk.sim.state.users
    users["relative"], users["alarm-viewer"] = User(VIEWER, Level.USER), User("viewing", Level.USER)
    assert isinstance(desk.camera.judge_frame(SERIAL, 20.0), FrameReport)
    found = desk.rotate()
    assert found.good and (found.way, found.others_removed, found.others_left) == ("new_account", 2, 0), found
    assert set(users) == {NAMES[0], "alarm-viewer"} and users["alarm-viewer"].password == "viewing"
    assert users[NAMES[0]].password == desk.current.password.reveal() != OLD
    assert desk.sim.seen.failed_logins == 2, "the old login, asked once by ONVIF and once for the stream"
    assert isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity) and isinstance(desk.another().judge_frame(SERIAL, 20.0), FrameReport)
    assert desk.sim.seen.failed_logins == 2
    for name, password, kind in (("alarm-viewer", "viewing", FrameReport), ("relative", VIEWER, Fault), ("admin", OLD, Fault)):
        theirs = OnvifCamera(OnePlace(place(desk.sim.http_port, password, name, rtsp_port=desk.sim.rtsp_port)), CameraSettings(), now)
        assert isinstance(theirs.judge_frame(SERIAL, 20.0), kind), name


def test_twice_is_a_second_rotation_and_the_names_alternate(desk: Desk) -> None:
    seen = set()
    for number in range(4):
        assert desk.rotate().good
        assert desk.current.username == NAMES[number % 2] and set(desk.sim.state.users) == {desk.current.username}
        seen.add(desk.current.password.reveal())
    assert len(seen) == 4


@pytest.mark.parametrize("desk", [state("digest-only"), state("token-only"), state("sha-256-only"), state("clock-minus-1h + token-only"),
                                  state("clock-half-year-behind + token-only"), state("fussy-passwords"), state("closes-connections"), state("media1-only"),
                                  state("local-time-as-utc + token-only"), state("separate-onvif-account")], indirect=True,
                         ids=["digest", "token", "sha256", "minus-1h", "half-year", "fussy", "closes", "media1", "local-time", "separate"])
def test_rotation_whatever_the_login_is(desk: Desk) -> None:
    before = desk.sim.seen.failed_logins
    found = desk.rotate()
    assert found.good, found
    assert desk.sim.seen.failed_logins - before <= 3
    assert isinstance(desk.another().read_identity(SERIAL, 10.0), Identity)


@pytest.mark.parametrize("rule", ["strong", "safe"])
@pytest.mark.parametrize("most", [64, 15, 11, 8])
def test_password_that_is_too_long_is_made_shorter(desk: Desk, rule: str, most: int) -> None:
    desk.sim.state.login.passwords, desk.sim.state.login.password_most = rule, most
    assert desk.rotate().good
    assert len(desk.current.password.reveal()) == max(length for length in LENGTHS if length <= most)


def test_fixed_account_of_ours_gets_a_new_password_and_no_second_one_stays(desk: Desk) -> None:
    """Hikvision's and Dahua's admin cannot be deleted; the account made beside it is what keeps us safe meanwhile."""
    desk.sim.state.users["admin"].fixed = True
    for _ in range(2):
        before = desk.current.password if desk.accounts.credentials_of(SERIAL) else Secret(OLD)
        found = desk.rotate()
        assert found.good and found.way == "new_password", found
        assert set(desk.sim.state.users) == {"admin"} and desk.current.username == "admin"
        assert desk.password_on_camera("admin") == desk.current.password.reveal() != before.reveal()


@pytest.mark.parametrize("denied", ["full", "not supported", "fails"])
def test_no_second_account_possible_then_the_password_of_the_one_is_set(desk: Desk, denied: str) -> None:
    manners = desk.sim.state
    if denied == "full":
        manners.login.users_most = 1
    else:
        (manners.lies.unsupported if denied == "not supported" else manners.lies.fails).update({"CreateUsers", "DeleteUsers"})
    found = desk.rotate()
    assert found.good and found.way == "new_password", found
    assert desk.password_on_camera("admin") == desk.current.password.reveal() != OLD


@pytest.mark.parametrize("lie", ["success-without-effect", "no-accounts", "no-list"])
def test_camera_that_changes_nothing_is_unsupported_and_the_old_password_stays(lie: str) -> None:
    made = state("success-without-effect" if lie == "success-without-effect" else "plain")
    if lie == "no-accounts":
        made.lies.unsupported |= {"CreateUsers", "SetUser", "DeleteUsers"}
    elif lie == "no-list":
        made.lies.unsupported |= {"GetUsers"}
    with SimulatedCamera(made) as sim:
        desk = Desk(sim)
        for _ in range(3):
            found = desk.rotate()
            assert (found.way, found.new_proved, found.old_refused, found.good) == ("unsupported", False, None, False)
            assert sim.state.users == {"admin": User(OLD)}
            assert isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity)
        assert sim.seen.failed_logins <= 3, "one wrong password at most a rotation, between right ones"


def test_delete_without_effect_is_seen_in_the_list_and_in_the_old_login(desk: Desk) -> None:
    desk.sim.state.lies.no_effect = {"DeleteUsers", "SetUser"}
    found = desk.rotate()
    assert not found.good and found.new_proved and found.old_refused is False and found.others_left == 1
    assert "hand it in" in found.sentence.en
    assert isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity)


@pytest.mark.parametrize(("cut", "good"), [(12, True), (8, True), (6, False)])
def test_password_cut_off_in_silence_is_found_while_the_old_login_works(desk: Desk, cut: int, good: bool) -> None:
    desk.sim.state.login.password_cut = cut
    found = desk.rotate()
    if good:
        assert found.good and len(desk.current.password.reveal()) == 8
    else:
        assert found.way == "unsupported" and desk.current.username == "admin" and set(desk.sim.state.users) == {"admin"}
    assert isinstance(desk.another().read_identity(SERIAL, 10.0), Identity)


def test_fixed_account_of_the_maker_is_counted_and_said() -> None:
    with SimulatedCamera(state("fixed-service-user")) as sim:
        found = Desk(sim).rotate()
    assert (found.new_proved, found.old_refused, found.others_left, found.good) == (True, True, 1, False)
    assert "cannot be removed" in found.sentence.en


@pytest.mark.parametrize("desk", [state("anonymous-onvif")], indirect=True)
def test_camera_that_asks_nobody_cannot_be_proved(desk: Desk) -> None:
    found = desk.rotate()
    assert found.way == "unsupported" and "asks nobody" in found.sentence.en and set(desk.sim.state.users) == {"admin"}


@pytest.mark.parametrize("desk", [state("lockout-attempts"), state("lockout-minutes")], indirect=True, ids=["attempts", "minutes"])
def test_h9_lock_out_cameras_are_never_locked(desk: Desk) -> None:
    for _ in range(3):
        assert desk.rotate().good
        assert desk.sim.gate.locked_s() == 0
    assert isinstance(desk.camera.read_identity(SERIAL, 10.0), Identity)


def test_wrong_password_costs_two_attempts_and_nothing_is_changed(desk: Desk) -> None:
    desk.sim.state.users["admin"].password = "somebody-changed-it"
    found = desk.camera.rotate_credentials(SERIAL, 10.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED
    assert desk.sim.seen.failed_logins <= 2 and "CreateUsers" not in desk.sim.seen.requests
    again = desk.camera.rotate_credentials(SERIAL, 10.0)
    assert isinstance(again, Fault) and desk.sim.seen.failed_logins <= 2


def test_account_that_is_no_administrator_is_said(desk: Desk) -> None:
    desk.sim.state.users["admin"].level = Level.OPERATOR
    found = desk.camera.rotate_credentials(SERIAL, 10.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED and "administrator" in found.hint.en


def test_canary_no_password_and_no_account_name_in_log_fault_or_repr(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.sim.state.users["karin-kanarie"] = User(VIEWER)
    said = repr(desk.rotate()) + repr(desk.accounts.credentials_of(SERIAL))
    secrets = [OLD, VIEWER, desk.current.password.reveal()]
    desk.sim.levers.lose_power()
    said += repr(desk.camera.rotate_credentials(SERIAL, 1.0)) + caplog.text
    assert not any(secret in said for secret in (*secrets, "karin-kanarie", *NAMES))


def test_interrupted_change_of_one_password_is_settled_by_the_next_operation_of_any_kind(desk: Desk) -> None:
    for on_camera in (OLD, "the-new-one"):
        desk.sim.state.users["admin"].password = on_camera
        desk.accounts.put_credentials(SERIAL, Credentials(Account("admin", Secret(OLD)), Account("admin", Secret("the-new-one"))), now())
        before = desk.sim.seen.failed_logins
        camera = desk.another()
        assert isinstance(camera.read_identity(SERIAL, 10.0), Identity)
        assert desk.current.password.reveal() == on_camera and desk.sim.seen.failed_logins - before <= 1
        after = desk.sim.seen.failed_logins
        assert isinstance(camera.read_identity(SERIAL, 10.0), Identity) and desk.sim.seen.failed_logins == after


def test_made_passwords_please_strict_cameras() -> None:
    for length in LENGTHS:
        for _ in range(200):
            made = new_password(length).reveal()
            assert len(made) == length and made.isalnum() and made.isascii()
            assert any(map(str.islower, made)) and any(map(str.isupper, made)) and any(map(str.isdigit, made))


def test_old_login_that_still_opens_the_stream_is_found() -> None:
    """RTSP may have accounts of its own: here its port is another camera's, which still knows the old password."""
    with SimulatedCamera(state()) as sim, SimulatedCamera(state()) as behind:
        where = place(sim.http_port, OLD, rtsp_port=behind.rtsp_port)
        found = OnvifCamera(OnePlace(where), CameraSettings(), now).rotate_credentials(SERIAL, 20.0)
        assert isinstance(found, Rotation) and found.new_proved and found.old_refused is False and not found.good
        assert "still lets the old password in" in found.sentence.en


def test_over_tls_to_the_pinned_certificate_the_new_password_is_never_on_the_wire_in_clear(desk: Desk) -> None:
    where = CameraPlace("127.0.0.1", desk.sim.https_port, "admin", Secret(OLD), desk.sim.rtsp_port, tls=True, pin=fingerprint(desk.sim.identity.der))
    camera = OnvifCamera(OnePlace(where), CameraSettings(), now, desk.attempts, desk.accounts)
    desk.sim.state.network.disabled = {"HTTP"}
    found = camera.rotate_credentials(SERIAL, 20.0)
    assert isinstance(found, Rotation) and found.good, found


def test_what_a_camera_quotes_in_its_refusal_is_scrubbed(desk: Desk) -> None:
    desk.sim.state.users["admin"].password = "another"
    desk.sim.state.login.http_digest = False
    said = f"wrong password {OLD} for admin-kanarie"
    desk.sim.gate._words = lambda: said  # type: ignore[method-assign]
    found = desk.camera.rotate_credentials(SERIAL, 10.0)
    assert isinstance(found, Fault) and OLD not in repr(found) and "***" in found.evidence, found


def test_two_programs_at_once_leave_one_account_that_both_know(tmp_path: Path) -> None:
    with SimulatedCamera(state()) as sim:
        where = OnePlace(place(sim.http_port, OLD, rtsp_port=sim.rtsp_port))
        stores = [SqlStore(f"sqlite:///{tmp_path}/p.db", Sealer(bytes(32)), camera_sealer=Sealer(bytes(32))) for _ in range(2)]
        cameras = [OnvifCamera(where, CameraSettings(), now, book=store, accounts=store) for store in stores]
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda camera: camera.rotate_credentials(SERIAL, 30.0), cameras))
        assert all(isinstance(one, Rotation) and one.good for one in found), found
        kept = stores[0].credentials_of(SERIAL)
        assert kept is not None and kept.current is not None
        assert {name: user.password for name, user in sim.state.users.items()} == {kept.current.username: kept.current.password.reveal()}
        with stores[0].account_turn(SERIAL):
            busy = cameras[1].rotate_credentials(SERIAL, 1.0)
        assert isinstance(busy, Fault) and busy.kind is FaultKind.BUSY
        for store in stores:
            store.close()


NOT_GOOD = {
    "anonymous-onvif": "asks nobody", "nobody-asks": "asks nobody", "factory-open": "asks nobody", "success-without-effect": "could not be given",
    "fixed-service-user": "cannot be removed",
}
REFUSED_BEFORE = {"echo-port", "factory-new", "locked-already", "never-answers", "password-text-only", "web-page-port"}


@pytest.mark.parametrize("name", names())
def test_every_persona_keeps_letting_us_in_and_costs_two_wrong_passwords_at_most(name: str) -> None:
    made = persona(name, serial=SERIAL)
    if "admin" in made.users:
        made.users["admin"].password = OLD
    made.login.lock_after = made.login.lock_after or 3
    with SimulatedCamera(made) as sim:
        # a camera that never answers is given up soon; one that answers may take its time on a machine that has other work
        settings, deadline_s = (CameraSettings(operation_s=2.0, connect_s=1.0), 5.0) if name in REFUSED_BEFORE else (CameraSettings(), 30.0)
        camera = OnvifCamera(OnePlace(place(sim.http_port, OLD, rtsp_port=sim.rtsp_port)), settings, now, MemoryBook(), MemorySecrets())
        before = isinstance(camera.read_identity(SERIAL, deadline_s), Identity)
        wrong = sim.seen.failed_logins
        found = camera.rotate_credentials(SERIAL, 2 * deadline_s)
        assert sim.seen.failed_logins - wrong <= 2 and before == (name not in REFUSED_BEFORE)
        if not before:
            assert isinstance(found, Fault)
            return
        assert isinstance(found, Rotation), found
        assert found.good == (name not in NOT_GOOD) and NOT_GOOD.get(name, "") in found.sentence.en, found
        assert sim.gate.locked_s() == 0 and isinstance(camera.read_identity(SERIAL, deadline_s), Identity)
