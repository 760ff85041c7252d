"""What was done to the camera, taken into the case: kept where it is good, and where it is not, one task that says what a person does next."""

from dataclasses import replace
from datetime import datetime

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.device import FRAMES_OF_A_MASKING, CodeDisplay, Marking, Masking, Retirement, Rotation
from provisioner.case.identifiers import last4
from provisioner.case.model import Case, Errand, but
from provisioner.case.posture import Posture
from provisioner.case.tasks import with_task, without_task
from provisioner.fault import Text

_SENTENCES_MOST = 3  # of a posture in one task: more than a person does at a time; the rest is in the case's view


def fits_camera(effect: fx.Effect, answer: i.Answer) -> bool:
    """Whether this kind of answer can belong to this camera effect at all."""
    match effect:
        case fx.ReadIdentity():
            return isinstance(answer, i.IdentityRead)
        case fx.JudgeFrame():
            return isinstance(answer, i.FrameJudged)
        case fx.RotateCredentials():
            return isinstance(answer, i.CredentialsRotated)
        case fx.EnsurePosture():
            return isinstance(answer, i.PostureJudged)
        case fx.MarkCamera():
            return isinstance(answer, i.CameraMarked)
        case fx.MaskZones():
            return isinstance(answer, i.ZonesMasked)
        case fx.ShowCode() | fx.HideCode():
            return isinstance(answer, i.CodeDisplayed)
        case fx.RetireCamera():
            return isinstance(answer, i.CameraRetired)
        case _:
            return False


def device_answered(case: Case, errand: Errand, answer: i.CameraAnswer, now: datetime) -> tuple[Case, tuple[str, ...]]:
    """The case after the answer, and the decision in words. `case` without the errand."""
    match answer:
        case i.CredentialsRotated(rotation=rotation):
            return _rotated(case, rotation, now)
        case i.PostureJudged(posture=posture):
            return _postured(case, posture, now)
        case i.CameraMarked(marking=marking):
            return _marked(case, errand, marking, now)
        case i.ZonesMasked(masking=masking):
            return _masked(case, masking, now)
        case i.CodeDisplayed(display=display):
            return _displayed(case, errand, display, now)
        case i.CameraRetired(retirement=retirement):
            return _retired(case, retirement, now)
        case _:
            raise AssertionError(f"{answer.kind} is taken in elsewhere")


def _rotated(case: Case, rotation: Rotation, now: datetime) -> tuple[Case, tuple[str, ...]]:
    case = but(case, rotation=rotation)
    if rotation.good:
        return without_task(case, now, "credentials"), ("new password proved, the old one refused, nobody else has an account",)
    return with_task(case, "credentials", rotation.sentence, now), (f"the accounts are not as they must be: {rotation.sentence.en}",)


def _postured(case: Case, posture: Posture, now: datetime) -> tuple[Case, tuple[str, ...]]:
    case = but(case, posture=posture)
    if posture.acceptable:
        return without_task(case, now, "posture"), ("the camera is set as a home demands it",)
    wrong = [finding.sentence for finding in posture.findings if finding.item in posture.blocking][:_SENTENCES_MOST]
    text = Text(" ".join(one.sv for one in wrong) + " Säg sedan: försök igen.", " ".join(one.en for one in wrong) + " Then say: try again.")
    return with_task(case, "posture", text, now), (f"not yet fit for a home: {', '.join(posture.blocking)}",)


def _marked(case: Case, errand: Errand, marking: Marking, now: datetime) -> tuple[Case, tuple[str, ...]]:
    effect = errand.effect
    if not isinstance(effect, fx.MarkCamera) or effect.binding_id in marking.marks:
        return but(case, marking=marking), ("the camera carries the binding's mark",)
    if not marking.supported:
        return but(case, marking=marking), ("the camera cannot carry a mark",)
    return _unmarked(case, now), ("the camera took the mark and does not show it",)


