"""Virtual time for a year. The weather of the seeds is fair here: what goes wrong comes by name and number (`troubles.py`)."""

from dataclasses import dataclass
from datetime import datetime, time
from itertools import count

from tests.whole.simulation.world import Clock, Weather, World
from tests.whole.year.calendar import BEGINS, instant


@dataclass
class YearWorld(World):
    """Begins on the first morning."""

    def __post_init__(self) -> None:
        self.clock = Clock(instant(BEGINS, time(7)))
        self.weather = Weather()
        self.calm_at = self.clock.at
        self._agenda = []
        self._tie = count()

    @property
    def next_at(self) -> datetime | None:
        """When the next thing happens."""
        return self._agenda[0][0] if self._agenda else None
