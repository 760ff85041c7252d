"""Is the camera before the case the case's camera? What was read, the label of this visit and what is pinned, judged together, taken into the case.

- `confirmed` and no foreign mark: the identity stands, and its dossier is kept: the first one, or the pinned one renewed.
- `probable` or `unknown`: nothing speaks against it, and not enough for it. The visit stands; a task says what is missing, and a new scan asks again.
- `conflicting`, `impossible`, or a mark of another binding: the visit is over, and a task says what to do with this camera.
"""

from dataclasses import replace

from provisioner.case import dossier_words as words
from provisioner.case import inputs as i
from provisioner.case.dossier import IdentityFinding, judge, renewed
from provisioner.case.evidence import Agrees, Dossier, Evidence, IdentityPolicy, Kind, Verdict, Weight, macs_of
from provisioner.case.identifiers import SerialNumber, canonical
from provisioner.case.marker import judge_marks
from provisioner.case.model import Case, Identity, Judged, Scan, but
from provisioner.case.policy import Policy
from provisioner.case.serial_formats import SERIAL_FORMATS, has_form
from provisioner.fault import Text

DIFFERS, PROBABLE, MOVED = "identity-differs", "identity-not-certain", "moved-without-provisioning"
"""Keys of the tasks. To the last one the foreign binding's id is added, so that a person who has looked into that mark has said so of no other."""


def seen_of(identity: Identity, label: Scan | None) -> Dossier:
    """All that was seen of the camera: what it told, and the label of this visit. An identity without evidence was read before there was any: what it
    holds by name is its evidence then, as read after a login."""
    named = ((Kind.SERIAL_AFTER_LOGIN, identity.serial_reported), (Kind.MANUFACTURER, identity.manufacturer), (Kind.MODEL, identity.model),
             (Kind.FIRMWARE, identity.firmware), (Kind.HARDWARE_ID, identity.hardware_id))
    told = identity.evidence or tuple(Evidence(kind, value) for kind, value in named if value)
    read = () if label is None else (Evidence(Kind.LABEL_TYPED if label.typed_reason else Kind.LABEL_SCANNED, label.serial),)
    return Dossier((*read, *told), identity.read_at)


def finding_of(judged: Judged) -> IdentityFinding:
    """The judgement again, with its sentences."""
    return judge(judged.expected, judged.pinned, judged.seen, judged.policy)


def scanned_instead(case: Case, scanned: str, expected: SerialNumber | None, policy: Policy) -> tuple[str, Text] | None:
    """What was scanned in place of the expected number, as a refusal's code and words, where that can be seen: a router, a code for a network, the camera's
    MAC address, another camera of this very case. The maker is not known yet, but an Axis number shows itself (it is a MAC address of theirs)."""
    axis = SERIAL_FORMATS["axis_mac"]
    is_axis = any(text and has_form(canonical(text), axis) for text in (scanned, expected))
    others = (*case.replaced_serials, *((case.leaving.new_serial or "",) if case.leaving is not None else ()))
    by = IdentityPolicy("axis_mac" if is_axis else "plain", known_serials=tuple(o for o in others if o), asset_number_pattern=policy.asset_number_pattern)
    macs = macs_of(case.dossier.values(Kind.MAC) if case.dossier is not None else ())
    seen = words.Seen((scanned,), frozenset(), after_login=False, is_pinned=False, label_whole=False, macs=frozenset(macs), expected=expected or "",
                      expected_is_weak=False)
    text = words.wrongly_scanned(scanned, seen, by)
    code = next((code for code, known in _SCANNED.items() if known == text), None)
    return (code, text) if text is not None and code is not None else None


_SCANNED = {"router": words.SCANNED_ROUTER, "camera_mac": words.SCANNED_OWN_MAC, "not_a_serial": words.SCANNED_CODE, "other_camera": words.SCANNED_OTHER_CAMERA}


def judged(case: Case, answer: i.IdentityRead, policy: Policy) -> tuple[Case, tuple[str, Text] | None, tuple[str, ...]]:
    """The case with the judgement in it, the task it raises (key and text), and the decision in words."""
    assert case.expected_serial is not None, "a camera is asked for by its expected serial"
    identity, seen = answer.identity, seen_of(answer.identity, case.visit)
    by = replace(answer.policy, serial_format=identity.serial_format, asset_number_pattern=policy.asset_number_pattern)
    finding = judge(case.expected_serial, answer.pinned, seen, by)
    ours = (*(b.binding_id for b in (case.old_binding, case.new_binding) if b is not None), *_looked_into(case))
    # a mark that was seen on this camera and cannot be read now is still there, for all that is known
    mark = judge_marks(identity.marks if identity.marks is not None else _still_open(case) or None, ours)
    judgement = Judged(finding.verdict, mark.verdict, case.expected_serial, seen, answer.pinned, by)
    case = but(case, judged=judgement)
    why = (f"identity {finding.verdict}: {finding.help.en}", *_pieces(finding))
    if finding.verdict in (Verdict.CONFLICTING, Verdict.IMPOSSIBLE):
        return but(case, identity=None, visit=None), (DIFFERS, finding.help), ("refused: " + why[0], *why[1:])
    if mark.verdict == "moved_without_provisioning":
        foreign = next(one for one in mark.binding_ids if one not in ours)  # one at a time: each is a question of its own
        return but(case, identity=None, visit=None), (f"{MOVED}-{foreign}", mark.help), (f"refused: {mark.help.en}", *why)
    if finding.verdict is not Verdict.CONFIRMED:
        return but(case, identity=None), (PROBABLE, finding.help), why
    kept = seen if answer.pinned is None else renewed(answer.pinned, seen, finding)
    return but(case, identity=identity, dossier=kept), None, why


def _pieces(finding: IdentityFinding) -> tuple[str, ...]:
    """A sentence for each piece that says something."""
    return tuple(f"{item.sentence.en} ({item.weight})" for item in finding.items if item.agrees is not Agrees.UNKNOWN and item.weight is not Weight.NONE)


def _still_open(case: Case) -> tuple[str, ...]:
    return tuple(t.key.removeprefix(f"{MOVED}-") for t in case.tasks if t.key.startswith(f"{MOVED}-") and t.done is None)


def _looked_into(case: Case) -> tuple[str, ...]:
    """Bindings whose mark a person has looked into and let pass: a mark may have been left behind by a move long ago."""
    begins = f"{MOVED}-"
    return tuple(t.key.removeprefix(begins) for t in case.tasks if t.key.startswith(begins) and t.done is not None and t.done.by != "daemon")
