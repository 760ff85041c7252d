"""Clients that nobody here wrote ask the simulated camera. SIMULATORS_CLIENTS=1 installs them into a directory of the test's own (half a minute)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.camera import CameraState, SimulatedCamera

needs_installing = pytest.mark.skipif(os.environ.get("SIMULATORS_CLIENTS") != "1", reason="SIMULATORS_CLIENTS=1 installs npm's onvif and onvif-zeep-async")

NPM = """
const {Cam} = require('onvif');
const [host, port] = process.argv.slice(2);
new Cam({hostname: host, port: +port, username: 'admin', password: 'simulated-1', timeout: 10000}, function (failed) {
  if (failed) { console.error(String(failed)); process.exit(1); }
  this.getDeviceInformation((_, info) => this.getStreamUri({protocol: 'RTSP'}, (_, stream) => {
    console.log(JSON.stringify({serial: info.serialNumber, stream: stream.uri}));
    process.exit(0);
  }));
});
"""
ZEEP_ASYNC = """
import asyncio, json, sys
from onvif import ONVIFCamera
async def main(host, port):
    camera = ONVIFCamera(host, int(port), "admin", "simulated-1")
    await camera.update_xaddrs()
    device, media = await camera.create_devicemgmt_service(), await camera.create_media_service()
    token = (await media.GetProfiles())[0].token
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    uri = (await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})).Uri
    print(json.dumps({"serial": (await device.GetDeviceInformation()).SerialNumber, "stream": uri}))
    await camera.close()
asyncio.run(main(*sys.argv[1:]))
"""


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, f"{command[0]} could not: {done.stdout[-800:]}{done.stderr[-800:]}"
    return done.stdout


def answers(*command: str, cwd: Path) -> None:
    with SimulatedCamera(CameraState(serial="ACC8E0123456")) as camera:
        told = json.loads(run(*command, camera.host, str(camera.http_port), cwd=cwd))
        assert told == {"serial": "ACC8E0123456", "stream": camera.rtsp_url()}
        assert camera.seen.failed_logins == 0


@needs_installing
def test_onvif_of_npm(tmp_path: Path) -> None:
    run("npm", "install", "--no-fund", "--no-audit", "--prefix", str(tmp_path), "onvif", cwd=tmp_path)
    (tmp_path / "ask.js").write_text(NPM, encoding="utf-8")
    answers("node", "ask.js", cwd=tmp_path)


@needs_installing
def test_onvif_zeep_async(tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"), cwd=tmp_path)
    run(str(tmp_path / "venv/bin/pip"), "install", "-q", "onvif-zeep-async", cwd=tmp_path)
    (tmp_path / "ask.py").write_text(ZEEP_ASYNC, encoding="utf-8")
    answers(str(tmp_path / "venv/bin/python"), "ask.py", cwd=tmp_path)
