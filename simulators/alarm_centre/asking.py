"""A command as the other side would send it, for tests and for a person at a keyboard. Nothing of the daemon is used."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from simulators.alarm_centre.ids import random_id
from simulators.alarm_centre.wire import Properties, instant

Asked = tuple[str, bytes, Properties]


def command(
    verb: str, body: dict[str, object], now: datetime, *, msg_id: str | None = None, client_ref: str = "asker", expires_in_s: float = 120,
) -> Asked:  # fmt: skip
    """Topic, payload and properties: what `Registry.handle` takes."""
    msg_id = msg_id or random_id(now)
    message = {
        "schema": f"tk/1/cmd/{verb}", "msg_id": msg_id, "sent_at": instant(now), "expires_at": instant(now + timedelta(seconds=expires_in_s)),
        "case_ref": "case-by-hand", "actor_ref": "person-at-keyboard", "body": body,
    }  # fmt: skip
    return f"tk/1/cmd/{verb}", json.dumps(message).encode(), Properties(f"tk/1/reply/{client_ref}", msg_id.encode())
