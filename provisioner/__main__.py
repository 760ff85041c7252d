"""`provisioner` and `python -m provisioner`."""

import logging
import os
import sys
import threading
import traceback
from contextlib import suppress

from provisioner.cli.main import run
from provisioner.cli.out import BUG


def main() -> None:
    """The console script."""
    code: int = BUG
    try:
        code = run(sys.argv[1:])
    except SystemExit as end:  # --help, --version
        code = end.code if isinstance(end.code, int) else 0
    except Exception:  # noqa: BLE001 - a bug of ours: shown as Python shows it, and the exit code says it
        traceback.print_exc()
    leave(code)


def leave(code: int) -> None:
    """End the process. Where a thread is still in a camera call or in C++ code, Python's own way out would wait for it or be torn down under it
    (SIGABRT); everything that has to be closed is closed by now, so the process just ends."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if any(thread.daemon for thread in threading.enumerate()):
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
