"""New transmissions about an act: their files, what they may not be beside, what they speak of."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, letter
from tests.support.scene import AUTHOR
from transmission.domain.errors import ConflictError
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Piece, StoredFile, Transmission
from transmission.ports import Bearings, Opening, Step
from transmission.store.tables import journal

PIECES = (
    Piece(1, "réponse.pdf", "99_DE", "pdf", StoredFile("ab" * 32, 12)),
    Piece(2, "plan.png", "21_RP", "png", StoredFile("cd" * 32, 34)),
)
ENDS: dict[str, Sequence[Event]] = {
    "rejected": (
        Event.PREPARED, Event.SUBMISSION_STARTED, Event.SUBMISSION_ACCEPTED, Event.ANOMALIE_RECEIVED
    ),
    "acknowledged": (
        Event.PREPARED, Event.SUBMISSION_STARTED, Event.SUBMISSION_ACCEPTED, Event.AR_RECEIVED
    ),
    "delivered": (
        Event.PREPARED, Event.SUBMISSION_STARTED, Event.SUBMISSION_ACCEPTED, Event.DELIVERED
    ),
    "held": (Event.HELD,),
}  # fmt: skip


def _opened(bench: Bench, about: Transmission, message: str, **changes: Any) -> Transmission:
    now = bench.clock.now()
    given = {"id_acte": about.id_acte, **changes}
    opening = Opening(about.acte_id, about.collectivite_id, message, **given)
    with bench.tools.register() as unit:
        opened = unit.open_transmission(opening, AUTHOR, now, bench.tools.delays.bell_at(now))
        unit.commit()
    return opened


def _ended(bench: Bench, made: Transmission, end: str) -> None:
    with bench.tools.register() as unit:
        for event in ENDS[end]:
            made = unit.move(made, event, SERVICE, bench.clock.now())
        unit.commit()
    assert made.state.code == end


def _letters(bench: Bench, about: Transmission, count: int = 1, code: str = "3-1") -> list[int]:
    prefecture = Prefecture(bench)
    for rank in range(count):
        prefecture.sends(
            letter(code, about.id_acte, rank=10 * rank + 1), reference=f"8{rank}", numero=rank + 1
        )
    return [kept.id for kept in bench.letters(about.acte_id)]


def test_an_opened_transmission_is_accepted_and_waits_for_its_envelope(bench: Bench) -> None:
    acte = bench.acknowledged()
    opened = _opened(bench, acte, "6-1")
    assert (opened.state, opened.message, opened.attempts) == (State.ACCEPTED, "6-1", 0)
    assert opened.next_attempt_at == bench.tools.delays.bell_at(bench.clock.now())
    assert opened.waiting_for == "la préparation de l'enveloppe"
    assert bench.now_of(opened.id) == opened
    with bench.engine.connect() as connection:
        statement = select(journal).where(journal.c.transmission_id == opened.id)
        (row,) = connection.execute(statement).all()
    assert (row.event, row.source, row.target) == ("accepted", None, "accepted")
    assert (row.acte_id, row.author) == (acte.acte_id, AUTHOR.name)
    assert row.details == {"message": "6-1", "id_acte": str(acte.id_acte)}


def test_what_is_sent_about_an_act_is_found_newest_first_and_by_message(bench: Bench) -> None:
    acte = bench.acknowledged()
    first, second = _letters(bench, acte, 2)
    answers = [
        _opened(bench, acte, "3-4", courrier_id=first),
        _opened(bench, acte, "3-3", courrier_id=second),
    ]
    other = bench.acknowledged()
    with bench.tools.register() as unit:
        about = unit.transmissions_about(acte.acte_id)
        assert [each.id for each in about] == [answers[1].id, answers[0].id, acte.id]
        assert [each.id for each in unit.transmissions_about(acte.acte_id, "3-4")] == [
            answers[0].id
        ]
        assert unit.transmissions_about(other.acte_id, "3-4") == []
        assert unit.current_transmission(acte.acte_id).id == acte.id


def test_an_answer_carries_its_own_files_in_order_and_an_act_its_own(bench: Bench) -> None:
    acte = bench.acknowledged(contents=(b"%PDF-1.4 acte", b"%PDF-1.4 annexe"))
    (courrier_id,) = _letters(bench, acte)
    answer = _opened(
        bench, acte, "3-4", courrier_id=courrier_id, pieces=PIECES[::-1], fingerprint="e" * 64
    )
    receipt = _opened(bench, acte, "3-2", courrier_id=courrier_id)
    with bench.tools.register() as unit:
        assert unit.pieces_sent(answer) == PIECES
        assert unit.pieces_sent(receipt) == ()
        assert unit.pieces_sent(acte) == unit.acte(acte.acte_id).pieces
        assert unit.transmission(answer.id).fingerprint == "e" * 64


@pytest.mark.parametrize(
    ("message", "other"), [("6-1", "6-1"), ("3-2", "3-2"), ("3-4", "3-4"), ("3-4", "3-3")]
)
def test_one_of_a_kind_is_under_way_at_a_time(bench: Bench, message: str, other: str) -> None:
    acte = bench.acknowledged()
    courrier_id = None if message == "6-1" else _letters(bench, acte)[0]
    _opened(bench, acte, message, courrier_id=courrier_id)
    with pytest.raises(ConflictError, match="déjà en cours"):
        _opened(bench, acte, other, courrier_id=courrier_id)
    assert len(bench.about(acte.acte_id)) == 2


@pytest.mark.parametrize(
    ("message", "end", "may"),
    [
        ("6-1", "rejected", True), ("6-1", "held", False), ("6-1", "acknowledged", True),
        ("3-2", "rejected", True), ("3-2", "delivered", False), ("3-2", "held", False),
        ("3-4", "rejected", True), ("3-4", "acknowledged", True), ("3-4", "held", False),
        ("2-2", "rejected", True), ("2-2", "delivered", False),
        ("1-1", "rejected", True), ("1-1", "acknowledged", False), ("1-1", "held", False),
    ],
)  # fmt: skip
def test_another_may_follow_one_that_is_over(
    bench: Bench, message: str, end: str, *, may: bool
) -> None:
    acte = bench.acte() if message == "1-1" else bench.acknowledged()
    first = acte
    courrier_id = None
    if message != "1-1":
        if message != "6-1":
            courrier_id = _letters(bench, acte, code=f"{message[0]}-1")[0]
        first = _opened(bench, acte, message, courrier_id=courrier_id)
    _ended(bench, first, end)
    if may:
        assert _opened(bench, acte, message, courrier_id=courrier_id).id != first.id
        return
    with pytest.raises(ConflictError):
        _opened(bench, acte, message, courrier_id=courrier_id)


def test_two_letters_have_each_their_receipt_and_their_answer(bench: Bench) -> None:
    acte = bench.acknowledged()
    for courrier_id in _letters(bench, acte, 2):
        _opened(bench, acte, "3-2", courrier_id=courrier_id)
        _opened(bench, acte, "3-4", courrier_id=courrier_id)
    assert len(bench.about(acte.acte_id)) == 5


def test_a_refused_opening_leaves_the_transaction_alive(bench: Bench) -> None:
    acte = bench.acknowledged()
    _opened(bench, acte, "6-1")
    now = bench.clock.now()
    opening = Opening(acte.acte_id, acte.collectivite_id, "6-1", acte.id_acte)
    with bench.tools.register() as unit:
        unit.note(acte, "essai", SERVICE, now)
        with pytest.raises(ConflictError):
            unit.open_transmission(opening, AUTHOR, now, now)
        unit.commit()
    assert bench.events(acte.id)[-1] == "essai"


def test_openings_at_once_make_one(bench: Bench) -> None:
    acte = bench.acknowledged()

    def attempt(_: int) -> bool:
        try:
            _opened(bench, acte, "6-1")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_bearings_are_the_references_that_the_tdt_gave(bench: Bench) -> None:
    acte, other = bench.acknowledged(), bench.acknowledged()
    first, second = _letters(bench, acte, 2)
    _letters(bench, other)
    earlier = _opened(bench, acte, "3-3", courrier_id=first)
    answer = _opened(bench, acte, "3-4", courrier_id=second)
    with bench.tools.register() as unit:
        now = bench.clock.now()
        moved = unit.move(earlier, Event.PREPARED, SERVICE, now, Step(reference="950"))
        assert unit.bearings(answer) == Bearings(
            acte.reference, "81", frozenset({acte.reference or "", "950", "80", "81"})
        )
        assert unit.bearings(moved) == Bearings(
            acte.reference, "80", frozenset({acte.reference or "", "80", "81"})
        )


def test_an_act_that_the_tdt_has_not_taken_yet_has_no_bearing(bench: Bench) -> None:
    acte = bench.prepared()
    with bench.tools.register() as unit:
        assert unit.bearings(acte) == Bearings()
