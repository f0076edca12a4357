"""The déféré: what moves its last day, which receipt counts, what is set aside and why."""

from dataclasses import replace
from datetime import date

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.controle import Control
from transmission.domain.legal.defere import (
    control_of,
    defence_last_day,
    no_position_on,
    running_control,
)
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.settings import (
    PRUDENT,
    STRICT,
    AnnulationEffect,
    ArDate,
    LegalSettings,
    PartialPieces,
)

FR = Calendrier.NATIONAL
_day = date.fromisoformat


def event(kind: EventKind, received: str, sent: str | None = None) -> LegalEvent:
    return LegalEvent.at(kind, _day(received), _day(sent) if sent else None)


def ar(received: str, sent: str | None = None) -> LegalEvent:
    return event(EventKind.ACCUSE_RECEPTION, received, sent)


def annulation(received: str) -> LegalEvent:
    return event(EventKind.ANNULATION, received)


def lo(received: str, sent: str | None = None) -> LegalEvent:
    return event(EventKind.LETTRE_OBSERVATIONS, received, sent)


def dp(received: str, sent: str | None = None) -> LegalEvent:
    return event(EventKind.DEMANDE_PIECES, received, sent)


def pc(received: str, sent: str | None = None) -> LegalEvent:
    return event(EventKind.PIECES, received, sent)


def rj(received: str, sent: str | None = None) -> LegalEvent:
    return event(EventKind.REPONSE_LETTRE, received, sent)


def running(*log: LegalEvent, settings: LegalSettings = PRUDENT) -> Control:
    control = running_control(log, FR, settings)
    assert control is not None
    return control


def test_the_first_receipt_starts_the_clock() -> None:
    assert running(ar("2026-01-12")).last_day == date(2026, 3, 13)


@pytest.mark.parametrize("log", [(), (ar("2026-03-02"), annulation("2026-03-10"))])
def test_without_a_receipt_that_holds_there_is_no_clock(log: tuple[LegalEvent, ...]) -> None:
    assert running_control(log, FR, PRUDENT) is None


def test_a_receipt_after_an_annulation_starts_everything_again() -> None:
    control = running(
        ar("2026-03-02"), dp("2026-03-05"), annulation("2026-03-10"), ar("2026-03-12")
    )
    assert control.received == date(2026, 3, 12)
    assert control.asked is None
    assert control.last_day == date(2026, 5, 13)
    assert [(each.kind, why) for each, why in control.ignored] == [
        (EventKind.DEMANDE_PIECES, "antérieure à la réception qui compte (EL-6)")
    ]


def test_an_annulation_may_be_read_as_a_mere_information() -> None:
    informative = replace(PRUDENT, annulation_effect=AnnulationEffect.INFORMATIVE)
    log = (ar("2026-03-02"), annulation("2026-03-10"), ar("2026-03-12"))
    control = running(*log, settings=informative)
    assert control.last_day == date(2026, 5, 4)
    assert [why for _, why in control.ignored] == [
        "elle n'efface pas la réception (C-17)",
        "l'acte était déjà reçu (EL-6)",
    ]


def test_a_second_sending_does_not_start_again_unless_so_set() -> None:
    log = (ar("2026-03-02"), ar("2026-03-12"))
    assert running(*log).received == date(2026, 3, 2)
    restarts = replace(PRUDENT, retransmission_restarts=True)
    assert running(*log, settings=restarts).received == date(2026, 3, 12)


def test_the_clock_may_be_set_to_start_on_the_day_of_sending() -> None:
    log = ar("2026-06-08", "2026-06-06")
    assert running(log).received == date(2026, 6, 8)
    sent = replace(PRUDENT, ar_date_source=ArDate.SENT)
    assert running(log, settings=sent).received == date(2026, 6, 6)


def test_a_request_of_the_day_of_receipt_is_not_lost_to_the_order_of_the_log() -> None:
    log = (dp("2026-03-02"), ar("2026-03-02"))
    assert running(*log) == running(*reversed(log))
    assert running(*log).asked is not None


