"""ONVIF imaging service (ver20/imaging/wsdl): what the lens and the sensor are set to."""

from __future__ import annotations

from .onvif import Access, Actions, Context
from .onvif_device import IMAGING_CAPABILITIES
from .onvif_media import VIDEO_SOURCE
from .soap import Fault


def _source(context: Context) -> None:
    if context.call.needs("VideoSourceToken") != VIDEO_SOURCE:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoSource", reason="The requested VideoSource does not exist")


def get_imaging_settings(context: Context) -> str:
    """The order of the children is that of tt:ImagingSettings20 in onvif.xsd."""
    _source(context)
    now = context.state.imaging
    return ("<timg:GetImagingSettingsResponse><timg:ImagingSettings>"
            f"<tt:Brightness>{now.brightness:g}</tt:Brightness><tt:ColorSaturation>{now.saturation:g}</tt:ColorSaturation>"
            f"<tt:Contrast>{now.contrast:g}</tt:Contrast><tt:Exposure><tt:Mode>{now.exposure_mode}</tt:Mode></tt:Exposure>"
            f"<tt:IrCutFilter>{now.ir_cut_filter}</tt:IrCutFilter><tt:Sharpness>{now.sharpness:g}</tt:Sharpness>"
            f"<tt:WideDynamicRange><tt:Mode>{now.wide_dynamic_range}</tt:Mode></tt:WideDynamicRange>"
            f"<tt:WhiteBalance><tt:Mode>{now.white_balance}</tt:Mode></tt:WhiteBalance>"
            "</timg:ImagingSettings></timg:GetImagingSettingsResponse>")


def get_options(context: Context) -> str:
    _source(context)

    def level(name: str) -> str:
        return f"<tt:{name}><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:{name}>"

    filters = "".join(f"<tt:IrCutFilterModes>{mode}</tt:IrCutFilterModes>" for mode in ("ON", "OFF", "AUTO"))
    return (f"<timg:GetOptionsResponse><timg:ImagingOptions>{level('Brightness')}{level('ColorSaturation')}{level('Contrast')}"
            f"<tt:Exposure><tt:Mode>AUTO</tt:Mode><tt:Mode>MANUAL</tt:Mode></tt:Exposure>{filters}{level('Sharpness')}"
            "<tt:WideDynamicRange><tt:Mode>OFF</tt:Mode><tt:Mode>ON</tt:Mode></tt:WideDynamicRange>"
            "<tt:WhiteBalance><tt:Mode>AUTO</tt:Mode><tt:Mode>MANUAL</tt:Mode></tt:WhiteBalance>"
            "</timg:ImagingOptions></timg:GetOptionsResponse>")


def get_service_capabilities(context: Context) -> str:
    return f"<timg:GetServiceCapabilitiesResponse>{IMAGING_CAPABILITIES}</timg:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the Imaging specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetImagingSettings": (Access.READ_MEDIA, get_imaging_settings),
    "GetOptions": (Access.READ_MEDIA, get_options),
}
