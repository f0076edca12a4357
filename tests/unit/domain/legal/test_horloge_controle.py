"""The control as dates of the clock: its reasons, its silences, acts that nobody transmits."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    CIRCULATION,
    COMMUNE,
    ESPECE,
    OUTSIDE,
    REGLEMENT,
    TACITE,
    UNCERTAIN,
    clock,
    day,
    ignored,
    other,
    rule,
    shown,
    told,
)
from tests.support.horloge import log as events_of
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.horloge_dossier import dossier_of
from transmission.domain.legal.horloge_exposition import exposition_of
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.settings import PRUDENT
from transmission.domain.legal.sujets import Categorie

DEFERE, ASK = DateName.DEFERE, DateName.DEMANDE_ACTE
EXPIRE, ASKED = ControlState.EXPIRE, ControlState.PIECES_DEMANDEES
LETTER, PIECES = DateName.REJET_TACITE_LETTRE, DateName.REFUS_TACITE_PIECES


def _provisional(found: Reading, name: DateName = DEFERE) -> bool:
    date = found.named(name)
    assert date is not None
    return date.provisional


# --- acts that must be transmitted ---


def test_an_act_never_received_has_no_last_day_and_nothing_ends_it() -> None:
    found = clock(ESPECE, "PU 2026-03-16, LO 2026-04-01, RENONCIATION 2026-04-02")
    assert (shown(found, DEFERE), rule(found, DEFERE)) == (None, "DF-11")
    assert found.control_state is ControlState.NON_DEMARRE
    assert "DF-11" in ignored(found)[EventKind.LETTRE_OBSERVATIONS]
    assert "DF-11" in ignored(found)[EventKind.RENONCIATION]


def test_a_defere_stands_even_where_no_receipt_runs() -> None:
    found = clock(ESPECE, "AR 2026-03-02, DEFERE 2026-03-09, ANNULATION 2026-03-10")
    assert found.control_state is ControlState.DEFERE
    assert found.ignored == ()
    assert any("déféré" in each for each in found.warnings)
    again = clock(ESPECE, "AR 2026-03-02, DEFERE 2026-03-09, ANNULATION 2026-03-10, AR 2026-03-12")
    assert again.control_state is ControlState.DEFERE
    assert EventKind.DEFERE not in ignored(again)


def test_a_second_receipt_and_what_came_before_the_first_change_nothing() -> None:
    found = clock(ESPECE, "LO 2026-03-11, AR 2026-03-12, AR 2026-03-20")
    assert shown(found, DEFERE) == "2026-05-13"
    assert set(ignored(found)) == {EventKind.LETTRE_OBSERVATIONS, EventKind.ACCUSE_RECEPTION}


def test_the_reasons_of_the_day_are_told_in_their_order() -> None:
    log = "AR 2026-03-02, DP 2026-04-20, PC 2026-05-11, LO 2026-07-01"
    found = clock(REGLEMENT, log)
    date = found.named(DEFERE)
    assert date is not None
    assert date.explanation == (
        "Acte reçu en préfecture le 2 mars 2026. Demande de pièces reçue le 20 avril 2026 : pièces "
        "reçues par l'État le 11 mai 2026. Lettre d'observations reçue le 1er juillet 2026 : sans "
        "réponse, rejet implicite le 1er septembre 2026. Le préfet a deux mois francs à compter du "
        "1er septembre 2026, jusqu'au 2 novembre 2026 inclus. Un déféré déposé à temps peut n'être "
        "connu que quelques jours plus tard."
    )
    assert date.inputs == (
        ("Réception en préfecture", day("2026-03-02")),
        ("Demande de pièces reçue", day("2026-04-20")),
        ("Réponse au sujet des pièces", day("2026-05-11")),
        ("Lettre d'observations reçue", day("2026-07-01")),
        ("Silence au sujet de la lettre", day("2026-09-01")),
    )


def test_a_refusal_of_documents_is_told_apart_from_documents() -> None:
    refused = clock(REGLEMENT, "AR 2026-03-02, DP 2026-04-20, RP 2026-05-04")
    assert "refus reçu par l'État le 4 mai 2026" in told(refused, DEFERE)


def test_the_later_track_gives_the_rule() -> None:
    log = "AR 2026-01-15, LO 2026-02-20, DP 2026-03-09, PC 2026-04-30"
    found = clock(REGLEMENT, log)
    assert (shown(found, DEFERE), rule(found, DEFERE)) == ("2026-07-01", "DF-2")
    assert "à compter du 30 avril 2026" in told(found, DEFERE)


@pytest.mark.parametrize(
    ("today", "provisional", "awaits"),
    [
        ("2026-08-21", True, "les pièces demandées"),
        ("2026-08-22", False, ""),
    ],
)
def test_a_day_that_supposes_a_silence_is_provisional_while_it_may_be_broken(
    today: str, provisional: bool, awaits: str
) -> None:
    found = clock(REGLEMENT, "AR 2026-03-02, DP 2026-04-20", today=today)
    assert _provisional(found) == provisional
    assert awaits in told(found, DEFERE)


def test_a_letter_left_unanswered_awaits_its_answer_when_the_documents_came() -> None:
    log = "AR 2026-03-02, DP 2026-04-20, PC 2026-05-11, LO 2026-07-01"
    found = clock(REGLEMENT, log, today="2026-07-02").named(DEFERE)
    assert found is not None
    assert found.awaits == "une réponse expresse à la lettre d'observations"
    both = clock(REGLEMENT, "AR 2026-01-15, LO 2026-02-20, DP 2026-03-09", today="2026-03-10")
    awaited = both.named(DEFERE)
    assert awaited is not None
    assert awaited.awaits == "les pièces demandées, ou leur refus"


@pytest.mark.parametrize(("today", "provisional"), [("2026-05-10", True), ("2026-05-11", False)])
def test_a_silence_is_provisional_until_it_is_over(today: str, provisional: bool) -> None:
    found = clock(ESPECE, "AR 2026-01-15, LO 2026-03-10", today=today)
    assert _provisional(found, LETTER) == provisional
    assert "valent rejet le 10 mai 2026" in told(found, LETTER)
    assert "C-9" in told(found, LETTER)


def test_a_silence_that_was_broken_too_late_was_born_all_the_same() -> None:
    late = clock(ESPECE, "AR 2026-02-02, LO 2026-03-02, RJ 2026-06-15")
    assert shown(late, LETTER) == "2026-05-02"
    assert not _provisional(late, LETTER)
    in_time = clock(ESPECE, "AR 2026-02-02, LO 2026-03-02, RJ 2026-05-02")
    assert in_time.named(LETTER) is None
    documents = clock(ESPECE, "AR 2026-03-02, DP 2026-04-20, PC 2026-07-15")
    assert shown(documents, PIECES) == "2026-06-20"
    assert "valent refus le 20 juin 2026" in told(documents, PIECES)


def test_a_silence_after_a_defere_awaits_nothing() -> None:
    found = clock(ESPECE, "AR 2026-01-15, LO 2026-03-10, DEFERE 2026-03-12", today="2026-03-13")
    assert not _provisional(found, LETTER)
    assert not _provisional(found)


# --- tacit permits ---


@pytest.mark.parametrize(
    ("log", "last"),
    [("AR 2026-03-20", "2026-05-21"), ("AR 2026-01-05", "2026-05-11"), ("", None)],
)
def test_a_tacit_permit_is_controlled_from_its_file_and_from_its_birth(
    log: str, last: str | None
) -> None:
    found = clock(TACITE, log)
    assert (shown(found, DEFERE), rule(found, DEFERE)) == (last, "UR-2")
    if last is None:
        assert "le dossier complet n'est pas reçu" in told(found, DEFERE)


def test_documents_asked_for_a_tacit_permit_leave_its_day_in_doubt() -> None:
    found = clock(TACITE, "AR 2026-03-20, DP 2026-04-02")
    assert _provisional(found)
    assert "UR-2" in told(found, DEFERE)
    answered = clock(TACITE, "AR 2026-03-20, DP 2026-04-02, PC 2026-04-10")
    assert not _provisional(answered)


# --- acts that need not be transmitted ---


@pytest.mark.parametrize(
    ("log", "last", "by", "state"),
    [
        ("", None, "DF-6", ControlState.EXPIRE),
        (", DP 2026-04-08", None, "DF-6", ControlState.PIECES_DEMANDEES),
        (", DP 2026-04-08, PC 2026-04-20", "2026-06-22", "DF-6", ControlState.EXPIRE),
        (", DP 2026-04-08, AR 2026-04-20", "2026-06-22", "DF-6", ControlState.EXPIRE),
        (", DP 2026-04-08, PARTIE 2026-04-20", None, "DF-6", ControlState.PIECES_DEMANDEES),
        (", DP 2026-04-14, PC 2026-04-20", None, "DF-6", ControlState.EXPIRE),
        (", DF 2026-03-20", "2026-05-21", "DF-7", ControlState.EXPIRE),
        (", DF 2026-04-14", None, "DF-6", ControlState.EXPIRE),
        (
            ", DP 2026-02-11, PC 2026-02-12, DF 2026-03-20",
            "2026-05-21",
            "DF-7",
            ControlState.EXPIRE,
        ),
        (
            ", DP 2026-03-20, PC 2026-03-25, DF 2026-02-20",
            "2026-05-26",
            "DF-6",
            ControlState.EXPIRE,
        ),
        (", DP 2026-03-20, DF 2026-02-20", None, "DF-6", ControlState.PIECES_DEMANDEES),
    ],
)
def test_an_act_that_need_not_be_transmitted_is_exposed_if_it_is_asked_for(
    log: str, last: str | None, by: str, state: ControlState
) -> None:
    found = clock(CIRCULATION, f"PU 2026-02-10{log}")
    assert shown(found, ASK) == "2026-04-13"
    assert (shown(found, DEFERE), rule(found, DEFERE)) == (last, by)
    assert found.control_state is state


def test_a_request_that_opens_no_appeal_may_open_a_defere() -> None:
    spared = replace(TACITE, stated_categorie=Categorie.ORDINAIRE)
    found = clock(spared, "DF 2026-03-20")
    assert (shown(found, DEFERE), rule(found, DEFERE)) == ("2026-05-21", "DF-7")
    assert found.ignored == ()
    assert shown(found, DateName.TIERS) is None


def test_of_two_requests_for_the_act_the_first_in_time_counts() -> None:
    found = clock(CIRCULATION, "PU 2026-02-10, DP 2026-04-15/2026-04-14, DP 2026-04-16/2026-04-10")
    assert found.control_state is ControlState.PIECES_DEMANDEES
    assert "le 10 avril 2026" in told(found, DEFERE)


def test_nothing_ends_the_exposure_of_an_act_asked_for_and_not_communicated() -> None:
    events = events_of("PU 2026-02-10, DF 2026-02-20, DP 2026-03-20")
    exposition = exposition_of(dossier_of(CIRCULATION, COMMUNE, events, PRUDENT), day("2026-02-10"))
    assert exposition is not None
    assert exposition.waits
    assert exposition.last_day is None


def test_an_act_that_the_prefet_had_before_he_asked_is_exposed_from_his_request() -> None:
    found = clock(CIRCULATION, "PU 2026-02-10, AR 2026-02-12, DP 2026-04-08")
    assert shown(found, DEFERE) == "2026-06-09"
    assert found.control is not None
    unasked = clock(CIRCULATION, "PU 2026-02-10, AR 2026-02-12")
    assert (shown(unasked, DEFERE), unasked.control) == (None, None)


def test_once_communicated_such_an_act_is_followed_like_any_other() -> None:
    log = "PU 2026-02-10, DP 2026-04-08, PC 2026-04-20, LO 2026-06-01"
    found = clock(CIRCULATION, log, today="2026-06-02")
    assert (shown(found, DEFERE), rule(found, DEFERE)) == ("2026-10-02", "DF-3")
    assert shown(found, LETTER) == "2026-08-01"
    assert found.control_state is ControlState.GRACIEUX_EN_COURS
    assert "demandé par le préfet le 8 avril 2026 et communiqué le 20 avril 2026" in told(
        found, DEFERE
    )
    assert other(found, DEFERE) is not None


def test_what_came_before_the_communication_changes_nothing() -> None:
    log = "PU 2026-02-10, LO 2026-03-01, DP 2026-04-08, PC 2026-04-20"
    found = clock(CIRCULATION, log)
    assert shown(found, DEFERE) == "2026-06-22"
    assert set(ignored(found)) == {EventKind.LETTRE_OBSERVATIONS}


def test_a_letter_about_an_act_that_the_prefet_has_not_changes_nothing() -> None:
    found = clock(CIRCULATION, "PU 2026-02-10, LO 2026-03-01, DP 2026-04-14")
    assert set(ignored(found)) == {EventKind.LETTRE_OBSERVATIONS, EventKind.DEMANDE_PIECES}


@pytest.mark.parametrize(
    ("log", "today", "state"),
    [
        ("", "2026-02-09", ControlState.NON_DEMARRE),
        ("", "2026-02-10", ControlState.EN_COURS),
        ("", "2026-04-13", ControlState.EN_COURS),
        ("", "2026-04-14", ControlState.EXPIRE),
        (", DF 2026-03-20", "2026-05-21", ControlState.EN_COURS),
        (", DF 2026-03-20", "2026-05-22", ControlState.EXPIRE),
        (", DP 2026-04-08, PC 2026-04-20", "2026-06-22", ControlState.EN_COURS),
        (", DP 2026-02-11, PC 2026-02-12, DF 2026-03-20", "2026-05-21", ControlState.EN_COURS),
        (", DEFERE 2026-03-01", "2026-03-01", ControlState.DEFERE),
    ],
)
def test_the_exposure_of_such_an_act_has_its_states(
    log: str, today: str, state: ControlState
) -> None:
    assert clock(CIRCULATION, f"PU 2026-02-10{log}", today=today).control_state is state


def test_such_an_act_without_force_is_not_exposed_yet() -> None:
    found = clock(CIRCULATION, "DP 2026-04-08")
    assert found.control_state is ControlState.NON_DEMARRE
    assert (shown(found, ASK), shown(found, DEFERE)) == (None, None)
    assert "DF-6" in ignored(found)[EventKind.DEMANDE_PIECES]


# --- scope ---


def test_an_act_outside_the_control_has_no_date() -> None:
    found = clock(OUTSIDE, "AR 2026-01-12, PU 2026-01-12, LO 2026-02-01, DEFERE 2026-02-02")
    assert found.dates == ()
    assert found.control_state is ControlState.SANS_OBJET
    assert found.acte_state is ActeState.PUBLIE
    assert set(ignored(found)) == {EventKind.LETTRE_OBSERVATIONS, EventKind.DEFERE}
    assert any("ne relèvent pas du contrôle" in each for each in found.warnings)


def test_an_act_whose_transmission_is_to_confirm_has_a_provisional_control() -> None:
    found = clock(UNCERTAIN, "AR 2026-02-10")
    assert _provisional(found)
    assert found.portee.raison in told(found, DEFERE)
    assert found.portee.raison in found.warnings
    sure = replace(UNCERTAIN, stated_categorie=Categorie.POLICE)
    assert not _provisional(clock(sure, "AR 2026-02-10"))
