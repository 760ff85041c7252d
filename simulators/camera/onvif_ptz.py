"""As much of ONVIF PTZ (ver20/ptz/wsdl) as a camera needs that can turn its lens away: nodes, presets, going to them."""

from __future__ import annotations

from .onvif import Access, Actions, Context
from .onvif_device import capabilities
from .onvif_media import named_profile
from .soap import Fault

NODE, HOME, PARK = "ptz_node", "preset_home", "preset_park"


def get_nodes(context: Context) -> str:
    return (f'<tptz:GetNodesResponse><tptz:PTZNode token="{NODE}" FixedHomePosition="true"><tt:Name>lens</tt:Name><tt:SupportedPTZSpaces/>'
            "<tt:MaximumNumberOfPresets>2</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode></tptz:GetNodesResponse>")


def get_presets(context: Context) -> str:
    named_profile(context)
    return (f'<tptz:GetPresetsResponse><tptz:Preset token="{HOME}"><tt:Name>home</tt:Name>{_at(0)}</tptz:Preset>'
            f'<tptz:Preset token="{PARK}"><tt:Name>parked</tt:Name>{_at(-1)}</tptz:Preset></tptz:GetPresetsResponse>')


def _at(tilt: int) -> str:
    return f'<tt:PTZPosition><tt:PanTilt x="0" y="{tilt}"/></tt:PTZPosition>'


def goto_preset(context: Context) -> str:
    named_profile(context)
    wanted = context.call.needs("PresetToken")
    if wanted not in (HOME, PARK):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoToken", reason="The requested preset token does not exist")
    context.state.parked = wanted == PARK
    return "<tptz:GotoPresetResponse/>"


def goto_home_position(context: Context) -> str:
    named_profile(context)
    context.state.parked = False
    return "<tptz:GotoHomePositionResponse/>"


def get_status(context: Context) -> str:
    named_profile(context)
    tilt = -1 if context.state.parked else 0
    return (f'<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="0" y="{tilt}"/></tt:Position>'
            "<tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt></tt:MoveStatus>"
            f"<tt:UtcTime>{context.state.clock():%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>")


def get_service_capabilities(context: Context) -> str:
    return f"<tptz:GetServiceCapabilitiesResponse>{capabilities(context, 'ptz')}</tptz:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the PTZ specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetNodes": (Access.READ_MEDIA, get_nodes),
    "GetPresets": (Access.READ_MEDIA, get_presets),
    "GetStatus": (Access.READ_MEDIA, get_status),
    "GotoPreset": (Access.ACTUATE, goto_preset),
    "GotoHomePosition": (Access.ACTUATE, goto_home_position),
}
