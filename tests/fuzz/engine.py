"""One run of one target: by atheris (libFuzzer, led by coverage) where it is installed, else by a small mutating fuzzer of our own.

Both stop at the first input that breaks the target, that takes more than `SLOW_S` seconds of CPU, or with which the process has grown too far; that
input is kept in `found/`, where the next run and the tests try it again.
"""

import hashlib
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SLOW_S = 1.0         # CPU of one input: a camera's whole visit takes 0.05
HANG_S = 20          # CPU after which an input is ended by force
GROWTH_MOST_MB = 200  # after the first tenth of the run; libFuzzer's own corpus is in it
INPUT_MOST = 16 * 1024
FOUND = Path(__file__).parent / "found"
WORDS = (
    "GetSystemDateAndTimeResponse", "GetDeviceInformationResponse", "GetScopesResponse", "GetServicesResponse", "GetProfilesResponse", "GetStreamUriResponse",
    "GetSnapshotUriResponse", "GetImagingSettingsResponse", "GetCapabilitiesResponse", "ProbeMatches", "ProbeMatch", "EndpointReference", "XAddrs", "Fault",
    "Envelope", "<!DOCTYPE", "<![CDATA[", "]]>", "&#0;", "&#x10FFFF;", 'encoding="utf-16"', 'encoding="utf-7"', 'encoding="base64"', "\ufffe",
    "rtsp://", "http://[::1", "http://h:99999", "H264", "H265", "sprop-parameter-sets=", "interleaved=", "timeout=", "Content-Length: ", "Content-Base: ",
    "Transfer-Encoding: chunked", "WWW-Authenticate: Digest ", "nonce=", "stale=true", "Retry-After: ", "RTSP/1.0 401 ", "RTSP/1.0 200 OK\r\n", "CSeq: ",
    "Session: ", "Transport: RTP/AVP/TCP;", "Transport: RTP/AVP;", "locked", "attempts left", "unlockTime>", "try again in 5 minutes", "Date: ", "\r\n\r\n",
    "9" * 30, "9" * 400, "9" * 4400, "-1", "0", "1e999", "nan", "inf", "\u00b2", "\u0664", "$\x00\xff\xff", "$\x00\x00\x00", "a=fmtp:", "m=video", "%s", "\x00",
    "[[quirk]]", "extends", "value = ", "because", "[frame.mean_light_least]", "192.168.1.0/24", "0.0.0.0/0", "::/0", "10.0.0.5-9", "fe80::1%1",
)


class Slow(Exception):
    """An input took too long."""


class Grown(Exception):
    """The process needs ever more memory."""


