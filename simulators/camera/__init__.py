"""A simulated camera on real sockets: ONVIF over HTTP, H.264 over RTSP, a JPEG snapshot, and levers to pull.

    with SimulatedCamera(CameraState(serial="ACC8E0123456")) as camera:
        camera.onvif_url                     # http://127.0.0.1:PORT/onvif/device_service, user admin, password simulated-1
        camera.levers.lose_power(for_s=20)
        camera.seen.requests["GetDeviceInformation"]

State says what the camera is (`state.py`), faces show it (`onvif*.py`, `rtsp.py`, `http.py`), levers change it (`levers.py`).
"""

from .camera import SimulatedCamera
from .levers import LeverError, Levers
from .parts import Broker, Mask, Osd, Recording, RecordingJob, Tls
from .scenes import SCENE_NAMES, SCENES
from .state import CameraState, Imaging, Level, Login, Network, Profile, Seen, Troubles, User, Where

__all__ = ["SCENES", "SCENE_NAMES", "Broker", "CameraState", "Imaging", "Level", "LeverError", "Levers", "Login", "Mask", "Network", "Osd", "Profile", "Recording",
           "RecordingJob", "Seen", "SimulatedCamera", "Tls", "Troubles", "User", "Where"]
