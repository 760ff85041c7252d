"""ONVIF recording control (ver10/recording.wsdl): what lies on the card in the camera, and what still writes to it."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .onvif import Access, Actions, Context
from .onvif_device import capabilities
from .soap import Fault
from .state import CameraState


def get_recordings(context: Context) -> str:
    blocks = "".join(
        f"<trc:RecordingItem><tt:RecordingToken>{escape(one.token)}</tt:RecordingToken><tt:Configuration><tt:Source>"
        f"<tt:SourceId>urn:uuid:{context.state.endpoint_uuid}</tt:SourceId><tt:Name>camera</tt:Name><tt:Location></tt:Location>"
        f"<tt:Description>{escape(one.from_utc)}/{escape(one.until_utc)}</tt:Description><tt:Address>{escape(context.http_base)}</tt:Address></tt:Source>"
        f"<tt:Content>{escape(one.about)}</tt:Content><tt:MaximumRetentionTime>PT0S</tt:MaximumRetentionTime></tt:Configuration>"
        "<tt:Tracks><tt:Track><tt:TrackToken>VIDEO001</tt:TrackToken><tt:Configuration><tt:TrackType>Video</tt:TrackType>"
        "<tt:Description>video</tt:Description></tt:Configuration></tt:Track></tt:Tracks></trc:RecordingItem>" for one in context.state.recordings)
    return f"<trc:GetRecordingsResponse>{blocks}</trc:GetRecordingsResponse>"


def get_recording_jobs(context: Context) -> str:
    blocks = "".join(
        f"<trc:JobItem><tt:JobToken>{escape(job.token)}</tt:JobToken><tt:JobConfiguration><tt:RecordingToken>{escape(job.recording)}</tt:RecordingToken>"
        f"<tt:Mode>{job.mode}</tt:Mode><tt:Priority>1</tt:Priority></tt:JobConfiguration></trc:JobItem>" for job in context.state.jobs)
    return f"<trc:GetRecordingJobsResponse>{blocks}</trc:GetRecordingJobsResponse>"


def set_recording_job_mode(context: Context) -> str:
    token, mode = context.call.needs("JobToken"), context.call.needs("Mode")
    found = next((job for job in context.state.jobs if job.token == token), None)
    if found is None:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoRecordingJob", reason="The RecordingJobToken does not reference an existing job")
    if mode not in ("Idle", "Active"):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:BadMode", reason="The Mode is invalid")
    found.mode = mode
    return "<trc:SetRecordingJobModeResponse/>"


def delete_recording_job(context: Context) -> str:
    state, token = context.state, context.call.needs("JobToken")
    if all(job.token != token for job in state.jobs):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoRecordingJob", reason="The RecordingJobToken does not reference an existing job")
    state.jobs = [job for job in state.jobs if job.token != token]
    return "<trc:DeleteRecordingJobResponse/>"


def delete_recording(context: Context) -> str:
    """Refused while a job writes to it (Recording specification, DeleteRecording)."""
    state, token = context.state, context.call.needs("RecordingToken")
    if all(one.token != token for one in state.recordings):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoRecording", reason="The RecordingToken does not reference an existing recording")
    if _is_written(state, token):
        raise Fault("env:Receiver", "ter:Action", "ter:CannotDelete", reason="The device cannot delete the recording")
    state.recordings = [one for one in state.recordings if one.token != token]
    return "<trc:DeleteRecordingResponse/>"


def _is_written(state: CameraState, token: str) -> bool:
    return any(job.recording == token and job.mode == "Active" for job in state.jobs)


def get_service_capabilities(context: Context) -> str:
    return f"<trc:GetServiceCapabilitiesResponse>{capabilities(context, 'recording')}</trc:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the Recording Control specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetRecordings": (Access.READ_MEDIA, get_recordings),
    "GetRecordingJobs": (Access.READ_MEDIA, get_recording_jobs),
    "SetRecordingJobMode": (Access.ACTUATE, set_recording_job_mode),
    "DeleteRecordingJob": (Access.ACTUATE, delete_recording_job),
    "DeleteRecording": (Access.ACTUATE, delete_recording),
}
