"""What the register knows of an act for its dossier."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import InternalError

from tests.support.bench import Bench
from tests.support.scene import AUTHOR
from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import KeptPiece
from transmission.ports import Arrived
from transmission.store.tables import retour, transmission

AT = datetime(2023, 3, 10, 9, tzinfo=UTC)


def _arrived(bench: Bench, transmission_id: int, content: bytes, *pieces: KeptPiece) -> int:
    file = bench.tools.documents.put_bytes(content)
    with bench.tools.register() as unit:
        added = unit.add_retour(
            Arrived(bench.authority_id, file, "tdt:1", AT, transmission_id, pieces=pieces)
        )
        unit.commit()
    assert added is not None
    return added


def test_nothing_can_be_written_while_the_register_stands_still(bench: Bench) -> None:
    made = bench.acte()
    with bench.tools.register() as unit:
        unit.stand_still()
        with pytest.raises(InternalError, match="read-only"):
            unit.note(made, "essai", AUTHOR, AT)


def test_who_handed_an_act_over_is_known_and_of_no_other(bench: Bench) -> None:
    made = bench.acte()
    with bench.tools.register() as unit:
        assert unit.acceptance(made.acte_id).by == AUTHOR.name
        with pytest.raises(NotFoundError):
            unit.acceptance(999_999)


def test_attempts_are_given_with_what_was_asked_and_answered(bench: Bench) -> None:
    sent, other = bench.sent(), bench.sent()
    with bench.tools.register() as unit:
        (attempt,) = unit.attempts_about(sent.acte_id)
        assert unit.attempts_about(other.acte_id) != [attempt]
    assert sent.parcel is not None
    assert (attempt.transmission_id, attempt.number) == (sent.id, 1)
    assert attempt.archive_sha256 == sent.parcel.archive.sha256
    assert attempt.request == f"POST {sent.parcel.archive_name}"
    assert attempt.response is not None
    assert bench.tools.documents.read(attempt.response).endswith(b"OK")


def test_retours_are_given_with_their_documents_in_order(bench: Bench) -> None:
    sent = bench.sent()
    pieces = [
        KeptPiece(name, bench.tools.documents.put_bytes(name.encode())) for name in ("b", "a")
    ]
    first = _arrived(bench, sent.id, b"<un/>", *pieces)
    second = _arrived(bench, sent.id, b"<deux/>")
    with bench.tools.register() as unit:
        found = unit.retours_about(sent.acte_id)
    assert [each.id for each in found] == [first, second]
    assert found[0].pieces == tuple(pieces)
    assert found[1].pieces == ()


def test_a_row_that_a_hand_gave_to_an_act_of_another_authority_is_not_of_it(bench: Bench) -> None:
    sent = bench.sent(authority_id=bench.second_id)
    moved = _arrived(bench, bench.sent().id, b"<autre/>")
    with bench.engine.begin() as connection:
        connection.execute(update(retour).where(retour.c.id == moved).values(acte_id=sent.acte_id))
    with bench.tools.register() as unit:
        assert unit.retours_about(sent.acte_id) == []


def test_the_retour_that_dates_the_receipt_is_told_by_sending(bench: Bench) -> None:
    received, sent = bench.acknowledged(), bench.sent()
    number = _arrived(bench, received.id, b"<ar/>")
    with bench.engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.id == received.id).values(retour_id=number)
        )
    with bench.tools.register() as unit:
        assert unit.decisive_retours(received.acte_id) == {received.id: number}
        assert unit.decisive_retours(sent.acte_id) == {}
