"""Texts and masks in the picture: OSD of Media 1 and Media 2, and the privacy masks of Media 2. What is set here is drawn by `overlay.py`."""

from __future__ import annotations

import secrets
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .manners import MaskManners
from .onvif import Access, Actions, Context
from .onvif_media import VIDEO_SOURCE_CONFIGURATION, no_config
from .parts import Mask, Osd
from .soap import PREFIXES, TR2, TRT, TT, Fault, boolean, inner, number

KINDS = ("Plain", "Date", "Time", "DateAndTime")
TEXT_MOST = 64
YCBCR = "http://www.onvif.org/ver10/colorspace/YCbCr"


def _answer(context: Context, inside: str = "") -> str:
    prefix = PREFIXES[context.call.namespace]
    return f"<{prefix}:{context.call.action}Response>{inside}</{prefix}:{context.call.action}Response>"


def _of_our_source(token: str | None) -> None:
    if token not in (None, "", VIDEO_SOURCE_CONFIGURATION):
        raise no_config()


# -- texts --------------------------------------------------------------------------------------------------------------


def _write_osd(osd: Osd) -> str:
    """The order of the children is that of tt:OSDConfiguration in onvif.xsd."""
    pos = "" if osd.pos is None else f'<tt:Pos x="{osd.pos[0]:g}" y="{osd.pos[1]:g}"/>'
    formats = {"Date": "<tt:DateFormat>yyyy-MM-dd</tt:DateFormat>", "Time": "<tt:TimeFormat>HH:mm:ss</tt:TimeFormat>",
               "DateAndTime": "<tt:DateFormat>yyyy-MM-dd</tt:DateFormat><tt:TimeFormat>HH:mm:ss</tt:TimeFormat>"}.get(osd.kind, "")
    text = f"<tt:PlainText>{escape(osd.text)}</tt:PlainText>" if osd.kind == "Plain" else ""
    return (f"<tt:VideoSourceConfigurationToken>{VIDEO_SOURCE_CONFIGURATION}</tt:VideoSourceConfigurationToken><tt:Type>Text</tt:Type>"
            f"<tt:Position><tt:Type>{osd.position}</tt:Type>{pos}</tt:Position><tt:TextString><tt:Type>{osd.kind}</tt:Type>{formats}"
            f"<tt:FontSize>{osd.font_size}</tt:FontSize>{text}</tt:TextString>")


def _read_osd(element: ElementTree.Element, token: str, positions: list[str]) -> Osd:
    _of_our_source(inner(element, "VideoSourceConfigurationToken"))
    position, kind = inner(element, "Position/Type") or "", inner(element, "TextString/Type") or ""
    text, size = inner(element, "TextString/PlainText") or "", inner(element, "TextString/FontSize")
    found = element.find(f"{{{TT}}}Position/{{{TT}}}Pos")
    if inner(element, "Type") != "Text" or position not in positions or kind not in KINDS or len(text) > TEXT_MOST or (kind == "Plain" and not text):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:ConfigModify", reason="The configuration parameters are not possible to set")
    if position == "Custom" and found is None:
        raise Fault("env:Sender", "ter:InvalidArgs", detail="Pos is missing")
    pos = None if found is None or position != "Custom" else (number(found.get("x"), "Pos", -1, 1), number(found.get("y"), "Pos", -1, 1))
    return Osd(token, kind, position, text, pos, int(number(size, "FontSize", 8, 128)) if size else 32)


def _osd(context: Context, token: str) -> Osd:
    found = next((osd for osd in context.state.osds if osd.token == token), None)
    if found is None:
        raise no_config()
    return found


def get_osds(context: Context) -> str:
    _of_our_source(context.call.text("ConfigurationToken"))
    wanted, prefix = context.call.text("OSDToken"), PREFIXES[context.call.namespace]
    osds = [_osd(context, wanted)] if wanted else context.state.osds
    return _answer(context, "".join(f'<{prefix}:OSDs token="{escape(osd.token)}">{_write_osd(osd)}</{prefix}:OSDs>' for osd in osds))


def get_osd(context: Context) -> str:
    osd = _osd(context, context.call.needs("OSDToken"))
    return _answer(context, f'<trt:OSD token="{escape(osd.token)}">{_write_osd(osd)}</trt:OSD>')


