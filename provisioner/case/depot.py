"""The first touch of a camera: what the depot may pin of it, and when it may not. Pure; `provisioner camera pin` reads, asks here, and keeps.

At the depot a person holds the camera and its label, so a number that proves little over the network (a maker's long form, a placeholder) may be pinned
together with the body that told it: from then on the camera is known by that. What may never be pinned is a camera at odds with its own label, or one that
nobody had to log in to; and over another camera's dossier only with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.case.dossier import IdentityFinding, judge, marks_of
from provisioner.case.evidence import LABELS, PINNED_BODY, READBACKS, Agrees, Dossier, IdentityPolicy, Verdict
from provisioner.case.identifiers import last4
from provisioner.case.outcome import Refusal, refuse
from provisioner.fault import Text


@dataclass(frozen=True, slots=True)
class Pinning:
    """What to pin, the judgement behind it, and what the person should know of its worth."""

    dossier: Dossier
    finding: IdentityFinding
    note: Text


_WELL = Text("Kameran är inläst. Den känns igen på sitt nummer och på sig själv.", "The camera is read in. It is known by its number and by itself.")
_BY_NUMBER = Text("Kameran är inläst, men bara numret kunde läsas. Slå på HTTPS i den och läs in den igen.",
                  "The camera is read in, but only its number could be read. Switch HTTPS on in it and read it in again.")


def pinning(serial: str, seen: Dossier, pinned: Dossier | None, policy: IdentityPolicy, *, again: bool, held_by_others: Mapping[str, int]) -> Pinning | Refusal:
    """The dossier to keep of the camera with this label, or why not. `seen` holds the label too. `again`: a person has said why the pinned one is to be
    replaced. `held_by_others`: how many of the values of `seen` are pinned under each other serial number."""
    alone = judge(serial, None, seen, policy)
    if alone.verdict in (Verdict.CONFLICTING, Verdict.IMPOSSIBLE):
        return Refusal("identity_differs", alone.help, "serial")
    if not seen.values(*READBACKS):
        return refuse("read_without_login", "Kameran svarade utan inloggning, och vem som helst kan svara så. Slå på inloggningen och läs in den igen.",
                      "The camera answered without a login, and anybody can answer so. Switch the login on and read it in again.", "user")
    body = Dossier(tuple(item for item in seen.evidence if item.kind in PINNED_BODY), seen.at)
    marks = marks_of(body.evidence)
    twin = next((other for other, count in sorted(held_by_others.items()) if len(marks) >= 2 and count >= len(marks)), None)
    if twin is not None and not again:
        return refuse("pinned_as_another", f"Just den här kameran är redan inläst under ett annat serienummer (slutar på {last4(twin)}). Kontrollera etiketten.",
                      f"This very camera is read in already under another serial number (ending in {last4(twin)}). Check the label.", "serial")
    finding = alone if pinned is None else judge(serial, pinned, seen, policy)
    if pinned is not None and not again and not _known_again(finding):
        return refuse("pinned_differs", "Det här är inte samma kamera som lästes in under numret, eller så är dess kort bytt. Är det rätt: --again och skälet.",
                      "This is not the camera that was read in under the number, or its board was replaced. If it is right: --again and the reason.", "again")
    kept = seen
    if pinned is not None and not again:
        kinds = {item.kind for item in seen.evidence if item.value} | set(LABELS)
        kept = Dossier((*seen.evidence, *(item for item in pinned.evidence if item.kind not in kinds)), pinned.at)
    return Pinning(kept, finding, _WELL if marks else _BY_NUMBER)


def _known_again(finding: IdentityFinding) -> bool:
    """Whether nothing speaks against it and, where the body was pinned, something of it was recognised."""
    body = [item for item in finding.items if item.against == "pinned" and item.evidence.kind in PINNED_BODY]
    return not any(item.counts_against for item in finding.items) and (not body or any(item.agrees is Agrees.YES for item in body))
