"""`camera check` against every persona says what its file declares; `docs/cameras.md` is made from it.

    pytest tests/camera/test_check_personas.py --rewrite-stories

One process serves all the cameras, several are examined at a time: each examination mostly waits.
"""

import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.checkup import Asked, Checkup
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.case.evidence import Agrees, Kind
from provisioner.secret import Secret
from simulators.camera import SimulatedCamera
from simulators.camera.tls import maker_pem
from simulators.models import FINDINGS, PLAIN, expects, model, names
from simulators.models import persona as state_of
from tests.camera.helpers import OnePlace, now

PAGE = Path(__file__).parents[2] / "docs" / "cameras.md"
AT_ONCE = 16
APPROVED = dict.fromkeys(("SC-1080", "IPC-HDW1230", "DS-2DF7286-A"), "1.4.0")   # simulators/models/plain.toml
COMBINED = ("clock-minus-1h + token-only + microphone-on", "digest-only + shared-serial + personal-scope", "nat-xaddr + media2-only + records-to-card",
            "locked-already + discoverable", "anonymous-rtsp + anonymous-snapshot + discoverable + no-https")


@pytest.fixture(scope="module")
def discovery_port() -> int:
    warm_up()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def examined(number: int, text: str, discovery_port: int) -> tuple[Checkup, SimulatedCamera]:
    """The check of a camera of this persona, at an address of its own."""
    state = state_of(text)
    if "epr-embeds-mac" not in text:
        state.endpoint_uuid = str(uuid.UUID(int=number + 1))   # of one maker and serial number all would have one, and be one camera to discovery
    with SimulatedCamera(state, host=f"127.7.{number // 250}.{number % 250 + 1}", discovery_port=discovery_port) as sim:
        password = sim.state.users["admin"].password if "admin" in sim.state.users else "never-asked"
        place = CameraPlace(sim.host, sim.http_port, "admin", Secret(password))
        camera = OnvifCamera(OnePlace(None), CameraSettings(approved_firmware=APPROVED), now)
        return camera.check(place, Asked(sim.state.serial, discovery_port)), sim


@pytest.fixture(scope="module")
def all_of_them(discovery_port: int) -> dict[str, tuple[Checkup, SimulatedCamera]]:
    """Every persona and some combinations, examined once; and none of them changed."""
    texts = [*names(), *COMBINED]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waits = sorted(texts, key=lambda text: text not in ("no-stream-free", "stale-sessions"))   # those take long: they begin
        found = dict(zip(waits, pool.map(lambda text: examined(waits.index(text), text, discovery_port), waits), strict=True))
    return {text: found[text] for text in texts}


def differences(text: str, report: Checkup) -> dict[str, tuple[str, str]]:
    """Finding -> what was found, what the persona declares."""
    wanted = expects(text)
    return {name: (report.findings[name], wanted[name]) for name in FINDINGS if report.findings[name] != wanted[name]}


@pytest.mark.timeout(240)
def test_check_says_what_each_persona_declares(all_of_them: dict[str, tuple[Checkup, SimulatedCamera]], discovery_port: int) -> None:
    wrong: dict[str, dict[str, tuple[str, str]]] = {}
    for number, (text, (report, _)) in enumerate(all_of_them.items()):
        assert set(report.findings) == set(FINDINGS)
        differs = differences(text, report)
        for _ in range(2):
            # 'slow' is seconds, and a lossy network is chance: looked at again without a crowd
            if set(differs) == {"stream"}:
                differs = differences(text, examined(number, text, discovery_port)[0])
        if differs:
            wrong[text] = differs
    assert not wrong, f"found, declared: {wrong}"


@pytest.mark.timeout(240)
def test_check_sets_nothing_and_locks_nobody_out(all_of_them: dict[str, tuple[Checkup, SimulatedCamera]]) -> None:
    for text, (report, sim) in all_of_them.items():
        changed = {name for name in sim.seen.requests if name.startswith(("Set", "Remove", "Delete", "Add", "Create", "Goto", "System"))}
        assert changed <= {"SetSynchronizationPoint"}, (text, changed)
        assert sim.seen.failed_logins <= 4 and sim.seen.rtsp_sessions_open == 0, text
        if "locked-already" not in text:
            assert not sim.gate.locked_s(), text
        said = repr(report).lower()
        for word in ("andersson", "exempelgatan", "simulated-1", "888888", "broker.example"):
            assert word not in said, (text, word)


