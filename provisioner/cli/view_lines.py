"""The check of the view as lines for people: what was looked at, each finding with its number and its one action, what stops, and places for the sign."""

from collections.abc import Iterator
from typing import Any

from provisioner.fault import Text

LOOK_WORDS = {"day": Text("dag", "day"), "night": Text("natt", "night"), "night_off": Text("natt utan lampa", "night, lamp off"),
              "night_short": Text("natt, kort exponering", "night, short exposure")}
_SIGNS = {"broken": "!!", "act": "! ", "look": "? ", "note": "  "}


def check_lines(check: dict[str, Any], sv: bool) -> Iterator[str]:
    """From `view.case_view(...)["frame"]["check"]`; `sv`: in Swedish."""
    yield f"  {'bilden' if sv else 'the view'}: {' + '.join(LOOK_WORDS[look].in_language('sv' if sv else 'en') for look in check['looks'])}"
    for finding in check["findings"]:
        place = f" ({finding['place']})" if finding["place"] else ""
        yield f"    {_SIGNS[finding['severity']]} {finding['number']:>2} {finding['text']}{place}"
    for word in check["words"]:
        about = word["finding"] if word["finding"] is not None else "-"
        says = ("spegling", "ingen spegling") if sv else ("a reflection", "no reflection")
        yield f"       {about:>2} {word['by']}: {says[not word['is_reflection']]}: {word['words']}"
    for text in check["missing"]:
        yield f"    -    {text}"
    for block in check["stops"]:
        yield f"    {'stoppar' if sv else 'stops'}: {block}"
    for number, place in enumerate(check["sign_places"] or (), 1):
        x, y = place["at_m"]
        yield f"    {'skylt' if sv else 'sign'} {number}: {place['wall']} ({x:.1f}, {y:.1f}) {' '.join(place['reasons'])}"
