"""Which day the ministry writes in `DateReception`: the legal date that clients must read."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Mode(StrEnum):
    """`today`: the day of the answer. `fixed`: always the same. `offset`: days from another day."""

    TODAY = "today"
    FIXED = "fixed"
    OFFSET = "offset"


class Origin(StrEnum):
    """What an offset is counted from."""

    DECISION = "decision"
    SENDING = "sending"


@dataclass(frozen=True, slots=True)
class ReceptionDate:
    """The policy in force. `days` may be negative: an AR can be dated before the sending."""

    mode: Mode = Mode.TODAY
    fixed: date = date.min
    origin: Origin = Origin.SENDING
    days: int = 0

    def on(self, today: date, *, decision: date, sending: date) -> date:
        """The civil date to write in an AR issued `today`."""
        match self.mode:
            case Mode.TODAY:
                return today
            case Mode.FIXED:
                return self.fixed
            case Mode.OFFSET:
                start = decision if self.origin is Origin.DECISION else sending
                return start + timedelta(days=self.days)
