"""The préfet's request for suspension (legal clock DF-8 to DF-10)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.periods import add_months, franc_days, plain_days


@dataclass(frozen=True, slots=True)
class AutomaticSuspension:
    """Whether the filing alone suspends the act, and until when if the judge does not rule.

    ``last_day`` is the préfet's last day to file with that effect. The month runs from the receipt
    of the act, read literally, or from the request (C-11).
    """

    filed: date
    automatic: bool
    last_day: date
    resumes_literal: date
    resumes_prudent: date

    @property
    def resumes(self) -> date:
        """The day to show: the later reading (C-11)."""
        return max(self.resumes_literal, self.resumes_prudent)

    def suspends(self, today: date, ruled: date | None = None) -> bool:
        """Whether the filing alone suspends the act on ``today``; ``ruled`` is the judge's day."""
        until = self.resumes if ruled is None else min(self.resumes, ruled)
        return self.automatic and self.filed <= today < until


def automatic_suspension(
    received: date, filed: date, calendrier: Calendrier, *, franc: bool = True
) -> AutomaticSuspension:
    """Urbanism, marchés and DSP: suspended by a request filed within ten days of the receipt.

    The matter is for the caller to judge. Source: CGCT L. 2131-6 al. 4, L. 3132-1 al. 5,
    L. 4142-1 al. 4; CJA L. 554-2; DF-9, C-10.
    """
    last = franc_days(received, 10, calendrier) if franc else plain_days(received, 10)
    return AutomaticSuspension(
        filed, filed <= last, last, add_months(received, 1), add_months(filed, 1)
    )


def ruling_expected(filed: date) -> date:
    """Day by which the judge should rule on a request for suspension: one month, no effect.

    Source: CGCT L. 2131-6 al. 3, CJA L. 554-1, R. 554-1; DF-8.
    """
    return add_months(filed, 1)


def emergency_ruling_expected(filed: datetime) -> datetime:
    """Instant by which the judge should rule on liberties or laïcité: 48 hours, night and day.

    ``filed`` bears its time zone, kept in the answer; without one, ValueError. Source: CGCT
    L. 2131-6 al. 5; DF-10.
    """
    if filed.tzinfo is None:
        raise ValueError("the hour of a filing needs its time zone")
    return (filed.astimezone(UTC) + timedelta(hours=48)).astimezone(filed.tzinfo)
