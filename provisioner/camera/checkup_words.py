"""The words of a check: what each finding may be called, from best to worst, and its sentence with one next action."""

from collections.abc import Iterator, Mapping

from provisioner.camera.checkup_look import StreamLook
from provisioner.case.model import FrameReport
from provisioner.case.posture import Finding, Posture
from provisioner.case.posture_items import Item, State
from provisioner.fault import Text

GOODNESS: Mapping[State, str] = {State.OK: "good", State.UNSUPPORTED: "unsupported", State.WRONG: "bad", State.UNKNOWN: "unknown"}
_POSTURE: Mapping[str, tuple[Item, ...]] = {
    "audio": (Item.AUDIO_IN_PROFILES, Item.AUDIO_ON_WIRE), "recordings": (Item.RECORDINGS,), "https": (Item.HTTPS,), "discovery": (Item.DISCOVERY,),
    "default_account": (Item.DEFAULT_ACCOUNT,), "anonymous_onvif": (Item.ANONYMOUS_ONVIF,), "anonymous_rtsp": (Item.ANONYMOUS_RTSP,),
    "anonymous_snapshot": (Item.ANONYMOUS_SNAPSHOT,), "scopes": (Item.SCOPES,), "osd": (Item.OSD,), "ntp": (Item.NTP,), "firmware": (Item.FIRMWARE,),
    "users": (Item.OTHER_ACCOUNTS,), "event_broker": (Item.EVENT_BROKERS,),
}
"""The findings that are items of the posture. HTTP off is no finding of its own: it follows HTTPS. Masks are an ability."""

FINDINGS = ("reachable", "login", "identity", "clock", "addresses", "found", "snapshot", "stream", *_POSTURE, "masks")
WORST: Mapping[str, str] = {**dict.fromkeys(FINDINGS, "unknown"), "reachable": "no", "found": "none"}

_SENTENCES: Mapping[tuple[str, str], Text] = {
    ("reachable", "yes"): Text("Kameran svarar på ONVIF.", "The camera answers ONVIF."),
    ("reachable", "not_onvif"): Text("Något annat än en kamera svarar på adressen.", "Something else than a camera answers at the address."),
    ("reachable", "no"): Text("Ingen kamera svarar på adressen.", "No camera answers at the address."),
    ("login", "refused"): Text("Kameran släppte inte in oss.", "The camera did not let us in."),
    ("login", "locked"): Text("Kameran har låst inloggningen.", "The camera has locked the login."),
    ("addresses", "as_asked"): Text("Kameran uppger den adress där den nås.", "The camera tells the address at which it is reached."),
    ("addresses", "rewritten"): Text("Kameran uppger andra adresser än den nås på; de används inte, bara vägen i dem. Inget behöver göras.",
                                     "The camera tells other addresses than it is reached at; they are not used, only their paths. Nothing needs to be done."),
    ("found", "multicast"): Text("Kameran annonserar sig för hela nätet.", "The camera announces itself to the whole network."),
    ("found", "unicast"): Text("Kameran svarar när den frågas direkt, men hörs inte av hela nätet.",
                               "The camera answers when it is asked directly, but is not heard by the whole network."),
    ("found", "none"): Text("Kameran annonserar sig inte; så ska det vara i ett hem. Skriv dess adress.",
                            "The camera does not announce itself; so it should be in a home. Type its address."),
    ("snapshot", "none"): Text("Ingen stillbild; bilden tas ur videon.", "No still; the picture is taken from the video."),
    ("masks", "good"): Text("Kameran säger att den kan maskera delar av bilden. Om den gör det visar sig först när en mask sätts.",
                            "The camera says that it can mask parts of the picture. Whether it does shows only when a mask is set."),
    ("masks", "unsupported"): Text("Kameran kan inte maskera delar av bilden. Rikta den så att inget förbjudet syns.",
                                   "The camera cannot mask parts of the picture. Aim it so that nothing forbidden is seen."),
    ("masks", "unknown"): Text("Om kameran kan maskera delar av bilden gick inte att ta reda på.",
                               "Whether the camera can mask parts of the picture could not be found out."),
}


def sentence(name: str, word: str) -> Text:
    """The sentence of a finding that needs no number."""
    return _SENTENCES.get((name, word)) or Text("Gick inte att ta reda på.", "Could not be found out.")


def not_asked(name: str) -> Text:
    """For what was never asked."""
    if name == "identity":
        return Text("Ange etikettens nummer med --serial, så jämförs det med kameran.", "Give the label's number with --serial, and it is compared with the camera.")
    return Text("Inte frågat: kameran släppte inte in oss, eller svarar inte.", "Not asked: the camera did not let us in, or does not answer.")


def let_in(way: str) -> Text:
    """Logged in by `way` (`LoginState.way`)."""
    if way == "none":
        return Text("Kameran frågar inte efter någon inloggning.", "The camera asks for no login.")
    return Text(f"Inloggad ({way}).", f"Logged in ({way}).")


def clock(word: str, off_s: float | None) -> Text:
    """The clock's offset in seconds, camera minus ours."""
    if off_s is None:
        return Text("Kameran säger ingen tid som är en tid. Ge den en tidsserver (NTP).", "The camera tells no time that is one. Give it a time server (NTP).")
    if word == "local_time_as_utc":
        return Text(f"Kameran säger lokal tid som om den vore UTC ({off_s:+.0f} s). Inget behöver göras; vår egen tid används.",
                    f"The camera tells local time as if it were UTC ({off_s:+.0f} s). Nothing needs to be done; our own time is used.")
    fix = Text("", "") if word == "right" else Text(" Ge kameran en tidsserver (NTP).", " Give the camera a time server (NTP).")
    return Text(f"Kamerans klocka går {off_s:+.0f} s fel.{fix.sv}", f"The camera's clock is off by {off_s:+.0f} s.{fix.en}")


def picture(frame: FrameReport) -> Text:
    """What the judged still has to say of itself."""
    size = f"{frame.width_px}x{frame.height_px}"
    more_sv, more_en = " ".join(one.sv for one in frame.findings), " ".join(one.en for one in frame.findings)
    return Text(f"Stillbild {size}. {more_sv}".strip(), f"Still {size}. {more_en}".strip())


def stream(seen: StreamLook) -> Text:
    """How the stream did."""
    match seen.word:
        case "busy":
            return Text("Alla kamerans strömmar är upptagna. Stäng andra visningar och försök igen.",
                        "All of the camera's streams are in use. Close other views and try again.")
        case "none":
            return Text("Ingen video kom.", "No video came.")
    after = f"{seen.first_s:.1f} s"
    if seen.broken:
        return Text(f"Video {seen.codec}, men bilder kommer trasiga: nätet tappar paket. Kontrollera kabeln eller täckningen.",
                    f"Video {seen.codec}, but pictures come broken: the network loses packets. Check the cable or the coverage.")
    if seen.word == "slow":
        return Text(f"Video {seen.codec}, första hela bilden först efter {after}.", f"Video {seen.codec}, its first whole picture only after {after}.")
    return Text(f"Video {seen.codec}, första hela bilden efter {after}.", f"Video {seen.codec}, its first whole picture after {after}.")


def posture(judged: Posture) -> Iterator[tuple[str, str, Finding]]:
    """Finding name, word and the item behind it; of two items the worse."""
    order = (State.OK, State.UNSUPPORTED, State.UNKNOWN, State.WRONG)
    for name, items in _POSTURE.items():
        worst = max((one for one in judged.findings if one.item in items), key=lambda one: order.index(one.state))
        yield name, GOODNESS[worst.state], worst
