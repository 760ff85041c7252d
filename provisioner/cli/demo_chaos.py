"""`provisioner demo --chaos`: what goes another way, played over the same real wires, and how each ended: state, who watches, who has to act.

One site with a camera for each; the cameras' old homes are their even places, the new ones the odd.
"""

import argparse
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time as wall
from datetime import timedelta
from pathlib import Path
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.cover import covered_by, uncovered_s
from provisioner.case.model import BindingState, Case, Consent, CoveredBy, Duty, Exit, FallbackMode, Role, State
from provisioner.case.night import Decision, Listed, WatchedBy, night_of, readiness
from provisioner.cli.demo import _booked, _suspended, _until_it_boots, running
from provisioner.cli.demo_play import Play, Site, open_case
from provisioner.cli.main import Context
from provisioner.cli.out import BUG, OK
from provisioner.cli.undo import prefilled
from provisioner.fault import PlainError, Text
from provisioner.ids import case_number, uuid7
from provisioner.statements import one_time_code
from provisioner.view import next_action, next_owner

DESK = ("coordinator-cecilia", Role.COORDINATOR)
OTHER = ("coordinator-olle", Role.COORDINATOR)


@dataclass(frozen=True)
class Expected:
    """How an exception must end. Nobody is ever uncovered, whatever it is."""

    state: State
    by: CoveredBy | None
    binding: BindingState


def site_file(folder: Path, cameras: int, second_rooms: tuple[int, ...]) -> Path:
    """A site with so many cameras, each bound in its old home, and one more in a bag. `second_rooms`: those in the home of the camera before."""
    lines = ["[alarm_centre]", 'providers = ["provider-hemtjanst-norr", "provider-hemtjanst-soder"]']
    password = secrets.token_urlsafe(12)
    for n in range(cameras + 1):
        home = n - 1 if n in second_rooms else n
        for name, scene in (("old", "storgatan_bedroom"), ("new", "nygatan_bedroom")):
            lines += ["[[home]]", f'name = "{name}{n}"', f'words = "{name} home {n}"', f'site_ref = "site-{name}-{n:06}"', f'scene = "{scene}"']
        lines += ["[[camera]]", f'name = "camera{n}"', f'serial = "ACCC8EF8{0x4310 + n:04X}"', f'asset_number = "LKP-00{4711 + n}"', f'home = "old{home}"',
                  f'password = "{password}"', "boot_s = 0.1"]
        if n < cameras:
            lines += ["[[binding]]", f'binding_id = "binding-demo-{n:04}"', f'camera = "camera{n}"', f'home = "old{home}"', 'provider_ref = "provider-hemtjanst-norr"',
                      'schedule_ref = "schedule-three-a-night"', "revision = 3", "next_look = 23:00:00", "next_look_at_least_h = 6.0"]
    path = folder / "exceptions.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# ---- what people do ----------------------------------------------------------------------------------------------------------------


def _to_booked(play: Play, group_ref: str = "") -> None:
    open_case(play, group_ref)
    play.until(lambda case: case.state is State.READY)
    _booked(play)


def _to_suspended(play: Play, group_ref: str = "") -> None:
    _to_booked(play, group_ref)
    play.say(i.FallbackAcknowledged(f"fallback-demo-{play.place}", "unit-night-patrol", "person-night-lead"), "night-lead", Role.UNIT)
    _suspended(play)


def _to_dismantled(play: Play) -> None:
    _to_suspended(play)
    play.say(i.Dismantled(play.camera["serial"], True))


def _exit(play: Play, exit: Exit, reached: State, new_serial: str = "") -> None:
    play.say(i.ExitWanted(exit, "as the demo tells", new_serial), *DESK)
    play.until(lambda case: case.state is reached)


def _carried(play: Play, home: str) -> None:
    play.site.pull("carry", camera=play.camera["name"], home=f"{home}{play.place}")
    _until_it_boots(play.camera["host"], play.camera["http_port"])


def _visited(play: Play) -> None:
    camera, now = play.camera, play.service.clock.now()
    play.service.store.move_place(camera["serial"], camera["host"], camera["http_port"], now)
    play.say(i.VisitStarted(camera["serial"], now, True))


def _test_look(play: Play) -> None:
    play.say(i.TestLookStarted(f"challenge-{secrets.token_hex(6)}", one_time_code()))


def _back_home(play: Play) -> None:
    """The way back: the camera hangs again, says its serial number, and an operator sees the code through it."""
    _exit(play, Exit.ROLL_BACK, State.ROLLING_BACK)
    _carried(play, "old")
    play.say(i.DutyDone(Duty.CAMERA_BACK_AT_OLD_HOME))
    _visited(play)
    play.until(lambda case: case.identity is not None)
    _test_look(play)
    play.until(lambda case: case.state is State.ROLLED_BACK)


# ---- the exceptions ----------------------------------------------------------------------------------------------------------------


