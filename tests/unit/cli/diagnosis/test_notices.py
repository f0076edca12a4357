"""Whether people are told: what an authority asks for, and what could not be delivered."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.bench import COLLECTIVITE
from transmission.cli.diagnosis.findings import Finding, Grade
from transmission.cli.diagnosis.notices import notices
from transmission.domain.collectivite import LegalOptions, Webhook
from transmission.store.queries import Waiting

NONE = Waiting(0)
SOME = Waiting(3, datetime(2026, 11, 20, tzinfo=UTC))
MAILED = LegalOptions(rappels_courriels=("dgs@example.org",))
POSTED = LegalOptions(rappels_webhooks=(Webhook("https://example.org", "s"),))


def _found(
    *options: LegalOptions, failed: Waiting = NONE, mails: bool = True
) -> list[tuple[Grade, str]]:
    owners = [replace(COLLECTIVITE, droit=each) for each in options]
    found: list[Finding] = list(notices(owners, failed, mails=mails))
    return [(each.grade, each.said) for each in found]


@pytest.mark.parametrize("mails", [True, False])
def test_nothing_is_said_when_nobody_asks_to_be_told(mails: bool) -> None:
    switched_off = replace(MAILED, rappels_jours=())
    assert _found(LegalOptions(), switched_off, mails=mails) == []


@pytest.mark.parametrize("options", [MAILED, POSTED])
def test_what_is_delivered_is_fine(options: Any) -> None:
    assert [grade for grade, _ in _found(options)] == [Grade.FINE]


def test_mails_that_nothing_can_send_are_told_in_one_sentence() -> None:
    ((grade, said),) = _found(MAILED, MAILED, mails=False)
    assert grade is Grade.WARNING
    assert said == (
        "Aucun rappel ne part par courriel (Commune de Saint-Exemple) : donnez "
        "TRANSMISSION_SMTP_HOST et TRANSMISSION_SMTP_FROM."
    )


def test_programs_need_no_mail_server() -> None:
    assert [grade for grade, _ in _found(POSTED, mails=False)] == [Grade.FINE]


@pytest.mark.parametrize("options", [LegalOptions(), MAILED])
def test_what_could_not_be_delivered_is_told_whoever_asked_for_it(options: LegalOptions) -> None:
    ((grade, said),) = _found(options, failed=SOME)
    assert grade is Grade.WARNING
    assert said.startswith("3 avis n'ont pas été remis depuis 30 jours")
    assert "« transmission notices --echecs »" in said


def test_one_notice_is_told_in_the_singular() -> None:
    assert _found(failed=replace(SOME, count=1))[0][1].startswith("1 avis n'a pas été remis")
