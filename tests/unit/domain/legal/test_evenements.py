"""The log of an act: each event once, in the order in which it counts."""

from datetime import date

from transmission.domain.legal.evenements import EventKind, LegalEvent, in_order

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)


def test_an_event_is_dispatched_the_day_of_its_receipt_unless_said_otherwise() -> None:
    assert LegalEvent.at(EventKind.PIECES, NEXT).sent == NEXT
    assert LegalEvent.at(EventKind.PIECES, NEXT, DAY).sent == DAY


def test_events_count_by_the_day_on_which_they_reached_their_addressee() -> None:
    late = LegalEvent.at(EventKind.LETTRE_OBSERVATIONS, NEXT, DAY)
    early = LegalEvent.at(EventKind.DEMANDE_PIECES, DAY)
    assert in_order([late, early, late]) == [early, late]


def test_on_one_day_receipts_come_first_and_the_rest_as_it_was_logged() -> None:
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, DAY)
    sent = LegalEvent.at(EventKind.PIECES, DAY)
    void = LegalEvent.at(EventKind.ANNULATION, DAY)
    received = LegalEvent.at(EventKind.ACCUSE_RECEPTION, DAY)
    assert in_order([sent, asked, void, received]) == [void, received, sent, asked]


def test_every_kind_has_a_code_and_a_label_of_its_own() -> None:
    assert len({kind.code for kind in EventKind}) == len(EventKind)
    assert len({kind.label for kind in EventKind}) == len(EventKind)
