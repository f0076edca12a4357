"""What has a last day is late the day after and no sooner; an AR is missed after its usual time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.checks import (
    CONTRACT,
    DECIDED,
    INDIVIDUAL,
    PARIS,
    REGULATION,
    SENT_AT,
    accuse,
    at,
    checked,
    days,
    received,
    sending,
)
from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.checked import CheckedActe
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.sujets import (
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
)

LIMIT = DECIDED + days(15)
LONG_AFTER = date(2026, 7, 10)


def _of(acte: CheckedActe, check: str) -> list[Finding]:
    return [each for each in check_acte(acte) if each.check == check]


# --- receipt after the limit ---


def test_an_individual_decision_received_after_fifteen_days_is_late() -> None:
    late = LIMIT + days(1)
    (found,) = _of(checked(received(late), acte=INDIVIDUAL, today=late), "reception_tardive")
    assert (found.rule, found.severity, found.key) == ("DT-1", Severity.ATTENTION, "acte:12")
    assert "18 mars 2026, après le 17 mars 2026" in found.message
    assert ("Signature", "2 mars 2026") in found.evidence
    assert ("Dernier jour", "17 mars 2026") in found.evidence


def test_an_act_received_on_its_last_day_is_not_late() -> None:
    acte = checked(received(LIMIT), acte=INDIVIDUAL, today=LONG_AFTER)
    assert _of(acte, "reception_tardive") == []


def test_an_act_received_late_but_sent_in_time_is_only_told() -> None:
    acte = checked(received(LIMIT + days(2), sent=LIMIT), acte=INDIVIDUAL, today=LONG_AFTER)
    (found,) = _of(acte, "reception_tardive")
    assert found.severity is Severity.INFO
    assert "Il avait été envoyé le 17 mars 2026, dans le délai." in found.message


def test_a_limit_on_a_sunday_is_the_sunday_though_the_friday_is_shown() -> None:
    signed = replace(INDIVIDUAL, date_decision=date(2026, 3, 14), date_signature=date(2026, 3, 14))
    sunday = date(2026, 3, 29)
    on_sunday = checked(received(sunday), acte=signed, today=LONG_AFTER)
    assert _of(on_sunday, "reception_tardive") == []
    (found,) = _of(
        checked(received(sunday + days(1)), acte=signed, today=LONG_AFTER), "reception_tardive"
    )
    assert ("Dernier jour", "29 mars 2026") in found.evidence
    assert ("Jour de prudence", "27 mars 2026") in found.evidence


def test_a_deliberation_is_never_late_for_no_text_limits_it() -> None:
    acte = checked(received(LONG_AFTER), today=LONG_AFTER)
    assert _of(acte, "reception_tardive") == []
    assert _of(checked(today=LONG_AFTER), "transmission_en_retard") == []


# --- limit passed, nothing received ---


def test_a_contract_not_received_after_its_limit_is_grave() -> None:
    (found,) = _of(checked(acte=CONTRACT, today=LIMIT + days(1)), "transmission_en_retard")
    assert (found.rule, found.severity) == ("DT-2", Severity.GRAVE)
    assert "au plus tard le 17 mars 2026" in found.message


def test_on_the_last_day_there_is_still_time() -> None:
    assert _of(checked(acte=CONTRACT, today=LIMIT), "transmission_en_retard") == []


def test_what_left_in_time_and_awaits_its_ar_is_less_grave() -> None:
    acte = checked(acte=CONTRACT, today=LIMIT + days(1), sendings=(sending(),))
    (found,) = _of(acte, "transmission_en_retard")
    assert found.severity is Severity.ATTENTION
    assert ("Envoyé le", "02/03/2026 à 17:30:00 (UTC+0100)") in found.evidence


def test_what_left_on_the_last_day_left_in_time() -> None:
    last = sending(sent_at=datetime(2026, 3, 17, 22, tzinfo=UTC))
    acte = checked(acte=CONTRACT, today=LIMIT + days(1), sendings=(last,))
    assert _of(acte, "transmission_en_retard")[0].severity is Severity.ATTENTION


def test_what_left_after_the_limit_is_as_grave() -> None:
    late = sending(sent_at=datetime(2026, 3, 18, 9, tzinfo=UTC))
    acte = checked(acte=CONTRACT, today=LIMIT + days(2), sendings=(late,))
    assert _of(acte, "transmission_en_retard")[0].severity is Severity.GRAVE


def test_an_act_that_may_not_have_to_be_transmitted_is_less_grave() -> None:
    doubtful = replace(INDIVIDUAL, matiere=Matiere((4, 1)))
    (found,) = _of(checked(acte=doubtful, today=LONG_AFTER), "transmission_en_retard")
    assert found.severity is Severity.ATTENTION
    assert any(label == "À transmettre" for label, _ in found.evidence)


def test_an_act_that_need_not_be_transmitted_is_silent() -> None:
    spared = replace(INDIVIDUAL, stated_categorie=Categorie.RENFORT)
    assert check_acte(checked(acte=spared, today=LONG_AFTER)) == ()


def test_a_withdrawn_act_is_no_more_to_be_transmitted() -> None:
    withdrawn = at(EventKind.RETRAIT, DECIDED + days(5))
    acte = checked(withdrawn, acte=CONTRACT, today=LONG_AFTER)
    assert _of(acte, "transmission_en_retard") == []


def test_an_annulled_transmission_is_no_receipt() -> None:
    annulled = at(EventKind.ANNULATION, DECIDED + days(3))
    acte = checked(received(), annulled, acte=CONTRACT, today=LONG_AFTER)
    assert len(_of(acte, "transmission_en_retard")) == 1


# --- budgets ---

BUDGET = LegalActe(
    NatureActe.BUDGET,
    Matiere((7, 1)),
    date(2027, 4, 12),
    budget=BudgetDocument(BudgetKind.PRIMITIF, 2027, renouvellement=False),
)
ACCOUNTS = replace(
    BUDGET,
    date_decision=date(2026, 6, 30),
    budget=BudgetDocument(BudgetKind.COMPTE, 2025, renouvellement=False),
)


def _budget(*events: LegalEvent, today: date, **changed: Any) -> list[tuple[str, str | None]]:
    acte = checked(*events, acte=replace(BUDGET, **changed), today=today)
    return [(each.key, each.rule) for each in _of(acte, "budget_en_retard")]


def test_a_budget_voted_and_received_on_the_last_days_is_in_time() -> None:
    last = received(date(2027, 4, 30))
    assert _budget(last, today=date(2027, 7, 1), date_decision=date(2027, 4, 15)) == []


def test_a_budget_voted_after_the_limit_is_late() -> None:
    found = _budget(
        received(date(2027, 4, 16)), today=date(2027, 4, 16), date_decision=date(2027, 4, 16)
    )
    assert found == [("acte:12:vote", "BU-1")]


def test_a_budget_received_after_the_limit_is_late_once() -> None:
    late = received(date(2027, 5, 1))
    assert _budget(late, today=date(2027, 5, 1)) == [("acte:12:transmission", "DT-3")]
    acte = checked(late, acte=BUDGET, today=date(2027, 5, 1))
    assert _of(acte, "reception_tardive") == []


@pytest.mark.parametrize(("today", "late"), [(date(2027, 4, 30), 0), (date(2027, 5, 1), 1)])
def test_a_budget_not_received_is_late_the_day_after_the_limit(today: date, late: int) -> None:
    assert len(_budget(today=today)) == late


def test_accounts_have_limits_of_their_own() -> None:
    acte = checked(received(date(2026, 7, 16)), acte=ACCOUNTS, today=date(2026, 7, 20))
    (found,) = _of(acte, "budget_en_retard")
    assert (found.key, found.rule) == ("acte:12:transmission", "DT-4")
    voted_late = replace(ACCOUNTS, date_decision=date(2026, 7, 1))
    acte = checked(received(date(2026, 7, 15)), acte=voted_late, today=date(2026, 7, 20))
    (found,) = _of(acte, "budget_en_retard")
    assert (found.key, found.rule) == ("acte:12:vote", "DT-4")


def test_changes_at_the_end_of_the_year_are_transmitted_in_their_own_time() -> None:
    changes = replace(
        BUDGET,
        date_decision=date(2027, 1, 20),
        budget=BudgetDocument(BudgetKind.FIN_EXERCICE, 2026),
    )
    acte = checked(received(date(2027, 1, 27)), acte=changes, today=date(2027, 2, 1))
    (found,) = _of(acte, "reception_tardive")
    assert found.rule == "DT-5"
    acte = checked(received(date(2027, 1, 26)), acte=changes, today=date(2027, 2, 1))
    assert _of(acte, "reception_tardive") == []


def test_a_budget_of_a_kind_that_nobody_declared_is_not_said_to_be_late() -> None:
    assert _budget(today=LONG_AFTER, budget=None) == []


# --- no AR ---


def _waiting(hours: float, **given: Any) -> list[Finding]:
    """An act sent on a Monday evening and looked at that many hours later."""
    now = SENT_AT + timedelta(hours=hours)
    acte = checked(today=now.astimezone(PARIS).date(), now=now, sendings=(sending(**given),))
    return _of(acte, "accuse_absent")


def test_a_day_without_ar_is_told_and_three_are_grave() -> None:
    assert _waiting(24) == []
    (found,) = _waiting(24.1)
    assert (found.severity, found.key) == (Severity.ATTENTION, "acte:12:envoi:7")
    assert ("Accusé attendu avant le", "03/03/2026 à 17:30:00 (UTC+0100)") in found.evidence
    assert _waiting(72)[0].severity is Severity.ATTENTION
    assert _waiting(72.1)[0].severity is Severity.GRAVE


def test_a_tdt_that_is_usually_slow_is_given_its_usual_time() -> None:
    usual = timedelta(hours=50)
    assert _waiting(50, usual_delay=usual) == []
    (found,) = _waiting(51, usual_delay=usual)
    assert ("99 accusés sur 100 en", "50.0 heures") in found.evidence
    assert _waiting(100, usual_delay=usual)[0].severity is Severity.ATTENTION
    assert _waiting(101, usual_delay=usual)[0].severity is Severity.GRAVE


def test_a_tdt_that_is_usually_fast_is_still_given_a_day() -> None:
    assert _waiting(23, usual_delay=timedelta(minutes=10)) == []


def test_days_off_are_not_counted_for_some_prefectures_give_no_ar_then() -> None:
    friday = datetime(2026, 4, 3, 16, tzinfo=UTC)
    easter_tuesday = datetime(2026, 4, 7, 16, tzinfo=UTC)
    for now, missing in ((easter_tuesday, 0), (easter_tuesday + timedelta(minutes=1), 1)):
        acte = checked(today=date(2026, 4, 7), now=now, sendings=(sending(sent_at=friday),))
        assert len(_of(acte, "accuse_absent")) == missing


def test_the_hour_that_clocks_skip_is_not_counted() -> None:
    saturday_before = datetime(2026, 3, 27, 12, tzinfo=UTC)
    monday = datetime(2026, 3, 30, 11, tzinfo=UTC)
    found = []
    for now in (monday, monday + timedelta(minutes=1)):
        acte = checked(
            today=date(2026, 3, 30), now=now, sendings=(sending(sent_at=saturday_before),)
        )
        found.append(len(_of(acte, "accuse_absent")))
    assert found == [0, 1]


def test_an_authority_overseas_has_its_own_days() -> None:
    noumea_like = ZoneInfo("Indian/Reunion")
    acte = checked(
        today=date(2026, 3, 4),
        zone=noumea_like,
        now=SENT_AT + timedelta(hours=25),
        sendings=(sending(),),
    )
    assert len(_of(acte, "accuse_absent")) == 1


@pytest.mark.parametrize(
    "given",
    [{"over": True}, {"sent_at": None}],
    ids=["refused or taken back", "not sent"],
)
def test_what_awaits_no_ar_is_silent(given: dict[str, Any]) -> None:
    assert _waiting(500, **given) == []


def test_an_act_with_its_ar_is_silent() -> None:
    acte = checked(received(), today=LONG_AFTER, sendings=(sending(accuse()),))
    assert _of(acte, "accuse_absent") == []


# --- withdrawal ---


@pytest.mark.parametrize(("day", "late"), [(date(2026, 7, 2), 0), (date(2026, 7, 3), 1)])
def test_a_regulation_is_withdrawn_within_four_months(day: date, late: int) -> None:
    acte = checked(received(), at(EventKind.RETRAIT, day), acte=REGULATION, today=LONG_AFTER)
    found = _of(acte, "retrait_tardif")
    assert [each.rule for each in found] == ["WD-2"] * late


def test_a_permit_is_withdrawn_within_three_months() -> None:
    permit = replace(INDIVIDUAL, stated_categorie=Categorie.AUTORISATION_URBANISME)
    acte = checked(at(EventKind.RETRAIT, date(2026, 6, 3)), acte=permit, today=LONG_AFTER)
    assert [each.rule for each in _of(acte, "retrait_tardif")] == ["WD-3"]


def test_a_repeal_for_the_future_has_no_limit() -> None:
    acte = checked(at(EventKind.ABROGATION, LONG_AFTER), today=LONG_AFTER)
    assert _of(acte, "retrait_tardif") == []
