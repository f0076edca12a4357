"""What a program decides about an act of its authority: each once, with its reason.

Every decision is that of a service, the same as for a person; whoever decides is the token.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Engine

from transmission.api import schemas, schemas_given, shown
from transmission.api.bodies import is_json, json_object, read_body
from transmission.api.caller import Actor
from transmission.api.container import ApiContainer
from transmission.api.deposits import checked_key
from transmission.api.faults import problems_of
from transmission.api.problems import RefusalError, as_json, not_found, unsupported
from transmission.api.reading import RowId
from transmission.domain.access import Access
from transmission.domain.errors import ConflictError, Problem, RefusedError, TransitionError
from transmission.domain.transmission import Author
from transmission.ports import StaleError
from transmission.services.calls import Answer, CallUnderWayError, KeyUsedError, once
from transmission.services.cancel import cancel
from transmission.services.publish import publish
from transmission.services.resend import resend
from transmission.services.unpublish import unpublish
from transmission.store.queries.own_actes import is_own, own_acte

REASON_MAX = 1000
REPLAYED = "Idempotency-Replayed"

Key = Annotated[
    str | None,
    Header(
        description=(
            "Une clé par décision, de 1 à 200 caractères ASCII visibles. La même demande sous la "
            "même clé rend pendant 30 jours la première réponse, sans rien refaire."
        )
    ),
]
_Body = TypeVar("_Body", bound=BaseModel)
_OF_STATE = {("etat", "renvoi_permis"), ("retirer", "publication")}
_OPTION = re.compile(r"--([a-z]+)")


class Decision(BaseModel):
    """What every decision says."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Annulation(Decision):
    """To take an act back."""

    motif: str = Field(max_length=REASON_MAX, examples=["Erreur de pièce jointe"])


class Renvoi(Decision):
    """To send a refused act again."""

    motif: str = Field(max_length=REASON_MAX, examples=["Matière corrigée"])
    numero: str | None = Field(
        None, max_length=60, description="Sous un autre numéro, si le TdT le veut."
    )


class MiseEnLigne(Decision):
    """To put an act on line, or to say that it is."""

    date: schemas.Jour = Field(examples=["2023-03-10"])
    adresse: str | None = Field(None, max_length=2000, description="Celle du fichier, ailleurs.")
    registre: bool = Field(
        default=False, description="Le registre public de ce service sert l'acte tamponné."
    )
    individuel: bool = Field(
        default=False, description="Même un acte individuel ; demande un motif."
    )
    noms_verifies: bool = Field(
        default=False,
        description="Même s'il semble nommer une personne : quelqu'un a vérifié qu'il le faut.",
    )
    motif: str | None = Field(None, max_length=REASON_MAX)


class Retrait(Decision):
    """To take an act off line."""

    motif: str = Field(max_length=REASON_MAX, examples=["Des noms y figurent"])
    forcer: bool = Field(default=False, description="Avant la fin des deux mois de publicité.")


