"""What each client is told to ask, in its own language. All print one line of JSON: serial, profiles, stream, snapshot."""

ZEEP = """
import json, sys
from onvif import ONVIFCamera
host, port = sys.argv[1:]
camera = ONVIFCamera(host, int(port), "admin", "simulated-1")
device, media = camera.create_devicemgmt_service(), camera.create_media_service()
profiles = media.GetProfiles()
token = profiles[0].token
setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
print(json.dumps({"serial": device.GetDeviceInformation().SerialNumber, "profiles": len(profiles),
                  "stream": media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token}).Uri,
                  "snapshot": media.GetSnapshotUri({"ProfileToken": token}).Uri}))
"""

ZEEP_ASYNC = """
import asyncio, json, sys
from onvif import ONVIFCamera
async def main(host, port):
    camera = ONVIFCamera(host, int(port), "admin", "simulated-1")
    await camera.update_xaddrs()
    device, media = await camera.create_devicemgmt_service(), await camera.create_media_service()
    profiles = await media.GetProfiles()
    token = profiles[0].token
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    print(json.dumps({"serial": (await device.GetDeviceInformation()).SerialNumber, "profiles": len(profiles),
                      "stream": (await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})).Uri,
                      "snapshot": (await media.GetSnapshotUri({"ProfileToken": token})).Uri}))
    await camera.close()
asyncio.run(main(*sys.argv[1:]))
"""

NPM = """
const {Cam} = require('onvif');
const [host, port] = process.argv.slice(2);
new Cam({hostname: host, port: +port, username: 'admin', password: 'simulated-1', timeout: 10000}, function (failed) {
  if (failed) { console.error(String(failed)); process.exit(1); }
  this.getDeviceInformation((_, info) => this.getStreamUri({protocol: 'RTSP'}, (_, stream) => this.getSnapshotUri((_, still) => {
    console.log(JSON.stringify({serial: info.serialNumber, profiles: this.profiles.length, stream: stream.uri, snapshot: still.uri}));
    process.exit(0);
  })));
});
"""
