"""A file that a program sends in pieces, before the act or the answer that it is for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.domain.acte import ARCHIVE_MAX
from transmission.domain.errors import TransmissionError

LENGTH_MAX = ARCHIVE_MAX
"""Bytes of one upload: no act could hold more."""

COUNT_MAX = 500
"""Uploads that a token may have under way, those that served left out."""

TOTAL_MAX = 2 << 30
"""Bytes that those may announce together."""

LASTS = timedelta(hours=24)
"""How long an upload is kept after its last byte."""

REMEMBERED = timedelta(days=30)
"""How long one that served may be named again, and what was answered under a key is told again."""


class UploadsFullError(TransmissionError):
    """The token has as many uploads under way as it may."""


class OffsetError(TransmissionError):
    """The bytes do not begin where those of the upload end: ``received``."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(
            f"Le service a reçu {received} octets de ce fichier : reprenez à cet endroit."
        )


@dataclass(frozen=True, slots=True)
class NewUpload:
    """An upload to begin: ``nom`` is that of the file, ``described`` what its program said of it,
    untouched, ``length`` its bytes once it is whole."""

    collectivite_id: int
    token_id: int
    nom: str
    described: str
    length: int


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload and how far it came. ``sha256`` is known once it served: it is a document then.

    ``expires_at`` is an aware instant, from which on nothing of it is told.
    """

    id: int
    collectivite_id: int
    nom: str
    described: str
    length: int
    received: int
    expires_at: datetime
    sha256: str | None

    @property
    def is_whole(self) -> bool:
        return self.received == self.length