@pytest.mark.timeout(240)
def test_every_finding_that_is_no_praise_has_a_sentence_with_a_way_on(all_of_them: dict[str, tuple[Checkup, SimulatedCamera]]) -> None:
    for text, (report, _) in all_of_them.items():
        for part in report.parts:
            assert part.sentence.sv and part.sentence.en and part.sentence.sv != part.sentence.en, (text, part.name)
            assert part.word != "bad" or part.sentence.en.count(".") >= 2, (text, part.name, part.sentence.en)


@pytest.mark.parametrize(("text", "verdict"), [("plain", "confirmed"), ("certificate-of-another", "impossible"), ("self-signed", "confirmed")])
def test_the_makers_authority_makes_a_certificate_proof(text: str, verdict: str, tmp_path: Path) -> None:
    ca_file = tmp_path / "makers.pem"
    ca_file.write_bytes(maker_pem())
    with SimulatedCamera(state_of(text)) as sim:
        camera = OnvifCamera(OnePlace(None), CameraSettings(device_ca_file=ca_file), now)
        place = CameraPlace(sim.host, sim.http_port, "admin", Secret(sim.state.users["admin"].password))
        report = camera.check(place, Asked(sim.state.serial, discovery_port=9, deadline_s=20.0))
    assert report.findings["identity"] == verdict and report.identity is not None
    proof = {item.agrees for item in report.identity.items if item.evidence.kind is Kind.DEVICE_CERTIFICATE}
    assert proof == ({Agrees.YES} if text == "plain" else {Agrees.NO} if text == "certificate-of-another" else set())


# -- the page -----------------------------------------------------------------------------------------------------------------

HEAD = """# What cameras do, and what `camera check` says of it

Each row is a simulated camera (`simulators/models/*.toml`) that does one thing real cameras were seen to do, with who saw it. *Says*: the findings of
`provisioner camera check` where they differ from those of a camera in good order; a row without any is one that the check sees through.
*Only when set*: what a check that sets nothing cannot see, and what the daemon finds when it sets it. Made by `tests/camera/test_check_personas.py`
from the same run that holds it; do not edit by hand.
"""


def lines() -> Iterator[str]:
    """The page. What the check says is what the files declare, which the test above holds."""
    yield HEAD
    yield "| camera | does | quirk | seen by | says | only when set |\n|---|---|---|---|---|---|"
    plain = expects(PLAIN)
    for name in names():
        one = model(name)
        said = ", ".join(f"{finding}: {word}" for finding, word in expects(name).items() if word != plain[finding])
        tried = ", ".join(f"{finding}: {word}" for finding, word in one.tried.items())
        seen = f"[{one.seen}]({one.source})" if one.source.startswith("http") else f"{one.seen}; {one.source}"
        yield f"| `{name}` | {one.about} | {one.quirk or '-'} | {seen} | {said or '-'} | {tried or '-'} |"
    yield ""


def test_page_is_true(request: pytest.FixtureRequest) -> None:
    page = "\n".join(lines())
    if request.config.getoption("--rewrite-stories"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "stale: pytest tests/camera/test_check_personas.py --rewrite-stories"


def test_each_source_is_a_place_where_one_can_read() -> None:
    """Links to threads have their number; a specification is named with what to look for."""
    for name in names():
        source = model(name).source
        if source.startswith("https://github.com/"):
            parts = source.removeprefix("https://github.com/").split("/")
            assert len(parts) == 2 or (len(parts) == 4 and parts[2] in ("issues", "pull", "discussions") and parts[3].isdecimal()), (name, source)
        else:
            assert source.startswith(("https://www.onvif.org/", "https://", "ONVIF ", "IEEE ", "EN ", "OASIS ")), (name, source)
