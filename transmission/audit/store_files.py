"""Stored files against their digests: each content is read through once, whoever names it."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from transmission.domain.audits import Kind, Place, Report
from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore

READ_MAX = 8 * 1024 * 1024
"""Bytes of the largest content that is held in memory: messages, seals, tokens."""

_REMEMBERED = 100_000
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class _Verdict:
    away: bool
    why: str


class Files:
    """The stored contents as a run meets them; remembers what it found of the last 100 000."""

    def __init__(self, documents: DocumentStore, let_go: Callable[[str], bool]) -> None:
        """``let_go`` says of a digest whether a decision that can be proved let its content go."""
        self._documents = documents
        self._let_go = let_go
        self._known: OrderedDict[StoredFile, _Verdict | None] = OrderedDict()

    def check(self, report: Report, place: Place, sha256: str, size: int) -> bool:
        """Whether a content is there and what its digest says; told when it is not, unless it was
        disposed of, or cannot be read."""
        file = StoredFile(sha256, size)
        if file in self._known:
            self._known.move_to_end(file)
        else:
            self._remember(file, self._verdict(file))
        return self._told(report, place.named(sha256), self._known[file])

    def read(self, report: Report, place: Place, sha256: str, size: int) -> bytes | None:
        """The checked bytes of a small content; None, and told, when there are none to trust."""
        if size > READ_MAX:
            report.could_not_read(place.named(sha256), f"fichier de {size} octets, trop gros")
            return None
        file = StoredFile(sha256, size)
        verdict, content = self._content(file)
        self._remember(file, verdict)
        return content if self._told(report, place.named(sha256), verdict) else None

    def open(self, sha256: str, size: int) -> Any:
        """A stream over a content that was checked. Raises OSError, TransmissionError."""
        return self._documents.open(StoredFile(sha256, size))

    def _remember(self, file: StoredFile, verdict: _Verdict | None) -> None:
        self._known[file] = verdict
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _told(self, report: Report, place: Place, verdict: _Verdict | None) -> bool:
        if verdict is None:
            return True
        if not verdict.away and self._let_go(place.file or ""):
            return False
        if verdict.away:
            report.could_not_read(place, verdict.why)
        else:
            report.differs(Kind.FICHIER, place, f"le contenu {place.file}", verdict.why)
        return False

    def _verdict(self, file: StoredFile) -> _Verdict | None:
        digest, size = sha256(), 0
        try:
            with self._documents.open(file) as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
        except (OSError, TransmissionError) as error:
            return _refused(error)
        return _compared(file, digest.hexdigest(), size)

    def _content(self, file: StoredFile) -> tuple[_Verdict | None, bytes]:
        try:
            with self._documents.open(file) as stream:
                content = stream.read()
        except (OSError, TransmissionError) as error:
            return _refused(error), b""
        return _compared(file, sha256(content).hexdigest(), len(content)), content


def _refused(error: Exception) -> _Verdict:
    # A place that is away is an OSError too: nothing is then known of the content.
    return _Verdict(isinstance(error, OSError), str(error) or type(error).__name__)


def _compared(file: StoredFile, digest: str, size: int) -> _Verdict | None:
    if (digest, size) == (file.sha256, file.size):
        return None
    return _Verdict(away=False, why=f"le contenu {digest}, de {size} octets")
