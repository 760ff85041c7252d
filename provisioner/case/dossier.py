"""Is this the camera? Many small pieces of evidence, each weighed and explained, and one verdict.

A serial number is not an identity: makers ship one number in a whole series, clones copy it, hands mistype it. So the expected number is compared with
everything that can be read, and everything that can be read with what the first touch at the depot pinned. The rules:

- `confirmed` needs two independent readings of the whole expected number, the label and what the camera proves or tells after login (D2), and nothing
  that speaks against it. A camera whose maker tells one number in a whole series has no second reading; there two of certificate, endpoint reference
  and MAC addresses as the depot pinned them under that label stand for it. Where the expected number itself is weak, the same two must be as pinned
  besides. Where the depot pinned any of the three, one of them must be recognised (or the verified device certificate): a clone that hides them all has
  the number only.
- `probable`: something that counts speaks for it and nothing against it.
- `unknown`: nothing that counts was learnt either way. It is no fifth result, it is the absence of one.
- `conflicting`: evidence speaks both ways, or against it without being certain. The camera is put aside until a person has looked (quarantine).
- `impossible`: it is certainly another camera. Either the maker's own certificate says so, or everything by which the depot knew the body has changed,
  or a strong reading shows another number and nothing that counts speaks for the expected one.

Absence is unknown and never a no; an unknown changes nothing; the order of the evidence does not matter; more that agrees never lowers the verdict and
more that strongly contradicts never raises it (held by properties in the tests). Firmware may change. A new TLS certificate alone is what a factory
reset leaves and is explained, not held against the camera.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from provisioner.case import dossier_words as words
from provisioner.case.evidence import (
    LABELS,
    PINNED_BODY,
    READBACKS,
    SERIAL_KINDS,
    TOLD,
    WORTH,
    Agrees,
    Dossier,
    Evidence,
    IdentityPolicy,
    Kind,
    Verdict,
    Weight,
    macs_of,
)
from provisioner.case.identifiers import canonical, edit_distance_at_most_1
from provisioner.case.serial_formats import Likeness, likeness
from provisioner.case.weak_serials import mac_digits, why_weak
from provisioner.fault import Text


@dataclass(frozen=True, slots=True)
class Weighed:
    """One piece of evidence, judged against the expected number or against the pinned dossier. `partly`: only the maker's short form agrees."""

    evidence: Evidence
    against: Literal["expected", "pinned", "nothing"]
    agrees: Agrees
    weight: Weight
    sentence: Text
    partly: bool = False

    @property
    def counts_for(self) -> bool:
        """Whether it speaks for the camera with a weight that moves a verdict."""
        return self.agrees is Agrees.YES and self.weight.counts

    @property
    def counts_against(self) -> bool:
        """Whether it speaks against it with a weight that moves a verdict."""
        return self.agrees is Agrees.NO and self.weight.counts


@dataclass(frozen=True, slots=True)
class IdentityFinding:
    """The verdict, everything it rests on, and one next action for the person with the camera in hand."""

    verdict: Verdict
    items: tuple[Weighed, ...]
    help: Text


def judge(expected: str, pinned: Dossier | None, seen: Dossier, policy: IdentityPolicy) -> IdentityFinding:
    """Whether `seen` is the camera with the serial number `expected`, the one that the depot `pinned`."""
    judgement = _Judgement(expected, pinned, seen, policy)
    items = tuple(judgement.items())
    verdict = _verdict(items, judgement.expected_is_weak, judgement.body_is_hidden(items))
    return IdentityFinding(verdict, items, words.help_for(verdict, judgement.for_help(items), policy))


def _verdict(items: tuple[Weighed, ...], expected_is_weak: bool, body_is_hidden: bool) -> Verdict:
    against = [item for item in items if item.counts_against]
    for_it = [item for item in items if item.counts_for]
    if _is_certainly_another(items):
        return Verdict.IMPOSSIBLE
    if against:
        strong = any(item.weight is Weight.STRONG for item in against)
        return Verdict.IMPOSSIBLE if strong and not for_it else Verdict.CONFLICTING
    is_enough = not body_is_hidden and (not expected_is_weak or len(_body(items, Agrees.YES)) >= 2)
    if is_enough and _read_whole(items, LABELS) and (_read_whole(items, READBACKS) or _known_by_its_body(items)):
        return Verdict.CONFIRMED
    return Verdict.PROBABLE if for_it else Verdict.UNKNOWN


