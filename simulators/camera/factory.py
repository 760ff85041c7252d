"""What a factory default really clears.

The Core specification leaves Soft open ("all parameters, with exceptions such as the IP address"). Here Soft does what most cameras do:
network settings, accounts, clock and certificates stay, and so does everything on the card. Hard clears all settings and all accounts.
Neither touches the recordings on the card: only taking out the card, or deleting them, does.
"""

from __future__ import annotations

import copy

from .parts import Osd
from .state import CameraState, Imaging, Network


def reset_soft(state: CameraState) -> None:
    """Picture, profiles, texts, masks, scopes and subscriptions; accounts, network and clock stay."""
    state.imaging = Imaging()
    state.ir_lamp = "AUTO"
    state.masks, state.brokers, state.extra_scopes = [], [], []
    state.osds = [Osd("osd_clock", "DateAndTime", "UpperLeft")]
    state.parked = False
    state.discoverable = True
    for profile in state.profiles:
        profile.audio = profile.audio_encoder = True           # the microphone is on again, as it left the factory


def reset_hard(state: CameraState) -> None:
    """Everything but what is on the card."""
    reset_soft(state)
    works = state.network.ntp_works
    state.network = Network(http_port=state.network.http_port, rtsp_port=state.network.rtsp_port, ntp_works=works)
    state.network.ntp_servers = ()
    state.timezone, state.date_time_type = "UTC", "Manual"
    state.users = copy.deepcopy(state.factory_users)
    state.jobs = []
