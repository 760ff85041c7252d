"""The naive script: what a competent user writes with the same packages and no product around them. One process a visit.

    python benchmarks/naive.py HOST PORT SERIAL --slot site-new --broker 127.0.0.1:1883
    (accounts in the environment: CAMERA_USER, CAMERA_PASSWORD, MQTT_USER, MQTT_PASSWORD)

Is it the right camera (ONVIF)? Take a picture (RTSP), look whether it is bright and sharp, tell the registry: bind here, retire there. It keeps
no journal, has no time-outs, and takes the broker's acknowledgement for the registry's. Its last line is its steps as JSON, in milliseconds.
"""

import argparse
import json
import os
import sys
import time
from typing import Any
from urllib.parse import quote

import cv2
import paho.mqtt.client as mqtt
from onvif import ONVIFCamera
from paho.mqtt.enums import CallbackAPIVersion

DARK, BRIGHT = 30, 225   # mean grey level
BLURRED = 50             # variance of the Laplacian


def stream_uri(camera: Any, user: str, password: str) -> str:
    """The RTSP address of the first profile, with the login in it."""
    media = camera.create_media_service()
    profile = media.GetProfiles()[0]
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    uri: str = media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile.token}).Uri
    return uri.replace("rtsp://", f"rtsp://{quote(user)}:{quote(password)}@", 1)


def picture(uri: str) -> Any:
    """One frame."""
    capture = cv2.VideoCapture(uri)
    try:
        is_good, frame = capture.read()
    finally:
        capture.release()
    if not is_good:
        sys.exit("no picture from the camera")
    return frame


def check(frame: Any) -> None:
    """Bright and sharp enough?"""
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    mean, sharp = float(grey.mean()), float(cv2.Laplacian(grey, cv2.CV_64F).var())
    if not DARK < mean < BRIGHT:
        sys.exit(f"too dark or too bright: {mean:.0f}")
    if sharp < BLURRED:
        sys.exit(f"not sharp: {sharp:.0f}")


def publish(broker: str, messages: dict[str, dict[str, str]]) -> None:
    """Each message with QoS 1, waiting for its acknowledgement."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"naive-{os.getpid()}", protocol=mqtt.MQTTv5)
    client.username_pw_set(os.environ["MQTT_USER"], os.environ["MQTT_PASSWORD"])
    host, port = broker.split(":")
    client.connect(host, int(port))
    client.loop_start()
    for topic, message in messages.items():
        info = client.publish(topic, json.dumps(message), qos=1)
        info.wait_for_publish(10)
        if not info.is_published():
            sys.exit(f"{topic} was not acknowledged")
    client.disconnect()
    client.loop_stop()


def main() -> None:
    """One visit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("serial")
    parser.add_argument("--slot", required=True)
    parser.add_argument("--old-slot", default="")
    parser.add_argument("--broker", default="127.0.0.1:1883")
    args = parser.parse_args()
    user, password = os.environ["CAMERA_USER"], os.environ["CAMERA_PASSWORD"]
    steps, begun = {}, time.perf_counter()

    def done(step: str) -> None:
        nonlocal begun
        steps[step] = round(1000 * (time.perf_counter() - begun), 1)
        begun = time.perf_counter()

    camera = ONVIFCamera(args.host, args.port, user, password)
    told = camera.devicemgmt.GetDeviceInformation()
    if told.SerialNumber != args.serial:
        sys.exit(f"another camera: {told.SerialNumber}")
    done("identity")
    uri = stream_uri(camera, user, password)
    done("stream_uri")
    frame = picture(uri)
    done("frame")
    check(frame)
    done("checks")
    publish(args.broker, {
        "tk/1/cmd/bind": {"slot": args.slot, "serial": told.SerialNumber, "model": told.Model, "firmware": told.FirmwareVersion},
        "tk/1/cmd/retire": {"slot": args.old_slot, "serial": told.SerialNumber},
    })
    done("publish")
    print(json.dumps(steps))


if __name__ == "__main__":
    main()
