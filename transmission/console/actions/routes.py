"""The addresses of the actions: a page that asks, a form that does, and goes to what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine

from transmission.console import threads
from transmission.console.actions.action import Action, Keys, rehearsing, row_id
from transmission.console.actions.bulk import Bulk
from transmission.console.actions.certificate import Certify
from transmission.console.actions.desk import Acknowledge, Attach, SetAside
from transmission.console.actions.done import said
from transmission.console.actions.events import EnterEvent, Retract
from transmission.console.actions.facts import Declare
from transmission.console.actions.incoming import incoming
from transmission.console.actions.letters import Reply
from transmission.console.actions.online import Publish, Unpublish
from transmission.console.actions.page_words import for_pages, problem_for_pages
from transmission.console.actions.sendings import Abandon, Cancel, Release, Resend
from transmission.console.actions.sheet import Sheet, Typed, reason_of
from transmission.console.container import ConsoleContainer
from transmission.console.downloads import attached_file
from transmission.console.rendering import render
from transmission.console.visitor import require, signed
from transmission.console.words import size
from transmission.domain.acte import ARCHIVE_MAX
from transmission.domain.errors import (
    ConflictError,
    NotFoundError,
    Problem,
    RefusedError,
    TransitionError,
    TransmissionError,
)
from transmission.domain.people import Person, Right
from transmission.domain.transmission import Author
from transmission.pdf.errors import PdfError
from transmission.ports.file_accesses import Channel, FileReading
from transmission.ports.register import StaleError
from transmission.services.hand_out import hand_out
from transmission.services.stamp import NotStampableError
from transmission.store.queries import read_story
from transmission.store.queries.decided import acte_of_letter, issued_certificates

ACTIONS: Mapping[str, type[Action[Any]]] = {
    "/actes/{acte_id}/envois/{envoi_id}/relancer": Release,
    "/actes/{acte_id}/envois/{envoi_id}/abandonner": Abandon,
    "/actes/{acte_id}/annuler": Cancel,
    "/actes/{acte_id}/renvoyer": Resend,
    "/actes/{acte_id}/courriers/{courrier_id}/repondre/{message}": Reply,
    "/actes/{acte_id}/publier": Publish,
    "/actes/{acte_id}/depublier": Unpublish,
    "/actes/{acte_id}/declarer": Declare,
    "/actes/{acte_id}/evenements": EnterEvent,
    "/actes/{acte_id}/evenements/{saisie}/retirer": Retract,
    "/actes/{acte_id}/certificat": Certify,
    "/retours/{retour_id}/rattacher": Attach,
    "/retours/{retour_id}/classer": SetAside,
    "/constats/{constat_id}/acquitter": Acknowledge,
}
"""Every action on one thing, by its address."""

_ANY_REASON = "…"
_REFUSALS = (
    RefusedError,
    ConflictError,
    TransitionError,
    StaleError,
    NotStampableError,
    PdfError,
)


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """Every action. ``engine`` opens read-only transactions."""
    routes = APIRouter()
    for path, kind in ACTIONS.items():
        page = ActionPage(kind(container, engine))
        routes.add_api_route(path, page.show, methods=["GET", "HEAD"], response_model=None)
        routes.add_api_route(path, page.obey, methods=["POST"], response_model=None)
    kept = Certificates(container, engine)
    routes.add_api_route(
        "/actes/{acte_id}/certificats/{sha256}",
        kept.certificate,
        methods=["GET", "HEAD"],
        response_model=None,
    )
    bulk = Bulk(container, engine)
    routes.add_api_route("/lot", bulk.preview, methods=["GET", "HEAD"], response_model=None)
    routes.add_api_route("/lot", bulk.obey, methods=["POST"], response_model=None)
    routes.add_api_route(
        "/courriers/{courrier_id}/repondre",
        Letters(engine).answer,
        methods=["GET", "HEAD"],
        response_model=None,
    )
    return routes


@dataclass(frozen=True)
class ActionPage:
    """The page of one action."""

    action: Action[Any]

    def show(self, request: Request, fait: str = "") -> Response:
        """What will happen, whether it can be undone, and the form."""
        about, _ = self._found(request, request.path_params)
        sheet, closed = self.action.sheet(about, Typed()), self.action.closed(about)
        return _page(request, sheet, closed, 409 if closed and not fait else 200, fait)

    async def obey(self, request: Request) -> Response:
        """Do it, and go to where it is told; or the same page with every problem."""
        keys = request.path_params
        await run_in_threadpool(self._found, request, keys)
        try:
            async with incoming(request) as typed:
                return await run_in_threadpool(self._obeyed, request, keys, typed)
        except HTTPException as error:
            if error.status_code != 413:
                raise
            return await run_in_threadpool(self._too_large, request, keys)

    def _found(self, request: Request, keys: Keys) -> tuple[Any, Person]:
        with self.action.engine.connect() as connection:
            about = self.action.find(connection, keys)
        if about is None:
            raise HTTPException(404)
        return about, require(request, self.action.right, self.action.siren(about))

    def _obeyed(self, request: Request, keys: Keys, typed: Typed) -> Response:
        about, person = self._found(request, keys)
        reason, problems = reason_of(typed)
        author = signed(person, reason)
        tools = self.action.container.tools
        if problems:
            found = [*self._rehearsed(about, typed, author.name), *problems]
            return self._again(request, about, typed, found, 422)
        try:
            return RedirectResponse(self.action.run(tools, about, typed, author), 303)
        except _REFUSALS as error:
            about, _ = self._found(request, keys)
            if self._is_settled(error) and (told := self.action.done(about, typed, author)):
                return RedirectResponse(told, 303)
            status = 422 if isinstance(error, RefusedError | PdfError) else 409
            return self._again(request, about, typed, _problems(error), status)

    def _rehearsed(self, about: Any, typed: Typed, name: str) -> list[Problem]:
        """All that is wrong besides the reason."""
        if not self.action.rehearses:
            return []
        tools = rehearsing(self.action.container.tools)
        try:
            self.action.run(tools, about, typed, Author(name, _ANY_REASON))
        except _REFUSALS as error:
            return _problems(error)
        return []

    def _is_settled(self, error: TransmissionError) -> bool:
        if not isinstance(error, RefusedError):
            return True
        return any((each.field, each.rule) in self.action.settled for each in error.problems)

    def _again(
        self, request: Request, about: Any, typed: Typed, problems: list[Problem], status: int
    ) -> Response:
        told = [problem_for_pages(problem) for problem in problems]
        sheet = self.action.sheet(about, typed).refused(told, self.action.fields_of)
        return _page(request, sheet, self.action.closed(about), status)

    def _too_large(self, request: Request, keys: Keys) -> Response:
        about, _ = self._found(request, keys)
        sheet = self.action.sheet(about, Typed())
        first = next((each.name for each in sheet.fields if each.kind == "files"), "")
        told = f"Les fichiers pèsent plus de {size(ARCHIVE_MAX)} en tout, et n'ont pas été gardés."
        problem = Problem(first, "taille_totale", told, "Allégez-les, puis recommencez.")
        return _page(request, sheet.refused([problem], {}), self.action.closed(about), 413)


@dataclass(frozen=True)
class Certificates:
    """The certificates that were issued from the pages."""

    container: ConsoleContainer
    engine: Engine

    def certificate(self, request: Request, acte_id: str, sha256: str) -> Response:
        """The PDF of one."""
        with self.engine.connect() as connection:
            story = read_story(connection, row_id(acte_id))
            issued = issued_certificates(connection, story.acte_id) if story else ()
        if story is None:
            raise HTTPException(404)
        person = require(request, Right.READ, story.collectivite.siren)
        file = next((each.file for each in issued if each.file.sha256 == sha256), None)
        if file is None:
            raise NotFoundError("Aucun certificat de cet acte n'est gardé à cette adresse.")
        name = f"certificat-{story.acte.numero_interne}"
        reading = FileReading(Channel.CONSOLE, person.name, f"{name}.pdf", story.acte_id)
        hand_out(self.container.tools, reading, file)
        return attached_file(self.container.documents.path(file), sha256, name, "pdf")


@dataclass(frozen=True)
class Letters:
    """A letter by its number alone, as the lists of letters know it."""

    engine: Engine

    def answer(self, request: Request, courrier_id: str) -> Response:
        """To the form of its answer, or to the letter when there are several ways, or none."""
        with self.engine.connect() as connection:
            acte_id = acte_of_letter(connection, row_id(courrier_id))
            story = None if acte_id is None else read_story(connection, acte_id)
        if story is None:
            raise HTTPException(404)
        require(request, Right.FOLLOW, story.collectivite.siren)
        wanted = row_id(courrier_id)
        thread = next(each for each in story.threads if each.letter.id == wanted)
        ways = threads.ways(thread, story.latest.state)
        if len(ways) == 1:
            return RedirectResponse(f"/actes/{acte_id}/courriers/{wanted}/repondre/{ways[0]}", 303)
        return RedirectResponse(f"/actes/{acte_id}#courrier-{wanted}", 303)


def _problems(error: TransmissionError) -> list[Problem]:
    if isinstance(error, RefusedError):
        return list(error.problems)
    return [Problem("", "etat", str(error), "")]


def _page(request: Request, sheet: Sheet, closed: str, status: int, fait: str = "") -> Response:
    return render(
        request, sheet.template, status, sheet=sheet, closed=for_pages(closed), fait=said(fait)
    )