@dataclass(frozen=True)
class Acting:
    """``POST`` of decisions."""

    container: ApiContainer
    engine: Engine

    async def annuler(
        self, request: Request, access: Actor, acte_id: RowId, idempotency_key: Key = None
    ) -> Response:
        """Retirer un acte qui n'est pas parti, ou demander à l'État d'annuler sa transmission."""
        said = await body_of(request, Annulation)

        def act() -> Answer:
            sent = cancel(self.container.tools, acte_id, author(access, said.motif))
            return 200, self._changed(access, sent.acte_id)

        return await self._decided(access, acte_id, idempotency_key, "annulation", said, act)

    async def renvoyer(
        self, request: Request, access: Actor, acte_id: RowId, idempotency_key: Key = None
    ) -> Response:
        """Renvoyer un acte rejeté, ou retiré avant tout envoi."""
        said = await body_of(request, Renvoi)

        def act() -> Answer:
            who = author(access, said.motif)
            sent = resend(self.container.tools, acte_id, who, said.numero)
            return 200, self._changed(access, sent.acte_id)

        return await self._decided(access, acte_id, idempotency_key, "renvoi", said, act)

    async def publier(
        self, request: Request, access: Actor, acte_id: RowId, idempotency_key: Key = None
    ) -> Response:
        """Mettre un acte en ligne, ou noter qu'il y est."""
        said = await body_of(request, MiseEnLigne)

        def act() -> Answer:
            published = publish(
                self.container.tools,
                acte_id,
                said.date,
                said.adresse,
                author(access, said.motif),
                on_register=said.registre,
                individual=said.individuel,
                names_checked=said.noms_verifies,
            )
            answer = schemas_given.Publie(
                acte=shown.link(acte_id),
                date=said.date,
                date_minimum=published.date_minimum,
                adresse=published.address,
                avertissements=list(published.warnings),
            )
            return 200, answer.model_dump(mode="json")

        return await self._decided(access, acte_id, idempotency_key, "publication", said, act)

    async def retirer(
        self, request: Request, access: Actor, acte_id: RowId, idempotency_key: Key = None
    ) -> Response:
        """Ne plus mettre un acte en ligne."""
        said = await body_of(request, Retrait)

        def act() -> Answer:
            who = author(access, said.motif)
            warnings = unpublish(self.container.tools, acte_id, who, early=said.forcer)
            answer = schemas_given.Retire(acte=shown.link(acte_id), avertissements=list(warnings))
            return 200, answer.model_dump(mode="json")

        return await self._decided(access, acte_id, idempotency_key, "retrait", said, act)

    async def _decided(
        self,
        access: Access,
        acte_id: int,
        key: str | None,
        action: str,
        said: BaseModel,
        act: Callable[[], Answer],
    ) -> Response:
        asked = digest_of([action, acte_id, said.model_dump(mode="json")])
        return await run_in_threadpool(self.answered, access, acte_id, checked_key(key), asked, act)

    def answered(
        self, access: Access, acte_id: int, key: str | None, asked: str, act: Callable[[], Answer]
    ) -> Response:
        """The answer of a decision about an act of the caller, which acts once under its key.

        ``asked`` is the digest of what is decided. Raises RefusalError.
        """
        with self.engine.connect() as connection:
            if not is_own(connection, access.collectivite_id, acte_id):
                raise not_found()
        try:
            (status, answer), again = once(
                self.container.tools, access.collectivite_id, key, asked, act
            )
        except KeyUsedError as error:
            raise RefusalError(409, "cle_reutilisee", "Clé déjà utilisée", str(error)) from None
        except CallUnderWayError as error:
            wait = {"Retry-After": "60"}
            raise RefusalError(
                409, "en_cours", "Demande en cours", str(error), headers=wait
            ) from None
        except RefusedError as error:
            raise self._refused(access, acte_id, error.problems) from None
        except (TransitionError, ConflictError, StaleError) as error:
            raise self._moved(access, acte_id, str(error)) from None
        return JSONResponse(answer, status, {REPLAYED: "true"} if again else {})

    def _refused(self, access: Access, acte_id: int, problems: Sequence[Problem]) -> RefusalError:
        told = [_for_programs(problem) for problem in problems]
        if any((each.field, each.rule) in _OF_STATE for each in problems):
            return self._moved(access, acte_id, told[0].message, told)
        return refused_action(told)

    def _moved(
        self, access: Access, acte_id: int, detail: str, problems: Sequence[Problem] = ()
    ) -> RefusalError:
        """The decision means nothing where the act stands, which is told."""
        with self.engine.connect() as connection:
            found = own_acte(connection, access.collectivite_id, acte_id)
        if found is None:
            return not_found()
        return RefusalError(
            409,
            "etat",
            "L'acte n'en est pas là",
            detail,
            acte=shown.link(acte_id),
            etat=shown.resume(found).etat.model_dump(mode="json"),
            problemes=[as_json(problem) for problem in problems],
        )

    def _changed(self, access: Access, acte_id: int) -> dict[str, Any]:
        with self.engine.connect() as connection:
            found = own_acte(connection, access.collectivite_id, acte_id)
        if found is None:
            raise not_found()
        return schemas_given.ActeChange(acte=shown.resume(found)).model_dump(mode="json")


def author(access: Access, reason: str | None) -> Author:
    """Who decides, and why."""
    return Author(f"api:{access.name}", reason)


def refused_action(problems: Sequence[Problem]) -> RefusalError:
    """Everything that is wrong with what is decided."""
    return RefusalError(
        422,
        "action_refusee",
        "Cette action est refusée",
        "Rien n'a été fait : corrigez les points ci-dessous.",
        problemes=[as_json(problem) for problem in problems],
    )


async def body_of(request: Request, model: type[_Body]) -> _Body:
    """A body in JSON as a model reads it. Raises RefusalError."""
    if not is_json(request):
        raise unsupported("Envoyez ce corps en application/json.")
    return read_as(model, await read_body(request), "Le corps")


def read_as(model: type[_Body], content: bytes, what: str) -> _Body:
    """A JSON object as a model reads it; ``what`` names it in French. Raises RefusalError."""
    json_object(content, what)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise refused_action(problems_of(error.errors(include_url=False))) from None


def digest_of(asked: Sequence[Any]) -> str:
    """The SHA-256 of what is asked, in lower-case hexadecimal."""
    text = json.dumps(asked, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _for_programs(problem: Problem) -> Problem:
    # The services name the options of the command line; fields have the same names here.
    return replace(
        problem,
        message=_OPTION.sub(r"« \1 »", problem.message),
        remedy=_OPTION.sub(r"« \1 »", problem.remedy),
    )
