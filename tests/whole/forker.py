"""Starts daemons quickly and really: a child of the tests that has imported everything once, and forks one `provisioner run` for each line it reads.

A forked daemon is a process like any other (own settings, own log, killed with SIGKILL); only its second of imports is shared. Started by `Forker`
in `daemons.py`, never by hand. `die_after_commit` has the daemon kill itself between a commit and what that commit owes: the one moment that nobody
outside can hit.
"""

import json
import os
import select
import signal
import sys
from typing import Any


def main() -> None:
    """Read one JSON object a line, answer each with one line; the end of standard input ends all children and this process."""
    import uvicorn  # noqa: F401 - imported here once, so that no daemon has to
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: F401

    from provisioner.camera.adapter import warm_up
    from provisioner.cli import machine, main  # noqa: F401
    from provisioner.web import api  # noqa: F401

    warm_up()
    _build_codecs()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    pids: list[int] = []
    _answer({"ready": True})
    while line := sys.stdin.readline():
        wish = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_a_daemon(wish)
        pids.append(pid)
        _answer({"pid": pid})
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _build_codecs() -> None:
    """One input through a database in memory: what is built at the first use is then there for every child."""
    from datetime import UTC, datetime

    from provisioner.case.inputs import Opened
    from provisioner.case.model import CaseKind
    from provisioner.case.policy import Policy
    from provisioner.store.sealing import Sealer
    from provisioner.store.sql import SqlStore

    store = SqlStore("sqlite://", Sealer(bytes(32)))
    store.take("case-1", Opened("case-1", "2026-AAAAA", CaseKind.MOVE_ONLY), datetime.now(UTC), Policy(), worker="worker-1")
    store.load("case-1")
    store.close()


def _answer(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _be_a_daemon(wish: dict[str, Any]) -> None:
    from provisioner.cli.main import run

    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        if wish.get("die_after_commit"):
            _die_after_commit(int(wish["die_after_commit"]))
        code = run(["run", "--config", wish["config"]])
    except BaseException:  # noqa: BLE001 - it goes into the log, and the exit code says it
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _die_after_commit(wanted: int) -> None:
    """SIGKILL to ourselves right after the n-th input of this process that changed a case was committed, before anything that it owes was performed."""
    from provisioner.case.outcome import Verdict
    from provisioner.store.sql import SqlStore

    take, taken = SqlStore.take, 0

    def take_and_die(self: SqlStore, *args: Any, **kwargs: Any) -> Any:
        nonlocal taken
        done = take(self, *args, **kwargs)
        taken += done.outcome.verdict in (Verdict.MOVED, Verdict.NOTED)
        if taken == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
            select.select([], [], [], 5)
        return done
    SqlStore.take = take_and_die  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