def get_osd_options(context: Context) -> str:
    _of_our_source(context.call.needs("ConfigurationToken"))
    prefix, most = PREFIXES[context.call.namespace], context.state.osds_most
    positions = "".join(f"<tt:PositionOption>{position}</tt:PositionOption>" for position in context.state.osd_positions)
    kinds = "".join(f"<tt:Type>{kind}</tt:Type>" for kind in KINDS)
    return _answer(context, (
        f'<{prefix}:OSDOptions><tt:MaximumNumberOfOSDs Total="{most}" PlainText="{max(0, most - 1)}" Date="1" Time="1" DateAndTime="1"/><tt:Type>Text</tt:Type>'
        f"{positions}<tt:TextOption>{kinds}<tt:FontSizeRange><tt:Min>8</tt:Min><tt:Max>128</tt:Max></tt:FontSizeRange>"
        "<tt:DateFormat>yyyy-MM-dd</tt:DateFormat><tt:TimeFormat>HH:mm:ss</tt:TimeFormat></tt:TextOption>"
        f"</{prefix}:OSDOptions>"))


def create_osd(context: Context) -> str:
    state, prefix = context.state, PREFIXES[context.call.namespace]
    if state.osds_most == 0:
        raise Fault("env:Receiver", "ter:ActionNotSupported", detail="CreateOSD")
    if len(state.osds) >= state.osds_most:
        raise Fault("env:Receiver", "ter:Action", "ter:MaxOSDs", reason="The maximum number of supported OSDs has been reached")
    osd = _read_osd(context.call.child("OSD"), f"osd_{secrets.token_hex(4)}", state.osd_positions)
    state.osds = [*state.osds, osd]
    return _answer(context, f"<{prefix}:OSDToken>{osd.token}</{prefix}:OSDToken>")


def set_osd(context: Context) -> str:
    element = context.call.child("OSD")
    old = _osd(context, element.get("token") or "")
    new = _read_osd(element, old.token, context.state.osd_positions)
    context.state.osds = [new if osd is old else osd for osd in context.state.osds]
    return _answer(context)


def delete_osd(context: Context) -> str:
    gone = _osd(context, context.call.needs("OSDToken"))
    context.state.osds = [osd for osd in context.state.osds if osd is not gone]
    return _answer(context)


# -- masks --------------------------------------------------------------------------------------------------------------


def _write_mask(mask: Mask) -> str:
    """The order of the children is that of tr2:Mask in media.wsdl."""
    points = "".join(f'<tt:Point x="{x:g}" y="{y:g}"/>' for x, y in mask.points)
    blue, green, red = mask.colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    colour = f'<tr2:Color X="{luma:.0f}" Y="{128 + 0.564 * (blue - luma):.0f}" Z="{128 + 0.713 * (red - luma):.0f}" Colorspace="{YCBCR}"/>'
    return (f'<tr2:Masks token="{escape(mask.token)}"><tr2:ConfigurationToken>{VIDEO_SOURCE_CONFIGURATION}</tr2:ConfigurationToken>'
            f"<tr2:Polygon>{points}</tr2:Polygon><tr2:Type>{mask.kind}</tr2:Type>{colour if mask.kind == 'Color' else ''}"
            f"<tr2:Enabled>{'true' if mask.enabled else 'false'}</tr2:Enabled></tr2:Masks>")


def _read_mask(element: ElementTree.Element, token: str, manners: MaskManners) -> Mask:
    _of_our_source(inner(element, "ConfigurationToken", TR2))
    kind, colour = inner(element, "Type", TR2) or "", element.find(f"{{{TR2}}}Color")
    found = [(point.get("x"), point.get("y")) for point in element.findall(f"{{{TR2}}}Polygon/{{{TT}}}Point")]
    points = tuple((number(x, "Polygon", -1, 1), number(y, "Polygon", -1, 1)) for x, y in found)
    is_box = len(points) == 4 and len({x for x, _ in points}) == len({y for _, y in points}) == 2
    if kind not in manners.kinds or not 3 <= len(points) <= manners.points_most or (manners.rectangles_only and not is_box) \
            or (colour is not None and not manners.colours):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:ConfigModify", reason="The configuration parameters are not possible to set")
    return Mask(token, points, kind, _colour(colour), boolean(inner(element, "Enabled", TR2)))


