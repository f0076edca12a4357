"""The signatures that PDFs bear when they come to us, and what was found of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from transmission.domain.legal.checks_fichier import InvalidlySigned
from transmission.domain.pdf_signatures import PdfSignatures, ReadSignatures


class PdfSignatureReader(Protocol):
    """Judges signatures by the roots that the installation trusts; never any network."""

    def read(self, content: BinaryIO, now: datetime) -> PdfSignatures:
        """Every signature of a PDF, in bounded time whatever the bytes. Raises OSError.

        ``now`` is the aware UTC instant when the content was in our hands.
        """
        ...


class SignedPdfRegister(Protocol):
    """Part of the unit of work."""

    def keep_signatures(self, transmission_id: int, read: Sequence[ReadSignatures]) -> None:
        """Keep what was found in the pieces of a transmission, in place of what was before."""
        ...

    def signatures_read(
        self, transmission_ids: Sequence[int]
    ) -> Mapping[int, tuple[ReadSignatures, ...]]:
        """What was found, by transmission, in the order of the pieces; absent where none was."""
        ...

    def invalid_signatures(self, authority_id: int) -> Sequence[InvalidlySigned]:
        """The pieces found invalidly signed in the last sending of each act of an authority, unless
        it was refused or annulled."""
        ...
