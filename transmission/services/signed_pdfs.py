"""The signatures that PDFs bear when they come: looked for as their bytes go by, then judged."""

import io
from collections.abc import Sequence
from typing import BinaryIO, Final, cast

from transmission.domain.errors import TransmissionError
from transmission.domain.messages import ACTE
from transmission.domain.pdf_signatures import ReadSignatures, SignatureAnswer
from transmission.domain.transmission import Piece, StoredFile
from transmission.ports import UnitOfWork
from transmission.services.bells import ring_new
from transmission.services.sending import Content
from transmission.services.toolbox import Toolbox

_MARK: Final = b"/ByteRange"


class SignatureRequiredError(TransmissionError):
    """The authority sends only acts that are signed, and this one was not found to be.

    ``found`` is what was read of its pieces.
    """

    def __init__(self, message: str, found: Sequence[ReadSignatures]) -> None:
        super().__init__(message)
        self.found = found


class SignatureWatch:
    """Opens the documents of an archive, and remembers which bear a signature as received.

    A signature says in clear which bytes it covers. The received bytes begin a sealed copy: what
    follows them is our own seal. ``signed`` holds digests of received files.
    """

    def __init__(self, tools: Toolbox, pieces: Sequence[Piece], sent: Sequence[StoredFile]) -> None:
        self._open = tools.documents.open
        self._received = {file.sha256: piece for piece, file in zip(pieces, sent, strict=True)}
        self.signed: set[str] = set()

    def open(self, file: StoredFile) -> BinaryIO:
        """A stream over a document that is sent."""
        opened, piece = self._open(file), self._received[file.sha256]
        if piece.extension != "pdf":
            return opened
        return cast(BinaryIO, _Watched(opened, piece.file, self.signed))


class _Watched(io.RawIOBase):
    """A stream read as it is, whose first bytes, those of ``received``, are looked at."""

    def __init__(self, opened: BinaryIO, received: StoredFile, signed: set[str]) -> None:
        self._opened = opened
        self._received = received
        self._signed = signed
        self._left = received.size
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        block = self._opened.read(size)
        if self._left > 0:
            seen = self._tail + block[: self._left]
            if _MARK in seen:
                self._signed.add(self._received.sha256)
            self._left -= len(block)
            self._tail = seen[-len(_MARK) + 1 :]
        return block

    def close(self) -> None:
        self._opened.close()
        super().close()


def judge_signatures(
    tools: Toolbox, unit: UnitOfWork, content: Content, watch: SignatureWatch
) -> dict[str, str]:
    """Judge the signatures of the pieces that bear some, and keep what was found.

    The answer by piece, for the journal. Raises SignatureRequiredError when the authority wants
    the act signed and it was not found to be, OSError.
    """
    found = _found(tools, content.pieces, watch)
    if content.sender.signature_exigee and content.transmission.message == ACTE:
        _require(content.pieces[0], found)
    if found:
        unit.keep_signatures(content.transmission.id, found)
    if any(each.found.answer is SignatureAnswer.INVALID for each in found):
        ring_new(unit, [("review", content.transmission.collectivite_id)])
    return {str(each.ordre): each.found.answer.code for each in found if each.found.answer}


def _found(tools: Toolbox, pieces: Sequence[Piece], watch: SignatureWatch) -> list[ReadSignatures]:
    now, found = tools.clock.now(), []
    for piece in pieces:
        if piece.file.sha256 not in watch.signed:
            continue
        with tools.documents.open(piece.file) as content:
            signatures = tools.signatures.read(content, now)
        if signatures.answer is not None:
            found.append(ReadSignatures(piece.ordre, piece.file.sha256, now, signatures))
    return found


def _require(acte: Piece, found: Sequence[ReadSignatures]) -> None:
    if acte.extension != "pdf":
        return
    read = next((each.found for each in found if each.ordre == acte.ordre), None)
    if read is not None and read.answer is SignatureAnswer.VALID:
        return
    if read is None or read.answer is None:
        fact = f"« {acte.nom_original} » ne porte aucune signature"
    else:
        fact = (
            f"la signature de « {acte.nom_original} » n'a pas été trouvée valide "
            f"({' — '.join(read.reasons)})"
        )
    raise SignatureRequiredError(
        f"la collectivité n'envoie que des actes signés et {fact}. Remettez l'acte signé, ou "
        "changez le réglage signature_exigee.",
        found,
    )
