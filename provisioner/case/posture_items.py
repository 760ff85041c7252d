"""What a camera must be before it may watch a home (D15): a closed list, and for each item what is wanted, why, and what can be excused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from provisioner.fault import Text

CLOCK_OFF_MOST_S = 5.0
"""D15: a camera's clock is at most this far off, or follows a time server."""


class Item(StrEnum):
    """One thing that is asked of every camera."""

    AUDIO_IN_PROFILES = "audio_in_profiles"
    AUDIO_ON_WIRE = "audio_on_wire"
    RECORDINGS = "recordings"
    DEFAULT_ACCOUNT = "default_account"
    ANONYMOUS_ONVIF = "anonymous_onvif"
    ANONYMOUS_RTSP = "anonymous_rtsp"
    ANONYMOUS_SNAPSHOT = "anonymous_snapshot"
    OTHER_ACCOUNTS = "other_accounts"
    SCOPES = "scopes"
    OSD = "osd"
    HTTPS = "https"
    HTTP = "http"
    DISCOVERY = "discovery"
    CLOCK = "clock"
    NTP = "ntp"
    FIRMWARE = "firmware"
    EVENT_BROKERS = "event_brokers"


class State(StrEnum):
    """What became of one item. `unsupported`: the camera cannot do it. `unknown`: it could not be asked, or the answer could not be believed."""

    OK = "ok"
    WRONG = "wrong"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rule:
    """`rule` names how what was found is judged: an empty list, a list with something in it, or a judgement of its own (`posture.py`).

    `fix` is the next action where it is wrong. `never` are the states that no profile can excuse. `harmless_without`: a camera that cannot do it is as
    it should be (no recorder, no recordings).
    """

    wanted: Text
    fix: Text
    rule: Literal["empty", "some", "scopes", "osd", "discovery", "clock", "firmware"]
    source: str
    never: frozenset[State] = frozenset()
    harmless_without: bool = False


_WRONG = frozenset({State.WRONG})
_UNPROVED = frozenset({State.WRONG, State.UNKNOWN})

ITEMS: Mapping[Item, Rule] = {
    Item.AUDIO_IN_PROFILES: Rule(
        Text("Inget ljud i någon mediaprofil", "No audio in any media profile"),
        Text("Ta bort ljudet ur profilerna; går det inte, byt kamera.", "Remove audio from the profiles; if that cannot be done, swap the camera."),
        "empty", "D15, H8", never=_WRONG, harmless_without=True),
    Item.AUDIO_ON_WIRE: Rule(
        Text("Inget ljudspår i strömmen", "No audio track in the stream"),
        Text("Stäng av mikrofonen i kameran; går det inte, byt kamera.", "Switch the microphone off in the camera; if that cannot be done, swap the camera."),
        "empty", "D15, H8", never=_WRONG, harmless_without=True),
    Item.RECORDINGS: Rule(
        Text("Inga inspelningar och inga inspelningsjobb", "No recordings and no recording jobs"),
        Text("Avsluta inspelningsjobben och radera det inspelade; ta ur minneskortet.",
             "End the recording jobs and delete what was recorded; take the memory card out."),
        "empty", "D15, H8; contract 6.7: the service may be absent", never=_WRONG, harmless_without=True),
    Item.DEFAULT_ACCOUNT: Rule(
        Text("Tillverkarens standardkonto avvisas", "The maker's default account is refused"),
        Text("Byt lösenord på standardkontot innan kameran sätts upp.", "Change the default account's password before the camera is put up."),
        "empty", "D15, H9", never=_UNPROVED),
    Item.ANONYMOUS_ONVIF: Rule(
        Text("Ingen inställning kan läsas utan inloggning", "No setting can be read without a login"),
        Text("Slå på inloggning för ONVIF i kameran.", "Switch the ONVIF login on in the camera."), "empty", "D15, H9", never=_UNPROVED),
    Item.ANONYMOUS_RTSP: Rule(
        Text("Ingen ström kan ses utan inloggning", "No stream can be seen without a login"),
        Text("Slå på inloggning för RTSP i kameran.", "Switch the RTSP login on in the camera."), "empty", "D15, H9", never=_UNPROVED, harmless_without=True),
    Item.ANONYMOUS_SNAPSHOT: Rule(
        Text("Ingen stillbild kan hämtas utan inloggning", "No still can be fetched without a login"),
        Text("Slå på inloggning för stillbilder, eller stäng av dem.", "Switch the login for stills on, or switch them off."),
        "empty", "D15, H9; Axis preview mode after a reset", never=_UNPROVED, harmless_without=True),
    Item.OTHER_ACCOUNTS: Rule(
        Text("Inga andra konton än våra", "No accounts but ours"),
        Text("Ta bort de andra kontona; gamla tittare får inte följa med till det nya hemmet.",
             "Remove the other accounts; old viewers must not come along to the new home."),
        "empty", "D16, H11"),
    Item.SCOPES: Rule(
        Text("Inga personuppgifter i kamerans annonsering", "No personal text in the camera's announcement"),
        Text("Ta bort namn och plats ur kamerans annonsering (scopes).", "Remove name and place from the camera's announcement (scopes)."),
        "scopes", "D15, H12", never=_WRONG),
    Item.OSD: Rule(
        Text("Inga personuppgifter i bilden", "No personal text in the picture"),
        Text("Ta bort texten ur bilden (OSD).", "Remove the text from the picture (OSD)."), "osd", "D15, H12", never=_WRONG, harmless_without=True),
    Item.HTTPS: Rule(
        Text("HTTPS på", "HTTPS on"), Text("Slå på HTTPS i kameran.", "Switch HTTPS on in the camera."), "some", "D15"),
    Item.HTTP: Rule(
        Text("HTTP av", "HTTP off"), Text("Stäng av HTTP när HTTPS är bevisat.", "Switch HTTP off once HTTPS is proved."), "empty", "D15"),
    Item.DISCOVERY: Rule(
        Text("Kameran annonserar sig inte", "The camera does not announce itself"),
        Text("Ställ annonseringen på NonDiscoverable.", "Set the discovery mode to NonDiscoverable."), "discovery", "D15"),
    Item.CLOCK: Rule(
        Text("Klockan går högst fem sekunder fel", "The clock is at most five seconds off"),
        Text("Ge kameran en tidsserver (NTP).", "Give the camera a time server (NTP)."), "clock", "D15, D17, H10"),
    Item.NTP: Rule(
        Text("Klockan följer en tidsserver", "The clock follows a time server"), Text("Ge kameran en tidsserver (NTP).", "Give the camera a time server (NTP)."),
        "some", "D15, H10"),
    Item.FIRMWARE: Rule(
        Text("Firmware är minst den godkända", "The firmware is at least the approved one"),
        Text("Uppgradera kamerans firmware i depån.", "Upgrade the camera's firmware at the depot."), "firmware", "D15"),
    Item.EVENT_BROKERS: Rule(
        Text("Kameran skickar inga händelser till någon annan", "The camera sends no events to anybody else"),
        Text("Ta bort händelseprenumerationer och mäklare ur kameran.", "Remove event subscriptions and brokers from the camera."),
        "empty", "D16, H11; ONVIF Core AddEventBroker", harmless_without=True),
}
"""The list. A camera's clock and its time server excuse each other (D15: 'clock offset <= 5 s or NTP set')."""
