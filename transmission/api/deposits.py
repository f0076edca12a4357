"""An act handed over by a program: received block by block, checked whole, taken in charge once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

from fastapi import Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine

from transmission.api import schemas, schemas_given, shown
from transmission.api.bodies import blocks, incoming_folder, is_json, read_json
from transmission.api.caller import Depositor
from transmission.api.container import ApiContainer
from transmission.api.given import Given, Wanted, taken, uploads_given
from transmission.api.parts import Received, ReceivedFile, receive_parts
from transmission.api.problems import RefusalError, malformed, not_found, refused
from transmission.api.words import Words, read_words, words_of
from transmission.domain.access import Access
from transmission.domain.errors import AlreadyTakenError, Problem, RefusedError
from transmission.domain.transmission import Author
from transmission.services.accept import Deposit, accept, rehearse
from transmission.services.files import DepositedFile
from transmission.store.queries.own_actes import own_acte

_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_NAMES = {"numero_interne": "numero", "date_decision": "date"}
_FILES = ("document", "annexes")


@dataclass(frozen=True)
class Deposits:
    """``POST /api/v1/actes``."""

    container: ApiContainer
    engine: Engine

    async def deposit(
        self,
        request: Request,
        access: Depositor,
        idempotency_key: Annotated[
            str | None,
            Header(description="Une clé par acte : la même demande, refaite, rend le même acte."),
        ] = None,
        dry_run: Annotated[bool, Query(description="Tout vérifier, ne rien enregistrer.")] = False,  # noqa: FBT002 - a parameter of the address
    ) -> Response:
        """Remettre un acte adopté ; le remettre deux fois rend le même acte."""
        key = checked_key(idempotency_key)
        async with incoming_folder(self.container.incoming) as folder:
            if is_json(request):
                words = words_of(await read_json(request), by_uploads=True)
                return await run_in_threadpool(
                    self._by_uploads, access, words, folder, key, dry_run
                )
            content_type = request.headers.get("content-type", "")
            received = await receive_parts(content_type, blocks(request), folder)
            return await run_in_threadpool(self._by_parts, access, received, key, dry_run)

    def _by_uploads(
        self,
        access: Access,
        words: Words,
        folder: Path,
        key: str | None,
        dry_run: bool,  # noqa: FBT001 - called by position in a thread
    ) -> Response:
        named = [Wanted("document", words.document, words.typologie)] if words.document else []
        codes = words.annexes or ()
        # Those that name no upload are problems already.
        if len(codes) == len(words.uploads):
            ranked = enumerate(zip(words.uploads, codes, strict=True), start=1)
            named += [Wanted(f"annexes[{rank}]", *each) for rank, each in ranked]
        given = uploads_given(self.container.tools, access, named, folder)
        given.problems[:0] = words.problems
        if any(problem.field == "document" for problem in given.problems):
            # The first file would be looked at as the act itself.
            given.files.clear()
        answer = self._taken(access, words, given, key, dry_run)
        if not dry_run:
            taken(self.container.tools, given)
        return answer

    def _by_parts(
        self,
        access: Access,
        received: Received,
        key: str | None,
        dry_run: bool,  # noqa: FBT001 - as above
    ) -> Response:
        if received.words is None:
            raise malformed("Il manque la partie « acte », en JSON.")
        words = read_words(received.words)
        return self._taken(access, words, _parts_given(words, received.files), key, dry_run)

    def _taken(
        self,
        access: Access,
        words: Words,
        given: Given,
        key: str | None,
        dry_run: bool,  # noqa: FBT001 - as above
    ) -> Response:
        deposit = Deposit(words.form, tuple(given.files), key)
        try:
            if given.problems or dry_run:
                return self._rehearsed(access, deposit, given.problems)
            return self._stored(access, deposit)
        except RefusedError as error:
            raise refused(error.problems) from None
        except AlreadyTakenError as error:
            _conflict(error)

    def _rehearsed(self, access: Access, deposit: Deposit, problems: Sequence[Problem]) -> Response:
        try:
            rehearsal = rehearse(self.container.tools, access.siren, deposit)
        except (RefusedError, AlreadyTakenError) as error:
            if isinstance(error, AlreadyTakenError) and not problems:
                raise
            found = error.problems if isinstance(error, RefusedError) else ()
            told = {problem.field for problem in problems}
            others = [problem for problem in found if problem.field not in told]
            raise RefusedError([*problems, *others]) from None
        if problems:
            raise RefusedError(list(problems))
        already = None if rehearsal.acte_id is None else shown.link(rehearsal.acte_id)
        return as_json(schemas_given.Essai(deja_remis=already, notes=list(rehearsal.notes)), 200)

    def _stored(self, access: Access, deposit: Deposit) -> Response:
        made = accept(self.container.tools, access.siren, deposit, Author(f"api:{access.name}"))
        with self.engine.connect() as connection:
            found = own_acte(connection, access.collectivite_id, made.acte_id)
        if found is None:
            raise not_found()
        answer = schemas_given.ActeRemis(
            acte=shown.resume(found), deja_remis=made.repeated, notes=list(made.notes)
        )
        response = as_json(answer, 200 if made.repeated else 201)
        response.headers["Location"] = shown.link(made.acte_id)
        return response


def checked_key(given: str | None) -> str | None:
    """A key of idempotency as it was given. Raises RefusalError."""
    if given is not None and not _KEY.fullmatch(given):
        raise malformed(
            "L'en-tête Idempotency-Key doit avoir 1 à 200 caractères ASCII visibles, sans espace."
        )
    return given


def _parts_given(words: Words, files: Sequence[ReceivedFile]) -> Given:
    """The files of an act that came with it, and all that is wrong with the shape of both."""
    problems = [*words.problems, *_part_problems(files)]
    documents = [file for file in files if file.part == "document"][:1]
    annexes = [file for file in files if file.part == "annexes"]
    said = words.annexes
    if said is not None and len(said) != len(annexes):
        problems.append(
            Problem(
                "annexes",
                "annexes_nombre",
                f"{len(said)} annexes sont décrites et {len(annexes)} sont jointes.",
                "Décrivez-les toutes, dans l'ordre, ou n'en décrivez aucune.",
            )
        )
    typologies = said if said is not None and len(said) == len(annexes) else (None,) * len(annexes)
    given = [
        *((file, words.typologie) for file in documents),
        *zip(annexes if documents else (), typologies if documents else (), strict=True),
    ]
    files_given = [DepositedFile(file.path, file.nom_original, code) for file, code in given]
    return Given(files_given, problems)


def _part_problems(files: Sequence[ReceivedFile]) -> list[Problem]:
    problems = [
        Problem(
            file.part.encode("utf-8", "replace").decode()[:60],
            "partie_inconnue",
            "Cette partie n'existe pas.",
            "Nommez les parties acte, document et annexes.",
        )
        for file in files
        if file.part not in _FILES
    ]
    if [file.part for file in files].count("document") > 1:
        problems.append(
            Problem(
                "document",
                "document_double",
                "L'acte lui-même est donné deux fois.",
                "Donnez un seul document ; les autres fichiers sont des annexes.",
            )
        )
    return problems


def _conflict(error: AlreadyTakenError) -> NoReturn:
    raise RefusalError(
        409,
        "deja_remis",
        "Déjà remis avec un autre contenu",
        str(error),
        acte=shown.link(error.acte_id),
        differences=[_NAMES.get(name, name) for name in error.differences],
    ) from None


def as_json(answer: schemas.Shape, status: int) -> Response:
    """An answer of that shape."""
    return Response(answer.model_dump_json(), status, media_type="application/json")