def _hold(play: Play) -> None:
    _to_booked(play)
    _exit(play, Exit.HOLD, State.ON_HOLD)
    play.say(i.Resumed(), *DESK)


def _cancel(play: Play) -> None:
    _to_booked(play)
    _exit(play, Exit.CANCEL, State.CANCELLED)


def _roll_back(play: Play) -> None:
    _to_dismantled(play)
    _back_home(play)


def _terminate(play: Play) -> None:
    play.service.store.move_place(play.camera["serial"], play.camera["host"], play.camera["http_port"], play.service.clock.now())
    _to_suspended(play)
    _exit(play, Exit.TERMINATE, State.TERMINATING)
    play.say(i.FallbackAcknowledged(f"fallback-end-{play.place}", "unit-night-patrol", "person-night-lead", FallbackMode.NOT_NEEDED), "night-lead", Role.UNIT)
    play.say(i.DutyDone(Duty.TERMINATION_CONFIRMED), *OTHER)
    play.until(lambda case: case.state is State.TERMINATED)


def _swap(play: Play) -> None:
    _to_booked(play)
    play.say(i.FallbackAcknowledged(f"fallback-demo-{play.place}", "unit-night-patrol", "person-night-lead"), "night-lead", Role.UNIT)
    play.say(i.ExitWanted(Exit.SWAP, "its lens is broken", play.site.described["cameras"][-1]["serial"]), *DESK)
    play.until(lambda case: case.state is State.LOOKS_SUSPENDED and bool(case.replaced_serials))


def _found_dismantled(play: Play) -> None:
    _to_suspended(play)
    play.say(i.Dismantled(play.camera["serial"], True, found=True))


def _refused(play: Play) -> None:
    _to_dismantled(play)
    _exit(play, Exit.REFUSED, State.ON_HOLD)
    _back_home(play)


def _wrong_case(play: Play) -> None:
    _to_suspended(play)
    _exit(play, Exit.WRONG_CASE, State.ON_HOLD)


def _several_cameras(play: Play) -> None:
    """Two rooms, two cameras, two cases of one household: one camera is down, so the home is on visits, whatever the other one sees."""
    _to_booked(replace(play, place=play.place + 1, home=play.place), "household-demo-1")
    _to_suspended(play, "household-demo-1")


def _undo(play: Play) -> None:
    """A whole move, and the new case that takes the camera back, linked both ways."""
    _to_dismantled(play)
    _carried(play, "new")
    play.say(i.SiteChecked(True, True, True, True))
    play.say(i.Mounted(play.camera["serial"], (Consent("service_user", True, play.service.clock.now()),), True, "assessment-2026-88"))
    _visited(play)
    play.until(lambda case: case.frame is not None and case.new_binding is not None)
    play.say(i.ViewAccepted(True, True, True, True))
    play.until(lambda case: case.state is State.VIEW_CHECKED)
    play.say(i.SignPlaced(("sv", "so"), True, True, True))
    _test_look(play)
    play.until(lambda case: case.state is State.REBOUND)
    now = play.service.clock.now()
    number, case_id = case_number(now), uuid7(now)
    play.say(i.MoveUndone(number), *DESK)
    old = play.case
    again = replace(play, case_id=case_id)
    again.service.daemon.submit(case_id, i.Opened(case_id, number, old.kind, undoes=old.case_number)).result(10)
    handing_over, receiving = prefilled(old, now, now.date(), True, "not_required")
    again.say(i.HandingOverNotice(handing_over), *DESK)
    again.say(i.ReceivingNotice(receiving), *DESK)
    again.until(lambda case: case.state is State.READY)


S, C, B = State, CoveredBy, BindingState
EXCEPTIONS: tuple[tuple[str, Text, Callable[[Play], None], Expected, int], ...] = (
    ("hold", Text("Ärendet vilar och återupptas", "The case rests, and goes on"), _hold, Expected(S.BOOKED, C.CAMERA, B.ACTIVE), 1),
    ("cancel", Text("Flytten blir inte av", "The move does not come about"), _cancel, Expected(S.CANCELLED, C.CAMERA, B.ACTIVE), 1),
    ("roll_back", Text("Tillbaka till gamla bostaden, med serienummer och testtitt", "Back to the old home, with serial check and test look"), _roll_back,
     Expected(S.ROLLED_BACK, C.CAMERA, B.ACTIVE), 1),
    ("terminate", Text("Tillsynen avslutas, av två personer", "Supervision ends, on two people's word"), _terminate,
     Expected(S.TERMINATED, C.NOT_OWED, B.RETIRED), 1),
    ("swap", Text("En trasig kamera byts", "A defective camera is swapped"), _swap, Expected(S.LOOKS_SUSPENDED, C.VISITS, B.SUSPENDED), 1),
    ("found_dismantled", Text("Någon annan hade tagit ned kameran", "Somebody else had taken the camera down"), _found_dismantled,
     Expected(S.DISMANTLED, C.VISITS, B.SUSPENDED), 1),
    ("refusal", Text("Hemmet säger nej på dagen; backat", "The home says no on the day; rolled back"), _refused, Expected(S.ROLLED_BACK, C.CAMERA, B.ACTIVE), 1),
    ("wrong_case", Text("Fel ärende: allt står stilla", "The wrong case: everything stands still"), _wrong_case, Expected(S.ON_HOLD, C.VISITS, B.SUSPENDED), 1),
    ("several_cameras", Text("Två kameror i ett hushåll", "Two cameras in one household"), _several_cameras, Expected(S.LOOKS_SUSPENDED, C.VISITS, B.SUSPENDED), 2),
    ("undo", Text("En genomförd flytt ångras i ett nytt ärende", "A completed move is undone in a new case"), _undo, Expected(S.UNDONE, C.CAMERA, B.RETIRED), 1),
)
"""Name, what it is, what people do, how it must end, and how many cameras it needs."""


