"""onvif-zeep-async as its README shows it, with so many cameras under way at a time. Imports nothing of ours. Input and output as `ours.py` with `calls`."""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from onvif import ONVIFCamera

SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


async def all_of(asked: dict[str, Any]) -> list[str]:
    """The serial numbers."""
    free = asyncio.Semaphore(asked["workers"])

    async def verified(one: dict[str, Any]) -> str:
        async with free:
            camera: Any = ONVIFCamera(one["host"], one["http_port"], asked["user"], asked["password"])
            try:
                await camera.update_xaddrs()
                device = await camera.create_devicemgmt_service()
                await device.GetSystemDateAndTime()
                serial: str = (await device.GetDeviceInformation()).SerialNumber
                media = await camera.create_media_service()
                profile = (await media.GetProfiles())[0]
                assert (await media.GetStreamUri({"StreamSetup": SETUP, "ProfileToken": profile.token})).Uri
                return serial
            finally:
                await camera.close()

    return list(await asyncio.gather(*(verified(one) for one in asked["cameras"])))


def main() -> None:
    """The four calls on each camera."""
    asked: dict[str, Any] = json.load(sys.stdin)
    wall, cpu = time.perf_counter(), time.process_time()
    serials = asyncio.run(all_of(asked))
    took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    good = sum(serial == one["serial"] for serial, one in zip(serials, asked["cameras"], strict=True))
    kb = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1000
    sys.stdout.write(json.dumps({**took, "kb": kb, "verified": good}) + "\n")


if __name__ == "__main__":
    main()
