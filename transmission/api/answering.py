"""A letter of the préfecture answered by a program, by files that come with it or came before."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy import Engine

from transmission.api import schemas_given, shown
from transmission.api.acting import (
    Acting,
    Decision,
    Key,
    author,
    digest_of,
    read_as,
    refused_action,
)
from transmission.api.bodies import blocks, incoming_folder, is_json, read_body
from transmission.api.caller import Actor
from transmission.api.container import ApiContainer
from transmission.api.deposits import checked_key
from transmission.api.given import Given, Wanted, taken, uploads_given
from transmission.api.parts import Expected, ReceivedFile, receive_parts
from transmission.api.problems import not_found
from transmission.api.reading import RowId
from transmission.domain.access import Access
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.messages import ANSWERS, label_of
from transmission.services.calls import Answer
from transmission.services.files import DepositedFile
from transmission.services.reply import reply
from transmission.store.queries.letters import acte_of_letter

_FORM = Expected("reponse")
_PART = "documents"
_CODE = r"^[2-4]-[2-4]$"


class DocumentEnvoye(Decision):
    """A document of an answer, sent before."""

    televersement: int = Field(ge=1, le=2**63 - 1)
    typologie: str | None = Field(None, min_length=1, max_length=20)


class Reponse(Decision):
    """What to answer: a message by its code, or the usual one, or the refusal."""

    message: str | None = Field(
        None, pattern=_CODE, description="2-2, 3-4, 3-3, 4-4 ou 4-3 ; sinon, la réponse usuelle."
    )
    refus: bool = Field(
        default=False, description="Refuser les pièces, ou rejeter les observations."
    )


class ReponseAvecFichiers(Reponse):
    """The same beside the files, with the typology of each in their order, or of none."""

    typologies: list[str | None] | None = Field(None, max_length=200)


class ReponseParTeleversements(Reponse):
    """The same with the uploads that are its files."""

    documents: list[DocumentEnvoye] = Field(min_length=1, max_length=200)


@dataclass(frozen=True)
class Answering:
    """``POST /api/v1/courriers/{id}/reponse``."""

    container: ApiContainer
    engine: Engine

    async def repondre(
        self, request: Request, access: Actor, courrier_id: RowId, idempotency_key: Key = None
    ) -> Response:
        """Répondre à un courrier de la préfecture ; la même réponse donnée deux fois est une."""
        key = checked_key(idempotency_key)
        async with incoming_folder(self.container.incoming) as folder:
            if is_json(request):
                uploads = read_as(ReponseParTeleversements, await read_body(request), "Le corps")
                return await run_in_threadpool(
                    self._by_uploads, access, courrier_id, key, uploads, folder
                )
            content_type = request.headers.get("content-type", "")
            received = await receive_parts(content_type, blocks(request), folder, _FORM)
            said = read_as(ReponseAvecFichiers, received.words or b"{}", "La partie « reponse »")
            return await run_in_threadpool(
                self._by_parts, access, courrier_id, key, said, received.files
            )

    def _by_uploads(
        self,
        access: Access,
        courrier_id: int,
        key: str | None,
        said: ReponseParTeleversements,
        folder: Path,
    ) -> Response:
        asked = digest_of(["reponse", courrier_id, said.model_dump(mode="json")])
        wanted = [
            Wanted(f"documents[{rank}]", each.televersement, each.typologie)
            for rank, each in enumerate(said.documents, start=1)
        ]

        def given() -> Given:
            return uploads_given(self.container.tools, access, wanted, folder)

        return self._replied(access, courrier_id, key, asked, said, given)

    def _by_parts(
        self,
        access: Access,
        courrier_id: int,
        key: str | None,
        said: ReponseAvecFichiers,
        files: Sequence[ReceivedFile],
    ) -> Response:
        digests = [_digest(each.path) for each in files]
        asked = digest_of(["reponse", courrier_id, said.model_dump(mode="json"), digests])
        return self._replied(
            access, courrier_id, key, asked, said, lambda: _parts_given(said, files)
        )

    def _replied(
        self,
        access: Access,
        courrier_id: int,
        key: str | None,
        asked: str,
        said: Reponse,
        files: Callable[[], Given],
    ) -> Response:
        with self.engine.connect() as connection:
            acte_id = acte_of_letter(connection, access.collectivite_id, courrier_id)
        if acte_id is None:
            raise not_found()

        def act() -> Answer:
            message, given = self._message(courrier_id, said), files()
            if given.problems:
                raise RefusedError(given.problems)
            answered = reply(
                self.container.tools, courrier_id, message, given.files, author(access, None)
            )
            taken(self.container.tools, given)
            answer = schemas_given.Repondu(
                courrier=shown.letter_link(courrier_id),
                envoi=shown.envoi(answered.transmission),
                deja_donnee=answered.repeated,
            )
            return 200 if answered.repeated else 201, answer.model_dump(mode="json")

        return Acting(self.container, self.engine).answered(access, acte_id, key, asked, act)

    def _message(self, courrier_id: int, said: Reponse) -> str:
        """The code of the answer. Raises RefusedError."""
        with self.container.tools.register() as unit:
            letter = unit.courrier(courrier_id).message
        if said.message is not None and said.refus:
            raise refused_action([_both()])
        if said.message is not None:
            return said.message
        if answers := ANSWERS[letter][said.refus :]:
            return answers[0]
        raise RefusedError([_no_answer(letter)])


def _parts_given(said: ReponseAvecFichiers, files: Sequence[ReceivedFile]) -> Given:
    codes = said.typologies or [None] * len(files)
    given = Given(problems=list(_part_problems(files)))
    if len(codes) != len(files):
        message = f"{len(codes)} typologies sont données pour {len(files)} documents."
        remedy = "Donnez celle de chacun, dans l'ordre, ou d'aucun."
        given.problems.append(Problem("typologies", "typologies_nombre", message, remedy))
        return given
    given.files = [
        DepositedFile(each.path, each.nom_original, code)
        for each, code in zip(files, codes, strict=True)
    ]
    return given


def _part_problems(files: Iterable[ReceivedFile]) -> Iterable[Problem]:
    for each in files:
        if each.part != _PART:
            name = each.part.encode("utf-8", "replace").decode()[:60]
            remedy = f"Nommez les parties {_FORM.words} et {_PART}."
            yield Problem(name, "partie_inconnue", "Cette partie n'existe pas.", remedy)


def _both() -> Problem:
    return Problem(
        "refus",
        "message_ou_refus",
        "Le message et le refus sont donnés ensemble.",
        "Donnez l'un ou l'autre.",
    )


def _no_answer(letter: str) -> Problem:
    return Problem(
        "courrier",
        "reponse_prevue",
        f"Ce courrier ({label_of(letter)}) n'appelle pas cette réponse.",
        "Rien n'a été envoyé.",
    )


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
