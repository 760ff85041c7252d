"""The view of a camera as the case knows it: what the next check is asked with, what it said, what people add to it, and what of it stops the case."""

import json
from collections.abc import Mapping
from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.device import Zone
from provisioner.case.model import Case, FrameReport, Role, but
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.policy import Policy
from provisioner.case.view_check import MATTRESS_CM, Bed, Block, ReflectionWord, SceneFinding, ViewAsked, block_of

PLAN_MOST = 32_768           # characters; the plan of a flat with ten doors takes 2,000
HEIGHT_M = (0.5, 4.0)        # above the floor: what hangs lower is in reach of a child, and higher than any room of a home
WORDS = (3, 300)             # characters of a word on a reflection


def asked_of(case: Case, policy: Policy) -> ViewAsked:
    """With what the next check is made, and how many frames it may take of those that are left of this visit (D11)."""
    left = max(0, policy.frames_per_visit - case.frames_taken)
    forbidden = case.zones if case.zones and case.masking is not None and case.masking.proved else ()  # masks that are not made yet cannot be judged
    return ViewAsked(min(left, policy.frames_per_check), case.bed, forbidden, case.plan, case.camera_height_m)


def framed(case: Case, asked: ViewAsked, report: FrameReport, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """The report taken in; every picture that was taken counts, whatever it was taken for."""
    case = but(case, frames_taken=case.frames_taken + report.frames)
    if (asked.bed, asked.plan, asked.camera_height_m) != (case.bed, case.plan, case.camera_height_m):
        visit = case.visit if case.frames_taken < policy.frames_per_visit else None
        return but(unjudged(case), visit=visit), (f"frame {case.frames_taken} of {policy.frames_per_visit}: judged without what was drawn meanwhile; once more",)
    case = but(unjudged(case), frame=report)
    why = f"frame {case.frames_taken} of {policy.frames_per_visit}: {'good' if report.good else 'see findings'} ({report.source})"
    if report.scene is None:
        return case, (why,)
    kinds = ", ".join(finding.kind for finding in report.scene.findings) or "nothing"
    return case, (why, f"checked by {' + '.join(report.scene.looks)}: found {kinds}")


def unjudged(case: Case) -> Case:
    """`case` without the last look at the room and all that was said of it."""
    return but(case, frame=None, view=None, reflections=(), overrides=())


def blocked_by(case: Case, blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """What of the last check stops the view, but for what was answered for; each name once."""
    if case.frame is None or case.frame.scene is None:
        return ()
    answered = {override.block for override in case.overrides}
    found = dict.fromkeys(block_of(finding) for finding in case.frame.scene.findings)
    return tuple(name for name in found if name in blocks and name not in answered)


def is_zone(zone: Zone) -> bool:
    """Whether it has three corners or more, all within the picture."""
    return len(zone) >= 3 and all(-1 <= part <= 1 for corner in zone for part in corner)


def _anew(case: Case, policy: Policy) -> Case:
    """What the last check did not know is known now: it is made again, and where no frame is left the label is scanned first."""
    if case.frame is None:
        return case
    return but(unjudged(case), visit=case.visit if case.frames_taken < policy.frames_per_visit else None)


def bed(case: Case, what: i.BedDrawn, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """Where the camera must see (R37): the view is checked for it."""
    if not is_zone(what.outline):
        return refuse("zone_shape", "Sängen ska ha minst tre hörn, inom bilden (-1 till 1).",
                      "The bed needs at least three corners, within the picture (-1 to 1).", "outline")
    if what.tapped and (len(what.tapped) != 2 or what.tapped[0] == what.tapped[1] or any(not -1 <= part <= 1 for corner in what.tapped for part in corner)):
        return refuse("tapped_points", "Tryck på två olika hörn av madrassen, inom bilden (-1 till 1).",
                      "Tap two different corners of the mattress, within the picture (-1 to 1).", "tapped")
    if bool(what.tapped) != bool(what.tapped_cm) or (what.tapped and what.tapped_cm not in MATTRESS_CM):
        sizes = ", ".join(str(size) for size in MATTRESS_CM)
        return refuse("mattress_size", f"Ange avståndet mellan de två hörnen i cm: {sizes} (200 är längden).",
                      f"Give the distance between the two corners in cm: {sizes} (200 is the length).", "tapped_cm")
    return but(_anew(case, policy), bed=Bed(what.outline, what.tapped, what.tapped_cm))


def floor_plan(case: Case, what: i.FloorPlanGiven, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R37: the current floor plan, drawn by who was there or who has the landlord's."""
    if said.role not in (Role.TECHNICIAN, Role.COORDINATOR, Role.TEAM_LEAD):
        return refuse("not_yours", "Planritningen ges av teknikern eller samordnaren.", "The floor plan is given by the technician or the coordinator.", "by")
    if what.camera_height_m is not None and not HEIGHT_M[0] <= what.camera_height_m <= HEIGHT_M[1]:
        return refuse("camera_height", f"Kamerans höjd över golvet är {HEIGHT_M[0]} till {HEIGHT_M[1]} m.",
                      f"The camera's height above the floor is {HEIGHT_M[0]} to {HEIGHT_M[1]} m.", "camera_height_m")
    wrong = _wrong_with(what.plan)
    if wrong is not None:
        return refuse("floor_plan", wrong[0], wrong[1], "plan")
    return but(_anew(case, policy), plan=what.plan, camera_height_m=what.camera_height_m)


def _wrong_with(plan: str) -> tuple[str, str] | None:
    if len(plan) > PLAN_MOST:
        return f"Planritningen får ha högst {PLAN_MOST} tecken.", f"The floor plan may have {PLAN_MOST} characters at most."
    try:
        found = json.loads(plan)
    except (ValueError, RecursionError):
        return "Planritningen är ingen riktig JSON.", "The floor plan is no proper JSON."
    from provisioner.scene.floorplan import read_plan  # geometry libraries, which no daemon without a plan shall load
    from provisioner.scene.optics import Unusable, read_camera, read_spot

    try:
        beside = isinstance(found, dict) and set(found) <= {"plan", "camera"}
        floor = read_plan(found["plan"] if beside else found)
        if beside and found.get("camera") is not None and read_spot(found["camera"]) is None:  # a spot is fitted to the bed in the picture
            floor.holds(read_camera(found["camera"]))
    except Unusable as wrong:
        return wrong.text.sv, wrong.text.en
    except KeyError:
        return "Planritningen saknas bredvid kameran.", "The floor plan is missing beside the camera."
    return None


def marked(case: Case, what: i.ReflectionMarked, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """A person sees a reflection, whether the check has found it or not."""
    return _word(case, what.finding, True, what.words, said, now)


def rejected(case: Case, what: i.ReflectionRejected, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """A person says that a finding is none. It stays beside his word."""
    if what.finding == 0:
        return refuse("which_finding", "Ange vilket fynd det gäller (numret i kontrollen).", "Say which finding is meant (its number in the check).", "finding")
    return _word(case, what.finding, False, what.words, said, now)


def _word(case: Case, number: int, is_reflection: bool, words: str, said: i.Said, now: datetime) -> Case | Refusal:
    if case.frame is None or case.frame.scene is None:
        return refuse("no_check", "Vänta på kontrollen av bilden först.", "Wait for the check of the view first.")
    finding: SceneFinding | None = next((one for one in case.frame.scene.findings if one.number == number), None)
    if number and finding is None:
        known = ", ".join(str(one.number) for one in case.frame.scene.findings) or "-"
        return refuse("which_finding", f"Det finns inget fynd {number}. Kontrollens fynd: {known}.",
                      f"There is no finding {number}. The check's findings: {known}.", "finding")
    if not WORDS[0] <= len(words.strip()) <= WORDS[1]:
        return refuse("words", f"Säg med {WORDS[0]} till {WORDS[1]} tecken var det är och vad det visar.",
                      f"Say in {WORDS[0]} to {WORDS[1]} characters where it is and what it shows.", "words")
    return but(case, reflections=(*case.reflections, ReflectionWord(finding, is_reflection, words.strip(), said.by, now)))
