"""The one place where time is read."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Gives the present instant; never feeds a legal date."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return datetime.now(UTC)


def civil_day(instant: datetime, time_zone: str) -> date:
    """The civil day of an instant in an authority's time zone (Cayenne is not Paris)."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
