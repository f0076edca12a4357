"""``/api/v1/webhooks``: the programs of an authority that are told of events."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from sqlalchemy import Engine

from transmission.api import webhook_schemas as shapes
from transmission.api import webhook_shown as shown
from transmission.api.bodies import read_body, read_json
from transmission.api.caller import Manager
from transmission.api.container import ApiContainer
from transmission.api.description import refusals
from transmission.api.faults import problems_of
from transmission.api.problems import RefusalError, as_json
from transmission.api.webhook_shown import WEBHOOKS
from transmission.domain.access import Access
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.transmission import Author
from transmission.domain.webhooks import Webhook, WebhookState, overlap_of
from transmission.ports.webhooks import SealError
from transmission.services import webhook_log, webhooks
from transmission.store.queries.webhooks import PAGE, backlogs, deliveries

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_Asked = TypeVar("_Asked", bound=shapes.Demande)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Webhooks:
    """``/api/v1/webhooks…``; ``engine`` opens read-only transactions."""

    container: ApiContainer
    engine: Engine

    def listed(self, access: Manager) -> shapes.ListeWebhooks:
        """Les logiciels que la collectivité fait prévenir."""
        known = webhooks.list_webhooks(self.container.tools, access.collectivite_id)
        return shapes.ListeWebhooks(webhooks=self._shown(known))

    def one(self, access: Manager, webhook_id: RowId) -> shapes.Webhook:
        """Un webhook, sans son secret."""
        tools = self.container.tools
        return self._one(webhooks.find_webhook(tools, access.collectivite_id, webhook_id))

    async def add(self, request: Request, access: Manager) -> Response:
        """Faire prévenir un logiciel, à partir de maintenant ; son secret est donné cette fois."""
        asked = await _read(request, shapes.NouveauWebhook)
        made, secret = await self._done(
            webhooks.add_webhook, access.collectivite_id, asked.nom, asked.url, asked.types,
            _author(access), randomness=secrets.token_bytes,
        )  # fmt: skip
        return await self._told(made, secret, 201)

    async def change(self, request: Request, access: Manager, webhook_id: RowId) -> shapes.Webhook:
        """Changer un webhook, le mettre en pause ou le reprendre."""
        asked = await _read(request, shapes.ModificationWebhook)
        own = (access.collectivite_id, webhook_id)
        types = None if asked.types is None else tuple(asked.types)
        changes = webhooks.Changes(asked.nom, asked.url, types)
        await self._done(webhooks.change_webhook, *own, changes, _author(access))
        if asked.etat is not None:
            paused = asked.etat == WebhookState.PAUSED.code
            act = webhooks.pause_webhook if paused else webhooks.resume_webhook
            await self._done(act, *own, _author(access))
        return await run_in_threadpool(self.one, access, webhook_id)

    async def end(
        self,
        access: Manager,
        webhook_id: RowId,
        motif: Annotated[str, Query(min_length=1, max_length=500)] = "supprimé par un programme",
    ) -> Response:
        """Supprimer un webhook, pour toujours ; son journal reste."""
        author = Author(_author(access).name, motif)
        await self._done(webhooks.end_webhook, access.collectivite_id, webhook_id, author)
        return Response(status_code=204)

    async def rotate(self, request: Request, access: Manager, webhook_id: RowId) -> Response:
        """Changer le secret ; l'ancien signe encore pendant le recouvrement."""
        asked = await _read(request, shapes.Rotation, may_be_empty=True)
        made, secret = await self._done(
            webhooks.rotate_secret, access.collectivite_id, webhook_id, _author(access),
            randomness=secrets.token_bytes, overlap=overlap_of(asked.recouvrement_heures),
        )  # fmt: skip
        return await self._told(made, secret, 200)

    async def test(self, access: Manager, webhook_id: RowId) -> shapes.Essai:
        """Appeler le logiciel tout de suite, avec un événement d'essai."""
        tested = await self._done(
            webhook_log.try_webhook, access.collectivite_id, webhook_id, _author(access)
        )
        return shown.essai(tested)

    def log(
        self,
        access: Manager,
        webhook_id: RowId,
        curseur: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
        echecs: Annotated[bool, Query(description="Seulement les abandonnés.")] = False,  # noqa: FBT002 - a parameter of the address
    ) -> shapes.PageEnvois:
        """Ce qui a été envoyé à un logiciel, ou attend, du plus récent au plus ancien."""
        self.one(access, webhook_id)
        before = None if curseur is None else int(curseur)
        with self.engine.connect() as connection:
            found = deliveries(connection, webhook_id, before, PAGE + 1, failed=echecs)
        page = found[:PAGE]
        following = str(page[-1].id) if len(found) > PAGE else None
        return shapes.PageEnvois(envois=[shown.envoi(each) for each in page], suivant=following)

    async def replay(self, access: Manager, webhook_id: RowId, envoi_id: RowId) -> shapes.Renvoyes:
        """Renvoyer un événement, sous le même identifiant."""
        own = (access.collectivite_id, webhook_id)
        await self._done(webhook_log.replay_event, *own, envoi_id, _author(access))
        return shapes.Renvoyes(nombre=1)

    async def replay_span(
        self, request: Request, access: Manager, webhook_id: RowId
    ) -> shapes.Renvoyes:
        """Renvoyer, dans l'ordre, tout ce qui a été écrit depuis un jour."""
        asked = await _read(request, shapes.Renvoi)
        own = (access.collectivite_id, webhook_id)
        zone = await run_in_threadpool(self._zone, access)
        until = None if asked.jusqu_au is None else _began(asked.jusqu_au, zone, days=1)
        count = await self._done(
            webhook_log.replay_events, *own, _began(asked.depuis, zone), until, _author(access),
            failed=asked.echecs,
        )  # fmt: skip
        return shapes.Renvoyes(nombre=count)

    def _zone(self, access: Access) -> str:
        with self.container.tools.register() as unit:
            return unit.authority(access.collectivite_id).collectivite.time_zone

    async def _done(self, service: Callable[..., _Answer], *given: Any, **named: Any) -> _Answer:
        try:
            return await run_in_threadpool(service, self.container.tools, *given, **named)
        except RefusedError as error:
            raise _refused(error.problems) from None
        except SealError as error:
            raise RefusalError(
                503, "cle_des_secrets", "Aucun secret ne peut être gardé",
                "La clé des secrets n'est pas utilisable. Prévenez l'administrateur du service.",
                headers={"Retry-After": "600"},
            ) from error  # fmt: skip

    async def _told(self, made: Webhook, secret: str, status: int) -> Response:
        one = await run_in_threadpool(self._one, made)
        answer = shapes.WebhookSecret(**one.model_dump(), secret=secret)
        headers = {"Location": one.lien} if status == 201 else {}
        return Response(
            answer.model_dump_json(), status, headers=headers, media_type="application/json"
        )

    def _one(self, known: Webhook) -> shapes.Webhook:
        return self._shown([known])[0]

    def _shown(self, known: Sequence[Webhook]) -> list[shapes.Webhook]:
        with self.engine.connect() as connection:
            waiting = backlogs(connection, [each.id for each in known])
        return [shown.webhook(each, waiting[each.id]) for each in known]