def _known_by_its_body(items: tuple[Weighed, ...]) -> bool:
    """Whether a camera that told a number which says nothing, after login, is the one that the depot pinned under this label: two of three agree."""
    told = any(item.evidence.kind is Kind.SERIAL_AFTER_LOGIN and item.against == "expected" for item in items)
    return told and len(_body(items, Agrees.YES)) >= 2


def _is_certainly_another(items: tuple[Weighed, ...]) -> bool:
    if any(item.counts_against and item.weight is Weight.PROOF for item in items):
        return True
    return _body(items, Agrees.NO) == set(PINNED_BODY)


def _body(items: tuple[Weighed, ...], agrees: Agrees) -> set[Kind]:
    """Which of certificate, endpoint reference and MAC addresses are as pinned (YES), or none of them as pinned (NO)."""
    return {item.evidence.kind for item in items if item.against == "pinned" and item.agrees is agrees and item.evidence.kind in PINNED_BODY}


def _read_whole(items: tuple[Weighed, ...], kinds: tuple[Kind, ...]) -> bool:
    return any(item.evidence.kind in kinds and item.against == "expected" and item.agrees is Agrees.YES and not item.partly for item in items)


def tells_another(told: str, expected: str, policy: IdentityPolicy) -> bool:
    """Whether the number that a camera tells after login is another camera's: not the expected one, not its maker's short or long form, and no number that
    says nothing. Enough to leave a camera alone; never enough to take it for the right one."""
    found = canonical(told)
    if not found or (policy.rule.told_is_shared and not edit_distance_at_most_1(found, canonical(expected))):
        return False
    return likeness(found, canonical(expected), policy.rule) is Likeness.DIFFERENT and why_weak(found, policy.shared) is None


def renewed(pinned: Dossier, seen: Dossier, finding: IdentityFinding) -> Dossier:
    """The dossier to keep from now on: of a confirmed camera, with the certificate and the firmware that it has today, and with what the pinned one knew
    nothing of; of any other, as it was."""
    changing = (Kind.TLS_CERTIFICATE, Kind.FIRMWARE)
    fresh = tuple(item for item in _in_order(seen) if item.value and (item.kind in changing or (item.kind not in LABELS and not pinned.values(item.kind))))
    if finding.verdict is not Verdict.CONFIRMED or not fresh:
        return pinned
    kinds = {item.kind for item in fresh}
    return Dossier((*(item for item in pinned.evidence if item.kind not in kinds), *fresh), pinned.at)


def shared_between(dossiers: Iterable[Dossier]) -> tuple[str, ...]:
    """The numbers, addresses, endpoint references and certificates that more than one camera of the fleet has, for `IdentityPolicy.shared`.

    One dossier a camera; what it says twice counts once.
    """
    count = Counter(value for dossier in dossiers for value in marks_of(dossier.evidence))
    return tuple(sorted(value for value, times in count.items() if times > 1))


def marks_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """What is counted of one camera for `shared_between`: its numbers, addresses, endpoint reference and certificate, bare and each once."""
    kinds = (*PINNED_BODY, Kind.SERIAL_AFTER_LOGIN, Kind.SERIAL_ANONYMOUS)
    found = {_bare_evidence(item) for item in evidence if item.kind in kinds}
    return tuple(sorted(value for value in found if value))


