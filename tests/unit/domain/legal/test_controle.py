"""Where a control stands on a day, whatever its story."""

from dataclasses import replace
from datetime import date

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.controle import Control, ControlState, control_state
from transmission.domain.legal.defere import control_of
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.settings import PRUDENT, LegalSettings

_day = date.fromisoformat
LO = LegalEvent.at(EventKind.LETTRE_OBSERVATIONS, date(2026, 3, 10))
BLOCKS = replace(PRUDENT, r4213_blocks_expiry=True)
RENUNCIATION = LegalEvent.at(EventKind.RENONCIATION, date(2026, 2, 20), date(2026, 2, 18))


def control(
    *events: LegalEvent, settings: LegalSettings = PRUDENT, deliberation: bool = False
) -> Control:
    """Of an act received on 15 January 2026: déféré until 16 March with nothing else."""
    received = date(2026, 1, 15)
    return control_of(received, events, Calendrier.NATIONAL, settings, deliberation=deliberation)


def answer(day: str) -> LegalEvent:
    return LegalEvent.at(EventKind.REPONSE_LETTRE, _day(day))


def states(found: Control, *days: str) -> list[ControlState]:
    return [control_state(found, _day(day)) for day in days]


def test_an_act_without_a_receipt_has_no_control_whatever_the_day() -> None:
    assert control_state(None, date(2099, 1, 1)) is ControlState.NON_DEMARRE


def test_a_control_runs_through_its_last_day() -> None:
    assert states(control(), "2026-03-16", "2026-03-17") == [
        ControlState.EN_COURS,
        ControlState.EXPIRE,
    ]


def test_a_request_for_documents_is_pending_until_its_implicit_refusal() -> None:
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, date(2026, 3, 2))
    found = control(asked)
    assert states(found, "2026-05-02", "2026-05-03", "2026-07-03", "2026-07-04") == [
        ControlState.PIECES_DEMANDEES,
        ControlState.APRES_PIECES,
        ControlState.APRES_PIECES,
        ControlState.EXPIRE,
    ]
    sent = LegalEvent.at(EventKind.PIECES, date(2026, 3, 9))
    assert states(control(asked, sent), "2026-03-10") == [ControlState.APRES_PIECES]


def test_a_letter_is_pending_until_its_implicit_rejection() -> None:
    assert states(control(LO), "2026-05-10", "2026-05-11", "2026-07-13", "2026-07-14") == [
        ControlState.GRACIEUX_EN_COURS,
        ControlState.APRES_REJET,
        ControlState.APRES_REJET,
        ControlState.EXPIRE,
    ]
    assert states(control(LO, answer("2026-04-02")), "2026-04-03") == [ControlState.APRES_REJET]


def test_the_state_names_the_track_that_sets_the_last_day() -> None:
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, date(2026, 3, 16))
    found = control(LO, answer("2026-03-12"), asked)
    assert states(found, "2026-03-17", "2026-06-01") == [
        ControlState.PIECES_DEMANDEES,
        ControlState.APRES_PIECES,
    ]


def test_a_letter_about_a_deliberation_left_unanswered_leaves_a_reservation() -> None:
    found = control(LO, deliberation=True)
    assert found.last_day == date(2026, 7, 13)
    assert states(found, "2026-07-13", "2026-07-14", "2030-01-01") == [
        ControlState.APRES_REJET,
        ControlState.EXPIRE_RESERVE,
        ControlState.EXPIRE_RESERVE,
    ]
    answered = control(LO, answer("2026-04-02"), deliberation=True)
    assert states(answered, "2026-06-04") == [ControlState.EXPIRE]


def test_an_answer_out_of_time_lifts_the_reservation_two_months_later() -> None:
    found = control(LO, answer("2026-09-01"), deliberation=True)
    assert found.last_day == date(2026, 7, 13)
    assert states(found, "2026-11-02", "2026-11-03") == [
        ControlState.EXPIRE_RESERVE,
        ControlState.EXPIRE,
    ]


def test_silence_that_is_no_rejection_gives_no_last_day() -> None:
    found = control(LO, settings=BLOCKS, deliberation=True)
    assert found.last_day is None
    assert found.silent_last_day == date(2026, 7, 13)
    assert found.is_provisional(date(2030, 1, 1))
    assert states(found, "2030-01-01") == [ControlState.APRES_REJET]


def test_an_express_answer_at_any_time_then_gives_one() -> None:
    found = control(LO, answer("2026-09-01"), settings=BLOCKS, deliberation=True)
    assert found.last_day == date(2026, 11, 2)
    assert states(found, "2026-11-03") == [ControlState.EXPIRE]


def test_silence_about_any_other_act_rejects_on_either_reading() -> None:
    assert control(LO, settings=BLOCKS).last_day == date(2026, 7, 13)


@pytest.mark.parametrize("day", ["2026-02-01", "2026-03-17", "2030-01-01"])
def test_a_deferred_act_is_deferred_whatever_the_day(day: str) -> None:
    filed = LegalEvent.at(EventKind.DEFERE, date(2026, 2, 1))
    assert states(control(filed), day) == [ControlState.DEFERE]


def test_a_renunciation_ends_nothing_by_default() -> None:
    found = control(RENUNCIATION)
    assert found.last_day == date(2026, 3, 16)
    assert found.ignored == ((RENUNCIATION, "une renonciation n'engage pas le préfet (C-19)"),)
    assert states(found, "2026-02-21") == [ControlState.EN_COURS]


def test_a_renunciation_ends_the_control_where_so_set_and_moves_no_day() -> None:
    found = control(RENUNCIATION, settings=replace(PRUDENT, renonciation_ends_clock=True))
    assert found.last_day == date(2026, 3, 16)
    assert states(found, "2026-02-20", "2026-02-21") == [
        ControlState.EN_COURS,
        ControlState.EXPIRE,
    ]


def test_a_last_day_is_provisional_while_a_silence_may_be_broken() -> None:
    assert not control().is_provisional(date(2026, 2, 1))
    assert control(LO).is_provisional(date(2026, 7, 13))
    assert not control(LO).is_provisional(date(2026, 7, 14))
    assert not control(LO, answer("2026-04-02")).is_provisional(date(2026, 4, 3))
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, date(2026, 3, 2))
    assert control(asked).is_provisional(date(2026, 7, 3))
    filed = LegalEvent.at(EventKind.DEFERE, date(2026, 3, 11))
    assert not control(LO, filed).is_provisional(date(2026, 3, 12))
