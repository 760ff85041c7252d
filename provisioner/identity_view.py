"""The judgement of the camera as people and machines are shown it: the verdict, and a sentence for each piece that it stands on. Pure."""

from typing import Any

from provisioner.case.dossier import IdentityFinding
from provisioner.case.evidence import Agrees
from provisioner.case.identity import finding_of
from provisioner.case.model import Case
from provisioner.fault import Text

_VERDICTS = {"confirmed": Text("bekräftad", "confirmed"), "probable": Text("trolig", "probable"), "unknown": Text("okänd", "unknown"),
             "conflicting": Text("motstridig", "conflicting"), "impossible": Text("en annan kamera", "another camera")}
_SIGNS = {Agrees.YES: "+", Agrees.NO: "-", Agrees.UNKNOWN: "?"}


def identity_view(case: Case, language: str) -> dict[str, Any] | None:
    """The last judgement of the case's camera as JSON-able values, texts in `language`; None before there is one.

    No value that was read is in it: the sentences say what a piece means, and an address or a certificate means nothing to a person.
    """
    if case.judged is None:
        return None
    return {**finding_view(finding_of(case.judged), language), "marker": case.judged.marker, "known_before": case.judged.pinned is not None,
            "unread": [one.asked for one in case.identity.unread] if case.identity is not None else []}


def finding_view(finding: IdentityFinding, language: str) -> dict[str, Any]:
    """A judgement as JSON-able values."""
    return {"verdict": finding.verdict.value, "verdict_text": _VERDICTS[finding.verdict].in_language(language), "help": finding.help.in_language(language),
            "evidence": [{"kind": item.evidence.kind.value, "against": item.against, "agrees": item.agrees.value, "weight": item.weight.value,
                          "text": item.sentence.in_language(language)} for item in finding.items]}


def finding_lines(view: dict[str, Any]) -> list[str]:
    """The view of a judgement as lines for a terminal: what agrees, what differs, what says nothing."""
    return [f"{_SIGNS[Agrees(piece['agrees'])]} {piece['text']}" for piece in view["evidence"]]
