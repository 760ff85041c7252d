"""What the judgement of a camera's identity says to the technician: one sentence for each piece of evidence, and one next action.

No sentence repeats a number or an address: it may be read aloud, and it may stand in a log.
"""

import re
from dataclasses import dataclass

from provisioner.case.evidence import TOLD, WORTH, IdentityPolicy, Kind, Verdict
from provisioner.case.identifiers import canonical, edit_distance_at_most_1, looks_like_asset_number
from provisioner.case.serial_formats import has_form
from provisioner.case.weak_serials import mac_digits
from provisioner.fault import Text


def _about(kind: Kind, sv: str, en: str) -> Text:
    name = WORTH[kind].name
    return Text(f"{name.sv[0].upper()}{name.sv[1:]} {sv}", f"The {name.en} {en}")


def _because(text: Text, why: Text) -> Text:
    return Text(f"{text.sv} {why.sv}", f"{text.en} {why.en}")


def expected_number(kind: Kind) -> Text:
    """It shows the expected number."""
    return _about(kind, "stämmer med det väntade serienumret.", "agrees with the expected serial number.")


def part_of_number(kind: Kind) -> Text:
    """The maker's short form agrees, no more."""
    return _about(kind, "stämmer med den unika delen av det väntade serienumret, men inte med hela. Det räcker för troligt, inte för säkert.",
                  "agrees with the unique part of the expected serial number, but not with all of it. That is enough for probable, not for certain.")


def weak_number(kind: Kind, why: Text) -> Text:
    """It agrees, and that proves nothing."""
    return _because(_about(kind, "stämmer med det väntade numret, men det bevisar inget.", "agrees with the expected number, but that proves nothing."), why)


def other_number(kind: Kind) -> Text:
    """It shows another number."""
    if kind in (Kind.MAC, Kind.SCOPE_MAC):
        return _about(kind, "innehåller inte det väntade serienumret, som hos det här märket är en MAC-adress.",
                      "does not contain the expected serial number, which is a MAC address with this make.")
    return _about(kind, "är ett annat nummer än det väntade." if kind in TOLD else "visar ett annat nummer än det väntade.",
                  "is another number than the expected one." if kind in TOLD else "shows another number than the expected one.")


def placeholder(kind: Kind, why: Text | None) -> Text:
    """The camera tells a number that says nothing."""
    return _because(_about(kind, "säger inget om vilken kamera det är.", "says nothing about which camera it is."),
                    why or Text("Märket uppger samma nummer i många kameror.", "The make tells one number in many cameras."))


def as_pinned(kind: Kind) -> Text:
    """As at the depot."""
    return _about(kind, "stämmer med det som depån läste.", "agrees with what the depot read.")


def not_as_pinned(kind: Kind) -> Text:
    """Not as at the depot, with what explains it where something does."""
    if kind is Kind.FIRMWARE:
        return _about(kind, "är en annan än vid depån. Det är ingen motsägelse: firmware ska bytas.",
                      "is another than at the depot. That is no contradiction: it is meant to change.")
    if kind is Kind.TLS_CERTIFICATE:
        return _about(kind, "är ett annat än vid depån. Ensamt förklaras det av en fabriksåterställning.",
                      "is another than at the depot. Alone, a factory reset explains it.")
    return _about(kind, "stämmer inte med det som depån läste.",
                  "does not agree with what the depot read.")


def placeholder_changed(kind: Kind) -> Text:
    """It differs from a pinned number that said nothing."""
    return _about(kind, "är ett annat än vid depån, men numret därifrån sade inget om vilken kamera det är.",
                  "is another than at the depot, but the one read there said nothing about which camera it is.")


def further_interface(kind: Kind) -> Text:
    """Another of the same kind agrees already."""
    return _about(kind, "har fler värden än det som stämmer; de räknas inte.", "has more values than the one that agrees; they do not count.")


def not_read(kind: Kind) -> Text:
    """Pinned, and not read this time."""
    return _about(kind, "kunde inte läsas den här gången. Det räknas inte emot kameran.", "could not be read this time. That does not count against the camera.")


