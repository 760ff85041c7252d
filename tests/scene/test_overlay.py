"""Drawings: the same in SVG and raster, numbers that agree with the legend, nothing outside the canvas, Swedish letters."""

import base64
import re
import xml.etree.ElementTree as ET

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.fault import Text
from provisioner.scene.canvas import BLACK, RED, WHITE, Area, Badge, Drawing, Hatch, Line, Photo, Words, ink_on, raster, svg, width_of, wrapped
from provisioner.scene.findings import Finding, Outline, Severity
from provisioner.scene.known import Purpose, Zone
from provisioner.scene.overlay import DAY, MOST, NIGHT, STYLES, frame_drawing, numbered, pair_drawing
from provisioner.scene.pictures import Picture

SQUARE: Outline = ((400.0, 100.0), (640.0, 100.0), (640.0, 400.0), (400.0, 400.0))
BED = Zone("bed", ((100.0, 500.0), (700.0, 500.0), (700.0, 1500.0), (100.0, 1500.0)), Purpose.INTENDED)
DOOR = Zone("door", ((900.0, 100.0), (1000.0, 100.0), (1000.0, 500.0)), Purpose.FORBIDDEN)


def picture(value: int = 120, size: tuple[int, int] = (1280, 720)) -> Picture:
    return Picture(np.full((size[1], size[0], 3), value, np.uint8))


def found(kind: str, severity: Severity = Severity.ACT, region: Outline = SQUARE, says: str = "Vrid kameran åt höger.") -> Finding:
    return Finding(kind, severity, Text(says, f"{kind}: turn the camera."), region=region)


def words_in(drawing: Drawing) -> str:
    return " ".join(shape.text for shape in drawing.shapes if isinstance(shape, Words))


@pytest.mark.parametrize("kind", [kind for kind, style in STYLES.items() if style.day or style.night])
def test_each_kind_is_seen_in_the_picture_and_named_in_both_languages(kind: str) -> None:
    style = STYLES[kind]
    for night in (False, True):
        drawing = frame_drawing(picture(), NIGHT if night else DAY, (), [found(kind)], night=night)
        changed = np.any(raster(drawing)[200:720] != 120)
        assert changed == (style.night if night else style.day)
        if changed:
            assert style.title.sv in words_in(drawing) and style.title.en in words_in(drawing) and "Vrid kameran åt höger." in words_in(drawing)
        else:
            assert "Inget att åtgärda" in words_in(drawing) and "Titta själv" in words_in(drawing)


def test_no_two_kinds_with_areas_look_the_same() -> None:
    looks = [(style.colour, style.hatch) for style in STYLES.values() if style.hatch is not Hatch.NONE]
    assert len(set(looks)) == len(looks) and len({hatch for _, hatch in looks}) >= 5, "told apart without colour too"


def test_worst_first_and_one_number_for_one_sentence() -> None:
    groups = numbered([found("glare", Severity.LOOK), found("mirror_present"), found("glare", Severity.LOOK), found("concealed", Severity.BROKEN)])
    assert [(group.number, group.first.kind, len(group.findings)) for group in groups] == [("1", "concealed", 1), ("2", "mirror_present", 1), ("3", "glare", 2)]


def test_what_is_in_no_picture_has_no_number_and_no_row() -> None:
    findings = [found("sign_none", region=()), found("glare", Severity.LOOK)]
    assert [group.number for group in numbered(findings)] == ["", "1"]
    assert "skylten" not in words_in(pair_drawing(picture(), picture(), (), findings))


def test_what_is_too_much_is_counted() -> None:
    drawing = frame_drawing(picture(), DAY, (), [found(f"kind{number}") for number in range(MOST + 3)], night=False)
    assert "och 3 till" in words_in(drawing) and "and 3 more" in words_in(drawing)


