"""The decision table of the legal clock (§15.3), row by row: what happens, and what follows."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    CIRCULATION,
    DELIBERATION,
    DSP,
    ESPECE,
    INDIVIDUEL,
    PERMIS,
    REGLEMENT,
    SMALL,
    clock,
    day,
    ignored,
    rule,
    shown,
    told,
)
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState


def test_adoption_opens_the_list_of_the_meeting() -> None:
    found = clock(ESPECE, today="2026-03-10")
    assert found.acte_state is ActeState.ADOPTE
    assert shown(found, DateName.LISTE_DELIBERATIONS) == "2026-03-17"


def test_a_signature_opens_fifteen_days_to_transmit_and_four_months_to_withdraw() -> None:
    found = clock(INDIVIDUEL, today="2026-04-30")
    assert found.acte_state is ActeState.SIGNE
    assert shown(found, DateName.TRANSMISSION) == "2026-05-15"
    assert rule(found, DateName.TRANSMISSION) == "DT-1"
    assert rule(found, DateName.RETRAIT) == "WD-1"


def test_a_contract_signed_before_its_deliberation_was_received_is_said_to_be() -> None:
    late = replace(DSP, date_deliberation_recue=day("2026-02-03"))
    assert any("EX-5" in each for each in clock(late).warnings)
    in_time = replace(DSP, date_deliberation_recue=day("2026-02-02"))
    assert clock(in_time).warnings == ()
    assert clock(replace(DSP, date_deliberation_recue=None)).warnings == ()
    regulation = replace(REGLEMENT, date_deliberation_recue=day("2026-02-03"))
    assert clock(regulation).warnings == ()


def test_a_receipt_starts_the_control() -> None:
    found = clock(ESPECE, "AR 2026-01-12", today="2026-01-13")
    assert (found.acte_state, found.control_state) == (ActeState.TRANSMIS, ControlState.EN_COURS)
    assert shown(found, DateName.DEFERE) == "2026-03-13"


def test_an_anomaly_is_no_receipt() -> None:
    found = clock(ESPECE, "ANOMALIE 2026-03-12", today="2026-03-13")
    assert (found.acte_state, found.control_state) == (
        ActeState.ANOMALIE,
        ControlState.NON_DEMARRE,
    )
    assert shown(found, DateName.DEFERE) is None


def test_an_anomaly_followed_by_a_receipt_changes_nothing() -> None:
    found = clock(ESPECE, "ANOMALIE 2026-03-12, AR 2026-03-13", today="2026-03-14")
    assert found.acte_state is ActeState.TRANSMIS
    assert EventKind.ANOMALIE in ignored(found)


def test_a_publication_gives_force_and_opens_the_appeals() -> None:
    found = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16", today="2026-03-16")
    assert (found.acte_state, found.third_state) == (ActeState.EXECUTOIRE, ThirdPartyState.OUVERT)
    assert shown(found, DateName.EXECUTOIRE) == "2026-03-16"
    assert shown(found, DateName.TIERS) == "2026-05-18"
    assert shown(found, DateName.PUBLICITE_MINIMUM) == "2026-05-16"


def test_a_publication_without_receipt_gives_no_force_to_an_act_that_must_be_transmitted() -> None:
    found = clock(ESPECE, "PU 2026-03-16", today="2026-03-17")
    assert (found.acte_state, shown(found, DateName.EXECUTOIRE)) == (ActeState.PUBLIE, None)


def test_a_posting_in_urgency_gives_force_and_opens_no_appeal() -> None:
    found = clock(ESPECE, "AR 2026-06-05, URGENCE 2026-06-05", today="2026-06-05")
    assert (found.acte_state, found.third_state) == (
        ActeState.EXECUTOIRE,
        ThirdPartyState.NON_OUVERT,
    )
    assert rule(found, DateName.EXECUTOIRE) == "EX-2"
    assert "EX-2" in told(found, DateName.TIERS)
    assert "la publication ordinaire" in told(found, DateName.EXECUTOIRE)


@pytest.mark.parametrize(
    ("how", "last", "by"),
    [("NO+", "2026-07-07", "TP-1"), ("NO-", "2027-05-07", "TP-4"), ("NO", "2027-05-07", "TP-4")],
)
def test_a_notification_opens_two_months_if_it_told_the_remedies_and_a_year_if_not(
    how: str, last: str, by: str
) -> None:
    found = clock(INDIVIDUEL, f"{how} 2026-05-06, AR 2026-05-12")
    assert shown(found, DateName.EXECUTOIRE) == "2026-05-12"
    assert (shown(found, DateName.TIERS), rule(found, DateName.TIERS)) == (last, by)


@pytest.mark.parametrize("kind", ["CS", "RA"])
def test_a_plain_letter_and_a_holding_reply_change_nothing(kind: str) -> None:
    log = "AR 2026-01-15, LO 2026-03-10"
    plain = clock(ESPECE, log)
    found = clock(ESPECE, f"{log}, {kind} 2026-04-02")
    assert found.dates == plain.dates
    assert len(found.ignored) == 1


def test_a_request_for_documents_moves_the_day_to_its_silence() -> None:
    found = clock(ESPECE, "AR 2026-03-02, DP 2026-04-20", today="2026-04-21")
    assert found.control_state is ControlState.PIECES_DEMANDEES
    assert shown(found, DateName.REFUS_TACITE_PIECES) == "2026-06-20"
    assert shown(found, DateName.DEFERE) == "2026-08-21"
    assert rule(found, DateName.DEFERE) == "DF-2"
    defere = found.named(DateName.DEFERE)
    assert defere is not None
    assert defere.provisional


def test_a_request_for_documents_out_of_time_is_ignored() -> None:
    found = clock(ESPECE, "AR 2026-03-02, DP 2026-05-05")
    assert shown(found, DateName.DEFERE) == "2026-05-04"
    assert found.named(DateName.REFUS_TACITE_PIECES) is None
    assert "après le dernier jour" in ignored(found)[EventKind.DEMANDE_PIECES]


@pytest.mark.parametrize(
    ("answer", "last"), [("PC 2026-05-11", "2026-07-13"), ("RP 2026-05-04", "2026-07-06")]
)
def test_documents_or_their_refusal_start_two_months_again(answer: str, last: str) -> None:
    found = clock(ESPECE, f"AR 2026-03-02, DP 2026-04-20, {answer}", today="2026-05-12")
    assert found.control_state is ControlState.APRES_PIECES
    assert shown(found, DateName.DEFERE) == last
    assert found.named(DateName.REFUS_TACITE_PIECES) is None


def test_a_letter_interrupts_the_control_until_its_silence() -> None:
    found = clock(REGLEMENT, "AR 2026-01-15, LO 2026-03-10", today="2026-03-11")
    assert found.control_state is ControlState.GRACIEUX_EN_COURS
    assert shown(found, DateName.REJET_TACITE_LETTRE) == "2026-05-10"
    assert shown(found, DateName.DEFERE) == "2026-07-13"
    assert rule(found, DateName.DEFERE) == "DF-3"
    assert "C-9" not in told(found, DateName.DEFERE)


def test_a_letter_about_a_deliberation_is_to_be_answered_expressly() -> None:
    found = clock(ESPECE, "AR 2026-01-15, LO 2026-03-10")
    assert "Répondez expressément" in told(found, DateName.DEFERE)
    assert found.control_state is ControlState.EXPIRE_RESERVE


def test_an_answer_to_the_letter_starts_two_months_again() -> None:
    log = "AR 2026-01-15, LO 2026-03-10, RJ 2026-04-02"
    found = clock(ESPECE, log, today="2026-04-03")
    assert found.control_state is ControlState.APRES_REJET
    assert (shown(found, DateName.DEFERE), rule(found, DateName.DEFERE)) == ("2026-06-03", "DF-4")
    assert found.named(DateName.REJET_TACITE_LETTRE) is None


@pytest.mark.parametrize(
    ("filed", "words"),
    [
        ("2026-03-10", "3 jours avant la fin du délai"),
        ("2026-03-13", "le dernier jour : il est dans le délai"),
        ("2026-03-14", "1 jour après la fin du délai : il est tardif"),
    ],
)
def test_a_defere_is_in_time_or_late_by_so_many_days_and_stands(filed: str, words: str) -> None:
    found = clock(ESPECE, f"AR 2026-01-12, DEFERE {filed}")
    assert found.control_state is ControlState.DEFERE
    assert words in told(found, DateName.DEFERE)


def test_nothing_moves_the_day_after_a_defere() -> None:
    found = clock(ESPECE, "AR 2026-01-12, DEFERE 2026-02-10, LO 2026-02-11")
    assert shown(found, DateName.DEFERE) == "2026-03-13"
    assert "postérieure au déféré" in ignored(found)[EventKind.LETTRE_OBSERVATIONS]


def test_a_request_for_suspension_within_ten_days_suspends_until_the_judge_or_the_month() -> None:
    log = "NO 2026-02-10, AR 2026-09-07, SUSPENSION 2026-09-17"
    found = clock(DSP, log, today="2026-10-16")
    assert found.acte_state is ActeState.SUSPENDU
    assert shown(found, DateName.REPRISE) == "2026-10-17"
    assert clock(DSP, log, today="2026-10-17").acte_state is ActeState.EXECUTOIRE
    ruled = clock(DSP, f"{log}, ORDONNANCE 2026-09-30", today="2026-09-30")
    assert ruled.acte_state is ActeState.EXECUTOIRE
    assert shown(ruled, DateName.REPRISE) == "2026-09-30"


def test_a_request_for_suspension_in_any_other_matter_only_awaits_the_judge() -> None:
    log = "PU 2026-03-16, AR 2026-03-12, SUSPENSION 2026-03-18"
    found = clock(ESPECE, log, today="2026-03-19")
    assert found.acte_state is ActeState.EXECUTOIRE
    assert shown(found, DateName.ORDONNANCE_ATTENDUE) == "2026-04-18"
    assert found.named(DateName.REPRISE) is None


@pytest.mark.parametrize(
    ("event", "last", "by"),
    [("RG 2026-05-06/2026-05-04", "2026-09-07", "TP-2"), ("DF 2026-04-15", "2026-08-17", "TP-3")],
)
def test_an_appeal_of_a_third_party_to_the_authority_or_to_the_prefet_extends_his_time(
    event: str, last: str, by: str
) -> None:
    found = clock(REGLEMENT, f"PU 2026-03-02, AR 2026-03-02, {event}", today="2026-05-07")
    assert (shown(found, DateName.TIERS), rule(found, DateName.TIERS)) == (last, by)
    assert found.third_state is ThirdPartyState.GRACIEUX_TIERS
    assert shown(found, DateName.DEFERE) == "2026-05-04"


def test_a_recours_gracieux_against_a_permit_of_the_reform_extends_nothing() -> None:
    found = clock(PERMIS, "NO+ 2026-02-12, AFFICHAGE 2026-02-16, RG 2026-03-10")
    assert (shown(found, DateName.TIERS), rule(found, DateName.TIERS)) == ("2026-04-17", "UR-4")
    assert "UR-4" in ignored(found)[EventKind.RECOURS_GRACIEUX]
    assert "jusqu'au 17 mars 2026" in told(found, DateName.TIERS)


def test_an_annulation_voids_the_receipt_until_another() -> None:
    log = "AR 2026-03-02, PU 2026-03-05, ANNULATION 2026-03-10"
    found = clock(ESPECE, log, today="2026-03-11")
    assert (found.acte_state, found.control_state) == (
        ActeState.TRANSMISSION_ANNULEE,
        ControlState.NON_DEMARRE,
    )
    assert rule(found, DateName.DEFERE) == "EL-6"
    assert "annulée le 10 mars 2026" in told(found, DateName.EXECUTOIRE)
    assert any("n'annule pas l'acte" in each for each in found.warnings)
    again = clock(ESPECE, f"{log}, AR 2026-03-12", today="2026-03-12")
    assert again.acte_state is ActeState.EXECUTOIRE
    assert shown(again, DateName.EXECUTOIRE) == "2026-03-12"
    assert shown(again, DateName.DEFERE) == "2026-05-13"


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("RETRAIT", ActeState.RETIRE),
        ("ABROGATION", ActeState.ABROGE),
        ("JUGEMENT", ActeState.ANNULE_JUGE),
    ],
)
def test_a_withdrawal_a_repeal_or_a_judgment_ends_the_act_and_moves_no_date(
    event: str, state: ActeState
) -> None:
    log = "AR 2026-03-12, PU 2026-03-16"
    found = clock(ESPECE, f"{log}, {event} 2026-05-04", today="2026-05-04")
    assert found.acte_state is state
    assert clock(ESPECE, log, today="2026-05-04").dates == found.dates
    eve = clock(ESPECE, f"{log}, {event} 2026-05-04", today="2026-05-03")
    assert eve.acte_state is ActeState.EXECUTOIRE


def test_a_withdrawal_out_of_time_is_said_to_be() -> None:
    assert "après le dernier jour" in told(clock(ESPECE, "RETRAIT 2026-07-11"), DateName.RETRAIT)
    assert "après le dernier jour" not in told(
        clock(ESPECE, "RETRAIT 2026-07-10"), DateName.RETRAIT
    )


def test_days_that_pass_end_the_periods() -> None:
    log = "AR 2026-01-12, PU 2026-01-12"
    last = clock(ESPECE, log, today="2026-03-13")
    assert (last.control_state, last.third_state) == (
        ControlState.EN_COURS,
        ThirdPartyState.OUVERT,
    )
    after = clock(ESPECE, log, today="2026-03-14")
    assert (after.control_state, after.third_state) == (
        ControlState.EXPIRE,
        ThirdPartyState.EXPIRE,
    )


def test_an_act_that_need_not_be_transmitted_has_force_by_its_publicity_alone() -> None:
    found = clock(CIRCULATION, "AFFICHAGE 2026-05-04", owner=SMALL, today="2026-05-04")
    assert found.acte_state is ActeState.EXECUTOIRE
    assert found.named(DateName.TRANSMISSION) is None
    assert shown(found, DateName.DEMANDE_ACTE) == "2026-07-06"


def test_a_deliberation_of_a_kind_not_declared_has_its_dates_provisionally() -> None:
    found = clock(DELIBERATION, "AR 2026-03-12, PU 2026-03-16")
    for name in (DateName.EXECUTOIRE, DateName.TIERS):
        date = found.named(name)
        assert date is not None
        assert date.provisional
        assert "réglementaire, individuel ou d'espèce" in told(found, name)
