"""What a document says of itself completes what the caller gave, and never replaces it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from transmission.cli.proposal import Fields, UnreadableTextError, as_document, completed
from transmission.domain.collectivite import Collectivite

ACT = """**SÉANCE DU CONSEIL MUNICIPAL DU 02 MARS 2023**

**DÉLIBÉRATION N°2023.00097**

**SUBVENTION À L'ÉCOLE COMMUNALE**
"""
PROPOSED = Fields("D20230009710", "2023-03-02", "DE", None, "SUBVENTION À L'ÉCOLE COMMUNALE")


@pytest.fixture
def act(tmp_path: Path) -> Path:
    path = tmp_path / "deliberation.md"
    path.write_text(ACT, encoding="utf-8")
    return path


def test_what_the_caller_left_out_is_proposed(
    act: Path, collectivite: Callable[..., Collectivite]
) -> None:
    found, guessed = completed(act, Fields(), collectivite())
    assert found == PROPOSED
    assert guessed == ("numero", "date", "nature", "objet")


def test_what_the_caller_gave_is_kept_and_needs_no_confirmation(
    act: Path, collectivite: Callable[..., Collectivite]
) -> None:
    given = Fields("D1", "2023-03-03", "AU", "7.5", "Autre objet")
    assert completed(act, given, collectivite()) == (given, ())


def test_a_number_given_as_printed_becomes_an_act_number_to_be_confirmed(
    act: Path, collectivite: Callable[..., Collectivite]
) -> None:
    given = Fields("2023.00012", "2023-03-03", "AU", "7.5", "Autre objet")
    found, guessed = completed(act, given, collectivite())
    assert (found.numero, guessed) == ("D20230001210", ("numero",))


def test_without_a_template_the_printed_number_is_proposed_as_it_is(
    act: Path, collectivite: Callable[..., Collectivite]
) -> None:
    found, _ = completed(act, Fields(), collectivite(numero_template=None))
    assert found.numero == "2023.00097"


def test_a_number_that_does_not_fit_the_template_is_not_guessed(
    act: Path, collectivite: Callable[..., Collectivite]
) -> None:
    found, _ = completed(act, Fields(), collectivite(numero_template="D{month}{seq:03d}"))
    assert found.numero is None


def test_a_file_that_is_no_pdf_says_nothing(
    tmp_path: Path, collectivite: Callable[..., Collectivite]
) -> None:
    path = tmp_path / "word.pdf"
    path.write_bytes(b"PK\x03\x04")
    assert completed(path, Fields(), collectivite()) == (Fields(), ())


def test_markdown_becomes_a_pdf_that_is_gone_afterwards(act: Path) -> None:
    with as_document(act) as document:
        assert document.name == "deliberation.pdf"
        assert document.read_bytes().startswith(b"%PDF-")
    assert not document.exists()


def test_the_same_text_gives_the_same_bytes(act: Path) -> None:
    with as_document(act) as one, as_document(act) as other:
        assert one.read_bytes() == other.read_bytes()


def test_a_pdf_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with as_document(path) as document:
        assert document is path


@pytest.mark.parametrize("suffix", [".md", ".markdown", ".txt", ".TXT"])
def test_a_text_that_is_not_in_utf_8_is_named_and_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"acte{suffix}"
    path.write_bytes("Délibération".encode("latin-1"))
    with pytest.raises(UnreadableTextError, match=f"acte{suffix}.*UTF-8.*octet 2"):
        as_document(path).__enter__()


def test_a_text_too_long_to_be_printed_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    with path.open("wb") as stream:
        stream.truncate(160_000_000)
    with pytest.raises(UnreadableTextError, match="trop long"):
        as_document(path).__enter__()


def test_the_mark_of_byte_order_is_no_part_of_the_text(
    tmp_path: Path, collectivite: Callable[..., Collectivite]
) -> None:
    path = tmp_path / "deliberation.md"
    path.write_text(ACT, encoding="utf-8-sig")
    assert completed(path, Fields(), collectivite())[0] == PROPOSED


def test_the_founding_document_is_read_as_people_read_it(
    samples: Path, collectivite: Callable[..., Collectivite]
) -> None:
    found, _ = completed(samples / "deliberation-2023-00097.md", Fields(), collectivite())
    assert (found.numero, found.date, found.nature) == ("D20230009710", "2023-03-02", "DE")
