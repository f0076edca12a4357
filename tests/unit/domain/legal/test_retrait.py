"""Withdrawals: the reference's own examples."""

from datetime import date

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.echeances import Due
from transmission.domain.legal.retrait import Withdrawn, withdrawal
from transmission.domain.legal.settings import PRUDENT

_day = date.fromisoformat


@pytest.mark.parametrize(
    ("what", "decided", "rule", "last", "safe"),
    [
        (Withdrawn.CREATES_RIGHTS, "2026-02-28", "WD-1", "2026-06-28", "2026-06-26"),
        (Withdrawn.CREATES_RIGHTS, "2025-10-31", "WD-1", "2026-02-28", "2026-02-27"),
        (Withdrawn.REGULATION, "2026-03-10", "WD-2", "2026-07-10", "2026-07-10"),
        (Withdrawn.REGULATION, "2025-10-31", "WD-2", "2026-02-28", "2026-02-27"),
        (Withdrawn.PERMIT, "2025-11-30", "WD-3", "2026-02-28", "2026-02-27"),
        (Withdrawn.PERMIT, "2026-02-10", "WD-3", "2026-05-10", "2026-05-07"),
    ],
)
def test_an_author_has_four_months_to_withdraw_and_three_for_a_permit(
    what: Withdrawn, decided: str, rule: str, last: str, safe: str
) -> None:
    found = withdrawal(what, _day(decided), Calendrier.NATIONAL, PRUDENT)
    assert found == Due(rule, _day(last), _day(safe))
