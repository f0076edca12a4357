"""The addresses of the sittings: their acts, and the import of their lists."""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine

from transmission.console.container import ConsoleContainer
from transmission.console.downloads import attached_file
from transmission.console.forms import Posted, posted
from transmission.console.rendering import render
from transmission.console.seances_page import (
    DONE,
    Imports,
    OneSitting,
    SittingsPage,
    read_after,
    read_sitting,
    standing,
)
from transmission.console.visitor import require, signed, visit
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.people import Right
from transmission.domain.sitting_list import MAX_BYTES
from transmission.pdf.numero_template import from_printed
from transmission.ports.file_accesses import Channel, FileReading
from transmission.services.hand_out import hand_out
from transmission.services.sitting import Imported, SittingFile, import_sitting
from transmission.store.queries.counts import authority_names
from transmission.store.queries.delays import owner_name
from transmission.store.queries.sitting_acts import kept_list, sitting_sums

Siren = Annotated[str, Path(pattern=r"^[0-9]{9}$")]
Typed = Annotated[str, Query(max_length=40)]
Day = Annotated[str, Path(max_length=10)]


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The pages, the file, the import. ``engine`` opens read-only transactions."""
    sittings, routes = Sittings(container, engine), APIRouter()
    for path, endpoint in (
        ("/seances", sittings.every),
        ("/seances/{siren}/{day}", sittings.one),
        ("/seances/{siren}/{day}/liste", sittings.liste),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    routes.add_api_route("/seances", sittings.post, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True)
class Sittings:
    """The sittings of the authorities of whoever asks."""

    container: ConsoleContainer
    engine: Engine

    def every(
        self, request: Request, apres: Typed = "", collectivite: Typed = "", date: Typed = ""
    ) -> Response:
        """The sittings, the newest first; straight to one when its day was typed."""
        siren = "".join(collectivite.split())
        if siren and date:
            return RedirectResponse(f"/seances/{siren}/{_day(date, 400).isoformat()}", 303)
        return self._listed(request, apres)

    def one(self, request: Request, siren: Siren, day: Day, fait: Typed = "") -> Response:
        """One sitting, whether its list was imported or not."""
        require(request, Right.READ, siren)
        when = _day(day)
        with self.engine.connect() as connection:
            owner = owner_name(connection, siren)
            if owner is None:
                raise HTTPException(404)
            kept, lines, others = read_sitting(connection, owner, when)
        imports, told = Imports(siren, when.isoformat()), DONE.get(fait, "")
        registre = self.container.tools.registre_url
        public = f"{registre}/{siren}/" if registre else None
        page = OneSitting(owner, when, kept, lines, others, imports, told, public)
        return render(request, "seance.html", view=page, standing=standing)

    def liste(self, request: Request, siren: Siren, day: Day) -> Response:
        """The list of a sitting, exactly as imported."""
        person = require(request, Right.READ, siren)
        with self.engine.connect() as connection:
            kept = kept_list(connection, siren, _day(day))
        if kept is None:
            raise HTTPException(404)
        reading = FileReading(Channel.CONSOLE, person.name, kept.nom_fichier, siren=siren)
        hand_out(self.container.tools, reading, kept.file)
        path = self.container.documents.path(kept.file)
        extension = "json" if kept.nom_fichier.lower().endswith(".json") else "csv"
        return attached_file(path, kept.file.sha256, kept.nom_fichier, extension)

    async def post(self, request: Request) -> Response:
        """Import the list of a sitting."""
        async with posted(request) as form:
            siren = "".join(form.text("collectivite").split())
            require(request, Right.FOLLOW, siren)
            return await run_in_threadpool(self._imported, request, siren, form)

    def _imported(self, request: Request, siren: str, form: Posted) -> Response:
        imports = Imports(siren, form.text("date"), bool(form.text("vide")))
        try:
            made = self._import(request, imports, form)
        except RefusedError as error:
            return self._listed(request, "", replace(imports, problems=error.problems))
        done = "deja" if made.repeated else "remplacee" if made.replaced else "importee"
        return RedirectResponse(f"/seances/{siren}/{made.date_seance.isoformat()}?fait={done}", 303)

    def _import(self, request: Request, imports: Imports, form: Posted) -> Imported:
        files = form.files("liste")
        if not files:
            missing = Problem(
                "fichier", "absent", "Il manque la liste.", "Choisissez un fichier CSV ou JSON."
            )
            raise RefusedError([missing])
        given = SittingFile(
            content=files[0].file.read(MAX_BYTES + 1),
            nom_fichier=files[0].filename or "liste",
            date_seance=_typed_day(imports.day),
            may_be_empty=imports.may_be_empty,
        )
        tools = self.container.tools
        with tools.register() as unit:
            owner = unit.authority_by_siren(imports.siren)
        number_of = partial(from_printed, collectivite=owner.collectivite)
        author = signed(visit(request).person)
        return import_sitting(tools, owner.id, given, author, number_of)

    def _listed(self, request: Request, apres: str, imports: Imports | None = None) -> Response:
        person = visit(request).person
        with self.engine.connect() as connection:
            try:
                page = sitting_sums(connection, person.sirens(), read_after(apres))
            except ValueError as error:
                raise HTTPException(400) from error
            readable = authority_names(connection, None, person.sirens())
            followed = authority_names(connection, None, person.sirens(Right.FOLLOW))
        shown = SittingsPage(page, apres, readable, followed, imports or Imports())
        return render(request, "seances.html", 422 if imports else 200, view=shown)


def _typed_day(text: str) -> date | None:
    """Raises RefusedError."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        problem = Problem("date", "date", f"« {text[:40]} » n'est pas une date.", "AAAA-MM-JJ.")
        raise RefusedError([problem]) from error


def _day(text: str, status: int = 404) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(status) from error
