"""What was found of signatures goes to the register and back, each transmission its own."""

from datetime import UTC, datetime

from tests.support.bench import Bench
from transmission.domain.pdf_signatures import (
    PdfSignature,
    PdfSignatures,
    ReadSignatures,
    SignatureAnswer,
    TimeSource,
)

AT = datetime(2023, 3, 3, 9, 30, tzinfo=UTC)
WHOLE = PdfSignature(
    answer=SignatureAnswer.INVALID,
    signer="CN=Maire\\, Saint-Exemple",
    issuer="CN=Racine",
    signed_at=AT,
    time_source=TimeSource.STAMP,
    coverage="tout le document",
    changes="aucun changement depuis",
    algorithms="RSA 3072, sha256",
    why=("le document a été altéré depuis la signature",),
)


def test_what_was_found_comes_back_as_it_was_in_the_order_of_the_pieces(bench: Bench) -> None:
    first, second, third = bench.acte(), bench.acte(), bench.acte()
    found = (
        ReadSignatures(1, "a" * 64, AT, PdfSignatures((WHOLE,))),
        ReadSignatures(3, "b" * 64, AT, PdfSignatures(unread="illisible")),
    )
    with bench.tools.register() as unit:
        unit.keep_signatures(first.id, tuple(reversed(found)))
        unit.keep_signatures(second.id, found[:1])
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.signatures_read([first.id, second.id, third.id]) == {
            first.id: found,
            second.id: found[:1],
        }
        assert unit.signatures_read([]) == {}


def test_what_is_kept_again_takes_the_place_of_what_was(bench: Bench) -> None:
    made = bench.acte()
    found = ReadSignatures(1, "a" * 64, AT, PdfSignatures((WHOLE,)))
    with bench.tools.register() as unit:
        unit.keep_signatures(made.id, [found])
        unit.keep_signatures(made.id, [])
        assert unit.signatures_read([made.id]) == {}