@dataclass
class Report:
    """What a run was. Memory in MB of resident set: when the first input had been read, after a tenth of the run, at the end."""

    target: str
    engine: str
    seconds: float
    executions: int = 0
    corpus: int = 0
    coverage: int = 0
    slowest_s: float = 0.0
    slowest_bytes: int = 0
    rss_begin_mb: float = 0.0
    rss_tenth_mb: float = 0.0
    rss_end_mb: float = 0.0
    broken_by: str = ""

    def line(self) -> str:
        """For people."""
        how = f"BROKEN by {self.broken_by}" if self.broken_by else "sound"
        return (f"{self.target:<10} {self.engine:<8} {self.seconds:6.0f} s  {self.executions:>9} executions  corpus {self.corpus:>5}"
                f"  slowest {self.slowest_s * 1000:6.1f} ms ({self.slowest_bytes} bytes)"
                f"  memory {self.rss_begin_mb:.0f} -> {self.rss_tenth_mb:.0f} -> {self.rss_end_mb:.0f} MB  {how}")

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def rss_mb() -> float:
    """The process's resident set in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


class Watched:
    """The target with a clock and a scale beside it."""

    def __init__(self, target: str, run: Callable[[bytes], None], engine: str, seconds: float) -> None:
        self.report = Report(target, engine, seconds)
        self._run = run
        self.begun = time.monotonic()

    def __call__(self, data: bytes) -> None:
        report = self.report
        before = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HANG_S)
        try:
            self._run(data)
        except BaseException as exc:
            self.keep(data, f"{type(exc).__name__}: {str(exc)[:200]}")
            raise
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took_s = time.process_time() - before
        report.executions += 1
        if report.executions == 1:
            report.rss_begin_mb = rss_mb()
        if took_s > report.slowest_s and report.executions > 1:   # the first one imports
            report.slowest_s, report.slowest_bytes = took_s, len(data)
            if took_s > SLOW_S:
                self.keep(data, f"{took_s:.1f} s of CPU")
                raise Slow(f"{took_s:.1f} s of CPU for {len(data)} bytes")
        if report.executions % 200 == 0:
            self._weigh(data)

    def _weigh(self, data: bytes) -> None:
        report = self.report
        report.rss_end_mb = rss_mb()
        if not report.rss_tenth_mb and time.monotonic() - self.begun > report.seconds / 10:
            report.rss_tenth_mb = report.rss_end_mb
        if report.rss_tenth_mb and report.rss_end_mb - report.rss_tenth_mb > GROWTH_MOST_MB:
            self.keep(data, "growth")
            raise Grown(f"{report.rss_tenth_mb:.0f} -> {report.rss_end_mb:.0f} MB")

    def keep(self, data: bytes, why: str) -> None:
        """Write the input down for the next run."""
        path = FOUND / self.report.target / hashlib.sha256(data).hexdigest()[:12]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.report.broken_by = f"{path.name} ({why})"


def _ended(_: int, __: object) -> None:
    raise Slow(f"still running after {HANG_S} s of CPU")


def by_mutation(watched: Watched, corpus: Sequence[bytes], seed: int) -> None:
    """Change what is known, and keep what is new by its length or first byte; without coverage to lead it."""
    signal.signal(signal.SIGPROF, _ended)
    choose = random.Random(seed)
    pool = list(corpus)
    for data in corpus:
        watched(data)
    until = watched.begun + watched.report.seconds
    while time.monotonic() < until:
        data = mutated(choose.choice(pool), pool, choose)
        watched(data)
        if len(pool) < 500 and choose.random() < 0.01:
            pool.append(data)
    watched.report.corpus, watched.report.rss_end_mb = len(pool), rss_mb()


def mutated(data: bytes, pool: Sequence[bytes], choose: random.Random) -> bytes:
    """One to four changes of `data`."""
    made = bytearray(data)
    for _ in range(choose.choice((1, 1, 2, 4))):
        at = choose.randrange(len(made) + 1)
        until = min(len(made), at + choose.choice((1, 2, 4, 30, 300)))
        match choose.randrange(7):
            case 0 if made:
                made[min(at, len(made) - 1)] ^= 1 << choose.randrange(8)
            case 1:
                del made[at:until]
            case 2:
                made[at:at] = choose.choice(WORDS).encode()
            case 3:
                made[at:until] = choose.choice(WORDS).encode()
            case 4:
                made[at:at] = made[at:until] * choose.choice((1, 2, 100))
            case 5:
                other = choose.choice(pool)
                begin = choose.randrange(len(other) + 1)
                made[at:until] = other[begin: begin + choose.choice((8, 80, 2000))]
            case _:
                made[at:until] = choose.randbytes(until - at)
    return bytes(made[:INPUT_MOST])


def by_atheris(name: str, make: Callable[[], tuple[Callable[[bytes], None], Sequence[bytes]]], seconds: float, folder: Path,
               done: Callable[[Report], None]) -> None:
    """Never returns: libFuzzer ends the process. `done` gets the report before; `folder` keeps the corpus between runs."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["provisioner.camera", "provisioner.case.identifiers"], enable_loader_override=False):
        run, corpus = make()
    inputs = folder / name
    inputs.mkdir(parents=True, exist_ok=True)
    for data in corpus:
        (inputs / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    words = folder / f"{name}.dict"
    words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"\n' for word in WORDS if len(word) < 60), encoding="ascii")
    watched = Watched(name, run, "atheris", seconds)
    told_at = time.monotonic()

    def one(data: bytes) -> None:
        nonlocal told_at
        try:
            watched(data)
        except BaseException:
            done(watched.report)
            raise
        if time.monotonic() - told_at > 0.5:
            told_at = time.monotonic()
            done(watched.report)

    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds:.0f}", f"-timeout={2 * HANG_S}", "-rss_limit_mb=1500", f"-max_len={INPUT_MOST}", "-print_final_stats=1",
                   "-verbosity=1", f"-dict={words}", f"-artifact_prefix={folder / name}-", "-use_value_profile=0", str(inputs)], one)
    atheris.Fuzz()
