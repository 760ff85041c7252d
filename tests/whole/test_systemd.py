"""The daemon under systemd's eyes: READY, WATCHDOG and STOPPING over a real notification socket, secrets from the credentials directory."""

import os
import signal
import socket
import subprocess
import sys
import time

from simulators.broker import Broker

SECRETS = {"personal-key": "11" * 32, "camera-key": "22" * 32, "receipt-key": "33" * 32, "api-token": "token-for-tests"}


def test_notifies_ready_watchdog_and_stopping(tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(tmp_path / "notify"))
    notify.settimeout(10)
    with notify, Broker() as broker:
        for name, text in {**SECRETS, "mqtt-password": broker.passwords["daemon"]}.items():
            (credentials / name).write_text(text)
        config = tmp_path / "provisioner.toml"
        config.write_text(f"""
            [store]
            url = "sqlite:///{tmp_path / 'state' / 'p.db'}"
            [broker]
            host = "{broker.host}"
            port = {broker.port}
            [http]
            port = 0
        """)
        env = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000", "CREDENTIALS_DIRECTORY": str(credentials)}
        env.pop("WATCHDOG_PID", None)
        daemon = subprocess.Popen([sys.executable, "-m", "provisioner", "run", "--config", str(config)], env=env, stderr=subprocess.PIPE)
        try:
            heard = [notify.recv(100).decode()]
            while "READY=1" not in heard or heard.count("WATCHDOG=1") < 3:
                heard.append(notify.recv(100).decode())
            begun = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            while heard[-1] != "STOPPING=1":
                heard.append(notify.recv(100).decode())
            assert daemon.wait(10) == 0
            assert time.monotonic() - begun < 5, "TimeoutStopSec is 10"
        finally:
            daemon.kill()
            _, said = daemon.communicate()
    assert set(heard) == {"READY=1", "WATCHDOG=1", "STOPPING=1"}
    for secret in (*SECRETS.values(), broker.passwords["daemon"]):
        assert secret.encode() not in said