def _unmarked(case: Case, now: datetime) -> Case:
    """A mark that cannot be set keeps nobody unwatched: it is noted, and the case goes on."""
    text = Text("Kameran gick inte att märka. Flyttas den utan ärende märks det inte av sig självt: notera det i ärendet.",
                "The camera could not be marked. If it is moved without a case that will not show by itself: note it in the case.")
    return with_task(but(case, marking=Marking((), False, now)), "mark-missing", text, now)


def _masked(case: Case, masking: Masking, now: datetime) -> tuple[Case, tuple[str, ...]]:
    case = but(case, masking=masking, frames_taken=case.frames_taken + FRAMES_OF_A_MASKING)
    if masking.proved:
        return without_task(case, now, "masks"), (f"{len(masking.zones)} zone(s) proved to show nothing",)
    return with_task(case, "masks", masking.sentence, now), ("a zone that must not be seen is not proved masked",)


def _displayed(case: Case, errand: Errand, display: CodeDisplay, now: datetime) -> tuple[Case, tuple[str, ...]]:
    if isinstance(errand.effect, fx.HideCode):
        if display.shown:
            return _left_in_picture(case, errand.effect, now), ("the code is still in the picture",)
        if errand.effect.keep_view:
            return _cleared(case), ("no older code in the picture",)
        return but(case, code_in_picture=False), ("no code in the picture",)
    look = case.test_look
    if look is None:
        return case, ("a code that nobody waits for",)
    if display.way == "osd" and display.shown:
        return but(case, test_look=replace(look, in_picture=True)), ("the camera shows the code",)
    text = Text(f"Kameran kan inte skriva i bilden. Skriv koden {look.code} på kortet, håll upp det och starta testtitten igen med 'kortet hålls upp'.",
                f"The camera cannot write into its picture. Write the code {look.code} on the card, hold it up and start the test look again with 'card held'.")
    return with_task(but(case, test_look=None), "test-look", text, now), ("no code in the picture: a card is needed",)


def _cleared(case: Case) -> Case:
    return but(case, test_look=replace(case.test_look, cleared=True)) if case.test_look is not None else case


def _left_in_picture(case: Case, effect: fx.HideCode, now: datetime) -> Case:
    """Said, and gone on with: before a card the operator may read the older code, which then is refused."""
    text = Text("Engångskoden står kvar i bilden. Ta bort texten (OSD) i kamerans webbsida.",
                "The one-time code is still in the picture. Remove the text (OSD) in the camera's web page.")
    case = _cleared(case) if effect.keep_view else but(case, code_in_picture=False)
    return with_task(case, "code-in-picture", text, now)


def _retired(case: Case, retirement: Retirement, now: datetime) -> tuple[Case, tuple[str, ...]]:
    case = but(case, retirement=retirement)
    if retirement.state == "verified":
        return case, (f"the camera is cleared; receipt {retirement.receipt_ref}",)
    return with_task(case, "wipe-at-depot", _wipe(case, retirement), now), (f"the camera is not proved clear: {retirement.state}",)


def _wipe(case: Case, retirement: Retirement) -> Text:
    left = [item.sentence for item in retirement.items if item.cleared is not True]
    who = last4(case.expected_serial) if case.expected_serial else "-"
    return Text(" ".join((f"Kameran som slutar på {who} är inte bevisat rensad: rensa den i depån (provisioner camera retire).", *(one.sv for one in left))),
                " ".join((f"The camera whose serial ends in {who} is not proved clear: clear it at the depot (provisioner camera retire).", *(one.en for one in left))))


def given_up(case: Case, errand: Errand, now: datetime) -> Case | None:
    """What becomes of a camera errand whose patience is over where the home must not wait for it; None where a person must act first."""
    match errand.effect:
        case fx.MarkCamera():
            return _unmarked(case, now)
        case fx.HideCode():
            return _left_in_picture(case, errand.effect, now)
        case fx.RetireCamera():
            return _retired(case, Retirement("not_verified", (), "none", "", now), now)[0]
        case _:
            return None
