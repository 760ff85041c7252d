"""ONVIF media service, version 2 (ver20/media/wsdl): profiles as sets of configurations, addresses of stream and snapshot, audio."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .onvif import Access, Actions, Context
from .onvif_device import capabilities
from .onvif_media import (
    AUDIO_ENCODER_CONFIGURATION,
    AUDIO_SOURCE_CONFIGURATION,
    MULTICAST,
    VIDEO_SOURCE_CONFIGURATION,
    encoder_token,
    named_profile,
    no_config,
    snapshot_uri,
    stream_uri,
    video_source_configuration,
)
from .soap import TR2, Fault, inner
from .state import CameraState, Profile

TYPES = ("All", "VideoSource", "AudioSource", "VideoEncoder", "AudioEncoder", "Analytics", "PTZ", "Metadata", "AudioOutput", "AudioDecoder", "Receiver")
AUDIO = {"AudioSource": AUDIO_SOURCE_CONFIGURATION, "AudioEncoder": AUDIO_ENCODER_CONFIGURATION}


def _video_encoder(state: CameraState, profile: Profile) -> str:
    """Inside of tt:VideoEncoder2Configuration; GovLength and Profile are attributes of it."""
    return (f"<tt:Name>{escape(encoder_token(profile))}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{state.codec}</tt:Encoding>"
            f"<tt:Resolution><tt:Width>{profile.width}</tt:Width><tt:Height>{profile.height}</tt:Height></tt:Resolution>"
            f'<tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>{state.fps}</tt:FrameRateLimit>'
            f"<tt:BitrateLimit>{profile.bitrate_kbit_s}</tt:BitrateLimit></tt:RateControl>{MULTICAST}<tt:Quality>70</tt:Quality>")


def _encoder_attributes(state: CameraState, profile: Profile) -> str:
    kind = "Main" if state.codec == "H265" else "Baseline"
    return f'token="{escape(encoder_token(profile))}" GovLength="{max(1, round(state.gop_s * state.fps))}" Profile="{kind}"'


def _configurations(state: CameraState, profile: Profile, types: set[str]) -> str:
    """The order is that of tr2:ConfigurationSet. Nothing is included that was not asked for (Media2 specification, GetProfiles)."""
    def wants(kind: str) -> bool:
        return bool(types & {kind, "All"})

    parts = ""
    if wants("VideoSource"):
        parts += f'<tr2:VideoSource token="{VIDEO_SOURCE_CONFIGURATION}">{video_source_configuration(state)}</tr2:VideoSource>'
    if wants("AudioSource") and state.audio and profile.audio:
        parts += (f'<tr2:AudioSource token="{AUDIO_SOURCE_CONFIGURATION}"><tt:Name>microphone</tt:Name><tt:UseCount>1</tt:UseCount>'
                  "<tt:SourceToken>microphone</tt:SourceToken></tr2:AudioSource>")
    if wants("VideoEncoder"):
        parts += f"<tr2:VideoEncoder {_encoder_attributes(state, profile)}>{_video_encoder(state, profile)}</tr2:VideoEncoder>"
    if wants("AudioEncoder") and state.sends_audio(profile):
        parts += f'<tr2:AudioEncoder token="{AUDIO_ENCODER_CONFIGURATION}">{_audio_encoder()}</tr2:AudioEncoder>'
    return f"<tr2:Configurations>{parts}</tr2:Configurations>" if types else ""


def _audio_encoder() -> str:
    return (f"<tt:Name>audio encoder</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>PCMU</tt:Encoding>{MULTICAST}<tt:Bitrate>64</tt:Bitrate>"
            "<tt:SampleRate>8</tt:SampleRate>")


def get_profiles(context: Context) -> str:
    """All profiles or one, with the configurations of the types asked for; without a type none."""
    state, token = context.state, context.call.text("Token")
    types = {(element.text or "").strip() for element in context.call.children("Type")}
    if types - set(TYPES):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="Type")
    profiles = [profile for profile in state.profiles if token in (None, "", profile.token)]
    if not profiles:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoProfile", reason="Profile token does not exist")
    blocks = "".join(f'<tr2:Profiles token="{escape(profile.token)}" fixed="true"><tr2:Name>{escape(profile.name)}</tr2:Name>'
                     f"{_configurations(state, profile, types)}</tr2:Profiles>" for profile in profiles)
    return f"<tr2:GetProfilesResponse>{blocks}</tr2:GetProfilesResponse>"


def get_stream_uri(context: Context) -> str:
    """RtspUnicast is RTP over UDP, RTSP is RTP in the RTSP connection (Media2 specification, GetStreamUri)."""
    if context.call.needs("Protocol") not in ("RtspUnicast", "RTSP"):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidStreamSetup",
                    reason="Specification of StreamType or Transport part in StreamSetup is not supported")
    return f"<tr2:GetStreamUriResponse><tr2:Uri>{escape(stream_uri(context, named_profile(context)))}</tr2:Uri></tr2:GetStreamUriResponse>"


def get_snapshot_uri(context: Context) -> str:
    return f"<tr2:GetSnapshotUriResponse><tr2:Uri>{escape(snapshot_uri(context, named_profile(context)))}</tr2:Uri></tr2:GetSnapshotUriResponse>"


def set_synchronization_point(context: Context) -> str:
    """Asks the encoder for an IDR at once."""
    profile = named_profile(context)
    if not context.state.lies.ignores_synchronization_point:
        context.body.force_idr(profile.token)
    return "<tr2:SetSynchronizationPointResponse/>"


def get_video_encoder_configurations(context: Context) -> str:
    """All, one, or those that fit a profile."""
    state, wanted, for_profile = context.state, context.call.text("ConfigurationToken"), context.call.text("ProfileToken")
    profiles = [named_profile(context)] if for_profile else state.profiles
    found = [profile for profile in profiles if wanted in (None, "", encoder_token(profile))]
    if not found:
        raise no_config()
    blocks = "".join(f"<tr2:Configurations {_encoder_attributes(state, profile)}>{_video_encoder(state, profile)}</tr2:Configurations>"
                     for profile in found)
    return f"<tr2:GetVideoEncoderConfigurationsResponse>{blocks}</tr2:GetVideoEncoderConfigurationsResponse>"


def get_video_source_configurations(context: Context) -> str:
    return ("<tr2:GetVideoSourceConfigurationsResponse>"
            f'<tr2:Configurations token="{VIDEO_SOURCE_CONFIGURATION}">{video_source_configuration(context.state)}</tr2:Configurations>'
            "</tr2:GetVideoSourceConfigurationsResponse>")


def get_audio_encoder_configurations(context: Context) -> str:
    inside = f'<tr2:Configurations token="{AUDIO_ENCODER_CONFIGURATION}">{_audio_encoder()}</tr2:Configurations>' if context.state.audio else ""
    return f"<tr2:GetAudioEncoderConfigurationsResponse>{inside}</tr2:GetAudioEncoderConfigurationsResponse>"


def _wanted(context: Context) -> list[tuple[str, str]]:
    """Type and token of every Configuration in the request."""
    found = [(inner(element, "Type", TR2) or "", inner(element, "Token", TR2) or "") for element in context.call.children("Configuration")]
    if any(kind not in TYPES for kind, _ in found):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="Type")
    return found


def add_configuration(context: Context) -> str:
    """Media2 specification, AddConfiguration. Video cannot be taken from a fixed profile, so adding what is there changes nothing."""
    profile, state = named_profile(context), context.state
    ours = {"VideoSource": VIDEO_SOURCE_CONFIGURATION, "VideoEncoder": encoder_token(profile), **(AUDIO if state.audio else {})}
    wanted = _wanted(context)
    if any(ours.get(kind) != token for kind, token in wanted):
        raise no_config()
    for kind, _ in wanted:
        profile.audio = profile.audio or kind == "AudioSource"
        profile.audio_encoder = profile.audio_encoder or kind == "AudioEncoder"
    return "<tr2:AddConfigurationResponse/>"


def remove_configuration(context: Context) -> str:
    """Media2 specification, RemoveConfiguration; what is not in the profile is ignored. An encoder loses its meaning with its source."""
    profile = named_profile(context)
    for kind, token in _wanted(context):
        if kind in ("VideoSource", "VideoEncoder", "All"):
            raise Fault("env:Receiver", "ter:Action", "ter:ConfigurationConflict", reason="The profile is fixed")
        if kind in AUDIO and token in ("", AUDIO[kind]):
            profile.audio_encoder = False
            profile.audio = profile.audio and kind != "AudioSource"
    return "<tr2:RemoveConfigurationResponse/>"


def get_service_capabilities(context: Context) -> str:
    return f"<tr2:GetServiceCapabilitiesResponse>{capabilities(context, 'media2')}</tr2:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the Media2 specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetProfiles": (Access.READ_MEDIA, get_profiles),
    "GetStreamUri": (Access.READ_MEDIA, get_stream_uri),
    "GetSnapshotUri": (Access.READ_MEDIA, get_snapshot_uri),
    "SetSynchronizationPoint": (Access.ACTUATE, set_synchronization_point),
    "GetVideoEncoderConfigurations": (Access.READ_MEDIA, get_video_encoder_configurations),
    "GetVideoSourceConfigurations": (Access.READ_MEDIA, get_video_source_configurations),
    "GetAudioEncoderConfigurations": (Access.READ_MEDIA, get_audio_encoder_configurations),
    "AddConfiguration": (Access.ACTUATE, add_configuration),
    "RemoveConfiguration": (Access.ACTUATE, remove_configuration),
}
