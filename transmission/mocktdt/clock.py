"""The only clock of the mock: real time plus a displacement, or a frozen instant."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# The platform and the ministry keep the civil day of Paris, wherever the authority is.
PARIS = ZoneInfo("Europe/Paris")


class VirtualClock:
    """Instants are aware UTC, days are civil days of Paris.

    `start`: instant to begin at (now when absent). `frozen`: stand still until moved.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self._lock = threading.Lock()
        self._base = start or real_now()
        self._mark = time.monotonic()
        self._frozen = frozen

    def now(self) -> datetime:
        """The mock's present instant, aware UTC."""
        with self._lock:
            return self._read()

    def today(self) -> date:
        """The civil day of Paris at the mock's present instant."""
        return civil_day(self.now())

    def advance(self, seconds: float) -> None:
        """Move forward (or backward, when negative) by `seconds`."""
        with self._lock:
            self._base += timedelta(seconds=seconds)

    def set(self, instant: datetime) -> None:
        """Jump to `instant` (aware)."""
        with self._lock:
            self._base, self._mark = instant.astimezone(UTC), time.monotonic()

    def freeze(self, *, frozen: bool) -> None:
        """Stop the clock where it stands, or let it run again from there."""
        with self._lock:
            self._base, self._mark = self._read(), time.monotonic()
            self._frozen = frozen

    def _read(self) -> datetime:
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._mark)


def real_now() -> datetime:
    """The real instant, for what the virtual clock must not move: certificates, the oracle."""
    return datetime.now(UTC)


def civil_day(instant: datetime) -> date:
    """The civil day of Paris at `instant` (aware)."""
    return instant.astimezone(PARIS).date()
