"""The request for suspension and the orders: what they suspend, until when."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    CIRCULATION,
    DSP,
    ESPECE,
    PERMIS,
    PLU,
    REGLEMENT,
    clock,
    ignored,
    other,
    rule,
    shown,
    told,
)
from transmission.domain.acte import Matiere
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.settings import PRUDENT
from transmission.domain.legal.sujets import Categorie, LegalActe

TEN, REPRISE, ORDER = (
    DateName.SUSPENSION_AUTOMATIQUE,
    DateName.REPRISE,
    DateName.ORDONNANCE_ATTENDUE,
)
FORCE = "NO 2026-02-10, AR 2026-09-07"


@pytest.mark.parametrize(
    ("acte", "concerned"),
    [
        (PERMIS, True),
        (PLU, True),
        (DSP, True),
        (replace(REGLEMENT, matiere=Matiere((2, 3))), True),
        (replace(ESPECE, matiere=Matiere((1, 1))), True),
        (replace(ESPECE, matiere=Matiere((1, 4))), False),
        (replace(ESPECE, matiere=Matiere((1, 4)), stated_categorie=Categorie.MARCHE), True),
        (replace(ESPECE, stated_categorie=Categorie.CONCESSION), False),
        (REGLEMENT, False),
        (replace(CIRCULATION, matiere=Matiere((2, 1))), False),
    ],
)
def test_ten_days_are_for_urbanism_marches_and_dsp_that_are_transmitted(
    acte: LegalActe, concerned: bool
) -> None:
    assert (clock(acte, "AR 2026-09-07, PU 2026-09-07").named(TEN) is not None) == concerned


def test_ten_days_that_are_not_franc_are_not_carried_either() -> None:
    strict = replace(PRUDENT, suspension_10d_franc=False)
    found = clock(DSP, "AR 2026-10-21", settings=strict)
    assert shown(found, TEN) == "2026-10-31"
    assert "dix jours, jusqu'au 31 octobre 2026 inclus" in told(found, TEN)
    assert "dix jours francs, jusqu'au 2 novembre 2026 inclus, le 1er novembre 2026 étant" in told(
        clock(DSP, "AR 2026-10-21"), TEN
    )


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2026-09-16", ActeState.EXECUTOIRE),
        ("2026-09-17", ActeState.SUSPENDU),
        ("2026-10-16", ActeState.SUSPENDU),
        ("2026-10-17", ActeState.EXECUTOIRE),
    ],
)
def test_the_filing_suspends_from_its_day_until_the_later_month(
    today: str, state: ActeState
) -> None:
    assert clock(DSP, f"{FORCE}, SUSPENSION 2026-09-17", today=today).acte_state is state


def test_a_filing_out_of_time_suspends_nothing_by_itself() -> None:
    log = f"{FORCE}, SUSPENSION 2026-09-18"
    strict = replace(PRUDENT, suspension_10d_franc=False)
    found = clock(DSP, log, settings=strict, today="2026-09-19")
    assert found.acte_state is ActeState.EXECUTOIRE
    assert found.named(REPRISE) is None
    assert clock(DSP, log, today="2026-09-19").acte_state is ActeState.SUSPENDU


def test_the_end_of_the_suspension_awaits_the_judge() -> None:
    found = clock(DSP, f"{FORCE}, SUSPENSION 2026-09-17")
    reprise = found.named(REPRISE)
    assert reprise is not None
    assert reprise.provisional
    assert reprise.awaits == "l'ordonnance du juge"
    assert shown(found, ORDER) == "2026-10-17"


def test_an_order_ends_the_suspension_and_is_to_be_read() -> None:
    found = clock(DSP, f"{FORCE}, SUSPENSION 2026-09-17, ORDONNANCE 2026-09-30")
    assert (shown(found, REPRISE), rule(found, REPRISE)) == ("2026-09-30", "DF-9")
    assert "si elle suspend l'acte, déclarez-la" in told(found, REPRISE)
    assert found.named(REPRISE).provisional  # type: ignore[union-attr]
    assert any("si elle le suspend" in each for each in found.warnings)
    assert found.named(ORDER) is None
    assert found.ignored == ()


def test_an_order_after_the_month_leaves_the_end_where_it_was() -> None:
    found = clock(DSP, f"{FORCE}, SUSPENSION 2026-09-17, ORDONNANCE 2026-10-20")
    reprise = found.named(REPRISE)
    assert reprise is not None
    assert (shown(found, REPRISE), reprise.provisional) == ("2026-10-17", False)


def test_an_order_that_suspends_holds_until_another() -> None:
    log = f"{FORCE}, SUSPENSION 2026-09-17, PRONONCEE 2026-09-30"
    found = clock(DSP, log)
    assert found.acte_state is ActeState.SUSPENDU
    assert (shown(found, REPRISE), rule(found, REPRISE)) == (None, "DF-8")
    lifted = clock(DSP, f"{log}, ORDONNANCE 2027-01-15")
    assert lifted.acte_state is ActeState.EXECUTOIRE
    assert (shown(lifted, REPRISE), rule(lifted, REPRISE)) == ("2027-01-15", "DF-8")
    assert not lifted.named(REPRISE).provisional  # type: ignore[union-attr]
    assert clock(DSP, f"{log}, ORDONNANCE 2027-01-15", today="2027-01-14").acte_state is (
        ActeState.SUSPENDU
    )


def test_an_order_of_before_lifts_no_suspension() -> None:
    log = f"{FORCE}, SUSPENSION 2026-09-17, ORDONNANCE 2026-09-20, PRONONCEE 2026-09-30"
    found = clock(DSP, log)
    assert found.acte_state is ActeState.SUSPENDU
    assert shown(found, REPRISE) == "2026-09-20"


def test_an_order_may_suspend_an_act_of_any_matter() -> None:
    log = "AR 2026-03-12, PU 2026-03-16, SUSPENSION 2026-03-18, PRONONCEE 2026-04-10"
    assert clock(ESPECE, log, today="2026-04-09").acte_state is ActeState.EXECUTOIRE
    assert clock(ESPECE, log, today="2026-04-10").acte_state is ActeState.SUSPENDU


def test_without_a_receipt_nothing_says_until_when_the_act_is_suspended() -> None:
    found = clock(DSP, "NO 2026-02-10, SUSPENSION 2026-09-17")
    assert shown(found, REPRISE) is None
    assert "aucune réception" in told(found, REPRISE)


def test_a_filing_before_the_receipt_that_counts_is_in_time() -> None:
    log = "AR 2026-09-07, SUSPENSION 2026-09-08, ANNULATION 2026-09-09, AR 2026-09-10"
    found = clock(DSP, log)
    assert (shown(found, REPRISE), other(found, REPRISE)) == ("2026-10-10", None)


def test_a_second_request_and_an_order_without_request_change_nothing() -> None:
    found = clock(DSP, "AR 2026-09-07, SUSPENSION 2026-09-17, SUSPENSION 2026-09-18")
    assert EventKind.SUSPENSION in ignored(found)
    assert shown(found, ORDER) == "2026-10-17"
    alone = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16, ORDONNANCE 2026-04-10")
    assert EventKind.ORDONNANCE in ignored(alone)
