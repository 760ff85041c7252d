"""How a camera is set before it may watch a home (D15): what was found, what was wanted, whether it was set and read back, how it was proved.

`judge_posture` is where raw answers end: scopes, picture texts and account names may hold a name or an address (H12), so a finding keeps counts and
never the text. Only the `Posture` goes to a case, a journal, a log or a page.

What the camera cannot do is `unsupported`; what could not be asked is `unknown`, with its fault; neither is ever a no. Which of them a camera may have is
for the device profile to say, each with a reason. Sound and recordings found on are never excused (H8), nor is a default password or access without a
login, and for these not even a doubt (H9).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from provisioner.case.firmware import compare_firmware
from provisioner.case.impersonal import Technical, personal_osd, personal_scopes
from provisioner.case.posture_items import CLOCK_OFF_MOST_S, ITEMS, Item, State
from provisioner.fault import Fault, FaultKind, Text


class Proof(StrEnum):
    """How it is known. A success that a camera reports is none: some report it for things they do not do (Tapo user management, quirk 16)."""

    WIRE = "wire"            # seen in the traffic: no audio in the SDP, a refused login
    PICTURE = "picture"      # seen in a frame
    READ_BACK = "read_back"  # asked again after it was set, or simply asked
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer about one item. It may hold personal text: judge it, do not keep it.

    `found` are the profiles with audio, recordings, ports, servers, scopes, accounts, or the one version, mode or account that got in; None where nothing
    was learnt. `off_s` is the clock's offset in seconds. `tried`: we set it, and `found` is what was read afterwards only where `read_back`.
    """

    item: Item
    found: tuple[str, ...] | None = None
    off_s: float | None = None
    proved: Proof = Proof.NOT
    supported: bool = True
    tried: bool = False
    read_back: bool = False
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class PostureWanted:
    """What differs from camera to camera: the approved firmware (empty: none is named), and what may stand on it as text."""

    firmware: str = ""
    technical: Technical = field(default_factory=Technical)


@dataclass(frozen=True, slots=True)
class Excuse:
    """A state of an item that a device profile accepts of its family, with its reason and its source."""

    item: Item
    state: State
    because: Text
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One item judged. `count` is how many of them were found; `fault` why it could not be asked; `excused` the profile's reason, where it gave one."""

    item: Item
    wanted: Text
    state: State
    tried: bool
    read_back: bool
    proved: Proof
    sentence: Text
    count: int | None = None
    fault: Fault | None = None
    excused: Text | None = None


@dataclass(frozen=True, slots=True)
class Posture:
    """All items, in the order of the list. `blocking` are those that keep the camera from watching; `acceptable`: none does."""

    findings: tuple[Finding, ...]
    acceptable: bool
    blocking: tuple[Item, ...]


def judge_posture(readings: Iterable[Reading], accepted: Iterable[Excuse] = (), wanted: PostureWanted | None = None) -> Posture:
    """The whole list, whatever was read of it. An item that was not asked is unknown; of two readings of one item the worse counts."""
    read, excuses, goal = tuple(readings), tuple(accepted), wanted if wanted is not None else PostureWanted()
    findings = tuple(_worst(item, tuple(one for one in read if one.item is item), excuses, goal) for item in Item)
    states = {finding.item: finding.state for finding in findings}
    blocking = tuple(finding.item for finding in findings if _blocks(finding) and not _other_clock(finding.item, states))
    return Posture(findings, not blocking, blocking)


def _blocks(finding: Finding) -> bool:
    rule = ITEMS[finding.item]
    if finding.state is State.OK or (finding.state is State.UNSUPPORTED and rule.harmless_without):
        return False
    return finding.excused is None


def _other_clock(item: Item, states: dict[Item, State]) -> bool:
    other = {Item.CLOCK: Item.NTP, Item.NTP: Item.CLOCK}.get(item)
    return other is not None and states[other] is State.OK


_BAD_FIRST = (State.WRONG, State.UNKNOWN, State.UNSUPPORTED, State.OK)


def _worst(item: Item, readings: tuple[Reading, ...], excuses: tuple[Excuse, ...], goal: PostureWanted) -> Finding:
    found = [_finding(one, excuses, goal) for one in readings or (Reading(item),)]
    return min(found, key=lambda finding: (_BAD_FIRST.index(finding.state), repr(finding)))  # any total order will do among equals


def _finding(reading: Reading, excuses: tuple[Excuse, ...], goal: PostureWanted) -> Finding:
    rule = ITEMS[reading.item]
    state, count = _state(reading, goal)
    excused = next((excuse.because for excuse in excuses if excuse.item is reading.item and excuse.state is state), None) if state not in rule.never else None
    sentence = _sentence(reading, state, count, goal)
    if excused is not None:
        sentence = Text(f"{sentence.sv} Godtas: {excused.sv}", f"{sentence.en} Accepted: {excused.en}")
    return Finding(reading.item, rule.wanted, state, reading.tried, reading.read_back, reading.proved, sentence, count, reading.fault, excused)