def test_an_event_entered_twice_counts_once() -> None:
    log = (ar("2026-01-15"), lo("2026-03-10"))
    assert running(*log, *log) == running(*log)


def test_every_timely_request_for_documents_counts() -> None:
    first, second = dp("2026-04-20"), dp("2026-07-01")
    control = control_of(_day("2026-03-02"), [first, pc("2026-05-11"), second], FR, PRUDENT)
    assert control.asked is not None
    assert control.asked.by == second
    assert control.last_day == date(2026, 11, 2)
    once = replace(PRUDENT, repeat_requests=False)
    control = control_of(_day("2026-03-02"), [first, pc("2026-05-11"), second], FR, once)
    assert control.last_day == date(2026, 7, 13)


@pytest.mark.parametrize(
    ("log", "last"),
    [
        # The act is received on 2 March: the last day is 4 May.
        ([dp("2026-05-06", "2026-05-04")], "2026-09-07"),
        ([dp("2026-05-06", "2026-05-05")], "2026-05-04"),
        # Documents: the refusal would be implicit on 20 June, and the last day 21 August.
        ([dp("2026-04-20"), pc("2026-08-21", "2026-08-20")], "2026-10-22"),
        ([dp("2026-04-20"), pc("2026-08-24", "2026-08-21")], "2026-08-21"),
        ([pc("2026-04-20")], "2026-05-04"),
        # A letter of 10 March: rejected on 10 May, the last day is 13 July.
        ([lo("2026-03-10"), rj("2026-07-13", "2026-07-10")], "2026-09-14"),
        ([lo("2026-03-10"), rj("2026-07-15", "2026-07-13")], "2026-07-13"),
        ([rj("2026-03-10")], "2026-05-04"),
    ],
)
def test_a_request_counts_from_its_sending_and_an_answer_from_its_receipt(
    log: list[LegalEvent], last: str
) -> None:
    assert control_of(_day("2026-03-02"), log, FR, PRUDENT).last_day == _day(last)


@pytest.mark.parametrize(
    ("sent", "received", "last"),
    [("2026-06-19", "2026-06-20", "2026-08-21"), ("2026-06-20", "2026-06-22", "2026-08-21")],
)
def test_on_the_strict_reading_documents_arrive_by_the_day_of_the_implicit_refusal(
    sent: str, received: str, last: str
) -> None:
    control = control_of(_day("2026-03-02"), [dp("2026-04-20"), pc(received, sent)], FR, STRICT)
    assert control.last_day == _day(last)
    assert control.asked is not None
    assert (control.asked.answer is None) == (received > "2026-06-20")


def test_the_urban_reform_binds_the_strict_reading_from_its_first_day() -> None:
    found = [
        control_of(_day("2026-01-15"), [lo("2026-03-10")], FR, STRICT, _day(decided)).last_day
        for decided in ("2025-11-27", "2025-11-28")
    ]
    assert found == [date(2026, 7, 13), date(2026, 3, 16)]


def test_a_part_of_the_documents_does_not_restart_unless_so_set() -> None:
    part = replace(pc("2026-05-11"), complete=False)
    log = [dp("2026-04-20"), part]
    assert control_of(_day("2026-03-02"), log, FR, PRUDENT).last_day == date(2026, 8, 21)
    restart = replace(PRUDENT, partial_pieces=PartialPieces.RESTART)
    assert control_of(_day("2026-03-02"), log, FR, restart).last_day == date(2026, 7, 13)


def test_documents_of_before_the_complete_file_take_nothing_from_its_two_months() -> None:
    log = [dp("2026-02-02"), pc("2026-02-20")]
    assert control_of(_day("2026-03-20"), log, FR, PRUDENT).last_day == date(2026, 5, 21)


def test_a_request_after_the_letter_has_no_effect_on_the_strict_reading() -> None:
    log = [lo("2026-02-20"), dp("2026-03-09")]
    assert control_of(_day("2026-01-15"), log, FR, PRUDENT).asked is not None
    control = control_of(_day("2026-01-15"), log, FR, STRICT)
    assert control.asked is None
    assert control.ignored[0][1] == "postérieure à la lettre d'observations (C-6)"


