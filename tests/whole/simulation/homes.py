"""The homes, cameras and forms of one seed: what is true in the world, and what people wrote of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from provisioner.case.identifiers import AssetNumber, SerialNumber
from provisioner.case.model import CaseKind, ContactKind, Notice
from provisioner.store.keeping import Person
from simulators.alarm_centre import Binding
from tests.whole.simulation.world import World

CANARIES = ("Kanariefågel Gulfjädersson", "19121212-1212", "Burgatan 7, 2 tr", "013-20 60 00", "kanarie@exempel.se", "SKYDDAD-IDENTITET")
"""Names and numbers of people who do not exist. None may ever be seen on the line or in a log (H6)."""


@dataclass
class Story:
    """One case as its people know it."""

    case_id: str
    number: str
    kind: CaseKind
    serial: SerialNumber
    asset: AssetNumber
    old_site: str
    new_site: str
    handing_over: Notice
    receiving: Notice
    opens_at: datetime
    spare: SerialNumber                       # the camera that would be swapped in
    asked_already: int = 0                    # how often the forms were sent
    neighbour: SerialNumber | None = None     # a camera whose serial differs by one character
    after: "Story | None" = None              # opens only when that one is over
    fallbacks: int = 0
    challenges: int = 0
    persons: list[Person] = field(default_factory=list)


def _serial(rng: Random, seed: int, number: int) -> SerialNumber:
    return SerialNumber(f"ACCC8E{seed % 4096:03X}{number:X}{rng.randrange(256):02X}")


def _persons(form_refs: tuple[str, str]) -> list[Person]:
    name, person_number, address, phone, mail, marking = CANARIES
    fields = {"name": name, "person_number": person_number, "address": address, "phone": phone, "sender_email": mail, "protection": marking}
    return [Person(ref, "form", fields) for ref in form_refs]


def story(world: World, rng: Random, number: int, kind: CaseKind) -> Story:
    """A case of its own: its home, its camera, two forms that agree."""
    seed = world.seed
    serial, spare = _serial(rng, seed, number), _serial(rng, seed, number + 8)
    moves, changes = kind is not CaseKind.PROVIDER_CHANGE_ONLY, kind is not CaseKind.MOVE_ONLY
    opens_at = world.now + timedelta(minutes=rng.choice((1, 30, 300)) * (1 + rng.random()))
    date = (opens_at + timedelta(days=1)).date()
    switch_at = (opens_at + timedelta(hours=rng.choice((0.5, 6, 20, 50)))).replace(microsecond=0) if changes else None
    old_site, new_site = f"site-old-{number}", f"site-new-{number}"
    old = Notice(form_ref=f"form-a-{seed}-{number}", arrived_at=opens_at, person_ref=f"person-{number}", unit_ref=f"unit-old-{number}",
                 provider_ref=f"provider-old-{number}", site_ref=old_site, move_date=date if moves else None, provider_effective_at=switch_at,
                 contacts=(ContactKind.SERVICE_USER, ContactKind.UNIT), serial=serial, asset_number=AssetNumber(f"TK-{10_000 + number}"),
                 decision_ref=f"decision-{number}")
    new = replace(old, form_ref=f"form-b-{seed}-{number}", unit_ref=f"unit-new-{number}", site_ref=new_site if moves else old_site, serial=None,
                  provider_ref=f"provider-new-{number}" if changes else old.provider_ref, keys_signed_out=rng.choice((True, False)),
                  street_key=rng.choice(("yes", "not_required", "missing")), sign_languages=rng.choice((("sv",), ("sv", "so", "fa"))))
    return Story(f"case-{seed}-{number}", f"2026-{seed}-{number}", kind, serial, AssetNumber(f"TK-{10_000 + number}"), old_site,
                 new_site if moves else old_site, old, new, opens_at, spare, persons=_persons((old.form_ref, new.form_ref)))


def rival(world: World, rng: Random, first: Story, number: int) -> Story:
    """A second case that wants the same camera (U35): opened by mistake, by somebody who did not see the first."""
    other = story(world, rng, number, rng.choice(list(CaseKind)))
    old = replace(other.handing_over, serial=first.serial, site_ref=first.old_site, asset_number=first.asset)
    receiving = other.receiving if other.kind is not CaseKind.PROVIDER_CHANGE_ONLY else replace(other.receiving, site_ref=first.old_site)
    other.serial, other.asset, other.old_site, other.handing_over, other.receiving = first.serial, first.asset, first.old_site, old, receiving
    other.new_site = receiving.site_ref
    return other


def sequel(world: World, rng: Random, first: Story, number: int) -> Story:
    """The same camera moves once more, after the first case is over."""
    other = story(world, rng, number, CaseKind.MOVE_ONLY)
    provider = first.receiving.provider_ref
    other.handing_over = replace(other.handing_over, serial=first.serial, site_ref=first.new_site, asset_number=first.asset, provider_ref=provider)
    other.receiving = replace(other.receiving, provider_ref=provider)
    other.serial, other.asset, other.old_site, other.after = first.serial, first.asset, first.new_site, first
    return other


def stories(world: World) -> list[Story]:
    """One to three cases of random kinds."""
    rng = world.rng("homes")
    found = [story(world, rng, 1, rng.choice(list(CaseKind)))]
    if rng.random() < 0.45:
        found.append(story(world, rng, 2, rng.choice(list(CaseKind))))
    what = rng.random()
    if what < 0.2:
        found.append(rival(world, rng, found[0], 3))
    elif what < 0.35:
        found.append(sequel(world, rng, found[0], 3))
    return found


def bindings(world: World, found: list[Story]) -> list[Binding]:
    """What the alarm centre has on its book when the run begins: each camera at its old home, and for some a neighbour with nearly the same serial."""
    rng = world.rng("neighbours")
    book: list[Binding] = []
    for one in found:
        if any(binding.camera_serial == one.serial for binding in book):
            continue
        number = len(book) + 1
        book.append(Binding(f"binding-{world.seed}-{number}", one.serial, one.old_site, one.handing_over.provider_ref, "schedule-night-1", "ACTIVE",
                            rng.randint(1, 9), world.now))
        if rng.random() < 0.5:
            last = one.serial[-1]
            one.neighbour = SerialNumber(one.serial[:-1] + ("7" if last != "7" else "8"))
            book.append(Binding(f"binding-{world.seed}-{number + 1}", one.neighbour, f"site-neighbour-{number}", "provider-other", "schedule-night-1",
                                "ACTIVE", 2, world.now))
    return book
