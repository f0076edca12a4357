"""What every connector must do with letters of the préfecture, answers and cancellations."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.support.parcels import LETTER_OF, Thread, cancellation, new_act
from tests.support.sides import Side
from transmission.actes.retours import read_retour
from transmission.domain.messages import ACKNOWLEDGED_BY, kind_of
from transmission.domain.outcomes import (
    Absent,
    Accepted,
    CannotTell,
    Duplicate,
    Found,
    InDoubt,
    Refused,
)
from transmission.ports import Collected, InboxItem, Parcel, Situation, TdtConnector

Requires = Callable[[bool], None]
Write = Callable[..., Thread]

ANSWERS = ["2-2", "3-3", "3-4", "4-3", "4-4"]
LETTERS = {
    "courrier_simple": "2-1",
    "demande_piece_complementaire": "3-1",
    "lettre_observations": "4-1",
    "defere_ta": "5-1",
}
NOTHING_DONE = ["cut_before_body", "cut_mid_body", "cut_before_accept", "error_500_before"]
ALL_DONE = ["cut_after_accept", "cut_mid_answer", "error_500"]
PAGE = b"%PDF-1.4\n% lettre\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def accepted(connector: TdtConnector, parcel: Parcel) -> str:
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, Accepted)
    return outcome.reference


def collected(connector: TdtConnector, reference: str) -> Collected:
    found = connector.collect(reference)
    assert isinstance(found, Collected)
    return found


def fetched(connector: TdtConnector, item: InboxItem) -> bytes:
    target = BytesIO()
    assert connector.fetch(item, target) is None
    return target.getvalue()


def inbox(connector: TdtConnector) -> list[InboxItem]:
    items = connector.inbox()
    assert not isinstance(items, CannotTell)
    return list(items)


def keys(connector: TdtConnector) -> list[str]:
    return [item.key for item in inbox(connector)]


# --- letters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(LETTERS))
def test_a_letter_is_fetched_to_the_byte_and_confirmed_once(
    side: Side, connector: TdtConnector, write: Write, kind: str
) -> None:
    thread = write(kind, day="2026-03-14", files=(PAGE,))
    container = fetched(connector, thread.item)
    assert container == fetched(connector, thread.item)
    files = side.unpacked(container)
    assert PAGE in files.values()
    (letter,) = (
        files[name] for name in files if f"-{LETTERS[kind]}_" in name and name[-4:] == ".xml"
    )
    assert kind_of(read_retour(letter).retour).code == LETTERS[kind]
    assert connector.confirm(thread.item) is None
    assert thread.item.key not in keys(connector)
    assert connector.confirm(thread.item) is None


def test_a_letter_says_which_act_it_is_about(
    connector: TdtConnector, write: Write, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    thread = write("courrier_simple")
    assert thread.item.acte == thread.reference
    assert thread.item.reference


def test_a_letter_not_confirmed_comes_again_in_its_place(
    connector: TdtConnector, write: Write
) -> None:
    letters = [write("courrier_simple").item.key, write("defere_ta").item.key]
    first, *_ = [item for item in inbox(connector) if item.key in letters]
    fetched(connector, first)
    assert [key for key in keys(connector) if key in letters] == letters
    assert connector.confirm(first) is None
    assert [key for key in keys(connector) if key in letters] == letters[1:]


@pytest.mark.parametrize("fault", ["cut_mid_answer", "cut_before_body", "error_500", "redirect"])
def test_a_letter_cut_on_its_way_stays_in_the_inbox(
    mock: Any,
    side: Side,
    connector: TdtConnector,
    write: Write,
    requires: Requires,
    fault: str,
) -> None:
    requires(side.letter_script is not None)
    item = write("lettre_observations").item
    mock.set("/faults", fault=fault, paths=[side.letter_script])
    assert isinstance(connector.fetch(item, BytesIO()), CannotTell)
    assert item.key in keys(connector)
    assert fetched(connector, item)


# --- answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ANSWERS)
def test_an_answer_is_taken_with_its_files(
    mock: Any, side: Side, connector: TdtConnector, write: Write, code: str
) -> None:
    codes = ("99_DE", "21_RP", "99_AU") if code == "3-4" else ("99_DE",)
    parcel = write(LETTER_OF[code]).answer(code, codes=codes)
    exchange = connector.submit(parcel)
    assert isinstance(exchange.outcome, Accepted)
    assert side.taken(mock, parcel) == 1
    assert exchange.response.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("code", ANSWERS)
def test_an_answer_has_the_ar_of_its_kind_or_is_only_delivered(
    connector: TdtConnector, write: Write, requires: Requires, code: str
) -> None:
    requires(connector.capabilities.has_status)
    thread = write(LETTER_OF[code], day="2026-03-14")
    found = collected(connector, accepted(connector, thread.answer(code)))
    if code not in ACKNOWLEDGED_BY:
        assert (found.situation, found.message) == (Situation.DELIVERED, None)
        return
    assert found.situation is Situation.ANSWERED
    assert found.message is not None
    ar: Any = read_retour(found.message).retour
    assert kind_of(ar).code == ACKNOWLEDGED_BY[code]
    assert ar.id_acte.same_act(thread.act.message.id_acte)
    assert ar.date_courrier_pref == thread.day


@pytest.mark.parametrize("code", ["3-2", "4-2"])
def test_a_receipt_is_sent_by_one_side_only(
    mock: Any, side: Side, connector: TdtConnector, write: Write, code: str
) -> None:
    parcel = write(LETTER_OF[code]).answer(code)
    before = mock.calls(side.script(code))
    outcome = connector.submit(parcel).outcome
    if connector.capabilities.sends_receipts:
        assert isinstance(outcome, Refused)
        assert mock.calls(side.script(code)) == before
    else:
        assert isinstance(outcome, Accepted)
        assert mock.calls(side.script(code)) == before + 1


def test_as_many_files_as_announced_pass_in_an_answer(
    mock: Any, side: Side, connector: TdtConnector, write: Write
) -> None:
    codes = ("99_DE", *("99_AU",) * (connector.capabilities.files_per_reply - 1))
    parcel = write("demande_piece_complementaire").answer("3-4", codes=codes)
    accepted(connector, parcel)
    assert side.taken(mock, parcel) == 1


@pytest.mark.parametrize("code", ANSWERS)
def test_an_answer_is_absent_before_and_found_after(
    connector: TdtConnector, write: Write, requires: Requires, code: str
) -> None:
    requires(connector.capabilities.has_status)
    parcel = write(LETTER_OF[code]).answer(code)
    assert connector.find(parcel) == Absent()
    assert Found(accepted(connector, parcel)) == connector.find(parcel)


@pytest.mark.parametrize("fate", ["ar", "silence", "tdt_error", "anomalie_enveloppe"])
def test_an_answer_is_found_whatever_became_of_it(
    mock: Any, connector: TdtConnector, write: Write, requires: Requires, fate: str
) -> None:
    requires(connector.capabilities.has_status)
    parcel = write("demande_piece_complementaire").answer("3-4")
    mock.set("/scenario", **{"scenario": fate, "for": "reply", "next": True})
    assert Found(accepted(connector, parcel)) == connector.find(parcel)


@pytest.mark.parametrize("code", ["2-2", "3-4", "4-3"])
@pytest.mark.parametrize("fault", [*NOTHING_DONE, "redirect", *ALL_DONE])
def test_a_cut_answer_is_found_again_and_not_doubled(
    mock: Any,
    side: Side,
    connector: TdtConnector,
    write: Write,
    requires: Requires,
    fault: str,
    code: str,
) -> None:
    requires(connector.capabilities.has_status)
    parcel = write(LETTER_OF[code]).answer(code)
    mock.set("/faults", fault=fault, paths=[side.script(code)])
    assert isinstance(connector.submit(parcel).outcome, InDoubt)
    found = connector.find(parcel)
    if fault in ALL_DONE:
        assert isinstance(found, Found)
    else:
        assert found == Absent()
        assert Found(accepted(connector, parcel)) == connector.find(parcel)
    assert side.taken(mock, parcel) == 1


def test_two_letters_of_one_kind_on_one_act_are_told_apart(
    connector: TdtConnector, write: Write, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    kind = "demande_piece_complementaire"
    first = write(kind, day="2026-03-14")
    second = write(kind, act=first.act, reference=first.reference, day="2026-03-15")
    assert first.item.key != second.item.key
    letters = {first.item.reference or "", second.item.reference or ""}
    answer = accepted(connector, second.answer("3-4", known=[*letters]))
    known = [*letters, answer]
    assert connector.find(first.answer("3-4", known=known)) == Absent()
    assert connector.find(second.answer("3-4", known=[*letters])) == Found(answer)
    other = accepted(connector, first.answer("3-3", known=known))
    assert connector.find(first.answer("3-3", known=known)) == Found(other)
    ars = [collected(connector, each).message or b"" for each in (answer, other)]
    assert [b"2026-03-14" in ar for ar in ars] == [False, True]
    assert [b"2026-03-15" in ar for ar in ars] == [True, False]


def test_after_a_refused_answer_a_second_one_is_told_from_it(
    mock: Any, connector: TdtConnector, write: Write, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    thread = write("demande_piece_complementaire")
    mock.set("/scenario", **{"scenario": "tdt_error", "for": "reply", "next": True})
    refused = accepted(connector, thread.answer("3-4"))
    assert collected(connector, refused).situation is Situation.REFUSED_BY_TDT
    again = thread.answer("3-4", known=[refused])
    assert connector.find(again) == Absent()
    assert Found(accepted(connector, again)) == connector.find(again)


# --- cancellations -----------------------------------------------------------------------------


def test_a_cancellation_brings_its_ar_on_both_transactions(
    connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    act = new_act()
    reference = accepted(connector, act)
    cancelled = collected(connector, accepted(connector, cancellation(act, reference)))
    assert cancelled.situation is Situation.ANSWERED
    assert cancelled.message is not None
    ar: Any = read_retour(cancelled.message).retour
    assert kind_of(ar).code == "6-2"
    assert ar.id_acte.same_act(act.message.id_acte)
    assert collected(connector, reference).message == cancelled.message


def test_a_cancellation_is_told_from_the_one_that_was_refused_before(
    mock: Any, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    act = new_act("ANNREF")
    reference = accepted(connector, act)
    first = cancellation(act, reference)
    assert connector.find(first) == Absent()
    refused = accepted(connector, first)
    assert connector.find(first) == Found(refused)
    second = cancellation(act, reference, frozenset({refused}))
    assert connector.find(second) == Absent()
    assert Found(accepted(connector, second)) == connector.find(second)


def test_a_cancellation_asked_twice_is_a_duplicate(
    connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    act = new_act("ANNSIL")
    parcel = cancellation(act, accepted(connector, act))
    reference = accepted(connector, parcel)
    assert connector.submit(parcel).outcome == Duplicate(reference)


def test_an_act_that_cannot_be_cancelled_is_a_refusal(
    mock: Any, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    act = new_act("SILENC")
    outcome = connector.submit(cancellation(act, accepted(connector, act))).outcome
    assert isinstance(outcome, Refused)
    assert outcome.reason


@pytest.mark.parametrize("fault", [*NOTHING_DONE, "redirect", *ALL_DONE])
def test_a_cut_cancellation_is_found_again_and_not_doubled(
    mock: Any, side: Side, connector: TdtConnector, requires: Requires, fault: str
) -> None:
    requires(connector.capabilities.has_status)
    act = new_act()
    parcel = cancellation(act, accepted(connector, act))
    mock.set("/faults", fault=fault, paths=[side.script("6-1")])
    assert isinstance(connector.submit(parcel).outcome, InDoubt)
    found = connector.find(parcel)
    if fault in ALL_DONE:
        assert isinstance(found, Found)
        assert connector.submit(parcel).outcome == Duplicate(found.reference)
    else:
        assert found == Absent()
        assert Found(accepted(connector, parcel)) == connector.find(parcel)


# --- all that waits ----------------------------------------------------------------------------


def test_answers_and_cancellations_wait_like_acts_and_letters_do_not(
    mock: Any, connector: TdtConnector, write: Write, requires: Requires
) -> None:
    requires(connector.capabilities.lists_waiting)
    thread, simple = write("lettre_observations"), write("courrier_simple")
    before = set(connector.waiting())
    mock.set("/delays", check=60, sending=60, answer=60)
    answers = [
        accepted(connector, thread.answer("4-4")),
        accepted(connector, simple.answer("2-2")),
        accepted(connector, cancellation(simple.act, simple.reference)),
    ]
    assert set(connector.waiting()) - before == set(answers)
    mock.set("/clock", advance=180)
    # The answer to a simple letter has no AR: the State has it, and that is all.
    left = {key: each for key, each in connector.waiting().items() if key not in before}
    assert {key: each.situation for key, each in left.items()} == {answers[1]: Situation.DELIVERED}
