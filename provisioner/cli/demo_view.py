"""The demo's middle: the view is checked by the night's own light, the lamp is found in the window, the camera is turned, and the second check is clean."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.case import inputs as i
from provisioner.case.model import Case
from provisioner.case.view_check import SceneCheck, SceneFinding
from provisioner.cli.view_lines import LOOK_WORDS
from provisioner.fault import PlainError, Text

if TYPE_CHECKING:
    from provisioner.cli.demo_play import Play, Site

REFLECTIONS = ("ir_hotspot", "mirror_present", "mirror_view", "glare")
TURN_DEG = -33.0     # to the right: the window leaves the picture, the bed stays in it (the site's file says so)


def rehearsal(site: "Site", *, wanted: bool) -> threading.Thread:
    """The simulated room is rendered from both places of the camera before anybody looks at it: a real home needs not be."""
    path = f"camera/{site.described['cameras'][0]['name']}/rehearse"

    def render() -> None:
        for yaw_deg in (0.0, TURN_DEG) if wanted else ():
            try:
                site.pull(path, scene="solgatan_bedroom", yaw_deg=yaw_deg)
            except OSError:
                return  # the site has ended: nobody looks any more

    thread = threading.Thread(target=render, name="rehearsal", daemon=True)
    thread.start()
    return thread


def looked(play: "Play") -> str:
    """The first check finds the lamp in the glass, and says what to do with the hands."""
    case = play.until(lambda case: case.frame is not None and case.new_binding is not None)
    scene = _scene(case)
    worst = next((finding for finding in scene.findings if finding.kind in REFLECTIONS), None)
    if worst is None:
        raise PlainError("demo_stopped", Text("Speglingen hittades inte.", "The reflection was not found."))
    return "\n     ".join((_numbers(play, case), _told(play, worst), *_kept(play, "night-before.png")))


def turned(play: "Play") -> str:
    """The technician turns the camera: what was judged is judged anew, and nothing is left to act on."""
    camera = play.site.described["cameras"][0]
    play.site.pull(f"camera/{camera['name']}/turn", yaw_deg=TURN_DEG)
    play.say(i.CameraMoved())
    case = play.until(lambda case: case.frame is not None)
    left = [finding.kind for finding in _scene(case).findings if finding.kind in REFLECTIONS]
    clean = Text("Ingen spegling kvar.", "No reflection is left.") if not left else Text(f"Kvar: {', '.join(left)}.", f"Left: {', '.join(left)}.")
    return "\n     ".join((_numbers(play, case), clean.in_language(play.out.language), *_kept(play, "night-after.png")))


def summary_of(case: Case) -> dict[str, object]:
    """The last check, for `--json`."""
    scene = _scene(case)
    return {"looks": list(scene.looks), "exposure": scene.exposure, "restored": scene.restored, "findings": [finding.kind for finding in scene.findings]}


def _scene(case: Case) -> SceneCheck:
    if case.frame is None or case.frame.scene is None:
        raise PlainError("demo_stopped", Text("Bilden kontrollerades inte.", "The view was not checked."))
    return case.frame.scene


def _numbers(play: "Play", case: Case) -> str:
    frame, scene = case.frame, _scene(case)
    assert frame is not None
    measured = {one.name: one.value for one in scene.measures}
    looks = ", ".join(LOOK_WORDS[look].in_language(play.out.language) for look in scene.looks)
    text = Text(f"{frame.width_px}x{frame.height_px} {frame.codec} över {frame.source}, {frame.frames} bilder: {looks}; lampan gör "
                f"{measured.get('lamp_difference_luma', 0):.0f} gråsteg; kameran tillbakaställd: {'ja' if scene.restored else 'nej'}",
                f"{frame.width_px}x{frame.height_px} {frame.codec} over {frame.source}, {frame.frames} frames: {looks}; the lamp makes "
                f"{measured.get('lamp_difference_luma', 0):.0f} grey levels; camera put back: {'yes' if scene.restored else 'no'}")
    return text.in_language(play.out.language)


def _told(play: "Play", finding: SceneFinding) -> str:
    place = f", {finding.place.in_language(play.out.language)}" if finding.place else ""
    return f"{finding.kind}{place}: {finding.text.in_language(play.out.language)}"


def _kept(play: "Play", name: str) -> tuple[str, ...]:
    """The drawing of the last check in the folder that was asked for: a picture of a simulated room, and nobody's home."""
    if play.folder is None:
        return ()
    found = play.service.shelf.look(play.site.described["cameras"][0]["serial"])
    if found is None:
        return ()
    path = Path(play.folder) / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found[0])
    except OSError as error:
        raise PlainError("bad_out", Text(f"Det går inte att skriva i {play.folder} ({error.strerror}).",
                                         f"Nothing can be written into {play.folder} ({error.strerror}).")) from None
    return (str(path),)
