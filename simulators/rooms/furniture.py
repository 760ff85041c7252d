"""What stands and hangs in a room."""

from __future__ import annotations

from typing import Any

import numpy as np

from .home import CLOTHS, PAINTS, WOODS, Furnisher, Home
from .light import Lamp
from .optics import Wide
from .parts import Material

BEDS_M = (0.8, 0.9, 0.9, 1.05, 1.2, 1.4, 1.6)     # widths of mattresses sold in Sweden; 2 m long


def put_bed(room: Furnisher) -> None:
    """A bed with its head or its side to a wall, pillow, blanket, and perhaps somebody below it."""
    rng, scene = room.rng, room.scene
    wide = float(room.wish.get("bed_wide") or rng.choice(BEDS_M[:4] if room.wide < 3 else BEDS_M))
    long, high = 2.02, float(rng.uniform(0.45, 0.6))
    for attempt in range(200):
        head = str(rng.choice(["S", "E", "W", "N"] if attempt > 30 else ["E", "W", "S"]))
        low, top = room.span(head)
        side = float(rng.choice([low + wide / 2 + 0.08, top - wide / 2 - 0.08, rng.uniform(low + wide / 2 + 0.1, top - wide / 2 - 0.1)]))
        if "bed_at" in room.wish:
            head, side = room.wish["bed_at"]
        rect = room.floor_rect(head, side - wide / 2, side + wide / 2, long + 0.05)
        if room.free_floor(rect):
            break
    else:
        raise LookupError("no place for a bed")
    room.taken.append(rect)
    room.held[head].append((side - wide / 2, side + wide / 2, 0, 1.0))
    inside, along = room.inward(head), room.along(head)
    middle = room.on_wall(head, side, 0, 0.05 + long / 2)
    turn = float(np.degrees(np.arctan2(inside[1], inside[0])))
    frame = Material("matt", "bed", room.pick(WOODS), .45, "wood")
    sheet = Material("matt", "bed", (.80, .80, .80), .75, "folds", second=(.72, .72, .74))
    cover = Material("matt", "bed", room.pick(CLOTHS), float(rng.uniform(.5, .75)), str(rng.choice(["folds", "stripes", "checks", "folds"])),
                     float(rng.uniform(.1, .25)))
    scene.box(middle, (long, wide, high * 0.6), frame, turn)
    scene.box(middle + np.array([0, 0, high * 0.6]), (long - 0.04, wide - 0.03, high * 0.4), sheet, turn)
    scene.box(middle + 0.32 * inside + np.array([0, 0, high * 0.62]), (long - 0.62, wide + 0.02, high * 0.38 + 0.035), cover, turn)
    scene.box(middle - (long / 2 + 0.01) * inside, (0.05, wide + 0.04, high + float(rng.uniform(0.2, 0.5))), frame, turn)
    for k in ([0.0] if wide < 1.3 else [-wide / 4, wide / 4]):
        scene.ball(middle - 0.68 * inside + k * along + np.array([0, 0, high + 0.03]), (.24, .33, .11), sheet, turn)
    if rng.random() < 0.6:
        body = middle + 0.25 * inside + float(rng.uniform(-.1, .1)) * along + np.array([0, 0, high])
        scene.ball(body, (.72, .25, .24), cover, turn)
        skin = Material("matt", "bed", (.66, .48, .40), .6)
        scene.ball(middle - 0.62 * inside + np.array([0, 0, high + 0.16]), (.13, .10, .11), skin, turn)
    corners = [middle + i * long / 2 * inside + j * wide / 2 * along + np.array([0, 0, k]) for k in (0.0, high + 0.04) for i, j in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    room.bed = np.array(corners)
    room.bed_middle = middle
    room.plan["bed"] = [corner[:2].tolist() for corner in corners[:4]]
    room.notes["bed_kind"] = "box"


def put_mirror(room: Furnisher, camera: Wide | None, kind: str, shows: Wide | None = None) -> bool:
    """`hung` on a wall, `doors` of a wardrobe, or `leaning`. Those throw the lamp's light back at `camera`, or show it the place `shows`."""
    rng = room.rng
    wood = Material("matt", "frame", room.pick(WOODS), .45, "wood")
    glass = Material("mirror", "mirror", (.03, .03, .03), .03)
    walls = ["N", "E", "S", "W"]
    rng.shuffle(walls)
    for wall in walls:
        low, high = room.span(wall)
        for _ in range(40):
            wide = float(rng.uniform(.45, .95)) if kind != "doors" else float(rng.uniform(1.2, 1.9))
            z0, z1 = {"hung": (float(rng.uniform(.6, .9)), float(rng.uniform(1.5, 1.9))), "doors": (0.06, room.high - 0.04), "leaning": (0.05, 1.75)}[kind]
            if high - low < wide + 0.3:
                continue
            a = float(rng.uniform(low + wide / 2 + 0.1, high - wide / 2 - 0.1))
            lean = 0.0
            if camera is not None and shows is not None:
                normal, start = room.inward(wall), room.on_wall(wall, 0, 0, 0.6 if kind == "doors" else 0.03)
                image = camera - 2 * float((camera - start) @ normal) * normal
                share = float((start - image) @ normal) / float((shows - image) @ normal)
                cross = image + share * (shows - image)
                a = float((cross[0] if wall in "NS" else cross[1]) + rng.uniform(-.1, .1))
                if wall == "N":
                    continue
            elif camera is not None and kind != "hung":
                flat = float(camera[0] if wall in "NS" else camera[1])
                away = abs(float((camera - room.on_wall(wall, a, 0)) @ room.inward(wall)))
                a = float(np.clip(flat + rng.uniform(-.3, .3) * wide, low + wide / 2 + 0.1, high - wide / 2 - 0.1))
                if abs(a - flat) > wide / 2 - 0.08 or away < 2.2:
                    continue
                if kind == "leaning":
                    lean = float(np.arctan2(camera[2] - rng.uniform(.9, 1.5), away))
                    if lean > 0.36:
                        continue
            depth = {"hung": 0.0, "doors": 0.6, "leaning": 0.05 + 1.75 * np.sin(lean)}[kind]
            rect = room.floor_rect(wall, a - wide / 2, a + wide / 2, max(depth, 0.02))
            if not room.free_on_wall(wall, a - wide / 2 - .05, a + wide / 2 + .05, z0 - .05, z1) or (depth and not room.free_floor(rect)):
                continue
            if depth:
                room.taken.append(rect)
            room.held[wall].append((a - wide / 2 - .05, a + wide / 2 + .05, z0 - .05, z1 + .05))
            _hang(room, wall, a, wide, z0, z1, depth, lean, wood, glass, kind)
            room.notes["mirror_kind"] = kind
            return True
    return False


def _hang(room: Furnisher, wall: str, a: float, wide: float, z0: float, z1: float, depth: float, lean: float, wood: Material, glass: Material, kind: str) -> None:
    scene, along, inside = room.scene, room.along(wall), room.inward(wall)
    if kind == "doors":
        middle = room.on_wall(wall, a, 0, depth / 2)
        turn = 0.0 if wall in "NS" else 90.0
        scene.box(middle, (wide + 0.06, depth - 0.01, room.high - 0.01), Material("matt", "wardrobe", wood.colour, .45, "wood"), turn)
        doors = 2 if wide < 1.5 else 3
        each = wide / doors
        spans = [(a - wide / 2 + k * each + 0.03, a - wide / 2 + (k + 1) * each - 0.03) for k in range(doors)]
        out, up = depth + 0.01, np.array([0, 0, 1.0])
    else:
        spans = [(a - wide / 2, a + wide / 2)]
        out = 0.03 if kind == "hung" else depth
        up = -inside * np.sin(lean) + np.array([0, 0, np.cos(lean)])
    long = z1 - z0
    for b0, b1 in spans:
        low = room.on_wall(wall, b0, z0, out)
        index = scene.quad(low, (b1 - b0) * along, long * up, glass, low + inside)
        normal = scene.parts[index].normal
        room.mirrors.append(index)
        edge = 0.035
        corners = low - 0.004 * normal
        scene.quad(corners - edge * along - edge * up, (b1 - b0 + 2 * edge) * along, (long + 2 * edge) * up, wood, corners + normal)
        middle = low + long * up / 2
        room.plan["mirrors"].append({"a": middle[:2].tolist(), "b": (middle + (b1 - b0) * along)[:2].tolist(), "normal": normal.tolist(),
                                     "z0": float(low[2]), "z1": float((low + long * up)[2]), "shape": "rect"})


def put_things(room: Furnisher) -> None:
    """Wardrobe, chest, shelves, table, chair, television, pictures, lamps, carpet."""
    rng, scene = room.rng, room.scene
    if rng.random() < 0.6:
        spot = room.place(wide := float(rng.uniform(.8, 1.3)), 0.58, 2.2)
        if spot:
            box_at(room, spot, wide, .58, 2.1, Material("matt", "wardrobe", room.pick(WOODS), .5, "wood"), seam=True)
    if room.wish.get("tv") or rng.random() < 0.35:
        put_television(room)
    if rng.random() < 0.5:
        spot = room.place(wide := float(rng.uniform(.6, 1.0)), 0.3, 1.9)
        if spot:
            box_at(room, spot, wide, .3, 1.85, Material("matt", "furn", room.pick(WOODS), .5, "books"))
    spot = room.place(0.45, 0.42, 0.55)
    if spot:
        box_at(room, spot, .45, .42, .5, Material("matt", "furn", room.pick(WOODS), .5, "wood"))
        put_lamp(room, spot)
    if rng.random() < 0.6:
        spot = room.place(0.6, 0.6, 0.9)
        if spot:
            chair(room, room.on_wall(spot[0], spot[1], 0, 0.35))
    carpet = Material("matt", "floor", room.pick(CLOTHS), .5, str(rng.choice(["stripes", "dots", "checks", "folds"])), .25)
    for _ in range(20):
        x, y, wide, deep = rng.uniform(.3, room.wide - 1.6), rng.uniform(.3, room.deep - 1.3), rng.uniform(1.1, 1.9), rng.uniform(.8, 1.4)
        if room.free_floor((x, y, x + wide, y + deep)):
            scene.quad((x, y, .012), (wide, 0, 0), (0, deep, 0), carpet, (x, y, 1))
            break
    for _ in range(int(rng.integers(1, 4))):
        put_picture(room)
    put_ceiling_lamp(room)


def box_at(room: Furnisher, spot: tuple[str, float], wide: float, depth: float, high: float, material: Material, *, seam: bool = False) -> None:
    wall, a = spot
    turn = 0.0 if wall in "NS" else 90.0
    room.scene.box(room.on_wall(wall, a, 0, depth / 2 + 0.01), (wide, depth, high), material, turn)
    if seam:
        dark = Material("matt", "wardrobe", (.08, .07, .06), .2)
        room.scene.quad(room.on_wall(wall, a - .006, .05, depth + .014), .012 * room.along(wall), (0, 0, high - .1), dark, room.on_wall(wall, a, 1, 2))


def chair(room: Furnisher, at: Wide) -> None:
    wood, scene = Material("matt", "furn", room.pick(WOODS), .45, "wood"), room.scene
    turn = float(room.rng.uniform(0, 90))
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    scene.box(at + np.array([0, 0, .43]), (.42, .42, .05), wood, turn, bottom=True)
    for i, j in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        scene.box(at + .18 * np.array([c * i - s * j, s * i + c * j, 0]), (.04, .04, .43), wood, turn)
    scene.box(at + np.array([-.2 * c, -.2 * s, .48]), (.03, .4, .42), wood, turn)


def put_television(room: Furnisher) -> None:
    spot = room.place(1.2, 0.4, 1.35)
    if not spot:
        return
    wall, a = spot
    box_at(room, spot, 1.2, .4, .5, Material("matt", "furn", room.pick(WOODS), .5, "wood"))
    black = Material("matt", "frame", (.03, .03, .03), .05)
    screen = Material("tv", "tv", (.015, .015, .018), .03, gloss=0.045)
    wide, high, out = 1.0, .58, .25
    room.scene.quad(room.on_wall(wall, a - wide / 2 - .02, .56, out - .004), (wide + .04) * room.along(wall), (0, 0, high + .04), black, room.on_wall(wall, a, 1, 2))
    room.scene.quad(room.on_wall(wall, a - wide / 2, .58, out), wide * room.along(wall), (0, 0, high), screen, room.on_wall(wall, a, 1, 2))
    room.notes["tv"] = True


def put_lamp(room: Furnisher, spot: tuple[str, float]) -> None:
    on = bool(room.rng.random() < 0.4)
    at = room.on_wall(spot[0], spot[1], .78, .22)
    shade = Material("lamp", "lamp", (.8, .77, .7), .75, glow=6.0 if on else 0.0)
    room.scene.box(at - np.array([0, 0, .28]), (.03, .03, .2), Material("matt", "lamp", (.3, .3, .3), .4), 0)
    index = room.scene.ball(at + np.array([0, 0, .04]), (.11, .11, .13), shade)
    if on:
        room.lamps.append(Lamp(at + np.array([0, 0, .04]), 0.8, index))
    room.notes["lamp_on"] = on


def put_ceiling_lamp(room: Furnisher) -> None:
    on = bool(room.wish.get("ceiling_lamp", room.rng.random() < 0.3))
    at = np.array([room.wide / 2, room.deep / 2, room.high - float(room.rng.uniform(.3, .5))])
    shade = Material("lamp", "lamp", (.82, .80, .76), .78, glow=5.0 if on else 0.0)
    index = room.scene.ball(at, (.17, .17, .12), shade)
    room.scene.box(at + np.array([0, 0, .1]), (.012, .012, room.high - at[2] - .1), Material("matt", "lamp", (.5, .5, .5), .5))
    if on:
        room.lamps.append(Lamp(at, 2.4, index))
    room.notes["ceiling_lamp_on"] = on


def put_picture(room: Furnisher) -> None:
    rng = room.rng
    for _ in range(20):
        wall = str(rng.choice(["N", "E", "S", "W"]))
        low, high = room.span(wall)
        wide, tall = float(rng.uniform(.35, .9)), float(rng.uniform(.3, .6))
        if high - low < wide + .3:
            continue
        a, z = float(rng.uniform(low + .1, high - wide - .1)), float(rng.uniform(1.2, 1.5))
        if room.free_on_wall(wall, a - .1, a + wide + .1, z - .1, z + tall + .1):
            room.held[wall].append((a - .1, a + wide + .1, z - .1, z + tall + .1))
            inside = room.on_wall(wall, a, 1.3, 2)
            glazed = 0.04 if rng.random() < .4 else 0.0
            art = Material("matt", "picture", room.pick(CLOTHS), .5, "art", second=room.pick(PAINTS), gloss=glazed)
            room.scene.quad(room.on_wall(wall, a - .03, z - .03, .016), (wide + .06) * room.along(wall), (0, 0, tall + .06),
                            Material("matt", "frame", room.pick(WOODS), .45, "wood"), inside)
            room.scene.quad(room.on_wall(wall, a, z, .022), wide * room.along(wall), (0, 0, tall), art, inside)
            return


def obstruct(room: Furnisher, pose_axes: tuple[Wide, Wide, Wide], eye: Wide, share: float, kind: str, over: Wide | None = None) -> None:
    """A towel or a curtain 20 to 40 cm before the lens that takes about that share of the picture from one side, or hides `over`."""
    rng = room.rng
    forward, right, up = pose_axes
    colour = room.pick(CLOTHS)
    cloth = Material("matt", "obstruct", colour, .6, "drape" if kind == "curtain" else "stripes", .05)
    near = float(rng.uniform(.22, .4))
    half = near * 1.25
    side = float(rng.choice([-1.0, 1.0]))
    wide = share * 2 * half + 0.5 * half
    start = eye + near * forward + side * (half + 0.5 * half) * right
    start = start - side * wide * right if side > 0 else start
    if over is not None:                              # hung so that it hides that place
        away = over - eye
        wide = share * half
        start = eye + near * away / float(away @ forward) - wide / 2 * right + up * near * .35
        room.scene.quad(start - up * near * .6, wide * right, up * near * 1.2, cloth, eye)
        return
    room.scene.quad(start - up * near * 1.2, wide * right, up * near * 2.4, cloth, eye)
    room.notes["obstructed_by"] = kind


def furnish(rng: np.random.Generator, wish: dict[str, Any]) -> tuple[Furnisher, Wide]:
    """Shell, bed and the camera's place; the rest waits until it is known where the camera looks from."""
    room = Furnisher(rng, wish)
    room.shell()
    put_bed(room)
    return room, camera_place(room)


def camera_place(room: Furnisher) -> Wide:
    """High in a corner or on a wall, from which the bed is 1.5 m away or more."""
    rng = room.rng
    high = float(rng.uniform(2.2, min(2.45, room.high - 0.1)))
    options = []
    for x in (0.12, room.wide - 0.12):
        options += [np.array([x, y, high]) for y in (0.12, room.deep - 0.12)]
    across, deep = float(rng.uniform(.3, .7)), float(rng.uniform(.3, .7))
    options += [np.array([room.wide * across, 0.1, high]), np.array([0.1, room.deep * deep, high]), np.array([room.wide - 0.1, room.deep * deep, high])]
    if room.wish.get("opposite"):                 # what it throws back must be before it: the middle of the wall across
        wall, a0, a1, _, _ = room.window
        a = float(rng.uniform(a0 + .25, a1 - .25))
        across_of = {"N": (a, .1), "S": (a, room.deep - .1), "E": (.1, a), "W": (room.wide - .1, a)}[wall]
        return np.array([*across_of, min(high, 2.2)])
    good = []
    for at in options:
        if room.cut is not None and at[0] > room.cut[0] - .1 and at[1] > room.cut[1] - .1:
            continue
        if np.linalg.norm(at[:2] - room.bed_middle[:2]) > 1.7:
            good.append(at)
    return good[int(rng.integers(len(good)))] if good else options[0]


def complete(room: Furnisher) -> Home:
    put_things(room)
    return room.finish()