def test_small_things_are_ringed_and_numbers_do_not_lie_on_one_another() -> None:
    spot: Outline = ((1260.0, 10.0), (1279.0, 10.0), (1279.0, 29.0), (1260.0, 29.0))
    drawing = frame_drawing(picture(), NIGHT, (), [found("ir_hotspot", region=spot), found("mirror_present", region=spot)], night=True)
    rings = [shape for shape in drawing.shapes if isinstance(shape, Area) and len(shape.outline) == 16]
    badges = [shape for shape in drawing.shapes if isinstance(shape, Badge) and shape.at[1] < 720]
    assert len(rings) == 2 and len(badges) == 2
    assert abs(badges[0].at[0] - badges[1].at[0]) > 50 or abs(badges[0].at[1] - badges[1].at[1]) > 50


def test_zones_have_a_key_and_a_leaning_camera_a_plumb_line() -> None:
    drawing = frame_drawing(picture(), DAY, [BED, DOOR], [found("tilted", region=())], night=False, tilt_deg=15.0)
    assert "Sängen: ska synas" in words_in(drawing) and "Not to be seen" in words_in(drawing)
    lines = [shape for shape in drawing.shapes if isinstance(shape, Line)]
    assert len(lines) == 2 and lines[1].arrow and lines[1].points[1][0] > lines[1].points[0][0]
    assert all(y <= 720 for shape in drawing.shapes if isinstance(shape, Area) and shape.colour != RED for _, y in shape.outline[:1] if shape.dashed and y < 721)


def test_day_and_night_side_by_side_share_numbers_and_may_differ_in_size() -> None:
    drawing = pair_drawing(picture(), picture(60, (640, 480)), [BED], [found("glare"), found("ir_hotspot"), found("mirror_present", Severity.LOOK)])
    badges = [(shape.text, shape.at[0] > 1288) for shape in drawing.shapes if isinstance(shape, Badge) and shape.at[1] < 720]
    assert sorted(badges) == [("1", False), ("2", True), ("3", False), ("3", True)]
    assert raster(drawing).shape == (drawing.height_px, drawing.width_px, 3)


def test_svg_holds_the_picture_the_words_and_nothing_outside_itself() -> None:
    text = svg(frame_drawing(picture(), DAY, [BED, DOOR], [found("mirror_present", says="Täck <spegeln> & häng om den.")], night=False))
    root = ET.fromstring(text)
    assert root.tag.endswith("svg") and "Täck <spegeln> & häng om den." in "".join(root.itertext())
    assert not re.search(r'(href|src)="(?!data:image/jpeg;base64,|#)', text) and "http" not in text.replace("http://www.w3.org/", "")
    coded = re.search(r"base64,([^\"]+)", text)
    assert coded is not None
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(coded[1]), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None and shown.shape == (720, 1280, 3)
    used = set(re.findall(r"url\(#(\w+)\)", text))
    assert used and used == set(re.findall(r'<pattern id="(\w+)"', text))


def test_swedish_letters_are_letters_and_not_question_marks() -> None:
    def drawn(text: str) -> np.ndarray:
        return raster(Drawing(400, 60, (Words((10.0, 45.0), text, 40.0),), ""))

    assert not np.array_equal(drawn("åäöÅÄÖ"), drawn("??????")) and not np.array_equal(drawn("åäöÅÄÖ"), drawn("aaoAAO"))


def test_lines_are_wrapped_to_the_width() -> None:
    lines = wrapped("Vrid kameran åt höger tills spegeln inte längre syns i bilden", 38, 500)
    assert len(lines) > 1 and all(width_of(line, 38) <= 500 for line in lines) and " ".join(lines).endswith("i bilden")
    assert wrapped("", 38, 500) == [] and ink_on(WHITE) == BLACK and ink_on(BLACK) == WHITE


corner = st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000))


@settings(max_examples=25, deadline=None)
@given(st.lists(corner, min_size=3, max_size=8), st.sampled_from(list(Hatch)), st.booleans())
def test_any_outline_can_be_drawn(outline: list[tuple[float, float]], hatch: Hatch, dashed: bool) -> None:
    drawing = Drawing(200, 120, (Photo((0.0, 0.0), picture(size=(200, 120)).bgr, 200.0), Area(tuple(outline), RED, hatch, dashed=dashed, tint=0.3)), "")
    assert raster(drawing).shape == (120, 200, 3)
    ET.fromstring(svg(drawing))