def silent(kind: Kind) -> Text:
    """Read, and without a usable value."""
    return _about(kind, "gav inget användbart värde: tomt, trasigt eller delat av flera kameror.", "gave no usable value: empty, broken or shared by several cameras.")


def nothing_to_compare(kind: Kind) -> Text:
    """Read, and nothing to compare it with."""
    return _about(kind, "har inget att jämföras med: depån har inte läst det.", "has nothing to be compared with: the depot did not read it.")


# ---- the next action -------------------------------------------------------------------------------------------------------------

CONFIRMED = Text("Det är rätt kamera. Gå vidare.", "It is the right camera. Go on.")
PROBABLE_LABEL = Text("Det är troligen rätt kamera. Skanna etiketten på kameran, så att två läsningar stämmer.",
                      "It is probably the right camera. Scan the label on the camera, so that two readings agree.")
PROBABLE_LOGIN = Text("Det är troligen rätt kamera. Låt kameran läsas med inloggning, så att två läsningar stämmer.",
                      "It is probably the right camera. Let the camera be read with a login, so that two readings agree.")
PROBABLE_ANONYMOUS = Text("Det är troligen rätt kamera, men den svarade utan inloggning. Slå på inloggningen i kameran och läs den igen.",
                          "It is probably the right camera, but it answered without a login. Switch the login on in the camera and read it again.")
PROBABLE_BODY = Text("Numret stämmer, men inget av det som depån kände igen själva kameran på kunde läsas. Läs den igen; hjälper det inte, låt depån se den.",
                     "The number agrees, but nothing could be read by which the depot knew the camera itself. Read it again; if that fails, show it to the depot.")
PROBABLE_DEPOT = Text("Det är troligen rätt kamera, men den säger inte hela sitt nummer. Låt depån läsa in den, så att den känns igen nästa gång.",
                      "It is probably the right camera, but it does not tell its whole number. Let the depot read it in, so that it is known next time.")
PROBABLE_MOST = Text("Det är troligen rätt kamera, men den kan inte visa sitt nummer, och två läsningar krävs. Be arbetsledaren besluta om den ska bytas ut.",
                     "It is probably the right camera, but it cannot show its number, and two readings are required. Ask the team lead whether to swap it.")
UNKNOWN = Text("Inget är läst än som visar vilken kamera det är. Skanna etiketten på kameran.",
               "Nothing was read yet that shows which camera it is. Scan the label on the camera.")
WEAK = Text("Numret finns i många kameror och bevisar inget ensamt. Låt depån läsa in kameran, så att den känns igen på annat än numret.",
            "The number stands in many cameras and proves nothing alone. Let the depot read the camera in, so that it is known by more than the number.")
CONFLICTING = Text("Uppgifterna om kameran går isär. Ställ den åt sidan i karantän, koppla inte in den och ring depån.",
                   "What is known of the camera does not agree. Put it aside in quarantine, do not connect it and phone the depot.")
ANOTHER_ANSWERS = Text("Kameran som svarar uppger ett annat nummer än etiketten. Kontrollera adressen; är den rätt, ställ kameran i karantän och ring depån.",
                       "The camera that answers tells another number than the label. Check the address; if it is right, quarantine the camera and phone the depot.")
OURS_ANSWERS = Text("Det är en annan av våra kameror som svarar. Kontrollera att adressen hör till kameran i handen.",
                    "Another of our cameras answers. Check that the address belongs to the camera in your hand.")
IMPOSSIBLE = Text("Det här är inte ärendets kamera. Leta upp rätt kamera; är detta den enda, ring depån.",
                  "This is not the camera of the case. Find the right one; if this is the only one, phone the depot.")
SCANNED_ROUTER = Text("Det skannade ser ut som en MAC-adress av annat märke. Skannade du routern? Skanna serienumret (S/N) på kameran.",
                      "What was scanned looks like a MAC address of another make. Did you scan the router? Scan the serial number (S/N) on the camera.")
SCANNED_OWN_MAC = Text("Det skannade är kamerans MAC-adress, inte dess serienummer. Skanna streckkoden vid S/N.",
                       "What was scanned is the camera's MAC address, not its serial number. Scan the bar code at S/N.")
