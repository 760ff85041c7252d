"""Structured logs: one JSON line a transition, ten fields and no others. Ids, states and codes only; no name, number, address, picture or secret."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

FIELDS = ("case", "step", "event", "effect", "attempt", "fault", "took_ms", "camera", "site", "version")
"""`camera` is the last four characters of a serial; `site` an opaque reference; `took_ms` whole milliseconds."""


class JsonLines(logging.Formatter):
    """A log record as one line of JSON, with the fields of `FIELDS` that were given."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a newline."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"at": at, "level": record.levelname.lower(), "log": record.name, "text": record.getMessage()}
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = value
        if record.exc_info:
            line["bug"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """The same for eyes: time, level, sentence, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a newline."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        fields = " ".join(f"{name}={getattr(record, name)}" for name in FIELDS if getattr(record, name, None) is not None)
        text = f"{at} {record.levelname.lower():8} {record.getMessage()} {fields}".rstrip()
        return text + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def set_up(level: str = "info", *, json_lines: bool, stream: TextIO | None = None) -> None:
    """Send `provisioner.*` to `stream` (standard error). Foreign libraries speak from WARNING on; their debug output may hold what must not be logged."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if json_lines else PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("provisioner").setLevel(level.upper())
