"""Cold start of the daemon: from the start of the process until it says READY to systemd; and its memory.

`provisioner run` with its HTTP trigger, a broker that is there, and a database of 200 open cases, each with both forms and its binding found. Python's
compiled files are there, as an installation leaves them; the disk's cache is warm. READY means: HTTP is bound and served, the line to the broker is up,
and what the last run owed has been taken up. What a first visit needs besides (OpenCV, the ONVIF service descriptions) is read in a thread after READY.

`rss_mb` is measured when that is done, `rss_after_visit_mb` after a whole visit with a snapshot, `rss_after_rtsp_visit_mb` after one over RTSP.
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.common import against, arguments, load, median, row, rss_mb, tell, wait_idle
from benchmarks.moves import Watch, forms, to_the_door, visit
from benchmarks.world import Broken, Daemon, Site, start_site, write_settings
from provisioner.case.effects import FindBinding
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import Answered, HandingOverNotice, Opened, ReceivingNotice, RegistryReply, Said, Statement
from provisioner.case.model import Binding, BindingState, CaseKind, Role, State
from provisioner.config import Secrets, Settings
from provisioner.ids import uuid7
from provisioner.intake import parse_case_file, to_notice
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from provisioner.wiring import open_store

READY_S_MOST = 1.5
RSS_MB_MOST = 120
CASES = 200
FIRST = 1000   # their cameras are none of the site's


def fill(store: SqlStore, settings: Settings) -> None:
    """Open `CASES` cases as the command line and the registry would: forms in, binding found, waiting for a booking."""
    references, policy = store.references(), settings.policy.policy()
    for n in range(FIRST, FIRST + CASES):
        now = datetime.now(UTC)
        case_id, file = uuid7(now), parse_case_file(forms(n))
        store.take(case_id, Opened(case_id, f"B-{n}", CaseKind.MOVE_ONLY), now, policy)
        assert file.handing_over is not None and file.receiving is not None
        notices = [to_notice(form, references, now, policy, "test") for form in (file.handing_over, file.receiving)]
        statements: Sequence[Statement] = (HandingOverNotice(notices[0]), ReceivingNotice(notices[1]))
        owed = [owed for what in statements for owed in store.take(case_id, Said("unit-form", Role.UNIT, what), now, policy, worker="benchmark").owed]
        case = store.load(case_id)
        for one in owed:
            if isinstance(one.effect, FindBinding) and one.token is not None:
                binding = Binding(f"binding-{n:06d}", SerialNumber(f"ACCC8E{n:06X}"), f"site-old-{n}", "provider-north", "schedule-1", BindingState.ACTIVE, 1)
                reply = RegistryReply("completed", None, now, (binding,), now + timedelta(days=1))
                case = store.take(case_id, Answered(one.token, reply), now, policy).outcome.case
        if case.state is not State.READY:
            raise Broken(f"a case stands in {case.state}")


def visits(site: Site, directory: Path, settings: Settings, n: int) -> tuple[float, float]:
    """Memory of a daemon that has warmed up, and of the same one after a visit to camera `n`; MB."""
    with Daemon(directory, settings) as daemon, closing(open_store(settings, Secrets(settings))) as store, closing(Watch(store, directory)) as watch:
        wait_idle(daemon.pid)
        warm = rss_mb(daemon.pid)
        visit(daemon, watch, site, to_the_door(daemon, watch, site, n), n)
        return warm, rss_mb(daemon.pid)


def run(runs: int) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the table."""
    with tempfile.TemporaryDirectory(prefix="provisioner-bench-") as name, ExitStack() as stack:
        directory, load_before = Path(name), load()
        site = start_site(stack, 2, directory)
        (directory / "auto").mkdir()
        settings = write_settings(site, directory / "auto")
        keys = Secrets(settings).personal_keys()
        with closing(SqlStore(settings.store.url, Sealer(keys), synchronous="OFF")) as store:  # nobody measures how these come in
            fill(store, settings)
        ready_s, cpu_s = [], []
        for place in range(runs + 1):  # the first compiles what was not compiled yet
            with Daemon(directory / "auto", settings) as daemon:
                if place:
                    ready_s.append(daemon.ready_s)
                    cpu_s.append(daemon.cpu_s())
                else:
                    wait_idle(daemon.pid)
        warm, after = visits(site, directory / "auto", settings, 0)
        (directory / "rtsp").mkdir()
        _, after_rtsp = visits(site, directory / "rtsp", write_settings(site, directory / "rtsp", "rtsp"), 1)
    figures = {"ready_s": median(ready_s), "rss_mb": warm, "rss_after_visit_mb": after, "rss_after_rtsp_visit_mb": after_rtsp, "ready_cpu_s": median(cpu_s),
               "ready_s_least": round(min(ready_s), 4), "ready_s_most": round(max(ready_s), 4), "cases": CASES, "runs": runs, "load_before": load_before,
               "load_after": load()}
    return figures, table(figures)


def table(figures: dict[str, Any]) -> list[str]:
    """For people."""
    return [f"Cold start with {figures['cases']} open cases, median of {figures['runs']}.", "",
            row("process start to READY, s", figures["ready_s"]), row("  least and most", f"{figures['ready_s_least']} - {figures['ready_s_most']}"),
            row("  CPU until then, s", figures["ready_cpu_s"]), row("memory when warmed up, MB", figures["rss_mb"]),
            row("  after a visit with a snapshot", figures["rss_after_visit_mb"]), row("  after a visit over RTSP", figures["rss_after_rtsp_visit_mb"]), "",
            f"ready_s          {against(figures['ready_s'], READY_S_MOST)}", f"rss_mb           {against(figures['rss_mb'], RSS_MB_MOST)}",
            f"load of the machine {figures['load_before']} before, {figures['load_after']} after"]


def main() -> None:
    """`python -m benchmarks.startup`."""
    args = arguments(__doc__ or "")
    tell(args, *run(args.runs))


if __name__ == "__main__":
    main()
