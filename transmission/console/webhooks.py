"""The addresses of whoever has programs told of events, within the authorities they administer."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine

from transmission.console import webhooks_page as page
from transmission.console.container import ConsoleContainer
from transmission.console.forms import Posted, posted
from transmission.console.rendering import render
from transmission.console.visitor import forbidden, require, signed, visit
from transmission.console.webhooks_page import DONE, Typed, WebhookLine
from transmission.domain.errors import ConflictError, NotFoundError, Problem, RefusedError
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.domain.webhooks import OVERLAP, Webhook, overlap_of
from transmission.ports import AuthorityRow
from transmission.ports.webhooks import SealError
from transmission.services import webhook_log, webhooks
from transmission.store.queries.webhooks import PAGE, backlogs, deliveries, owner_of_webhook

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Done = Annotated[str, Query(max_length=20)]
Number = Annotated[str, Query(pattern=r"^[0-9]{0,18}$")]

_HOUR = 3600
_FAULTS = (RefusedError, ConflictError, NotFoundError, SealError)


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The list, the page of each, and what is done there. ``engine`` opens read-only
    transactions."""
    it, routes = Webhooks(container, engine), APIRouter()
    for path, reading, acting in (
        ("/webhooks", it.every, it.add),
        ("/webhooks/{webhook_id}", it.one, it.act),
    ):
        routes.add_api_route(path, reading, methods=["GET", "HEAD"], response_model=None)
        routes.add_api_route(path, acting, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button of the page of a webhook asks for."""

    owner: AuthorityRow
    webhook_id: int
    author: Author
    form: Posted

    @property
    def key(self) -> tuple[int, int]:
        return self.owner.id, self.webhook_id


@dataclass(frozen=True)
class Webhooks:
    """The programs of the authorities that a person administers."""

    container: ConsoleContainer
    engine: Engine

    def every(self, request: Request, fait: Done = "") -> Response:
        """All of them, and the form to add one."""
        return self._list(request, done=DONE.get(fait, ""))

    async def add(self, request: Request) -> Response:
        """Add one; its secret is shown once, and in no address."""
        async with posted(request) as form:
            return await run_in_threadpool(self._add, request, form)

    def _add(self, request: Request, form: Posted) -> Response:
        siren = "".join(form.text("collectivite").split())
        person = require(request, Right.ADMINISTER, siren)
        typed = Typed(
            {name: form.text(name) for name in ("collectivite", "nom", "url")}, form.texts("type")
        )
        tools = self.container.tools
        with tools.register() as unit:
            owner = unit.authority_by_siren(siren)
        try:
            made, secret = webhooks.add_webhook(
                tools, owner.id, typed.value("nom"), typed.value("url"), typed.types,
                signed(person), randomness=secrets.token_bytes,
            )  # fmt: skip
        except _FAULTS as error:
            return self._list(request, 422, typed=_with(typed, error))
        return _secret_page(request, owner, made, secret)

    def one(
        self,
        request: Request,
        webhook_id: RowId,
        fait: Done = "",
        apres: Number = "",
        echecs: Number = "",
    ) -> Response:
        """One: what it was told, what waits."""
        owner = self._owner(request, webhook_id)
        return self._one(request, owner, webhook_id, done=DONE.get(fait, ""), asked=(apres, echecs))

    async def act(self, request: Request, webhook_id: RowId) -> Response:
        """Do what a button of its page asks for."""
        async with posted(request) as form:
            return await run_in_threadpool(self._act, request, webhook_id, form)

    def _act(self, request: Request, webhook_id: int, form: Posted) -> Response:
        owner = self._owner(request, webhook_id)
        act = _ACTIONS.get(form.text("action"))
        if act is None:
            raise HTTPException(400)
        author = signed(visit(request).person, form.text("motif") or None)
        asked = Asked(owner, webhook_id, author, form)
        try:
            done = act(self, request, asked)
        except _FAULTS as error:
            typed = _with(self._typed(asked), error)
            return self._one(request, owner, webhook_id, 422, typed=typed)
        if isinstance(done, Response):
            return done
        back = "/webhooks" if done == "supprime" else f"/webhooks/{webhook_id}"
        return RedirectResponse(f"{back}?fait={done}", 303)

    def _typed(self, asked: Asked) -> Typed:
        """What was typed, over what is kept: the page has several forms."""
        kept = _as_kept(webhooks.find_webhook(self.container.tools, *asked.key))
        form = asked.form
        names = ("nom", "url", "motif", "depuis", "heures")
        given = {name: form.text(name) for name in names if name in form.content}
        changed = form.text("action") == "changer"
        return Typed(kept.values | given, form.texts("type") if changed else kept.types)

    def change(self, _: Request, asked: Asked) -> str:
        """« Enregistrer »."""
        form = asked.form
        changes = webhooks.Changes(form.text("nom"), form.text("url"), tuple(form.texts("type")))
        webhooks.change_webhook(self.container.tools, *asked.key, changes, asked.author)
        return "change"

    def pause(self, _: Request, asked: Asked) -> str:
        """« Mettre en pause »."""
        webhooks.pause_webhook(self.container.tools, *asked.key, asked.author)
        return "pause"

    def resume(self, _: Request, asked: Asked) -> str:
        """« Reprendre »."""
        webhooks.resume_webhook(self.container.tools, *asked.key, asked.author)
        return "reprise"

    def end(self, _: Request, asked: Asked) -> str:
        """« Supprimer »."""
        webhooks.end_webhook(self.container.tools, *asked.key, asked.author)
        return "supprime"

    def rotate(self, request: Request, asked: Asked) -> Response:
        """« Changer le secret »."""
        overlap = overlap_of(_hours(asked.form.text("heures")))
        changed, secret = webhooks.rotate_secret(
            self.container.tools, *asked.key, asked.author, randomness=secrets.token_bytes,
            overlap=overlap,
        )  # fmt: skip
        return _secret_page(request, asked.owner, changed, secret)

    def test(self, _: Request, asked: Asked) -> str:
        """« Essayer »."""
        tested = webhook_log.try_webhook(self.container.tools, *asked.key, asked.author)
        if tested.delivered:
            return "essai"
        raise ConflictError(f"L'essai a échoué : {tested.ended.failure}")

    def replay(self, _: Request, asked: Asked) -> str:
        """« Renvoyer »."""
        number = asked.form.text("envoi")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise HTTPException(400)
        webhook_log.replay_event(self.container.tools, *asked.key, int(number), asked.author)
        return "renvoi"

    def replay_since(self, _: Request, asked: Asked) -> str:
        """« Tout renvoyer depuis »."""
        since = _began(asked.form.text("depuis"), asked.owner.collectivite.time_zone)
        tools = self.container.tools
        count = webhook_log.replay_events(tools, *asked.key, since, None, asked.author)
        return "renvois" if count else "rien"

    def _owner(self, request: Request, webhook_id: int) -> AuthorityRow:
        with self.engine.connect() as connection:
            found = owner_of_webhook(connection, webhook_id)
        if found is None:
            raise HTTPException(404)
        require(request, Right.ADMINISTER, found[1])
        with self.container.tools.register() as unit:
            return unit.authority(found[0])

    def _list(
        self, request: Request, status: int = 200, *, typed: Typed | None = None, done: str = ""
    ) -> Response:
        owners = self._administered(request)
        found = [
            (owner, each)
            for owner in owners
            for each in webhooks.list_webhooks(self.container.tools, owner.id)
        ]
        with self.engine.connect() as connection:
            waiting = backlogs(connection, [each.id for _, each in found])
        lines = [WebhookLine(each, row.collectivite, waiting[each.id]) for row, each in found]
        return render(
            request, "webhooks.html", status, lines=lines, done=done, typed=typed or Typed(),
            owners=[row.collectivite for row in owners], groups=page.grouped(),
        )  # fmt: skip

    def _administered(self, request: Request) -> Sequence[AuthorityRow]:
        sirens = visit(request).person.sirens(Right.ADMINISTER)
        if sirens is not None and not sirens:
            raise forbidden(Right.ADMINISTER)
        with self.container.tools.register() as unit:
            known = unit.authorities()
        own = (row for row in known if sirens is None or row.collectivite.siren in sirens)
        return sorted(own, key=lambda row: row.collectivite.nom)

    def _one(
        self,
        request: Request,
        owner: AuthorityRow,
        webhook_id: int,
        status: int = 200,
        *,
        typed: Typed | None = None,
        done: str = "",
        asked: tuple[str, str] = ("", ""),
    ) -> Response:
        known = webhooks.find_webhook(self.container.tools, owner.id, webhook_id)
        before = int(asked[0]) if asked[0] else None
        with self.engine.connect() as connection:
            waiting = backlogs(connection, [webhook_id])
            events = deliveries(connection, webhook_id, before, PAGE + 1, failed=bool(asked[1]))
        following = str(events[PAGE - 1].id) if len(events) > PAGE else ""
        return render(
            request, "webhook.html", status, done=done, typed=typed or _as_kept(known),
            line=WebhookLine(known, owner.collectivite, waiting[webhook_id]),
            events=events[:PAGE], following=following, failed=bool(asked[1]),
            groups=page.grouped(), words=page, overlap=OVERLAP.total_seconds() / _HOUR,
            zone=owner.collectivite.time_zone,
        )  # fmt: skip


_ACTIONS: Mapping[str, Any] = {
    "changer": Webhooks.change,
    "pause": Webhooks.pause,
    "reprendre": Webhooks.resume,
    "supprimer": Webhooks.end,
    "secret": Webhooks.rotate,
    "essai": Webhooks.test,
    "renvoyer": Webhooks.replay,
    "renvoyer-depuis": Webhooks.replay_since,
}


def _secret_page(request: Request, owner: AuthorityRow, of: Webhook, secret: str) -> Response:
    zone = owner.collectivite.time_zone
    return render(request, "webhook_secret.html", webhook=of, secret=secret, zone=zone)


def _as_kept(known: Webhook) -> Typed:
    return Typed({"nom": known.name, "url": known.url}, known.types)


def _with(typed: Typed, error: Exception) -> Typed:
    if isinstance(error, RefusedError):
        problems = {each.field: f"{each.message} {each.remedy}" for each in error.problems}
    else:
        problems = {"": str(error)}
    return Typed(typed.values, typed.types, problems)


def _hours(text: str) -> float:
    try:
        return float(text.replace(",", ".") or "nan")
    except ValueError:
        return -1


def _began(text: str, zone: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(zone))
    except ValueError:
        remedy = "Choisissez un jour, ou écrivez AAAA-MM-JJ."
        problem = Problem("depuis", "date", "Ce n'est pas un jour.", remedy)
        raise RefusedError([problem]) from None
