"""Until when the service keeps the files of an act."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support.horloge import DELIBERATION, clock
from transmission.domain.legal.conservation import proofs_kept_until
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.retention import Ground, retention_of

LATER = date(2030, 1, 1)


def test_files_are_kept_a_year_after_the_last_clock_has_stopped() -> None:
    reading = clock(DELIBERATION, "AR 2026-03-12, PU 2026-03-12", today=LATER)
    kept = retention_of(reading)
    last = [each.day for each in reading.dates if each.kind is DateKind.LAST_DAY]
    assert kept.until == proofs_kept_until(last)
    assert kept.until is not None
    defere = reading.day(DateName.DEFERE)
    assert defere is not None
    assert kept.until > defere + timedelta(days=364)
    assert not kept.is_over(kept.until)
    assert kept.is_over(kept.until + timedelta(days=1))


@pytest.mark.parametrize(
    ("log", "today", "why"),
    [
        ("AR 2026-03-12, PU 2026-03-12", date(2026, 4, 1), "contrôle de légalité"),
        ("AR 2026-03-12, PU 2026-03-12, DEFERE 2026-04-20", LATER, "contrôle de légalité"),
        ("AR 2026-03-12", LATER, "recours des tiers"),
        ("", LATER, "recours des tiers"),
    ],
)
def test_while_anything_may_be_challenged_no_day_is_told(log: str, today: date, why: str) -> None:
    kept = retention_of(clock(DELIBERATION, log, today=today))
    assert kept.until is None
    assert why in kept.why
    assert not kept.is_over(date(2200, 1, 1))


def test_an_unknown_limit_keeps_everything() -> None:
    reading = clock(DELIBERATION, "AR 2026-03-12, PU 2026-03-12", today=LATER)
    first, *others = [each for each in reading.dates if each.kind is DateKind.LAST_DAY]
    unknown = replace(first, day=None, unknown="il manque un fait")
    assert retention_of(replace(reading, dates=(unknown, *others))).until is None


def test_an_act_that_the_clock_cannot_read_is_kept() -> None:
    assert retention_of(None).until is None


def test_grounds_are_found_by_their_code() -> None:
    assert [Ground.of(each.code) for each in Ground] == list(Ground)