def chaos(args: argparse.Namespace, context: Context) -> int:
    """Play them, all at once on one daemon, and print how each ended. The exit code tells whether every one ended as it must."""
    out, begun = context.out, time.monotonic()
    out.text(Text("Startar en plats med en kamera för varje undantag ...", "Starting a site with a camera for each exception ..."))
    places = [sum(one[4] for one in EXCEPTIONS[:at]) for at in range(len(EXCEPTIONS))]
    with tempfile.TemporaryDirectory(prefix="provisioner-chaos-") as folder:
        second_rooms = tuple(place + 1 for place, one in zip(places, EXCEPTIONS, strict=True) if one[4] > 1)
        file = site_file(Path(folder), sum(one[4] for one in EXCEPTIONS), second_rooms)
        with running(args.mqtt_port, str(file)) as (site, service, rendered):
            plays = [Play(out, site, service, rendered, place=place) for place in places]
            broken: dict[str, str] = {}
            threads = [threading.Thread(target=_played, args=(one[0], one[2], play, broken)) for one, play in zip(EXCEPTIONS, plays, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            results = [_ended(name, expected, play, broken.get(name), site) for (name, _, _, expected, _), play in zip(EXCEPTIONS, plays, strict=True)]
    for (_, text, _, _, _), result in zip(EXCEPTIONS, results, strict=True):
        mark = " " if result["as_it_must"] else "!"
        out.say(f"{mark} {text.in_language(out.language):64} {result['state']:16} {result['covered_by'] or '-':9} {result['uncovered_s']:3.0f} s  "
                f"{result['next_owner']}: {result['next_action']}")
        if result["broken"]:
            out.say(f"    {result['broken']}")
    well = all(result["as_it_must"] for result in results)
    out.result({"exceptions": results, "all_as_they_must": well, "wall_s": round(time.monotonic() - begun, 3)})
    return OK if well else BUG


def _played(name: str, do: Callable[[Play], None], play: Play, broken: dict[str, str]) -> None:
    try:
        do(play)
    except (PlainError, AssertionError, OSError, TimeoutError) as error:  # this is how this one ended; the others are played on, and the exit code tells
        broken[name] = error.text.in_language(play.out.language) if isinstance(error, PlainError) else f"{type(error).__name__}: {error}"


def _ended(name: str, expected: Expected, play: Play, broken: str | None, site: Site) -> dict[str, Any]:
    if not play.case_id:
        return {"name": name, "state": "-", "covered_by": None, "uncovered_s": 0.0, "next_owner": "-", "next_action": "-", "broken": broken, "as_it_must": False}
    case: Case = play.case
    by, uncovered = covered_by(case), uncovered_s(case, play.service.clock.now())
    binding = case.old_binding.state if case.old_binding is not None else None
    well = broken is None and (case.state, by, binding, uncovered) == (expected.state, expected.by, expected.binding, 0.0)
    if name == "several_cameras":
        well = well and _home_tonight(play) is WatchedBy.VISITS
    if name == "undo" and case.undone_by:
        back = play.service.store.find_case(case.undone_by)
        well = well and (back.state, back.undoes, covered_by(back)) == (State.READY, case.case_number, CoveredBy.CAMERA)
    return {"name": name, "state": case.state.value, "covered_by": by.value if by else None, "uncovered_s": uncovered, "next_owner": next_owner(case),
            "next_action": next_action(case, play.out.language), "broken": broken, "as_it_must": well}


def _home_tonight(play: Play) -> WatchedBy:
    """Who watches over the home of two rooms tonight, by its one decision."""
    cases = [case for case in play.service.store.open_cases() if case.group_ref == play.case.group_ref]
    sites = {case.handing_over.site_ref for case in cases if case.handing_over is not None}
    listed = [Listed(case.old_binding) for case in cases if case.old_binding is not None]
    now = play.service.clock.now()
    decisions = [Decision("decision-2026-17", site, "unit-night-patrol", (wall(23, 0),), now - timedelta(days=1), cameras=2) for site in sorted(sites)]
    return max((home.by for home in readiness(decisions, listed, cases, night_of(now))), key=list(WatchedBy).index)
