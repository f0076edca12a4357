"""The addresses of the desks: what waits for a person, and taking care of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine

from transmission.console.container import ConsoleContainer
from transmission.console.desks_page import (
    CHARGES,
    DONE,
    Asked,
    counted,
    days_left,
    due_words,
    in_days,
    read_desks,
    standing,
)
from transmission.console.forms import posted
from transmission.console.rendering import render
from transmission.console.visitor import require, signed, visit
from transmission.domain.desks import Desk
from transmission.domain.errors import NotFoundError, RefusedError, TransmissionError
from transmission.domain.people import Person
from transmission.domain.transmission import Author
from transmission.services.decisions import require_reason
from transmission.services.deliver import replay
from transmission.services.take_charge import confide, give_back, set_aside, take
from transmission.services.webhook_log import replay_event
from transmission.store.queries.desk_shapes import DeskLine
from transmission.store.queries.desks import charges_of, desk_item

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Code = Annotated[str, Path(pattern=r"^[a-z-]{1,20}$")]
Typed = Annotated[str, Query(max_length=80)]

REASON_MAX = 500


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The pages, and what is done on them. ``engine`` opens read-only transactions."""
    desks, routes = Desks(container, engine), APIRouter()
    for path, endpoint in (
        ("/bureaux", desks.every),
        ("/bureaux/{code}", desks.one),
        ("/bureaux/{code}/{subject_id}", desks.item),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    routes.add_api_route(
        "/bureaux/{code}/{subject_id}", desks.act, methods=["POST"], response_model=None
    )
    return routes


@dataclass(frozen=True)
class Desks:
    """What waits for people, of the authorities of whoever asks."""

    container: ConsoleContainer
    engine: Engine

    def every(self, request: Request, charge: Typed = "", fait: Typed = "") -> Response:
        """All the desks, the first items of each."""
        return self._shown(request, Asked(None, charge), fait)

    def one(
        self, request: Request, code: Code, charge: Typed = "", apres: Typed = "", fait: Typed = ""
    ) -> Response:
        """One desk, a page at a time."""
        return self._shown(request, Asked(_desk(code), charge, apres), fait)

    def item(self, request: Request, code: Code, subject_id: RowId, fait: Typed = "") -> Response:
        """One item: who deals with it, and what can be done."""
        line = self._line(request, _desk(code), subject_id)
        return self._item_page(request, line, done=DONE.get(fait, ""))

    async def act(self, request: Request, code: Code, subject_id: RowId) -> Response:
        """What a button of an item asks for."""
        desk = _desk(code)
        async with posted(request) as form:
            asked = Act(
                form.text("action"), form.text("motif"), form.text("collegue"), form.text("retour")
            )
        return await run_in_threadpool(self._acted, request, desk, subject_id, asked)

    def _acted(self, request: Request, desk: Desk, subject_id: int, asked: "Act") -> Response:
        line = self._line(request, desk, subject_id)
        person = require(request, desk.right, line.siren)
        done = _ACTIONS.get(asked.action)
        if done is None or (asked.action == "classer" and not desk.may_be_set_aside):
            raise HTTPException(400)
        try:
            said = done(self, line, person, asked)
        except RefusedError as error:
            told = " ".join(f"{each.message} {each.remedy}" for each in error.problems)
            return self._item_page(request, line, 422, problem=told, typed=asked)
        except TransmissionError as error:
            return self._item_page(request, line, 409, problem=str(error), typed=asked)
        return RedirectResponse(f"{_back(line, asked)}?fait={said}", 303)

    def take(self, line: DeskLine, person: Person, _: "Act") -> str:
        """« Je m'en charge. »"""
        take(self.container.tools, line.item, person, signed(person))
        return "pris"

    def give_back(self, line: DeskLine, person: Person, _: "Act") -> str:
        """« Je le rends. »"""
        give_back(self.container.tools, line.item, signed(person))
        return "rendu"

    def confide(self, line: DeskLine, person: Person, asked: "Act") -> str:
        """To a colleague who may deal with it."""
        named = {str(each.id): each for each in self._colleagues(line)}
        if asked.colleague not in named:
            raise NotFoundError("Choisissez un collègue qui a des droits dans cette collectivité.")
        confide(self.container.tools, line.item, named[asked.colleague], signed(person))
        return "confie"

    def set_aside(self, line: DeskLine, person: Person, asked: "Act") -> str:
        """Nothing more will be done."""
        set_aside(self.container.tools, line.item, _with_reason(person, asked))
        return "classe"

    def replay(self, line: DeskLine, person: Person, asked: "Act") -> str:
        """Send a notice again."""
        if line.desk is not Desk.NOTICES:
            raise HTTPException(400)
        tools, author = self.container.tools, _with_reason(person, asked)
        if line.webhook_id is None:
            replay(tools, line.id, author)
        else:
            require_reason(author)
            replay_event(tools, line.collectivite_id, line.webhook_id, line.id, author)
        return "rejoue"

    def _shown(self, request: Request, asked: Asked, done: str) -> Response:
        person, now = visit(request).person, self.container.clock.now()
        with self.engine.connect() as connection:
            try:
                page = read_desks(connection, asked, person, now, done)
            except ValueError as error:
                raise HTTPException(400) from error
        return render(request, "bureaux.html", view=page, desks=Desk, charges=CHARGES, **_WORDS)

    def _line(self, request: Request, desk: Desk, subject_id: int) -> DeskLine:
        sirens = visit(request).person.sirens()
        with self.engine.connect() as connection:
            found = desk_item(connection, desk, subject_id, sirens)
        if found is None:
            raise NotFoundError(
                f"Aucun dossier n° {subject_id} n'est sur le bureau « {desk.label} » : il l'a "
                "peut-être quitté depuis que vous l'avez ouvert."
            )
        return found

    def _item_page(
        self,
        request: Request,
        line: DeskLine,
        status: int = 200,
        *,
        done: str = "",
        problem: str = "",
        typed: "Act | None" = None,
    ) -> Response:
        with self.engine.connect() as connection:
            history = charges_of(connection, line.item)
        return render(
            request,
            "dossier.html",
            status,
            line=line,
            now=self.container.clock.now(),
            history=history,
            colleagues=self._colleagues(line),
            done=done,
            problem=problem,
            typed=typed or Act("", "", "", ""),
            reason_max=REASON_MAX,
            **_WORDS,
        )

    def _colleagues(self, line: DeskLine) -> Sequence[Person]:
        """Those who may deal with an item, by name."""
        with self.container.tools.register() as unit:
            known = [each for each in unit.accounts() if each.disabled_at is None]
        able = [each.person for each in known if each.person.may(line.desk.right, line.siren)]
        return sorted(able, key=lambda each: each.name.casefold())


@dataclass(frozen=True, slots=True)
class Act:
    """What was asked, as typed; ``back`` is ``liste`` when it was asked on the list."""

    action: str
    reason: str
    colleague: str
    back: str


_Action = Callable[[Desks, DeskLine, Person, Act], str]
_ACTIONS: dict[str, _Action] = {
    "prendre": Desks.take,
    "rendre": Desks.give_back,
    "confier": Desks.confide,
    "classer": Desks.set_aside,
    "rejouer": Desks.replay,
}
_GONE = ("classer", "rejouer")
"""Actions after which the item is no longer on its desk."""

_WORDS: dict[str, Any] = {
    "counted": counted,
    "days_left": days_left,
    "due_words": due_words,
    "in_days": in_days,
    "standing": standing,
    "Desk": Desk,
}


def _back(line: DeskLine, asked: Act) -> str:
    desk = f"/bureaux/{line.desk.code}"
    return desk if asked.back == "liste" or asked.action in _GONE else f"{desk}/{line.id}"


def _with_reason(person: Person, asked: Act) -> Author:
    return signed(person, asked.reason[:REASON_MAX] or None)


def _desk(code: str) -> Desk:
    try:
        return Desk.of(code)
    except ValueError as error:
        raise HTTPException(404) from error
