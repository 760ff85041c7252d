"""Sentences of the stories about the check of a camera's view, and what people say beside it."""

from provisioner.case import inputs as i
from tests.case.story import PERSON, says, sentence
from tests.case.world import CaseWorld, frame, scene


@sentence(r"the camera checks the view and finds (nothing|[a-z_, ]+?)( over the bed)?")
def _checks(w: CaseWorld, kinds: str, over_bed: str | None) -> None:
    names = [] if kinds == "nothing" else kinds.split(", ")
    taken = min(3, w.ask("judge_frame").effect.asked.frames_most)
    w.answer("judge_frame", i.FrameJudged(frame(w.now, frames=taken, scene=scene(*names, over_bed=over_bed is not None))))


@sentence(PERSON + r" draws the bed(?:, (\d+) cm between the points)?")
def _bed(w: CaseWorld, who: str, apart_cm: str | None) -> None:
    tapped = ((-0.5, -0.5), (0.5, -0.5)) if apart_cm else ()
    says(w, who, i.BedDrawn(((-0.5, -0.5), (0.5, -0.5), (0.4, 0.0), (-0.4, 0.0)), tapped, int(apart_cm or 0)))


@sentence(PERSON + r" gives the floor plan: (.+)")
def _plan(w: CaseWorld, who: str, plan: str) -> None:
    says(w, who, i.FloorPlanGiven(plan, 2.4))


@sentence(PERSON + r" marks (?:finding (\d+)|a reflection): (.+)")
def _marks(w: CaseWorld, who: str, number: str | None, words: str) -> None:
    says(w, who, i.ReflectionMarked(words, int(number or 0)))


@sentence(PERSON + r" rejects finding (\d+): (.+)")
def _rejects_finding(w: CaseWorld, who: str, number: str, words: str) -> None:
    says(w, who, i.ReflectionRejected(int(number), words))


@sentence(PERSON + r" answers for (\w+): (.+)")
def _answers_for(w: CaseWorld, who: str, block: str, reason: str) -> None:
    says(w, who, i.ViewBlockOverridden(block, reason))