class _Judgement:
    """One judgement under way: the expected number and the pinned values in the form in which they are compared."""

    def __init__(self, expected: str, pinned: Dossier | None, seen: Dossier, policy: IdentityPolicy) -> None:
        self.policy, self.rule, self.seen = policy, policy.rule, seen
        self.expected = canonical(expected)
        self.shared = tuple(_bare(text) for text in policy.shared)
        self.expected_is_weak = why_weak(self.expected, self.shared) is not None
        self.pinned = _in_order(pinned) if pinned is not None else ()
        self.evidence = _in_order(seen)
        self.now, self.then = self._known(self.evidence), self._known(self.pinned)

    def for_help(self, items: tuple[Weighed, ...]) -> words.Seen:
        """What the next action depends on."""
        told = self.now[Kind.SERIAL_AFTER_LOGIN]
        tells_another = any(item.counts_against and item.against == "expected" and item.evidence.kind in TOLD for item in items)
        return words.Seen(
            scanned=tuple(text for text in self.seen.values(*LABELS) if canonical(text)), told=frozenset(told),
            after_login=bool(self.seen.values(*READBACKS)), is_pinned=bool(self.pinned), label_whole=_read_whole(items, LABELS),
            macs=frozenset(self.now[Kind.MAC] | self.then[Kind.MAC]), expected=self.expected, expected_is_weak=self.expected_is_weak,
            body_is_hidden=self.body_is_hidden(items), tells_another=tells_another)

    def body_is_hidden(self, items: tuple[Weighed, ...]) -> bool:
        """Whether the depot knew the body by something and nothing of it was recognised. A verified device certificate is the body."""
        proved = any(item.counts_for and item.evidence.kind is Kind.DEVICE_CERTIFICATE for item in items)
        return any(self.then[kind] for kind in PINNED_BODY) and not proved and not _body(items, Agrees.YES)

    def _known(self, evidence: tuple[Evidence, ...]) -> dict[Kind, set[str]]:
        """The comparable values by kind. Kinds that read the same thing in another way know each other's."""
        known: dict[Kind, set[str]] = {kind: set() for kind in Kind}
        for item in evidence:
            if value := self._comparable(item):
                for kind in _COMPARED_WITH.get(item.kind, (item.kind,)):
                    known[kind].add(value)
        return known

    def _comparable(self, item: Evidence) -> str:
        """The value as it is compared; empty where it says nothing."""
        match item.kind:
            case Kind.MAC | Kind.SCOPE_MAC:
                return next(iter(macs_of((item.value,), self.shared)), "")
            case Kind.TLS_CERTIFICATE | Kind.ENDPOINT_REFERENCE:
                bare = _bare_evidence(item)
                return "" if bare in self.shared or set(bare) <= {"0"} else bare
            case kind if kind in SERIAL_KINDS:
                return canonical(item.value)
            case _:
                # A dash, or a colon, stands for nothing at all: some cameras fill their model in so. Unknown is no contradiction.
                return " ".join(item.value.split()).casefold() if _bare(item.value) else ""

    def items(self) -> Iterator[Weighed]:
        """Every piece that was seen, and every pinned kind that was not."""
        for item in self.evidence:
            value = self._comparable(item)
            found = [weighed for weighed in (self._with_expected(item, value), self._with_pinned(item, value)) if weighed is not None]
            yield from found or [Weighed(item, "nothing", Agrees.UNKNOWN, Weight.NONE, words.nothing_to_compare(item.kind) if value else words.silent(item.kind))]
        for missing in {item.kind: item for item in reversed(self.pinned) if not self.now[item.kind]}.values():
            yield Weighed(missing, "pinned", Agrees.UNKNOWN, Weight.NONE, words.not_read(missing.kind))

    def _with_expected(self, item: Evidence, value: str) -> Weighed | None:
        worth = WORTH[item.kind]
        if not value or worth.expected_agrees is None or worth.expected_differs is None:
            return None
        if item.kind in (Kind.MAC, Kind.SCOPE_MAC):
            return self._mac_with_expected(item, value, worth.expected_agrees, worth.expected_differs)
        if item.kind is Kind.DEVICE_CERTIFICATE and not self.policy.device_certificate_names_serial:
            return None
        like, weak = likeness(value, self.expected, self.rule), why_weak(value, self.shared)
        if like is Likeness.DIFFERENT:
            if item.kind in TOLD and (weak or self.rule.told_is_shared) and not edit_distance_at_most_1(value, self.expected):
                return Weighed(item, "expected", Agrees.UNKNOWN, Weight.NONE, words.placeholder(item.kind, weak))
            return Weighed(item, "expected", Agrees.NO, worth.expected_differs, words.other_number(item.kind))
        if weak:
            return Weighed(item, "expected", Agrees.YES, Weight.HINT, words.weak_number(item.kind, weak))
        if like is Likeness.PART and value not in self.then[item.kind]:
            return Weighed(item, "expected", Agrees.YES, _at_most_medium(worth.expected_agrees), words.part_of_number(item.kind), partly=True)
        return Weighed(item, "expected", Agrees.YES, worth.expected_agrees, words.expected_number(item.kind))

    def _mac_with_expected(self, item: Evidence, value: str, agrees: Weight, differs: Weight) -> Weighed | None:
        """Only where the maker's serial number is a MAC address. One interface that shows it is enough; the others then say nothing."""
        if not self.rule.is_mac or mac_digits(self.expected) is None:
            return None
        if value == self.expected:
            return Weighed(item, "expected", Agrees.YES, agrees, words.expected_number(item.kind))
        if self.expected in self.now[item.kind]:
            return Weighed(item, "expected", Agrees.UNKNOWN, Weight.NONE, words.further_interface(item.kind))
        return Weighed(item, "expected", Agrees.NO, differs, words.other_number(item.kind))

    def _with_pinned(self, item: Evidence, value: str) -> Weighed | None:
        worth, then = WORTH[item.kind], self.then[item.kind]
        if not value or not then:
            return None
        if item.kind in SERIAL_KINDS:
            return self._serial_with_pinned(item, value)
        if value in then:
            return Weighed(item, "pinned", Agrees.YES, worth.pinned_agrees or Weight.NONE, words.as_pinned(item.kind))
        if self.now[item.kind] & then:
            return Weighed(item, "pinned", Agrees.UNKNOWN, Weight.NONE, words.further_interface(item.kind))
        return Weighed(item, "pinned", Agrees.NO, worth.pinned_differs or Weight.NONE, words.not_as_pinned(item.kind))

    def _serial_with_pinned(self, item: Evidence, value: str) -> Weighed:
        worth, then = WORTH[item.kind], self.then[item.kind]
        weak = why_weak(value, self.shared)
        if value in then:
            return Weighed(item, "pinned", Agrees.YES, Weight.HINT if weak else worth.pinned_agrees or Weight.NONE, words.as_pinned(item.kind))
        if any(likeness(value, other, self.rule) is Likeness.PART for other in then):
            return Weighed(item, "pinned", Agrees.YES, Weight.HINT, words.as_pinned(item.kind))
        if all(why_weak(other, self.shared) for other in then) or (item.kind in TOLD and self.rule.told_is_shared):
            return Weighed(item, "pinned", Agrees.NO, Weight.HINT, words.placeholder_changed(item.kind))
        differs = worth.pinned_differs or Weight.NONE
        return Weighed(item, "pinned", Agrees.NO, _at_most_medium(differs) if weak else differs, words.not_as_pinned(item.kind))


_PLACE = {kind: place for place, kind in enumerate(Kind)}
_COMPARED_WITH = {
    Kind.LABEL_SCANNED: LABELS, Kind.LABEL_TYPED: LABELS,
    Kind.SERIAL_AFTER_LOGIN: (Kind.SERIAL_AFTER_LOGIN, Kind.SERIAL_ANONYMOUS), Kind.SERIAL_ANONYMOUS: (Kind.SERIAL_AFTER_LOGIN, Kind.SERIAL_ANONYMOUS),
}
"""Kinds that read the same thing in another way are compared with one another."""


def _in_order(dossier: Dossier) -> tuple[Evidence, ...]:
    """Each piece once, in the table's order, so that neither order nor repetition can matter."""
    return tuple(sorted(set(dossier.evidence), key=lambda item: (_PLACE[item.kind], item.value)))


def _bare(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _bare_evidence(item: Evidence) -> str:
    return _bare(item.value.strip().lower().removeprefix("urn:").removeprefix("uuid:"))


def _at_most_medium(weight: Weight) -> Weight:
    return Weight.MEDIUM if weight in (Weight.STRONG, Weight.PROOF) else weight
