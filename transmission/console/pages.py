"""The addresses of the console."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field
from sqlalchemy import Connection, Engine

from transmission.clock import civil_day
from transmission.console.acte_page import ActePage, printed
from transmission.console.container import ConsoleContainer
from transmission.console.downloads import (
    attached_file,
    attached_text,
    streamed_file,
    streamed_pdf,
)
from transmission.console.queue_page import ALL_CODE, Filters, read_queue
from transmission.console.rendering import asset, render
from transmission.console.visitor import (
    chosen_siren,
    readable,
    require,
    require_acte,
    require_retour,
    signed,
)
from transmission.console.whatif import MOST, WhatIf, tried
from transmission.domain.legal.cases import LegalCase
from transmission.domain.people import Person, Right
from transmission.ports.file_accesses import Channel, FileAccess, FileReading
from transmission.served import storable
from transmission.services.dossier import DOSSIER
from transmission.services.hand_out import hand_out
from transmission.store.file_accesses import accesses_of
from transmission.store.queries import (
    Older,
    acte_file,
    attempt_request,
    find_actes,
    read_story,
    retour_file,
    sent_signature,
)
from transmission.store.queries.findings import findings_of_acte
from transmission.store.queries.legal import legal_case
from transmission.store.queries.ownership import owner_of_acte, owner_of_retour
from transmission.store.queries.publications import current_publication

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
OlderId = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Typed = Annotated[str, Query(max_length=200)]
Column = Annotated[list[Annotated[str, Field(max_length=200)]], Query(max_length=MOST)]
ACCESSES = 200
_NOTHING: list[str] = []
_BEGINS = ((b"<?xml", "xml"), (b"\x1f\x8b", "tar.gz"))


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """Every page and file. ``engine`` opens read-only transactions."""
    pages, outlets = Pages(container, engine), Files(container, engine)
    routes = APIRouter()
    for path, endpoint in (
        ("/", pages.queue),
        ("/actes/{acte_id}", pages.acte),
        ("/collectivites/{siren}/actes/{numero}", pages.named_acte),
        ("/actes/{acte_id}/tampon", outlets.stamped),
        ("/actes/{acte_id}/dossier", outlets.dossier),
        ("/actes/{acte_id}/tentatives/{attempt_id}/requete", outlets.request),
        ("/actes/{acte_id}/transmissions/{transmission_id}/signatures/{ordre}", outlets.signature),
        ("/fichiers/{acte_id}/{sha256}", outlets.file),
        ("/retours/{retour_id}", outlets.retour),
        ("/statique/{name}", outlets.asset),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return routes


@dataclass(frozen=True)
class Pages:
    """What people read."""

    container: ConsoleContainer
    engine: Engine

    def queue(
        self,
        request: Request,
        etat: Typed = "",
        collectivite: Typed = "",
        q: Typed = "",
        apres: Typed = "",
        *,
        fixe: bool = False,
        tdt: Typed = "",
        fait: Typed = "",
    ) -> Response:
        """Acts by state and age."""
        own, typed = readable(request), storable(collectivite).replace(" ", "")
        with self.engine.connect() as connection:
            siren = chosen_siren(own, connection, typed)
            filters = Filters(storable(etat), siren, storable(q), apres, fixe, storable(tdt))
            try:
                page = read_queue(connection, filters, self.container.clock.now(), own)
            except ValueError as error:
                raise HTTPException(400) from error
        return render(request, "file.html", view=page, fait=fait)

    def acte(
        self,
        request: Request,
        acte_id: RowId,
        journal: OlderId = None,
        tentatives: OlderId = None,
        *,
        si: Column = _NOTHING,
        recu: Column = _NOTHING,
        envoi: Column = _NOTHING,
        fixe: bool = False,
        fait: Typed = "",
    ) -> Response:
        """One act and its story; ``journal`` and ``tentatives`` are ids before which to look.

        ``si``, ``recu`` and ``envoi`` are the columns of the events supposed.
        """
        with self.engine.connect() as connection:
            person = require_acte(request, connection, acte_id)
            story = read_story(connection, acte_id, Older(journal, tentatives))
            accesses = _accesses(connection, person, acte_id)
            case = legal_case(connection, acte_id)
            found = findings_of_acte(connection, acte_id)
            is_online = current_publication(connection, acte_id) is not None
        if story is None or case is None:
            raise HTTPException(404)
        now = self.container.clock.now()
        what_if = _tried(case, now, (si, recu, envoi))
        page = ActePage(story, now, what_if, found, is_online)
        still = fixe or bool(what_if.rows)
        return render(request, "acte.html", view=page, fixe=still, fait=fait, accesses=accesses)

    def named_acte(self, request: Request, siren: str, numero: str) -> Response:
        """The act of a number: straight to it, or to the list when there are several."""
        siren, numero = storable(siren), storable(numero)
        require(request, Right.READ, siren)
        with self.engine.connect() as connection:
            found = find_actes(connection, siren, numero)
        if not found:
            raise HTTPException(404)
        several = Filters(etat=ALL_CODE, collectivite=siren, q=numero).url()
        return RedirectResponse(f"/actes/{found[0]}" if len(found) == 1 else several, 302)


@dataclass(frozen=True)
class Files:
    """What people take away: only through the act it belongs to, its digest checked."""

    container: ConsoleContainer
    engine: Engine

    def file(self, request: Request, acte_id: RowId, sha256: Digest) -> Response:
        """A file received with an act, sent for it, or answered about it."""
        with self.engine.connect() as connection:
            person = require_acte(request, connection, acte_id)
            owned = acte_file(connection, acte_id, sha256)
        if owned is None:
            raise HTTPException(404)
        reading = FileReading(Channel.CONSOLE, person.name, owned.name, acte_id)
        hand_out(self.container.tools, reading, owned.file)
        path = self.container.documents.path(owned.file)
        return attached_file(path, sha256, owned.name, owned.extension)

    def retour(self, request: Request, retour_id: RowId) -> Response:
        """The bytes of a retour, exactly as received."""
        with self.engine.connect() as connection:
            person = require_retour(request, connection, retour_id)
            kept = retour_file(connection, retour_id)
            siren = owner_of_retour(connection, retour_id)
        if kept is None:
            raise HTTPException(404)
        reading = FileReading(Channel.CONSOLE, person.name, f"retour n° {retour_id}", siren=siren)
        hand_out(self.container.tools, reading, kept)
        path = self.container.documents.path(kept)
        with path.open("rb") as stream:
            begins = stream.read(5)
        extension = next((known for start, known in _BEGINS if begins.startswith(start)), "txt")
        return attached_file(path, kept.sha256, f"retour-{retour_id}", extension)

    def signature(
        self, request: Request, acte_id: RowId, transmission_id: RowId, ordre: RowId
    ) -> Response:
        """The signature sent with a piece."""
        with self.engine.connect() as connection:
            require_acte(request, connection, acte_id)
            text = sent_signature(connection, acte_id, transmission_id, ordre)
        if text is None:
            raise HTTPException(404)
        return attached_text(text, f"signature-{acte_id}-{ordre}", "pem")

    def request(self, request: Request, acte_id: RowId, attempt_id: RowId) -> Response:
        """What an attempt asked of the TdT."""
        with self.engine.connect() as connection:
            require_acte(request, connection, acte_id)
            text = attempt_request(connection, acte_id, attempt_id)
        if text is None:
            raise HTTPException(404)
        return attached_text(text, f"tentative-{attempt_id}-requete", "txt")

    def stamped(self, request: Request, acte_id: RowId, *, enregistrer: bool = False) -> Response:
        """The stamped PDF, read in a tab of its own or saved."""
        with self.engine.connect() as connection:
            person = require_acte(request, connection, acte_id)
            story = read_story(connection, acte_id)
        if story is None:
            raise HTTPException(404)
        source = story.acte.pieces[0].file
        reading = FileReading(Channel.CONSOLE, person.name, "acte tamponné", acte_id)
        hand_out(self.container.tools, reading, source)
        stamped = self.container.stamp(acte_id)
        return streamed_pdf(stamped, printed(story), inline=not enregistrer)

    def dossier(self, request: Request, acte_id: RowId) -> Response:
        """The dossier de preuve, made now; whoever takes it enters the journal."""
        with self.engine.connect() as connection:
            person = require_acte(request, connection, acte_id)
        if request.method == "HEAD":
            # Making one to throw it away would leave a false line in the journal.
            return Response()
        reading = FileReading(Channel.CONSOLE, person.name, DOSSIER, acte_id)
        hand_out(self.container.tools, reading)
        made, name = self.container.proven(acte_id, signed(person))
        return streamed_file(made, name, "asice")

    def asset(self, request: Request, name: str) -> Response:
        """Style, script and icon."""
        found = asset(name, request.headers.get("accept-encoding", ""))
        if found is None:
            raise HTTPException(404)
        return found


def _accesses(connection: Connection, person: Person, acte_id: int) -> Sequence[FileAccess] | None:
    """Who read the files of an act, for those whose task it is to know; None for the others."""
    siren = owner_of_acte(connection, acte_id)
    if not (person.may(Right.AUDIT, siren) or person.may(Right.ADMINISTER, siren)):
        return None
    return accesses_of(connection, acte_id, ACCESSES)


def _tried(case: LegalCase, now: datetime, columns: Sequence[Sequence[str]]) -> WhatIf:
    typed = ([storable(text) for text in column] for column in columns)
    return tried(partial(case.read, civil_day(now, case.time_zone)), *typed)
