"""Which files leave: the sealed copy where there is one, else what was received."""

import pytest

from transmission.domain.transmission import Piece, SealedDocument, StoredFile, sent_files

RECEIVED = [StoredFile(letter * 64, 1) for letter in "abc"]
PIECES = [
    Piece(rank, "piece.pdf", "99_DE", "pdf", file) for rank, file in enumerate(RECEIVED, start=1)
]
COPY = SealedDocument(StoredFile("d" * 64, 2), "B-B", None)


def test_without_seals_what_was_received_leaves() -> None:
    assert sent_files(PIECES, ()) == tuple(RECEIVED)


def test_a_copy_leaves_instead_of_its_own_piece_alone() -> None:
    left = SealedDocument(None, None, "ce PDF est chiffré")
    assert sent_files(PIECES, (left, COPY, None)) == (RECEIVED[0], COPY.file, RECEIVED[2])


def test_as_many_documents_as_pieces_or_none() -> None:
    with pytest.raises(ValueError, match="shorter"):
        sent_files(PIECES, (COPY,))
