"""ONVIF media service, version 1 (ver10/media/wsdl): profiles, encoders, the addresses of stream and snapshot."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .onvif import Access, Actions, Context
from .onvif_device import capabilities
from .soap import Fault
from .state import CameraState, Profile

VIDEO_SOURCE, VIDEO_SOURCE_CONFIGURATION = "video_source", "video_source_configuration"
AUDIO_SOURCE_CONFIGURATION, AUDIO_ENCODER_CONFIGURATION = "audio_source_configuration", "audio_encoder_configuration"
STREAM_PATH = "/stream/"

MULTICAST = ("<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
              "<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>")


def sensor(state: CameraState) -> tuple[int, int]:
    return max(profile.width for profile in state.profiles), max(profile.height for profile in state.profiles)


def encoder_token(profile: Profile) -> str:
    return f"encoder_{profile.name}"


def video_source_configuration(state: CameraState) -> str:
    width, height = sensor(state)
    return (f"<tt:Name>video source</tt:Name><tt:UseCount>{len(state.profiles)}</tt:UseCount><tt:SourceToken>{VIDEO_SOURCE}</tt:SourceToken>"
            f'<tt:Bounds x="0" y="0" width="{width}" height="{height}"/>')


def _video_encoder(state: CameraState, profile: Profile) -> str:
    gop_frames = max(1, round(state.gop_s * state.fps))
    return (f"<tt:Name>{escape(encoder_token(profile))}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
            f"<tt:Resolution><tt:Width>{profile.width}</tt:Width><tt:Height>{profile.height}</tt:Height></tt:Resolution><tt:Quality>70</tt:Quality>"
            f"<tt:RateControl><tt:FrameRateLimit>{state.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
            f"<tt:BitrateLimit>{profile.bitrate_kbit_s}</tt:BitrateLimit></tt:RateControl>"
            f"<tt:H264><tt:GovLength>{gop_frames}</tt:GovLength><tt:H264Profile>Baseline</tt:H264Profile></tt:H264>"
            f"{MULTICAST}<tt:SessionTimeout>PT{state.rtsp_session_timeout_s:g}S</tt:SessionTimeout>")


def _audio_encoder() -> str:
    return ("<tt:Name>audio encoder</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>G711</tt:Encoding><tt:Bitrate>64</tt:Bitrate>"
            f"<tt:SampleRate>8</tt:SampleRate>{MULTICAST}<tt:SessionTimeout>PT60S</tt:SessionTimeout>")


def has_audio(state: CameraState, profile: Profile) -> bool:
    """Whether there is a microphone, and in this profile."""
    return state.audio and profile.audio


def _profile_body(state: CameraState, profile: Profile) -> str:
    """The order of the children is that of tt:Profile in onvif.xsd."""
    audio_source = audio_encoder = ""
    if has_audio(state, profile):
        audio_source = (f'<tt:AudioSourceConfiguration token="{AUDIO_SOURCE_CONFIGURATION}"><tt:Name>microphone</tt:Name><tt:UseCount>1</tt:UseCount>'
                        "<tt:SourceToken>microphone</tt:SourceToken></tt:AudioSourceConfiguration>")
    if has_audio(state, profile) and profile.audio_encoder:
        audio_encoder = f'<tt:AudioEncoderConfiguration token="{AUDIO_ENCODER_CONFIGURATION}">{_audio_encoder()}</tt:AudioEncoderConfiguration>'
    encoder = ""
    if _can_tell(state):
        encoder = f'<tt:VideoEncoderConfiguration token="{escape(encoder_token(profile))}">{_video_encoder(state, profile)}</tt:VideoEncoderConfiguration>'
    return (f"<tt:Name>{escape(profile.name)}</tt:Name>"
            f'<tt:VideoSourceConfiguration token="{VIDEO_SOURCE_CONFIGURATION}">{video_source_configuration(state)}</tt:VideoSourceConfiguration>'
            f"{audio_source}"
            f"{encoder}{audio_encoder}")


def get_profiles(context: Context) -> str:
    state = context.state
    blocks = "".join(f'<trt:Profiles token="{escape(profile.token)}" fixed="true">{_profile_body(state, profile)}</trt:Profiles>'
                     for profile in state.profiles)
    return f"<trt:GetProfilesResponse>{blocks}</trt:GetProfilesResponse>"


def get_profile(context: Context) -> str:
    profile = named_profile(context)
    return (f'<trt:GetProfileResponse><trt:Profile token="{escape(profile.token)}" fixed="true">{_profile_body(context.state, profile)}'
            "</trt:Profile></trt:GetProfileResponse>")


def named_profile(context: Context) -> Profile:
    profile = context.state.profile(context.call.needs("ProfileToken"))
    if profile is None:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoProfile", reason="Profile token does not exist")
    return profile


def get_video_sources(context: Context) -> str:
    width, height = sensor(context.state)
    return (f'<trt:GetVideoSourcesResponse><trt:VideoSources token="{VIDEO_SOURCE}"><tt:Framerate>{context.state.fps}</tt:Framerate>'
            f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution></trt:VideoSources>"
            "</trt:GetVideoSourcesResponse>")


def get_video_source_configurations(context: Context) -> str:
    return (f'<trt:GetVideoSourceConfigurationsResponse><trt:Configurations token="{VIDEO_SOURCE_CONFIGURATION}">'
            f"{video_source_configuration(context.state)}</trt:Configurations></trt:GetVideoSourceConfigurationsResponse>")


def get_stream_uri(context: Context) -> str:
    """RTP-Unicast over UDP, or over RTSP (interleaved); both are served on the same address. Media specification, GetStreamUri."""
    profile = named_profile(context)
    stream, protocol = context.call.text("Stream", "StreamSetup"), context.call.text("Protocol", "StreamSetup")
    if stream != "RTP-Unicast" or protocol not in ("UDP", "RTSP", "TCP"):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidStreamSetup",
                    reason="Specification of StreamType or Transport part in StreamSetup is not supported")
    return _media_uri("GetStreamUriResponse", stream_uri(context, profile))


def stream_uri(context: Context, profile: Profile) -> str:
    port = context.state.network.rtsp_port or context.body.rtsp_port
    return f"{'rtsps' if context.state.rtsp.secure else 'rtsp'}://{context.hostname}:{port}{STREAM_PATH}{profile.token}"


def snapshot_uri(context: Context, profile: Profile) -> str:
    """Cameras were seen to answer with an empty address, a fault, or not at all."""
    how = context.state.snapshots.uri
    if how == "unsupported":
        raise Fault("env:Receiver", "ter:ActionNotSupported", detail="GetSnapshotUri")
    if how == "missing":
        raise Fault("env:Receiver", "ter:Action", "ter:IncompleteConfiguration",
                    reason="The specified media profile does not have either a video sources or a video encoder configuration")
    return "" if how == "empty" else f"{context.http_base}/snapshot/{profile.token}.jpg"


def get_snapshot_uri(context: Context) -> str:
    return _media_uri("GetSnapshotUriResponse", snapshot_uri(context, named_profile(context)))


def _media_uri(response: str, uri: str) -> str:
    return (f"<trt:{response}><trt:MediaUri><tt:Uri>{escape(uri)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
            f"<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:{response}>")


def set_synchronization_point(context: Context) -> str:
    """Asks the encoder for an IDR at once, for clients that wait in mid-GOP (Media specification, SetSynchronizationPoint)."""
    profile = named_profile(context)
    if not context.state.lies.ignores_synchronization_point:
        context.body.force_idr(profile.token)
    return "<trt:SetSynchronizationPointResponse/>"


def _can_tell(state: CameraState) -> bool:
    """tt:VideoEncoding knows JPEG, MPEG4 and H264: of anything else this service says nothing."""
    return state.codec == "H264"


def get_video_encoder_configurations(context: Context) -> str:
    blocks = "".join(f'<trt:Configurations token="{escape(encoder_token(profile))}">{_video_encoder(context.state, profile)}</trt:Configurations>'
                     for profile in context.state.profiles if _can_tell(context.state))
    return f"<trt:GetVideoEncoderConfigurationsResponse>{blocks}</trt:GetVideoEncoderConfigurationsResponse>"


def get_video_encoder_configuration(context: Context) -> str:
    wanted = context.call.needs("ConfigurationToken")
    for profile in context.state.profiles:
        if encoder_token(profile) == wanted and _can_tell(context.state):
            return (f'<trt:GetVideoEncoderConfigurationResponse><trt:Configuration token="{escape(wanted)}">'
                    f"{_video_encoder(context.state, profile)}</trt:Configuration></trt:GetVideoEncoderConfigurationResponse>")
    raise no_config()


def no_config() -> Fault:
    return Fault("env:Sender", "ter:InvalidArgVal", "ter:NoConfig", reason="The requested configuration indicated does not exist")


def get_audio_encoder_configurations(context: Context) -> str:
    block = f'<trt:Configurations token="{AUDIO_ENCODER_CONFIGURATION}">{_audio_encoder()}</trt:Configurations>' if context.state.audio else ""
    return f"<trt:GetAudioEncoderConfigurationsResponse>{block}</trt:GetAudioEncoderConfigurationsResponse>"


def get_audio_sources(context: Context) -> str:
    block = '<trt:AudioSources token="microphone"><tt:Channels>1</tt:Channels></trt:AudioSources>' if context.state.audio else ""
    return f"<trt:GetAudioSourcesResponse>{block}</trt:GetAudioSourcesResponse>"


def remove_audio_encoder_configuration(context: Context) -> str:
    """Media specification, RemoveAudioEncoderConfiguration: the encoder goes before its source."""
    profile = named_profile(context)
    if not has_audio(context.state, profile) or not profile.audio_encoder:
        raise no_config()
    profile.audio_encoder = False
    return "<trt:RemoveAudioEncoderConfigurationResponse/>"


def remove_audio_source_configuration(context: Context) -> str:
    """Media specification, RemoveAudioSourceConfiguration: refused as long as an encoder hangs on the source (ter:ConfigurationConflict)."""
    profile = named_profile(context)
    if not has_audio(context.state, profile):
        raise no_config()
    if profile.audio_encoder:
        raise Fault("env:Receiver", "ter:Action", "ter:ConfigurationConflict",
                    reason="The device cannot remove the audio source configuration from the media profile while an encoder depends on it")
    profile.audio = False
    return "<trt:RemoveAudioSourceConfigurationResponse/>"


def add_audio(context: Context) -> str:
    """AddAudioSourceConfiguration and AddAudioEncoderConfiguration; the encoder needs its source."""
    profile, is_source = named_profile(context), context.call.action == "AddAudioSourceConfiguration"
    wanted = AUDIO_SOURCE_CONFIGURATION if is_source else AUDIO_ENCODER_CONFIGURATION
    if not context.state.audio or context.call.needs("ConfigurationToken") != wanted:
        raise no_config()
    if not is_source and not profile.audio:
        raise Fault("env:Receiver", "ter:Action", "ter:ConfigurationConflict", reason="The profile has no audio source")
    profile.audio, profile.audio_encoder = True, profile.audio_encoder or not is_source
    return f"<trt:{context.call.action}Response/>"


def get_service_capabilities(context: Context) -> str:
    return f"<trt:GetServiceCapabilitiesResponse>{capabilities(context, 'media')}</trt:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the Media specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetProfiles": (Access.READ_MEDIA, get_profiles),
    "GetProfile": (Access.READ_MEDIA, get_profile),
    "GetVideoSources": (Access.READ_MEDIA, get_video_sources),
    "GetVideoSourceConfigurations": (Access.READ_MEDIA, get_video_source_configurations),
    "GetStreamUri": (Access.READ_MEDIA, get_stream_uri),
    "GetSnapshotUri": (Access.READ_MEDIA, get_snapshot_uri),
    "SetSynchronizationPoint": (Access.ACTUATE, set_synchronization_point),
    "GetVideoEncoderConfigurations": (Access.READ_MEDIA, get_video_encoder_configurations),
    "GetVideoEncoderConfiguration": (Access.READ_MEDIA, get_video_encoder_configuration),
    "RemoveAudioEncoderConfiguration": (Access.ACTUATE, remove_audio_encoder_configuration),
    "RemoveAudioSourceConfiguration": (Access.ACTUATE, remove_audio_source_configuration),
    "AddAudioSourceConfiguration": (Access.ACTUATE, add_audio),
    "AddAudioEncoderConfiguration": (Access.ACTUATE, add_audio),
    "GetAudioSources": (Access.READ_MEDIA, get_audio_sources),
    "GetAudioEncoderConfigurations": (Access.READ_MEDIA, get_audio_encoder_configurations),
}
