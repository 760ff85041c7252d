"""What is said of a key, taken in or refused; and what follows of it: whether a side's keys are settled (R5, R14), and what is still to be done about one."""

import re
from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.keys import GONE, SAYABLE, SETTLED, KeyKind, KeyRecord, KeySide, KeyStatus
from provisioner.case.kinds import Duty, Role
from provisioner.case.model import Case, Done, but
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.policy import Policy
from provisioner.case.tasks import with_task, without_task
from provisioner.fault import Text

DUTY_OF = {KeySide.HANDING_OVER: Duty.KEYS_RETURNED, KeySide.RECEIVING: Duty.KEYS_SIGNED_OUT}
_NAMES = {KeyKind.DWELLING: Text("nyckeln till bostaden", "the key to the dwelling"),
          KeyKind.STREET_DOOR: Text("nyckeln eller taggen till ytterporten", "the key or tag to the street door")}
_SIDES = {KeySide.HANDING_OVER: Text("Överlämnande verksamhet", "Handing-over unit"), KeySide.RECEIVING: Text("Mottagande verksamhet", "Receiving unit")}
_CODE = re.compile(r"\d{4}")


def keys_of(case: Case, side: KeySide) -> tuple[KeyRecord, ...]:
    """Both keys of a side as they stand: what was last said of each; before that what the receiving form answered (R20), or UNKNOWN."""
    return tuple(next((one for one in reversed(case.keys) if (one.side, one.key) == (side, kind)), None) or _of_form(case, side, kind) for kind in KeyKind)


def _of_form(case: Case, side: KeySide, kind: KeyKind) -> KeyRecord:
    form, status = case.receiving, KeyStatus.UNKNOWN
    if form is None or side is KeySide.HANDING_OVER:
        return KeyRecord(side, kind, status, "", case.opened_at)
    if kind is KeyKind.DWELLING:
        status = {True: KeyStatus.SIGNED_OUT, False: KeyStatus.MISSING, None: KeyStatus.UNKNOWN}[form.keys_signed_out]
    else:
        status = {"yes": KeyStatus.SIGNED_OUT, "not_required": KeyStatus.NOT_REQUIRED, "missing": KeyStatus.MISSING}.get(form.street_key or "", status)
    return KeyRecord(side, kind, status, form.unit_ref, form.arrived_at)


def settled(case: Case, side: KeySide) -> bool:
    """Whether nothing is left to be done about the keys of this side."""
    return DUTY_OF[side] in case.done or all(one.status in SETTLED for one in keys_of(case, side))


def told_gone(case: Case, duty: Duty) -> KeyRecord | None:
    """A key of which somebody has said that it is missing or lost, where `duty` is the confirmation of its side: it cannot be confirmed over that word."""
    side = next((one for one, of in DUTY_OF.items() if of is duty), None)
    if side is None:
        return None
    return next((one for one in keys_of(case, side) if one in case.keys and one.status in GONE), None)


def gone_refusal(gone: KeyRecord) -> Refusal:
    """Why the keys of a side are not confirmed all at once."""
    name = _NAMES[gone.key]
    return refuse("key_missing", f"Om {name.sv} är det sagt att den saknas. Säg först vad som blev av den: key_told side={gone.side} key={gone.key} status=...",
                  f"Of {name.en} it was said that it is missing. First say what became of it: key_told side={gone.side} key={gone.key} status=...", "duty")


def key_told(case: Case, what: i.KeyTold, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R5, R14, R53, one key at a time. What was said before stays in the case; the last word counts. A side whose keys are all settled is confirmed by
    that, and a confirmation falls where a key of it turns out to be missing."""
    if what.status not in SAYABLE[what.side]:
        possible = ", ".join(sorted(SAYABLE[what.side]))
        return refuse("key_status", f"Så kan det inte stå till med den nyckeln: {what.status}. Möjligt: {possible}.",
                      f"That cannot become of that key: {what.status}. Possible: {possible}.", "status")
    if what.status is KeyStatus.WAIVED and (said.role is not Role.TEAM_LEAD or len(what.note) < 10):
        return refuse("no_waiver", "Bara teamledaren får efterge en nyckel, med ett skäl på minst 10 tecken.",
                      "Only the team lead may waive a key, with a reason of at least 10 characters.", "status")
    if _CODE.search(what.note) or _CODE.search(what.holder):
        return refuse("door_code", "Skriv ingen portkod här, och inget som kan läsas som en: fyra siffror i rad.",
                      "Write no door code here, nor anything that can be read as one: four digits in a row.", "note")
    case = but(case, keys=(*case.keys, KeyRecord(what.side, what.key, what.status, said.by, now, what.holder, what.note)))
    task = f"key-{what.side}-{what.key}".replace("_", "-")
    case = with_task(case, task, _next_action(what.side, what.key, what.status), now) if what.status in GONE else without_task(case, now, task)
    records, duty = keys_of(case, what.side), DUTY_OF[what.side]
    if any(one.status in GONE for one in records):
        return but(case, done={name: done for name, done in case.done.items() if name is not duty})
    if all(one.status in SETTLED for one in records):
        waived = any(one.status is KeyStatus.WAIVED for one in records)
        return but(case, done={**case.done, duty: Done(said.by, now, "one by one", waived)})
    return case


def _next_action(side: KeySide, key: KeyKind, status: KeyStatus) -> Text:
    """One next action for a key that is not there."""
    who, name = _SIDES[side], _NAMES[key]
    if status is KeyStatus.MISSING:
        return Text(f"{who.sv}: {name.sv} saknas. Ring verksamheten och säg sedan vad som blev av den (key_told).",
                    f"{who.en}: {name.en} is missing. Phone the unit, then say what became of it (key_told).")
    return Text(f"{who.sv}: {name.sv} är borta. Låt byta lås eller spärra taggen, och säg det sedan (key_told); annars efterger teamledaren den.",
                f"{who.en}: {name.en} is lost. Have the lock changed or the tag blocked, then say so (key_told); else the team lead waives it.")
