"""Virtual time, chance by seed, and the weather: how much goes wrong in this seed, and until when."""

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

MS = timedelta(milliseconds=1)
NIGHTS = (  # the days a run may begin at: an ordinary one, both changes of the clock (H10), a leap day, a new year
    datetime(2026, 11, 23, 7, tzinfo=UTC), datetime(2026, 10, 24, 8, tzinfo=UTC), datetime(2027, 3, 27, 8, tzinfo=UTC),
    datetime(2028, 2, 28, 9, tzinfo=UTC), datetime(2026, 12, 30, 12, tzinfo=UTC),
)


class Clock:
    """`ports.Clock`. Stands still until the world moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Weather:
    """What goes wrong, each a chance between 0 and 1 unless a unit is named. All of it ends when the world becomes calm."""

    drop: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    line_cuts: int = 0            # how often in the whole storm each side loses the broker
    broker_deaths: int = 0        # retained and queued messages are lost
    broker_says_no: float = 0.0   # a publish is answered with a failure code
    centre_restarts: int = 0
    centre_silences: int = 0      # an hour or so each
    hand_edits: int = 0
    looks_wrong: float = 0.0      # the operator misreads, or gets no picture
    looks_at_random: int = 0      # somebody looks just then: LOOK_IN_PROGRESS
    camera_trouble: float = 0.0
    crash: str = "never"          # never, seldom, every
    crash_chance: float = 0.0     # for each point where it may die, when seldom
    long_downtime: float = 0.0    # of the deaths
    store_trouble: float = 0.0    # a commit meets a locked database
    mistakes: float = 0.0         # people's
    exits: float = 0.0            # of people's turns: hold, cancel, roll back, terminate, swap, wrong case
    storm: timedelta = timedelta(0)


def weather_of(rng: Random) -> Weather:
    """A tenth of the seeds are fair: what is found there is not the weather's fault. One in forty dies at every commit in turn."""
    kind = rng.random()
    if kind < 0.1:
        return Weather(mistakes=0.1, exits=rng.choice((0.0, 0.03)), storm=timedelta(days=2))
    every = kind > 0.975
    bad = rng.choice((0.3, 1.0, 1.0, 2.0))

    def upto(most: float) -> float:
        return rng.choice((0.0, 1.0, 1.0)) * rng.random() * most * bad

    return Weather(
        drop=min(0.6, upto(0.25)), twice=upto(0.2), late=upto(0.2), line_cuts=int(upto(6)), broker_deaths=int(upto(3)), broker_says_no=upto(0.03),
        centre_restarts=int(upto(3)), centre_silences=int(upto(2.5)), hand_edits=rng.choice((0, 0, 0, 1, 2)), looks_wrong=upto(0.3),
        looks_at_random=int(upto(12)), camera_trouble=min(0.7, upto(0.7)), crash="every" if every else rng.choice(("never", "seldom", "seldom", "seldom")),
        crash_chance=rng.choice((0.003, 0.01, 0.03, 0.1)), long_downtime=0.02 if every else rng.choice((0.0, 0.1, 0.4)), store_trouble=upto(0.03),
        mistakes=upto(0.3), exits=rng.choice((0.0, 0.0, 0.01, 0.03, 0.08)), storm=timedelta(hours=rng.randint(12, 96)))


@dataclass
class World:
    """The agenda of all that will happen, and what everybody in a run shares."""

    seed: int
    verbose: bool = False
    clock: Clock = field(init=False)
    weather: Weather = field(init=False)
    calm_at: datetime = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=60_000))
    steps: int = 0

    def __post_init__(self) -> None:
        rng = self.rng("weather")
        self.clock = Clock(rng.choice(NIGHTS) + timedelta(minutes=rng.randrange(600)))
        self.weather = weather_of(rng)
        self.calm_at = self.clock.at + self.weather.storm
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._tie = count()

    def rng(self, name: str) -> Random:
        """A stream of chance of its own: one more throw here does not change what happens there."""
        return Random(f"{self.seed}/{name}")

    @property
    def now(self) -> datetime:
        return self.clock.at

    @property
    def is_calm(self) -> bool:
        return self.now >= self.calm_at

    def at(self, instant: datetime, act: Callable[[], None]) -> None:
        """Do it then (whole milliseconds, as the product's clock), or at once where that has passed."""
        instant = max(instant, self.now)
        heapq.heappush(self._agenda, (instant.replace(microsecond=instant.microsecond // 1000 * 1000), next(self._tie), act))

    def later(self, after_s: float, act: Callable[[], None]) -> None:
        """Do it in so many virtual seconds."""
        self.at(self.now + max(MS, timedelta(seconds=after_s)), act)

    def step(self) -> bool:
        """Let the next thing happen. False: nothing ever will."""
        if not self._agenda:
            return False
        at, _, act = heapq.heappop(self._agenda)
        self.clock.at = max(self.clock.at, at)
        self.steps += 1
        act()
        return True

    def note(self, what: str) -> None:
        """For `--verbose`, which shows the story of one seed."""
        if self.verbose:
            self.lines.append(f"{self.now:%m-%d %H:%M:%S.%f}"[:-3] + f"  {what}")
