"""The only clock of the mock: real time plus a displacement, or a frozen instant."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# The platform and the ministry keep the civil day of Paris, wherever the authority is.
PARIS = ZoneInfo("Europe/Paris")


# Instants outside leave no room for the delays that are counted from them.
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


class ClockError(ValueError):
    """The clock was asked to leave the years 1970 to 2999."""


class VirtualClock:
    """Instants are aware UTC, days are civil days of Paris.

    `start`: instant to begin at (now when absent). `frozen`: stand still until moved. Raises
    ClockError.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self._lock = threading.Lock()
        self._jump(start or real_now())
        self._frozen = frozen

    def now(self) -> datetime:
        """The mock's present instant, aware UTC."""
        with self._lock:
            return self._read()

    def today(self) -> date:
        """The civil day of Paris at the mock's present instant."""
        return civil_day(self.now())

    def advance(self, seconds: float) -> None:
        """Move forward (or backward, when negative) by `seconds`. Raises ClockError."""
        with self._lock:
            try:
                moved = self._read() + timedelta(seconds=seconds)
            except OverflowError:
                raise _too_far() from None
            self._jump(moved)

    def set(self, instant: datetime) -> None:
        """Jump to `instant` (aware). Raises ClockError."""
        with self._lock:
            self._jump(instant)

    def freeze(self, *, frozen: bool) -> None:
        """Stop the clock where it stands, or let it run again from there."""
        with self._lock:
            self._base, self._mark = self._read(), time.monotonic()
            self._frozen = frozen

    def _jump(self, instant: datetime) -> None:
        if not _FIRST <= instant <= _LAST:
            raise _too_far()
        self._base, self._mark = instant.astimezone(UTC), time.monotonic()

    def _read(self) -> datetime:
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._mark)


def _too_far() -> ClockError:
    return ClockError("l'horloge va du 2 janvier 1970 au 31 décembre 2999")


def real_now() -> datetime:
    """The real instant, for what the virtual clock must not move: certificates, the oracle."""
    return datetime.now(UTC)


def civil_day(instant: datetime) -> date:
    """The civil day of Paris at `instant` (aware)."""
    return instant.astimezone(PARIS).date()
