"""`scene check` on picture files: the JSON that machines read, the drawings, sentences for people, and every kind of bad input."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from provisioner.scene.report import FLAGS
from tests.cli.desk import Desk, Said

BED = [[100, 200], [380, 200], [400, 330], [100, 320]]


def room(light: float = 1.0, seed: int = 3, size: tuple[int, int] = (640, 360)) -> np.ndarray:
    """A drawn room: wall, floor, wardrobe, bed, picture, and a sensor's noise."""
    frame = np.full((360, 640, 3), 150, np.float32)
    frame[240:] = (90, 100, 110)
    for (left, top, right, bottom), colour in (((60, 60, 120, 280), (60, 80, 95)), ((100, 200, 400, 330), (200, 205, 210)), ((450, 90, 560, 170), (225, 215, 205)),
                                               ((470, 100, 540, 160), (40, 90, 160)), ((580, 120, 630, 300), (110, 95, 80))):
        cv2.rectangle(frame, (left, top), (right, bottom), colour, -1)
    drawn = cv2.GaussianBlur(cv2.resize(frame, size), (0, 0), 0.6) * light
    return np.clip(drawn + np.random.default_rng(seed).normal(0, 2.0, drawn.shape), 0, 255).astype(np.uint8)


def grey(frame: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


@pytest.fixture
def files(desk: Desk) -> dict[str, str]:
    """A day, a night and a lamp-off picture, a file of zones."""
    spot = grey(room(0.6, 4))
    cv2.circle(spot, (505, 130), 9, (255, 255, 255), -1)
    made = {"day": room(), "night": cv2.GaussianBlur(spot, (0, 0), 0.8), "off": grey(room(0.08, 5))}
    found = {}
    for name, frame in made.items():
        found[name] = str(desk.folder / f"{name}.png")
        cv2.imwrite(found[name], frame)
    found["zones"] = str(desk.folder / "zones.json")
    Path(found["zones"]).write_text(json.dumps({"bed": BED, "forbidden": {"wardrobe": [[62, 62], [118, 62], [118, 278], [62, 278]]}}))
    return found


def checked(desk: Desk, *args: str, language: str = "en") -> Said:
    return desk.run("scene", "check", *args, language=language)


def test_the_json_that_machines_read(desk: Desk, files: dict[str, str]) -> None:
    said = checked(desk, "--day", files["day"], "--night", files["night"], "--night-off", files["off"], "--zones", files["zones"], "--json")
    assert said.code == 0 and said.err == "", said.err
    found = said.json
    assert set(found) == {"flags", "measures", "zones", "mask", "plan", "findings"} and tuple(found["flags"]) == FLAGS
    assert all(flag in (True, False, None) for flag in found["flags"].values()) and found["mask"] is None and found["plan"] is None
    assert found["flags"]["mirror_view"] is not True and found["flags"]["dark_day"] is False and found["flags"]["unsharp_day"] is False
    assert found["zones"]["bed"]["status"] == "ok" and 0.9 <= found["zones"]["bed"]["visible"] <= 1
    assert {"tilt_deg", "obstructed_fraction"} <= set(found["measures"])
    for finding in found["findings"]:
        assert {"kind", "severity", "region", "certainty", "text"} <= set(finding) and 0 <= finding["certainty"] <= 1
        assert finding["text"]["sv"] and finding["text"]["en"] and finding["text"]["sv"] != finding["text"]["en"]
    assert any(finding["kind"] == "forbidden_seen" for finding in found["findings"]), "an open zone that must not be seen"


def test_pictures_are_written_nowhere_but_by_out(desk: Desk, files: dict[str, str]) -> None:
    before = sorted(desk.folder.rglob("*"))
    assert checked(desk, "--day", files["day"], "--night", files["night"]).code == 0
    assert sorted(desk.folder.rglob("*")) == before
    out = desk.folder / "out"
    said = checked(desk, "--day", files["day"], "--night", files["night"], "--zones", files["zones"], "--out", str(out), language="sv")
    assert said.code == 0 and "Skrivet:" in said.out, said
    assert {path.name for path in out.iterdir()} == {"refl.png", "day.png", "day.svg", "night.png", "night.svg", "pair.png", "pair.svg"}
    refl = cv2.imread(str(out / "refl.png"), cv2.IMREAD_UNCHANGED)
    assert refl is not None and refl.shape == (360, 640) and refl.dtype == np.uint8 and not np.any(refl & ~np.uint8(63))
    assert "Sängen: ska synas" in (out / "day.svg").read_text(encoding="utf-8") and out.stat().st_mode & 0o77 == 0


def test_for_people_worst_first_with_one_action_each(desk: Desk, files: dict[str, str]) -> None:
    cv2.imwrite(files["day"], cv2.GaussianBlur(room(), (0, 0), 5))
    for language, sharp, untold in (("sv", "Dagbild: oskarp", "Gick inte att bedöma"), ("en", "Day picture: not sharp", "Could not be told")):
        said = checked(desk, "--day", files["day"], language=language)
        assert said.code == 0 and sharp in said.out and untold in said.out and "unsharp_night" in said.out, said
        assert said.out.index("! ") < said.out.index(untold)


@pytest.mark.parametrize("which", ["day", "night"])
def test_one_frame_alone_says_what_it_cannot_tell(desk: Desk, files: dict[str, str], which: str) -> None:
    flags = checked(desk, f"--{which}", files[which], "--json").json["flags"]
    other = "night" if which == "day" else "day"
    assert flags[f"dark_{which}"] is False and flags[f"dark_{other}"] is None and flags[f"unsharp_{other}"] is None and flags["mirror_view"] is None
    assert flags["ir_hotspot" if which == "day" else "glare"] is None


def test_bad_pictures_end_it_with_a_sentence(desk: Desk, files: dict[str, str]) -> None:
    whole = Path(files["day"]).read_bytes()
    for content, error, sv in ((b"no picture", "picture_no_picture", "ingen JPEG eller PNG"), (whole[: len(whole) // 2], "picture_cut_off", "avhuggen"),
                               (b"", "picture_empty", "tom")):
        bad = desk.folder / "bad.jpg"
        bad.write_bytes(content)
        desk.both("scene", "check", "--day", files["day"], "--night", str(bad), code=2, error=error, sv=sv, en="bad.jpg")
    desk.both("scene", "check", "--day", str(desk.folder / "none.jpg"), code=2, error="no_file", sv="finns inte", en="does not exist")
    desk.both("scene", "check", "--day", "/dev/zero", code=2, error="file_too_large")  # a file without an end
    desk.both("scene", "check", code=2, error="no_picture_given", sv="minst en bild", en="at least one picture")
    desk.both("scene", "check", "--day", files["day"], "--out", files["night"], code=2, error="bad_out", sv="går inte att skapa", en="cannot be made")


@pytest.mark.parametrize(("content", "error", "en"), [
    ("{", "bad_json", "line 1"), ('{"bedd": []}', "unknown_key", "did you mean bed"), ('{"bed": [[0,0],[600,300],[600,0],[0,300]]}', "bad_zone", "crosses itself"),
    ('{"bed": [[9000,9000],[99000,9000],[9000,99000]]}', "bad_zone", "far outside"),
])
def test_bad_zones_end_it_with_a_sentence(desk: Desk, files: dict[str, str], content: str, error: str, en: str) -> None:
    Path(files["zones"]).write_text(content)
    said = checked(desk, "--day", files["day"], "--zones", files["zones"], "--json")
    assert (said.code, said.json["error"]) == (2, error) and en in said.json["text"] and "zones.json" in said.json["text"]


def picture_of(name: str) -> np.ndarray:
    half = room()
    half[180:] = 128
    return half if name == "half" else np.full((360, 640, 3), {"black": 0, "white": 255, "grey": 128}[name], np.uint8)


@pytest.mark.parametrize("name", ["black", "white", "half", "grey"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_picture_of_nothing_is_never_all_well(desk: Desk, files: dict[str, str], name: str, alone: bool) -> None:
    cv2.imwrite(files["day"], picture_of(name))
    args = ["--day", files["day"], "--zones", files["zones"]] + ([] if alone else ["--night", files["night"], "--night-off", files["off"]])
    found: dict[str, Any] = checked(desk, *args, "--json").json
    worst = found["findings"][0]
    assert worst["severity"] in ("broken", "act") and worst["text"]["sv"]
    assert found["flags"]["unsharp_day"] is not False, "nothing in it could be sharp"


def test_night_of_another_size_is_said_and_not_compared(desk: Desk, files: dict[str, str]) -> None:
    cv2.imwrite(files["night"], grey(room(0.6, 4, (800, 450))))
    found = checked(desk, "--day", files["day"], "--night", files["night"], "--json").json
    first = found["findings"][0]
    assert (first["kind"], first["severity"]) == ("sizes_differ", "broken") and "800 x 450" in first["text"]["sv"]
    assert found["flags"]["dark_night"] is None and found["flags"]["dark_day"] is False


def test_a_labelled_item_may_hold_more_than_is_read(desk: Desk, files: dict[str, str]) -> None:
    labels = desk.folder / "item.json"
    labels.write_text(json.dumps({"id": "x", "zones": {"bed": {"poly_amodal": BED, "status": "half"}, "door": {"visible_polys": []}}, "privacy_mask": {"zone": BED}}))
    found = checked(desk, "--day", files["day"], "--night", files["night"], "--labels", str(labels), "--json").json
    assert found["zones"]["bed"]["status"] == "ok", "what the item says of the answer is not read"
    assert found["mask"] is None or found["mask"]["coverage"] < 0.1
    labels.write_text(json.dumps({"zoness": {}}))
    desk.both("scene", "check", "--day", files["day"], "--labels", str(labels), code=2, error="unknown_key", sv="menade du zones", en="did you mean zones")


PLAN = {"room": [[0, 0], [4, 0], [4, 5], [0, 5]], "height": 2.5, "wall_thickness": {"S": 0.12}, "hall": [[1, -0.12], [3.6, -0.12], [3.6, -2], [1, -2]],
        "doors": [{"wall": "S", "a0": 2.2, "a1": 3.1, "open": True, "kind": "room_door"}], "front_door": [[1, -0.6], [1, -1.5]],
        "mirrors": [{"a": [0.5, 4.98], "b": [1.2, 4.98], "normal": [0, -1, 0], "z0": 0.5, "z1": 1.7}], "bed": [[0.2, 2.5], [2.2, 2.5], [2.2, 3.5], [0.2, 3.5]]}
CAMERA = {"pos": [3.8, 0.3, 2.3], "forward": [-0.6, 0.72, -0.34986], "right": [0.76822, 0.64018, 0.0], "up": [-0.22397, 0.26877, 0.93679], "proj": "persp", "hfov": 95}


def planned(desk: Desk, files: dict[str, str], plan: Any, *args: str) -> Said:
    file = desk.folder / "plan.json"
    file.write_text(json.dumps(plan))
    return checked(desk, "--day", files["day"], "--night", files["night"], "--plan", str(file), *args)


def test_the_plan_tells_what_is_seen_and_where_the_sign_may_hang(desk: Desk, files: dict[str, str]) -> None:
    said = planned(desk, files, {"plan": PLAN, "camera": CAMERA}, "--json", "--out", str(desk.folder / "out"))
    assert said.code == 0, said
    plan = said.json["plan"]
    assert plan["direct"]["type"] in ("Polygon", "MultiPolygon") and plan["mirrored"]["type"] in ("Polygon", "MultiPolygon")
    assert all({"at", "wall", "score", "reasons"} <= set(place) for place in plan["sign_places"])
    assert plan["sign_places"] or any(finding["kind"] == "sign_none" for finding in said.json["findings"]), "none possible is an answer"
    assert isinstance(said.json["flags"]["mirror_view"], bool) and said.json["measures"]["tilt_deg"] is not None
    assert {"plan.svg", "plan.png"} <= {path.name for path in (desk.folder / "out").iterdir()}


def test_a_plan_without_the_cameras_place_foretells_nothing(desk: Desk, files: dict[str, str]) -> None:
    found = planned(desk, files, PLAN, "--json").json
    assert found["plan"] is None and found["flags"]["mirror_view"] is not True


@pytest.mark.parametrize(("change", "en"), [
    ({"room": [[0, 0], [4, 5], [4, 0], [0, 5]]}, "walls cross"), ({"room": [[0, 0], [4, 0]]}, "is open"), ({"doors": [{"wall": "Q", "a0": 1, "a1": 2}]}, "no wall 'Q'"),
    ({"doors": [{"wall": "S", "a0": 9, "a1": 10}]}, "not in wall S"), ({"windws": []}, "did you mean windows"),
    ({"room": [[0, 0], [400, 0], [400, 500]]}, "centimetres"),
    ({"front_door": [[3, 4], [3, 4.9]]}, "front door"),
])
def test_bad_plans_end_it_with_a_sentence(desk: Desk, files: dict[str, str], change: dict[str, Any], en: str) -> None:
    said = planned(desk, files, {"plan": PLAN | change, "camera": CAMERA}, "--json")
    assert (said.code, said.json["error"]) == (2, "bad_plan") and en in said.json["text"] and "plan.json" in said.json["text"], said


def test_a_camera_in_a_wall_ends_it_with_a_sentence(desk: Desk, files: dict[str, str]) -> None:
    for position in ([9, 9, 2.3], [3.8, 0.3, 4.0], [3.8, 0.3]):
        said = planned(desk, files, {"plan": PLAN, "camera": CAMERA | {"pos": position}}, "--json")
        assert (said.code, said.json["error"]) == (2, "bad_plan"), said
    assert planned(desk, files, {"plan": PLAN, "camra": CAMERA}, "--json").json["text"].endswith("did you mean camera?")


@pytest.mark.parametrize(("zones", "told"), [
    ({"window": {"visible_polys": [[[450, 90], [560, 90], [560, 170], [450, 170]]]}}, True), ({"window": [[450, 90], [560, 90], [560, 170]]}, True), ({}, False)])
def test_a_masks_zone_may_be_named(desk: Desk, files: dict[str, str], zones: dict[str, Any], told: bool) -> None:
    labels = desk.folder / "item.json"
    labels.write_text(json.dumps({"zones": zones, "privacy_mask": {"zone": "window"}}))
    said = checked(desk, "--day", files["day"], "--night", files["night"], "--labels", str(labels), "--json")
    assert (said.code, said.json.get("error")) == ((0, None) if told else (2, "bad_zone")), said
    if not told:  # with a plan it is where the plan's windows stand in the picture
        labels.write_text(json.dumps({"privacy_mask": {"zone": "window"}, "camera": CAMERA, "plan": PLAN | {"windows": [{"wall": "W", "a0": 1, "a1": 3, "extra": 1}]}}))
        assert checked(desk, "--day", files["day"], "--night", files["night"], "--labels", str(labels), "--json").code == 0
