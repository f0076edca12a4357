"""Time alone never changes what a check says before the day that was told."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.checks import (
    CONTRACT,
    DECIDED,
    INDIVIDUAL,
    RECEIVED,
    REGULATION,
    TODAY,
    at,
    checked,
    days,
    online,
    received,
)
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.echeances_controles import next_check
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.findings import Finding
from transmission.domain.legal.horloge import next_change
from transmission.domain.legal.settings import PRUDENT, STRICT, LegalSettings
from transmission.domain.legal.sujets import LegalActe

EFFECT = replace(REGULATION, date_effet=date(2026, 5, 1))
LETTER = at(EventKind.LETTRE_OBSERVATIONS, date(2026, 4, 1))
ASKED = at(EventKind.DEMANDE_PIECES, date(2026, 4, 1))
HISTORIES: dict[str, tuple[LegalActe, tuple[LegalEvent, ...]]] = {
    "nothing yet": (REGULATION, ()),
    "not received": (INDIVIDUAL, ()),
    "received": (REGULATION, (received(),)),
    "published alone": (REGULATION, (online(DECIDED),)),
    "posted in urgency": (REGULATION, (received(), at(EventKind.AFFICHAGE_URGENCE, TODAY))),
    "an effect to come": (EFFECT, (online(DECIDED),)),
    "a letter": (REGULATION, (received(), online(TODAY), LETTER)),
    "documents asked for": (CONTRACT, (received(), ASKED)),
    "both": (REGULATION, (received(), LETTER, ASKED)),
    "a request, then its answer": (
        REGULATION,
        (received(), ASKED, at(EventKind.PIECES, date(2026, 5, 20))),
    ),
}
READINGS = (PRUDENT, STRICT, replace(PRUDENT, r4213_blocks_expiry=True))
LAST = DECIDED + days(320)


def _said(findings: tuple[Finding, ...]) -> set[tuple[str, str, str]]:
    return {(each.check, each.key, each.severity.code) for each in findings}


@pytest.mark.parametrize("settings", READINGS)
@pytest.mark.parametrize("name", HISTORIES)
def test_what_the_checks_say_changes_on_the_days_that_are_told_alone(
    name: str, settings: LegalSettings
) -> None:
    acte, events = HISTORIES[name]
    executed = date(2026, 4, 2)
    told, before = TODAY, None
    for offset in range((LAST - TODAY).days):
        today = TODAY + days(offset)
        about = checked(*events, acte=acte, today=today, settings=settings, date_execution=executed)
        said = _said(check_acte(about))
        if today == told:
            days_told = (next_check(about.reading, executed), next_change(about.reading))
            told = min((day for day in days_told if day is not None), default=date.max)
            assert told > today
        else:
            assert said == before, (today, told)
        before = said


def test_nothing_is_told_once_all_is_past() -> None:
    about = checked(received(), online(TODAY), today=LAST)
    assert next_check(about.reading) is None


def test_the_next_day_is_the_nearest_one() -> None:
    assert next_check(checked(received(TODAY)).reading) == TODAY + days(1)
    assert next_check(checked(received(), today=RECEIVED + days(1)).reading) == RECEIVED + days(8)
    executed = TODAY
    assert next_check(checked(today=TODAY).reading, executed) == TODAY + days(1)
