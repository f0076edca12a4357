"""Large files sent in pieces (tus 1.0.0): after a cut, only what is missing leaves again."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transmission.client.answers import ActeRemis
from transmission.client.bodies import JsonBody, Progress
from transmission.client.decoding import decoded
from transmission.client.depositing import Depot, Piece
from transmission.client.errors import (
    ConflictError,
    NoAnswerError,
    OverloadedError,
    UnreadableAnswerError,
)
from transmission.client.operations import asks
from transmission.client.transport import PREFIX, Answer, Call, Transport

_UPLOADS = "/televersements"
_TUS = {"Tus-Resumable": "1.0.0"}
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Televersement:
    """A file being sent: what the service has of it, of how many bytes."""

    id: int
    recus: int
    octets: int


@dataclass(frozen=True, slots=True)
class _Rest:
    """A file from one of its bytes on."""

    path: Path
    start: int
    length: int

    @property
    def content_type(self) -> str:
        return "application/offset+octet-stream"

    def blocks(self) -> Iterator[bytes]:
        """What is left of it. Raises OSError."""
        with self.path.open("rb") as source:
            source.seek(self.start)
            while block := source.read(_BLOCK):
                yield block


class Uploads:
    """``/televersements``, and acts whose files came that way."""

    _transport: Transport
    _new_key: Callable[[], str]

    def upload(
        self, path: Path, nom: str | None = None, *, progress: Progress | None = None
    ) -> Televersement:
        """Send a whole file, taking it up where it stopped after each cut.

        Its ``id`` serves for one day in :meth:`deposit_uploads`. Raises ClientError, OSError.
        """
        begun = self.begin_upload(path, nom)
        return self.resume_upload(begun.id, path, progress=progress)

    @asks("POST", "/televersements")
    def begin_upload(self, path: Path, nom: str | None = None) -> Televersement:
        """Announce a file; nothing of it is sent yet."""
        length = path.stat().st_size
        said = base64.b64encode((nom or path.name).encode("utf-8", "replace")).decode()
        headers = {**_TUS, "Upload-Length": str(length), "Upload-Metadata": f"filename {said}"}
        # An upload announced twice is one that nobody sends, and ends by itself.
        answer = self._transport.call(Call("POST", _UPLOADS, headers=headers))
        return Televersement(_id(answer), _offset(answer), length)

    @asks("HEAD", "/televersements/{upload_id}")
    def upload_state(self, upload_id: int) -> Televersement:
        """How much of a file the service has. Raises UnknownError once it has ended."""
        answer = self._transport.call(Call("HEAD", f"{_UPLOADS}/{upload_id}", headers=_TUS))
        return Televersement(upload_id, _offset(answer), _number(answer, "Upload-Length"))

    @asks("PATCH", "/televersements/{upload_id}")
    def resume_upload(
        self, upload_id: int, path: Path, *, progress: Progress | None = None
    ) -> Televersement:
        """Send what the service lacks of a file, until it has all of it. Raises ClientError."""
        tried, known = 0, -1
        while True:
            now = self.upload_state(upload_id)
            if now.recus == now.octets:
                return now
            # What moves on is worth as many tries again.
            tried = 1 if now.recus > known else tried + 1
            known = now.recus
            call = _rest(now, path, progress)
            try:
                self._transport.attempt(call)
            except (OverloadedError, NoAnswerError, ConflictError) as error:
                # A conflict: what a try that was cut had sent is only being kept now.
                if not self._transport.may_try_again(call, tried, error):
                    raise

    @asks("DELETE", "/televersements/{upload_id}")
    def end_upload(self, upload_id: int) -> None:
        """Give a file up; what became of it in an act stays."""
        self._transport.call(Call("DELETE", f"{_UPLOADS}/{upload_id}", headers=_TUS))

    def deposit_uploads(
        self,
        depot: Depot,
        document: int,
        annexes: tuple[int, ...] = (),
        *,
        key: str | None = None,
    ) -> ActeRemis:
        """Hand over an act whose files were uploaded; those of ``depot`` are not read.

        Raises as :meth:`Client.deposit`.
        """
        said = depot.said() | {"document": document}
        if annexes:
            described = zip(annexes, depot.annexes, strict=True)
            said["annexes"] = [_annexe(upload, piece) for upload, piece in described]
        answer = self._transport.call(
            Call(
                "POST",
                "/actes",
                headers={"Idempotency-Key": key or self._new_key()},
                body=JsonBody(said),
            )
        )
        return decoded(ActeRemis, answer.json())


def _annexe(upload: int, piece: Piece) -> dict[str, Any]:
    said: dict[str, Any] = {"televersement": upload}
    return said | ({"typologie": piece.typologie} if piece.typologie else {})


def _rest(now: Televersement, path: Path, progress: Progress | None) -> Call:
    def told(sent: int, _left: int) -> None:
        if progress is not None:
            progress(now.recus + sent, now.octets)

    return Call(
        "PATCH",
        f"{_UPLOADS}/{now.id}",
        headers={**_TUS, "Upload-Offset": str(now.recus)},
        body=_Rest(path, now.recus, now.octets - now.recus),
        progress=told,
    )


def _id(answer: Answer) -> int:
    place = answer.headers.get("Location", "").removeprefix(f"{PREFIX}{_UPLOADS}/")
    if not place.isdecimal():
        raise UnreadableAnswerError("Le service n'a pas dit où envoyer le fichier.")
    return int(place)


def _offset(answer: Answer) -> int:
    return _number(answer, "Upload-Offset")


def _number(answer: Answer, header: str) -> int:
    told = answer.headers.get(header, "")
    if not told.isdecimal():
        raise UnreadableAnswerError(f"Le service n'a pas dit où en est le fichier ({header}).")
    return int(told)