def test_a_first_letter_is_judged_by_the_track_of_the_file() -> None:
    log = [lo("2026-03-18", "2026-03-16")]
    assert control_of(_day("2026-01-15"), log, FR, PRUDENT).last_day == date(2026, 7, 20)
    log = [lo("2026-03-19", "2026-03-17")]
    assert control_of(_day("2026-01-15"), log, FR, PRUDENT).last_day == date(2026, 3, 16)


def test_a_second_letter_where_it_extends_is_judged_by_the_last_day() -> None:
    twice = replace(PRUDENT, second_gracieux_extends=True)
    log = [lo("2026-03-02"), rj("2026-03-20"), lo("2026-05-11")]
    assert control_of(_day("2026-02-02"), log, FR, PRUDENT).last_day == date(2026, 5, 21)
    # In time for the letter's track (21 May), not for the file's (3 April).
    assert control_of(_day("2026-02-02"), log, FR, twice).last_day == date(2026, 9, 14)
    late = [*log[:2], lo("2026-05-22")]
    assert control_of(_day("2026-02-02"), late, FR, twice).last_day == date(2026, 5, 21)


def test_a_second_answer_changes_nothing() -> None:
    log = [lo("2026-03-10"), rj("2026-04-02")]
    once = control_of(_day("2026-01-15"), log, FR, PRUDENT)
    twice = control_of(_day("2026-01-15"), [*log, rj("2026-05-04")], FR, PRUDENT)
    assert once.last_day == twice.last_day == date(2026, 6, 3)


def test_letters_may_be_held_to_ask_for_nothing() -> None:
    setting = replace(PRUDENT, lo_is_gracieux=False)
    control = control_of(_day("2026-01-15"), [lo("2026-03-10")], FR, setting)
    assert control.letter is None
    assert control.last_day == date(2026, 3, 16)


def test_a_period_that_is_not_franc_ends_a_day_sooner() -> None:
    plain = replace(PRUDENT, franc_deferre=False)
    assert control_of(_day("2026-01-12"), [], FR, plain).last_day == date(2026, 3, 12)


def test_a_deferred_act_has_no_more_clock() -> None:
    filed = event(EventKind.DEFERE, "2026-03-06", "2026-03-03")
    control = control_of(_day("2026-01-12"), [filed, lo("2026-03-09")], FR, PRUDENT)
    assert control.letter is None
    assert control.ignored[0][1] == "postérieure au déféré, qui arrête le délai"
    assert control.margin == 10


def test_a_late_filing_has_a_negative_margin() -> None:
    filed = event(EventKind.DEFERE, "2026-03-18", "2026-03-16")
    assert control_of(_day("2026-01-12"), [filed], FR, PRUDENT).margin == -3


def test_a_filing_is_judged_by_its_day_at_the_court() -> None:
    assert control_of(_day("2026-01-12"), [], FR, PRUDENT).margin is None


def test_defence_installations_have_the_same_two_months() -> None:
    assert defence_last_day(_day("2026-02-02"), FR, PRUDENT) == date(2026, 4, 3)
    assert defence_last_day(_day("2025-12-31"), FR, PRUDENT) == date(2026, 3, 2)


def test_three_months_of_silence_are_no_position() -> None:
    assert no_position_on(_day("2026-02-02")) == date(2026, 5, 2)
    assert no_position_on(_day("2026-11-30")) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("received", "last"), [("2026-03-05", "2026-05-11"), ("2026-03-20", "2026-05-21")]
)
def test_the_control_of_a_tacit_permit_does_not_begin_before_it_is_acquired(
    received: str, last: str
) -> None:
    receipt = LegalEvent.at(EventKind.ACCUSE_RECEPTION, date.fromisoformat(received))
    control = running_control((receipt,), FR, PRUDENT, not_before=date(2026, 3, 10))
    assert control is not None
    assert control.last_day == date.fromisoformat(last)
