"""Server time (D17). The only file of the product that asks the machine what time it is."""

from datetime import UTC, datetime
from time import monotonic


class SystemClock:
    """The machine's clock, UTC."""

    def now(self) -> datetime:
        """The present instant, aware, UTC, whole milliseconds: what the wire and the database keep."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic_s(self) -> float:
        """Seconds on a clock that never jumps, for measuring how long something took."""
        return monotonic()
