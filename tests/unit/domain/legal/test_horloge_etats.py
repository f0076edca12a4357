"""The three states on a day, what is to come, and what comes next."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    ESPECE,
    INDIVIDUEL,
    OUTSIDE,
    PLU,
    REGLEMENT,
    clock,
    day,
    shown,
    told,
)
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.horloge import next_change
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.legal.settings import PRUDENT, AnnulationEffect
from transmission.domain.legal.sujets import LegalActe


@pytest.mark.parametrize(
    ("acte", "log", "today", "state"),
    [
        (INDIVIDUEL, "", "2026-04-29", ActeState.ADOPTE),
        (INDIVIDUEL, "", "2026-04-30", ActeState.SIGNE),
        (replace(INDIVIDUEL, date_signature=None), "", "2026-04-30", ActeState.ADOPTE),
        (ESPECE, "AR 2026-03-12", "2026-03-11", ActeState.ADOPTE),
        (ESPECE, "AR 2026-03-12", "2026-03-12", ActeState.TRANSMIS),
        (ESPECE, "PU 2026-03-11, ANOMALIE 2026-03-12", "2026-03-12", ActeState.ANOMALIE),
        (PLU, "AR 2026-03-05, GPU 2026-03-09", "2026-04-05", ActeState.PUBLIE),
        (PLU, "AR 2026-03-05, GPU 2026-03-09", "2026-04-06", ActeState.EXECUTOIRE),
        (OUTSIDE, "PU 2026-03-11", "2026-03-11", ActeState.PUBLIE),
    ],
)
def test_an_act_comes_so_far_by_a_day(
    acte: LegalActe, log: str, today: str, state: ActeState
) -> None:
    assert clock(acte, log, today=today).acte_state is state


def test_what_ends_an_act_comes_before_what_suspends_it() -> None:
    log = "NO 2026-02-10, AR 2026-03-12, SUSPENSION 2026-03-14"
    permit = replace(INDIVIDUEL, matiere=PLU.matiere)
    assert clock(permit, log, today="2026-03-15").acte_state is ActeState.SUSPENDU
    ended = clock(permit, f"{log}, RETRAIT 2026-03-15", today="2026-03-15")
    assert ended.acte_state is ActeState.RETIRE


def test_an_annulation_that_effaces_nothing_is_no_state() -> None:
    settings = replace(PRUDENT, annulation_effect=AnnulationEffect.INFORMATIVE)
    log = "ANNULATION 2026-03-10"
    assert clock(ESPECE, log, settings=settings).acte_state is ActeState.ADOPTE
    assert clock(ESPECE, log).acte_state is ActeState.TRANSMISSION_ANNULEE


def test_an_anomaly_after_an_annulation_is_the_last_word() -> None:
    log = "AR 2026-03-02, ANNULATION 2026-03-10, ANOMALIE 2026-03-12"
    assert clock(ESPECE, log).acte_state is ActeState.ANOMALIE


# --- what is to come ---


def test_what_is_to_come_moves_the_days_and_no_state() -> None:
    log = "AR 2026-01-15, PU 2026-01-15, LO 2026-03-10"
    found = clock(REGLEMENT, log, today="2026-03-01")
    assert found.control_state is ControlState.EN_COURS
    assert shown(found, DateName.DEFERE) == "2026-07-13"
    defere = found.named(DateName.DEFERE)
    assert defere is not None
    assert defere.provisional
    assert found.warnings == ("Pas encore arrivé : Lettre d'observations (10 mars 2026).",)
    assert next_change(found) == day("2026-03-10")


def test_a_publication_to_come_gives_a_provisional_day() -> None:
    found = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16", today="2026-03-13")
    assert (found.acte_state, found.third_state) == (
        ActeState.TRANSMIS,
        ThirdPartyState.NON_OUVERT,
    )
    executory = found.named(DateName.EXECUTOIRE)
    assert executory is not None
    assert (executory.day, executory.provisional) == (day("2026-03-16"), True)
    arrived = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16", today="2026-03-16")
    assert not arrived.named(DateName.EXECUTOIRE).provisional  # type: ignore[union-attr]


def test_an_annulation_to_come_leaves_the_state_of_today() -> None:
    log = "AR 2026-03-02, PU 2026-03-05, ANNULATION 2026-03-10"
    assert clock(ESPECE, log, today="2026-03-09").acte_state is ActeState.EXECUTOIRE
    assert shown(clock(ESPECE, log, today="2026-03-09"), DateName.EXECUTOIRE) is None


# --- what comes next ---


@pytest.mark.parametrize(
    ("acte", "log", "today", "following"),
    [
        (ESPECE, "", "2026-03-10", "2026-03-18"),
        (ESPECE, "", "2026-03-17", "2026-03-18"),
        (ESPECE, "", "2026-03-18", "2026-07-11"),
        (ESPECE, "", "2026-07-11", None),
        (INDIVIDUEL, "", "2026-04-29", "2026-04-30"),
        (replace(INDIVIDUEL, date_signature=day("2026-07-31")), "", "2026-08-13", "2026-08-15"),
        (replace(INDIVIDUEL, date_signature=day("2026-07-31")), "", "2026-08-15", "2026-08-16"),
        (PLU, "AR 2026-03-05, GPU 2026-03-09", "2026-03-20", "2026-04-06"),
        (REGLEMENT, "AR 2026-01-15, LO 2026-03-10", "2026-05-10", "2026-05-11"),
        (REGLEMENT, "AR 2026-03-02, DP 2026-04-20", "2026-06-01", "2026-06-21"),
        (REGLEMENT, "PU 2026-03-02, RG 2026-04-15", "2026-06-01", "2026-06-16"),
        (REGLEMENT, "PU 2026-03-02, RG 2026-04-15", "2026-06-16", "2026-08-18"),
        (OUTSIDE, "AR 2026-01-15", "2026-02-01", None),
    ],
)
def test_the_next_change_is_the_day_after_a_limit_or_that_of_a_status(
    acte: LegalActe, log: str, today: str, following: str | None
) -> None:
    found = next_change(clock(acte, log, today=today))
    assert (found.isoformat() if found else None) == following


def test_an_answer_out_of_time_ends_the_reserve_later() -> None:
    log = "AR 2026-02-02, LO 2026-03-02, RJ 2026-07-10"
    found = clock(ESPECE, log, today="2026-07-10")
    assert found.control_state is ControlState.EXPIRE_RESERVE
    assert next_change(clock(ESPECE, log, today="2026-07-11")) == day("2026-09-12")
    assert clock(ESPECE, log, today="2026-09-12").control_state is ControlState.EXPIRE


# --- what is said of the whole act ---


def test_a_rule_of_another_time_is_said_beside_its_date_which_is_not_certain() -> None:
    old = clock(replace(ESPECE, date_decision=day("2022-06-30")))
    assert "depuis le 1er juillet 2022" in told(old, DateName.LISTE_DELIBERATIONS)
    assert old.named(DateName.LISTE_DELIBERATIONS).provisional  # type: ignore[union-attr]
    new = clock(replace(ESPECE, date_decision=day("2022-07-01")))
    assert "depuis le" not in told(new, DateName.LISTE_DELIBERATIONS)


def test_documents_that_nobody_asked_for_are_told_of() -> None:
    found = clock(ESPECE, "AR 2026-03-12, PC 2026-03-20")
    assert any("sans demande" in each for each in found.warnings)


def test_an_act_without_anything_odd_has_no_warning() -> None:
    assert clock(ESPECE, "AR 2026-03-12, PU 2026-03-16").warnings == ()