SCANNED_ASSET = Text("Det skannade ser ut som ett inventarienummer. Skannade du kommunens märkbricka? Skanna tillverkarens serienummer (S/N).",
                     "What was scanned looks like an asset number. Did you scan the municipality's asset tag? Scan the maker's serial number (S/N).")
SCANNED_OTHER_CAMERA = Text("Det skannade är serienumret på en annan av våra kameror. Kontrollera att du har rätt kamera i handen och rätt ärende framför dig.",
                            "What was scanned is the serial number of another of our cameras. Check that you hold the right camera and have the right case before you.")
SCANNED_CODE = Text("Det skannade är inget serienummer utan en kod för nätverk eller webbadress. Skanna streckkoden vid S/N.",
                    "What was scanned is no serial number but a code for a network or a web address. Scan the bar code at S/N.")
ONE_OFF = Text("Numret skiljer sig på ett enda tecken från det väntade. Skanna etiketten i stället för att skriva; stämmer den ändå inte är det en annan kamera.",
               "The number is one character off the expected one. Scan the label instead of typing; if it still differs, it is another camera.")
NOT_THE_FORM = Text("Det skannade ser inte ut som ett serienummer av det här märket. Skanna streckkoden vid S/N på kameran.",
                    "What was scanned does not look like a serial number of this make. Scan the bar code at S/N on the camera.")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the next action depends on. `told`: the numbers, canonical, that the camera itself tells; `label_whole`: the label showed the whole number;
    `body_is_hidden`: the depot knew the body and nothing of it was recognised; `tells_another`: the camera tells another number than the expected."""

    scanned: tuple[str, ...]
    told: frozenset[str]
    after_login: bool
    is_pinned: bool
    label_whole: bool
    macs: frozenset[str]
    expected: str
    expected_is_weak: bool
    body_is_hidden: bool = False
    tells_another: bool = False


def help_for(verdict: Verdict, seen: Seen, policy: IdentityPolicy) -> Text:
    """One next action: what was wrongly scanned where that can be seen, else what the verdict asks for."""
    match verdict:
        case Verdict.CONFIRMED:
            return CONFIRMED
        case Verdict.PROBABLE:
            if not seen.scanned:
                return PROBABLE_LABEL
            if not seen.after_login and seen.label_whole:
                return PROBABLE_ANONYMOUS if seen.told else PROBABLE_LOGIN
            if seen.after_login and seen.body_is_hidden:
                return PROBABLE_BODY
            return PROBABLE_MOST if seen.is_pinned else PROBABLE_DEPOT
        case Verdict.UNKNOWN:
            return WEAK if seen.expected_is_weak else UNKNOWN
    for text in sorted(seen.scanned):
        hint = wrongly_scanned(text, seen, policy)
        if hint is not None:
            return hint
    if seen.tells_another and seen.told & {canonical(known) for known in policy.known_serials}:
        return OURS_ANSWERS
    if verdict is Verdict.CONFLICTING and seen.label_whole and seen.tells_another:
        return ANOTHER_ANSWERS
    return CONFLICTING if verdict is Verdict.CONFLICTING else IMPOSSIBLE


def wrongly_scanned(text: str, seen: Seen, policy: IdentityPolicy) -> Text | None:
    """What the scanned text is, if it is not the expected number. Where the camera tells the same text, it is that camera's own label."""
    rule, expected = policy.rule, seen.expected
    number = canonical(text)
    if not number or number == expected:
        return None
    if number in {canonical(known) for known in policy.known_serials}:
        return SCANNED_OTHER_CAMERA
    if edit_distance_at_most_1(number, expected):
        return ONE_OFF
    if number in seen.told:
        return None
    if (mac := mac_digits(text.strip())) is not None and not (rule.is_mac and mac[:6] in rule.ouis):
        return SCANNED_OWN_MAC if mac in seen.macs else SCANNED_ROUTER
    if re.match(r"\s*(?:wifi:|https?:|www\.|mecard:)", text, re.IGNORECASE):
        return SCANNED_CODE
    if looks_like_asset_number(text, policy.asset_number_pattern):
        return SCANNED_ASSET
    return None if has_form(number, rule) else NOT_THE_FORM
