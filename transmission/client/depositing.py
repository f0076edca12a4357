"""Acts handed over: said, sent block by block, taken in charge once however often it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from transmission.client.answers import ActeRemis, Essai
from transmission.client.bodies import FilePart, FormBody, Progress
from transmission.client.decoding import decoded
from transmission.client.operations import asks
from transmission.client.transport import Call, Transport


@dataclass(frozen=True, slots=True)
class Piece:
    """A file to hand over; ``nom`` is the name it is known by, that of the file without one."""

    path: Path
    typologie: str | None = None
    nom: str | None = None


@dataclass(frozen=True, slots=True)
class Depot:
    """An adopted act. ``date`` is its date of decision, or any text that the service is to read."""

    numero: str
    date: date | str
    nature: str
    matiere: str
    objet: str
    document: Piece
    annexes: tuple[Piece, ...] = ()
    document_papier: bool = False

    def said(self) -> dict[str, Any]:
        """The part ``acte`` of the form."""
        words: dict[str, Any] = {
            "numero": self.numero,
            "date": self.date if isinstance(self.date, str) else self.date.isoformat(),
            "nature": self.nature,
            "matiere": self.matiere,
            "objet": self.objet,
            "document_papier": self.document_papier,
        }
        if self.document.typologie:
            words["typologie"] = self.document.typologie
        if self.annexes:
            words["annexes"] = [
                {"typologie": each.typologie} if each.typologie else {} for each in self.annexes
            ]
        return words

    def parts(self) -> tuple[FilePart, ...]:
        """The files of the form, in order."""
        named = [("document", self.document), *(("annexes", each) for each in self.annexes)]
        return tuple(
            FilePart(name, piece.path, piece.nom or piece.path.name) for name, piece in named
        )


class Deposits:
    """``POST /actes``."""

    _transport: Transport
    _new_key: Callable[[], str]

    @asks("POST", "/actes")
    def deposit(
        self, depot: Depot, *, key: str | None = None, progress: Progress | None = None
    ) -> ActeRemis:
        """Hand an act over, under a key that serves for every try; one is made when none is given.

        Give the same ``key`` to go on after a NoAnswerError. Raises InvalidError with all that is
        to be mended, ConflictError, ClientError; OSError when a file cannot be read.
        """
        answer = self._transport.call(self._call(depot, {}, key or self._new_key(), progress))
        return decoded(ActeRemis, answer.json())

    def rehearse(self, depot: Depot, *, progress: Progress | None = None) -> Essai:
        """Whether an act would be taken; nothing is kept. Raises as :meth:`deposit`."""
        answer = self._transport.call(self._call(depot, {"dry_run": "1"}, None, progress))
        return decoded(Essai, answer.json())

    def _call(
        self, depot: Depot, query: dict[str, str], key: str | None, progress: Progress | None
    ) -> Call:
        body = FormBody("acte", depot.said(), depot.parts(), f"transmission-{self._new_key()}")
        headers = {"Idempotency-Key": key} if key else {}
        return Call("POST", "/actes", query, headers, body, repeatable=True, progress=progress)