def _state(reading: Reading, goal: PostureWanted) -> tuple[State, int | None]:
    """The state, and how many things were found that should not be there (or that should)."""
    if not reading.supported or (reading.fault is not None and reading.fault.kind is FaultKind.UNSUPPORTED):
        return State.UNSUPPORTED, None
    if reading.fault is not None or not _answered(reading):
        return State.UNKNOWN, None
    state, count = _judged(reading, goal)
    # what was set is believed when it was read again or seen on the wire or in the picture, and not before
    if state is State.OK and reading.tried and not reading.read_back and reading.proved not in (Proof.WIRE, Proof.PICTURE):
        return State.UNKNOWN, count
    return state, count


def _answered(reading: Reading) -> bool:
    return (reading.off_s if reading.item is Item.CLOCK else reading.found) is not None


def _judged(reading: Reading, goal: PostureWanted) -> tuple[State, int | None]:
    found = reading.found if reading.found is not None else ()
    match ITEMS[reading.item].rule:
        case "empty":
            return _if(not found), len(found)
        case "some":
            return _if(bool(found)), len(found)
        case "scopes":
            personal = personal_scopes(found, goal.technical)
            return _if(not personal), len(personal)
        case "osd":
            personal = personal_osd(found, goal.technical)
            return _if(not personal), len(personal)
        case "discovery":
            modes = {mode.strip().casefold() for mode in found}
            return (_if(modes == {"nondiscoverable"}) if modes and modes <= {"discoverable", "nondiscoverable"} else State.UNKNOWN), None
        case "clock":
            return (State.UNKNOWN if reading.off_s is None or reading.off_s != reading.off_s else _if(abs(reading.off_s) <= CLOCK_OFF_MOST_S)), None
        case "firmware":
            return _firmware(found, goal.firmware), None


def _if(good: bool) -> State:
    return State.OK if good else State.WRONG


def _firmware(found: tuple[str, ...], approved: str) -> State:
    """OK where every text is at least the approved one. Where none is approved nobody can say, and the profile must excuse it."""
    if not approved:
        return State.UNKNOWN
    compared = {compare_firmware(text, approved) for text in found}
    if "older" in compared:
        return State.WRONG
    return State.OK if compared and None not in compared else State.UNKNOWN


_PROVED = {
    Proof.WIRE: Text("sett på nätet", "seen on the wire"), Proof.PICTURE: Text("sett i bilden", "seen in the picture"),
    Proof.READ_BACK: Text("läst tillbaka", "read back"), Proof.NOT: Text("enligt kameran", "by the camera's word"),
}


def _sentence(reading: Reading, state: State, count: int | None, goal: PostureWanted) -> Text:
    rule = ITEMS[reading.item]
    sv, en = rule.wanted.sv, rule.wanted.en
    match state:
        case State.OK:
            how = _PROVED[reading.proved]
            return Text(f"{sv}: ja, {how.sv}.", f"{en}: yes, {how.en}.")
        case State.WRONG:
            much_sv, much_en = (f" (hittade: {count})", f" (found: {count})") if count else ("", "")
            if reading.off_s is not None:
                much_sv, much_en = f" ({reading.off_s:+.0f} s)", f" ({reading.off_s:+.0f} s)"
            set_sv, set_en = ("ändringen tog inte", "the change did not take") if reading.tried else ("nej", "no")
            return Text(f"{sv}: {set_sv}{much_sv}. {rule.fix.sv}", f"{en}: {set_en}{much_en}. {rule.fix.en}")
        case State.UNSUPPORTED:
            return Text(f"{sv}: kameran har inte den funktionen.", f"{en}: the camera does not have that function.")
        case State.UNKNOWN:
            if reading.fault is not None:
                return Text(f"{sv}: gick inte att ta reda på. {reading.fault.hint.sv}", f"{en}: could not be found out. {reading.fault.hint.en}")
            if reading.item is Item.FIRMWARE and reading.found and not goal.firmware:
                return Text(f"{sv}: ingen version är godkänd än. Depån utser en.", f"{en}: no version is approved yet. The depot names one.")
            if reading.tried and not reading.read_back and _answered(reading):
                return Text(f"{sv}: inställt, men inte läst tillbaka. Läs kameran igen.", f"{en}: set, but not read back. Read the camera again.")
            if _answered(reading):
                return Text(f"{sv}: kamerans svar går inte att tolka. Lämna frågan till depån.", f"{en}: the camera's answer cannot be read. Leave it to the depot.")
            return Text(f"{sv}: inte frågat än.", f"{en}: not asked yet.")
