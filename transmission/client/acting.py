"""What a program decides about an act, or answers to a letter: once, under a key."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from transmission.client.answers import ActeChange, Publie, Repondu, Resume, Retire
from transmission.client.bodies import Body, FilePart, FormBody, JsonBody, Progress
from transmission.client.decoding import decoded
from transmission.client.depositing import Piece
from transmission.client.operations import asks
from transmission.client.transport import Call, Transport

_Answer = TypeVar("_Answer")


class Acts:
    """``POST`` of decisions. Each method raises InvalidError with all that is to be mended,
    ConflictError where the act is not in a state that allows it, and ClientError.

    Give the same ``key`` to go on after a NoAnswerError; one is made for the tries of one call.
    """

    _transport: Transport
    _new_key: Callable[[], str]

    @asks("POST", "/actes/{acte_id}/annulation")
    def cancel(self, acte_id: int, motif: str, *, key: str | None = None) -> Resume:
        """Take back an act that has not left, or ask the State to cancel its transmission."""
        path = f"/actes/{acte_id}/annulation"
        return self._decided(ActeChange, path, JsonBody({"motif": motif}), key).acte

    @asks("POST", "/actes/{acte_id}/renvoi")
    def resend(
        self, acte_id: int, motif: str, *, numero: str | None = None, key: str | None = None
    ) -> Resume:
        """Send again an act that was rejected or taken back, under another number if given."""
        said = JsonBody({"motif": motif, "numero": numero})
        return self._decided(ActeChange, f"/actes/{acte_id}/renvoi", said, key).acte

    @asks("POST", "/actes/{acte_id}/publication")
    def publish(
        self,
        acte_id: int,
        day: date,
        *,
        adresse: str | None = None,
        registre: bool = False,
        individuel: bool = False,
        noms_verifies: bool = False,
        motif: str | None = None,
        key: str | None = None,
    ) -> Publie:
        """Put an act on line on a civil day, or say that it is."""
        said = {
            "date": day.isoformat(),
            "adresse": adresse,
            "registre": registre,
            "individuel": individuel,
            "noms_verifies": noms_verifies,
            "motif": motif,
        }
        return self._decided(Publie, f"/actes/{acte_id}/publication", JsonBody(said), key)

    @asks("POST", "/actes/{acte_id}/publication/retrait")
    def unpublish(
        self, acte_id: int, motif: str, *, forcer: bool = False, key: str | None = None
    ) -> Retire:
        """Take an act off line; ``forcer`` before the two months of publicity are over."""
        said = JsonBody({"motif": motif, "forcer": forcer})
        return self._decided(Retire, f"/actes/{acte_id}/publication/retrait", said, key)

    @asks("POST", "/courriers/{courrier_id}/reponse")
    def reply(
        self,
        courrier_id: int,
        documents: Sequence[Piece],
        *,
        message: str | None = None,
        refus: bool = False,
        key: str | None = None,
        progress: Progress | None = None,
    ) -> Repondu:
        """Answer a letter: by the usual message, another one by its code, or the refusal."""
        said: dict[str, Any] = {"message": message, "refus": refus}
        if any(each.typologie for each in documents):
            said["typologies"] = [each.typologie for each in documents]
        parts = [FilePart("documents", each.path, each.nom or each.path.name) for each in documents]
        body = FormBody("reponse", said, parts, f"transmission-{self._new_key()}")
        return self._decided(Repondu, f"/courriers/{courrier_id}/reponse", body, key, progress)

    def _decided(
        self,
        kind: type[_Answer],
        path: str,
        body: Body,
        key: str | None,
        progress: Progress | None = None,
    ) -> _Answer:
        headers = {"Idempotency-Key": key or self._new_key()}
        call = Call("POST", path, headers=headers, body=body, progress=progress)
        return decoded(kind, self._transport.call(call).json())
