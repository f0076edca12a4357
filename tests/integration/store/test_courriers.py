"""Letters under their acts: each kept once, with the bytes of its message."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from tests.support.bench import Bench
from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import KeptPiece, StoredFile, Transmission
from transmission.ports import Arrived, NewCourrier

FILE = StoredFile("ab" * 32, 12)
Add = Callable[..., int | None]


@pytest.fixture
def acte(bench: Bench) -> Transmission:
    return bench.acknowledged()


@pytest.fixture
def add(bench: Bench, acte: Transmission) -> Add:
    """Keeps a letter; ``changes`` are what it differs by."""
    arrived = Arrived(bench.authority_id, FILE, "essai", bench.clock.now())
    with bench.tools.register() as unit:
        retour_id = unit.add_retour(arrived)
        unit.commit()
    assert retour_id is not None

    def added(**changes: Any) -> int | None:
        fields: dict[str, Any] = {
            "acte_id": acte.acte_id,
            "collectivite_id": bench.authority_id,
            "message": "4-1",
            "date_courrier": date(2023, 3, 6),
            "texte": "Quorum non mentionné",
            "fingerprint": "f" * 64,
            "retour_id": retour_id,
            "reference": "812",
            "received_at": bench.clock.now(),
            **changes,
        }
        with bench.tools.register() as unit:
            courrier_id = unit.add_courrier(NewCourrier(**fields))
            unit.commit()
        return courrier_id

    return added


def test_a_letter_is_kept_with_everything_that_it_says(
    bench: Bench, acte: Transmission, add: Add
) -> None:
    courrier_id = add()
    assert courrier_id is not None
    with bench.tools.register() as unit:
        kept = unit.courrier(courrier_id)
    assert (kept.id, kept.acte_id, kept.collectivite_id) == (
        courrier_id, acte.acte_id, bench.authority_id
    )  # fmt: skip
    assert (kept.message, kept.date_courrier) == ("4-1", date(2023, 3, 6))
    assert (kept.texte, kept.reference) == ("Quorum non mentionné", "812")
    assert (kept.file, kept.received_at) == (FILE, bench.clock.now())


def test_the_same_letter_is_kept_once_under_an_act(bench: Bench, add: Add) -> None:
    courrier_id = add()
    assert add(reference="999", date_courrier=date(2023, 4, 1)) is None
    with bench.tools.register() as unit:
        assert unit.courrier(courrier_id or 0).reference == "812"


@pytest.mark.parametrize("change", [{"fingerprint": "0" * 64}, {"message": "3-1"}])
def test_another_content_or_another_kind_is_another_letter(
    bench: Bench, acte: Transmission, add: Add, change: dict[str, Any]
) -> None:
    first, second = add(), add(**change)
    assert None not in (first, second)
    assert [kept.id for kept in bench.letters(acte.acte_id)] == [first, second]


def test_the_same_letter_may_be_under_two_acts(bench: Bench, acte: Transmission, add: Add) -> None:
    other = bench.acknowledged()
    assert add() is not None
    assert add(acte_id=other.acte_id) is not None
    assert len(bench.letters(acte.acte_id)) == len(bench.letters(other.acte_id)) == 1


def test_a_letter_that_nobody_knows_is_told(bench: Bench) -> None:
    with bench.tools.register() as unit, pytest.raises(NotFoundError, match="n° 999"):
        unit.courrier(999)


def test_a_letter_read_by_many_at_once_is_kept_once(
    bench: Bench, acte: Transmission, add: Add
) -> None:
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda _: add(), range(4)))
    assert len([found for found in added if found is not None]) == 1
    assert len(bench.letters(acte.acte_id)) == 1


def test_the_documents_of_a_message_keep_their_names_and_their_order(bench: Bench) -> None:
    pieces = tuple(KeptPiece(name, StoredFile("cd" * 32, 3)) for name in ("b.pdf", "a.pdf"))
    arrived = Arrived(bench.authority_id, FILE, "autre", bench.clock.now(), pieces=pieces)
    with bench.tools.register() as unit:
        retour_id = unit.add_retour(arrived)
        assert retour_id is not None
        assert unit.pieces_of_retour(retour_id) == pieces
        assert unit.add_retour(arrived) is None
        assert unit.pieces_of_retour(retour_id) == pieces
