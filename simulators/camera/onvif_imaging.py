"""ONVIF imaging service (ver20/imaging/wsdl): what the lens and the sensor are set to."""

from __future__ import annotations

from .onvif import Access, Actions, Context
from .onvif_device import capabilities
from .onvif_media import VIDEO_SOURCE
from .soap import Fault, inner, number
from .state import Imaging

MODES = {"exposure_mode": ("Exposure/Mode", ("AUTO", "MANUAL")), "ir_cut_filter": ("IrCutFilter", ("ON", "OFF", "AUTO")),
         "wide_dynamic_range": ("WideDynamicRange/Mode", ("OFF", "ON")), "white_balance": ("WhiteBalance/Mode", ("AUTO", "MANUAL"))}
LEVELS = {"brightness": ("Brightness", 0.0, 100.0), "saturation": ("ColorSaturation", 0.0, 100.0), "contrast": ("Contrast", 0.0, 100.0),
          "sharpness": ("Sharpness", 0.0, 100.0), "exposure_time_us": ("Exposure/ExposureTime", 10.0, 100_000.0), "gain_db": ("Exposure/Gain", 0.0, 36.0)}


def _source(context: Context) -> None:
    if context.call.needs("VideoSourceToken") != VIDEO_SOURCE:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoSource", reason="The requested VideoSource does not exist")


def get_imaging_settings(context: Context) -> str:
    """The order of the children is that of tt:ImagingSettings20 in onvif.xsd."""
    _source(context)
    now = context.state.imaging
    exposure = f"<tt:ExposureTime>{now.exposure_time_us:g}</tt:ExposureTime><tt:Gain>{now.gain_db:g}</tt:Gain>" if now.exposure_mode == "MANUAL" else ""
    return ("<timg:GetImagingSettingsResponse><timg:ImagingSettings>"
            f"<tt:Brightness>{now.brightness:g}</tt:Brightness><tt:ColorSaturation>{now.saturation:g}</tt:ColorSaturation>"
            f"<tt:Contrast>{now.contrast:g}</tt:Contrast><tt:Exposure><tt:Mode>{now.exposure_mode}</tt:Mode>{exposure}</tt:Exposure>"
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
            f"<tt:Exposure><tt:Mode>AUTO</tt:Mode><tt:Mode>MANUAL</tt:Mode>"
            "<tt:ExposureTime><tt:Min>10</tt:Min><tt:Max>100000</tt:Max></tt:ExposureTime><tt:Gain><tt:Min>0</tt:Min><tt:Max>36</tt:Max></tt:Gain>"
            f"</tt:Exposure>{filters}{level('Sharpness')}"
            "<tt:WideDynamicRange><tt:Mode>OFF</tt:Mode><tt:Mode>ON</tt:Mode></tt:WideDynamicRange>"
            "<tt:WhiteBalance><tt:Mode>AUTO</tt:Mode><tt:Mode>MANUAL</tt:Mode></tt:WhiteBalance>"
            "</timg:ImagingOptions></timg:GetOptionsResponse>")


def set_imaging_settings(context: Context) -> str:
    """All or none; what is not given stays (Imaging specification, SetImagingSettings). ForcePersistence makes no difference here."""
    _source(context)
    given, now = context.call.child("ImagingSettings"), context.state.imaging
    after = Imaging(**vars(now))
    for field, (path, allowed) in MODES.items():
        text = inner(given, path)
        if text is not None and text not in allowed:
            raise Fault("env:Sender", "ter:InvalidArgVal", "ter:SettingsInvalid", reason="The requested settings are incorrect", detail=path)
        setattr(after, field, getattr(now, field) if text is None else text)
    for field, (path, least, most) in LEVELS.items():
        text = inner(given, path)
        if text is not None:
            setattr(after, field, number(text, path, least, most))
    for name, value in vars(after).items():
        setattr(now, name, value)
    return "<timg:SetImagingSettingsResponse/>"


def get_service_capabilities(context: Context) -> str:
    return f"<timg:GetServiceCapabilitiesResponse>{capabilities(context, 'imaging')}</timg:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the Imaging specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetImagingSettings": (Access.READ_MEDIA, get_imaging_settings),
    "SetImagingSettings": (Access.ACTUATE, set_imaging_settings),
    "GetOptions": (Access.READ_MEDIA, get_options),
}