def _colour(element: ElementTree.Element | None) -> tuple[int, int, int]:
    """YCbCr (the default of tt:Color) or RGB, as blue, green, red; black when nothing is said."""
    if element is None:
        return 0, 0, 0
    x, y, z = (number(element.get(name), "Color", 0, 255) for name in "XYZ")
    if (element.get("Colorspace") or YCBCR).rstrip("/").endswith("RGB"):
        return round(z), round(y), round(x)
    red, blue = x + 1.402 * (z - 128), x + 1.772 * (y - 128)
    green = (x - 0.299 * red - 0.114 * blue) / 0.587
    blue, green, red = (min(255.0, max(0.0, part)) for part in (blue, green, red))
    return round(blue), round(green), round(red)


def _mask(context: Context, token: str) -> Mask:
    found = next((mask for mask in context.state.masks if mask.token == token), None)
    if found is None:
        raise no_config()
    return found


def _has_masks(context: Context) -> None:
    if context.state.masks_most == 0:
        raise Fault("env:Receiver", "ter:ActionNotSupported", detail=context.call.action)


def get_masks(context: Context) -> str:
    _has_masks(context)
    _of_our_source(context.call.text("ConfigurationToken"))
    wanted = context.call.text("Token")
    return _answer(context, "".join(_write_mask(mask) for mask in ([_mask(context, wanted)] if wanted else context.state.masks)))


def get_mask_options(context: Context) -> str:
    _has_masks(context)
    _of_our_source(context.call.needs("ConfigurationToken"))
    manners = context.state.mask_manners
    kinds = "".join(f"<tr2:Types>{kind}</tr2:Types>" for kind in manners.kinds)
    colours = ("<tr2:Color><tt:ColorspaceRange>"
               "<tt:X><tt:Min>0</tt:Min><tt:Max>255</tt:Max></tt:X><tt:Y><tt:Min>0</tt:Min><tt:Max>255</tt:Max></tt:Y>"
               f"<tt:Z><tt:Min>0</tt:Min><tt:Max>255</tt:Max></tt:Z><tt:Colorspace>{YCBCR}</tt:Colorspace></tt:ColorspaceRange></tr2:Color>")
    return _answer(context, (
        f'<tr2:Options RectangleOnly="{"true" if manners.rectangles_only else "false"}" SingleColorOnly="false">'
        f"<tr2:MaxMasks>{context.state.masks_most}</tr2:MaxMasks><tr2:MaxPoints>{manners.points_most}</tr2:MaxPoints>{kinds}"
        f"{colours if manners.colours else ''}</tr2:Options>"))


def create_mask(context: Context) -> str:
    _has_masks(context)
    state = context.state
    if len(state.masks) >= state.masks_most:
        raise Fault("env:Receiver", "ter:Action", "ter:MaxMasks", reason="The maximum number of supported masks has been reached")
    mask = _read_mask(context.call.child("Mask"), f"mask_{secrets.token_hex(4)}", state.mask_manners)
    state.masks = [*state.masks, mask]
    return _answer(context, f"<tr2:Token>{mask.token}</tr2:Token>")


def set_mask(context: Context) -> str:
    _has_masks(context)
    element = context.call.child("Mask")
    old = _mask(context, element.get("token") or "")
    new = _read_mask(element, old.token, context.state.mask_manners)
    context.state.masks = [new if mask is old else mask for mask in context.state.masks]
    return _answer(context)


def delete_mask(context: Context) -> str:
    _has_masks(context)
    gone = _mask(context, context.call.needs("Token"))
    context.state.masks = [mask for mask in context.state.masks if mask is not gone]
    return _answer(context)


_BOTH: Actions = {
    "GetOSDs": (Access.READ_MEDIA, get_osds),
    "GetOSDOptions": (Access.READ_MEDIA, get_osd_options),
    "CreateOSD": (Access.ACTUATE, create_osd),
    "SetOSD": (Access.ACTUATE, set_osd),
    "DeleteOSD": (Access.ACTUATE, delete_osd),
}
ACTIONS: dict[str, Actions] = {
    TRT: {**_BOTH, "GetOSD": (Access.READ_MEDIA, get_osd)},
    TR2: {
        **_BOTH,
        "GetMasks": (Access.READ_MEDIA, get_masks),
        "GetMaskOptions": (Access.READ_MEDIA, get_mask_options),
        "CreateMask": (Access.ACTUATE, create_mask),
        "SetMask": (Access.ACTUATE, set_mask),
        "DeleteMask": (Access.ACTUATE, delete_mask),
    },
}
