"""What people decided, read back: the same form sent twice is known, certificates are found."""

from datetime import date

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.domain.transmission import Author, StoredFile
from transmission.services.cancel import cancel
from transmission.store.queries.decided import (
    IssuedCertificate,
    issued_certificates,
    newest_event,
    was_decided,
)
from transmission.store.queries.queue import newest_sendings, sendings

CLERK = Author("secrétariat", "acte rapporté")


def test_what_somebody_did_for_the_same_reason_since_is_found(bench: Bench) -> None:
    acte_id, other_id = bench.acte().acte_id, bench.acte().acte_id
    with bench.engine.connect() as connection:
        before = newest_event(connection, acte_id)
        assert before > 0
        assert newest_event(connection, 2**40) == 0
    cancel(bench.tools, acte_id, CLERK)

    def found(
        acte: int = acte_id,
        after: int = before,
        event: str = "withdrawn",
        author: Author = CLERK,
        **details: str,
    ) -> bool:
        with bench.engine.connect() as connection:
            return was_decided(connection, acte, after, ("autre", event), author, details)

    assert found()
    assert not found(acte=other_id)
    assert not found(event="abandoned")
    assert not found(author=Author("secrétariat", "autre motif"))
    assert not found(author=Author("direction", "acte rapporté"))
    assert not found(message="1-1")
    with bench.engine.connect() as connection:
        assert not found(after=newest_event(connection, acte_id))


def test_certificates_are_listed_newest_first_with_their_bytes(bench: Bench) -> None:
    sent = bench.acknowledged()
    given = [
        {"fonction": "Le maire", "nom": None, "sha256": "a" * 64, "octets": 9},
        {"fonction": "La présidente", "nom": "A. B.", "sha256": "b" * 64, "octets": 12},
    ]
    with bench.tools.register() as unit:
        for details in given:
            unit.note(sent, "certified", CLERK, bench.clock.now(), details)
        unit.commit()
    with bench.engine.connect() as connection:
        assert issued_certificates(connection, sent.acte_id) == [
            IssuedCertificate(
                START, CLERK.name, "La présidente", "A. B.", StoredFile("b" * 64, 12)
            ),
            IssuedCertificate(START, CLERK.name, "Le maire", None, StoredFile("a" * 64, 9)),
        ]
        assert issued_certificates(connection, bench.acte().acte_id) == []


def test_sendings_are_found_by_number_and_the_one_that_counts_by_act(bench: Bench) -> None:
    first, received = bench.acte(), bench.acknowledged()
    with bench.engine.connect() as connection:
        found = sendings(connection, [first.id, received.id, 2**40])
        newest = newest_sendings(connection, [first.acte_id, received.acte_id])
    assert set(found) == {first.id, received.id}
    assert found[received.id].date_reception == date(2023, 3, 9)
    assert newest == {first.acte_id: first.id, received.acte_id: received.id}