def route_webhooks(app: FastAPI, container: ApiContainer, engine: Engine) -> None:
    """Give an application these addresses."""
    it, one = Webhooks(container, engine), f"{WEBHOOKS}/{{webhook_id}}"
    created: dict[str, Any] = {"status_code": 201, "response_model": shapes.WebhookSecret}
    rotated: dict[str, Any] = {"response_model": shapes.WebhookSecret}
    gone: dict[str, Any] = {"status_code": 204, "response_model": None, "response_class": Response}
    add = app.add_api_route
    new, change, span = shapes.NouveauWebhook, shapes.ModificationWebhook, shapes.Renvoi
    many, single = refusals(409, 413, 415), refusals(404, 409, 413, 415)
    add(WEBHOOKS, it.listed, methods=["GET"], responses=refusals())
    add(WEBHOOKS, it.add, methods=["POST"], responses=many, openapi_extra=_body(new), **created)
    add(one, it.one, methods=["GET"], responses=refusals(404))
    add(one, it.change, methods=["PATCH"], responses=single, openapi_extra=_body(change))
    add(one, it.end, methods=["DELETE"], responses=single, **gone)
    rotation = _body(shapes.Rotation, required=False)
    add(
        f"{one}/rotation", it.rotate, methods=["POST"], responses=single, openapi_extra=rotation,
        **rotated,
    )  # fmt: skip
    add(f"{one}/essai", it.test, methods=["POST"], responses=single)
    add(f"{one}/envois", it.log, methods=["GET"], responses=refusals(404))
    add(f"{one}/envois/{{envoi_id}}/renvoi", it.replay, methods=["POST"], responses=single)
    add(
        f"{one}/renvois",
        it.replay_span,
        methods=["POST"],
        responses=single,
        openapi_extra=_body(span),
    )


def _body(model: type[shapes.Demande], *, required: bool = True) -> dict[str, Any]:
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


async def _read(request: Request, model: type[_Asked], *, may_be_empty: bool = False) -> _Asked:
    if may_be_empty and request.headers.get("content-length", "0") == "0":
        await read_body(request, 0)
        return model()
    said = await read_json(request)
    try:
        # As JSON, or a strict model would refuse days, which are texts there.
        return model.model_validate_json(json.dumps(said))
    except ValidationError as error:
        raise _refused(problems_of(error.errors())) from None


def _refused(problems: Sequence[Problem]) -> RefusalError:
    several = len(problems) > 1
    return RefusalError(
        422, "webhook_refuse", "Ce webhook ne peut pas être ainsi",
        f"{len(problems)} {'points sont' if several else 'point est'} à corriger. "
        "Rien n'a été enregistré.",
        problemes=[as_json(problem) for problem in problems],
    )  # fmt: skip


def _author(access: Access) -> Author:
    return Author(f"api:{access.name}")


def _began(day: date, zone: str, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=days), time(), ZoneInfo(zone))
