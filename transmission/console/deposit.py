"""Handing an act over from a browser: checked whole, then taken in charge once."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from starlette.datastructures import UploadFile

from transmission.console.container import ConsoleContainer
from transmission.console.deposit_page import (
    ANNEXES_MAX,
    ANNEXES_SHOWN,
    DepositPage,
    Typed,
    differences_of,
    read_typed,
    told_of,
)
from transmission.console.forms import Posted, posted
from transmission.console.rendering import render
from transmission.console.visitor import forbidden, require, signed, visit
from transmission.domain.acte import Classification
from transmission.domain.errors import AlreadyTakenError, ConflictError, RefusedError
from transmission.domain.people import Right
from transmission.ports import AuthorityRow
from transmission.services.accept import Deposit, accept, rehearse
from transmission.services.classify import kept_classification
from transmission.services.files import DepositedFile
from transmission.store.queries.counts import authority_names

Chosen = Annotated[str, Query(max_length=20)]

CHECK = "verifier"


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The form, and what is done with it. ``engine`` opens read-only transactions."""
    deposits, routes = Deposits(container, engine), APIRouter()
    path = "/remettre"
    routes.add_api_route(path, deposits.form, methods=["GET", "HEAD"], response_model=None)
    routes.add_api_route(path, deposits.post, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True, slots=True)
class Given:
    """A form as it was sent: its files are on disk until it is closed.

    ``rows`` are those whose annexes were given, in order.
    """

    typed: Typed
    files: tuple[DepositedFile, ...]
    rows: tuple[int, ...]

    @property
    def deposit(self) -> Deposit:
        """What the service is given."""
        return Deposit(self.typed.form, self.files)


@dataclass(frozen=True)
class Deposits:
    """The authorities are those where whoever asks may hand acts over."""

    container: ConsoleContainer
    engine: Engine

    def form(self, request: Request, collectivite: Chosen = "") -> Response:
        """An empty form, for the only authority or the one chosen."""
        known = self._owners(request)
        siren = "".join(collectivite.split()) or (known[0][0] if len(known) == 1 else "")
        if not siren:
            return _shown(request, DepositPage(owners=known))
        require(request, Right.HAND_OVER, siren)
        return _shown(request, self._page(request, siren))

    async def post(self, request: Request) -> Response:
        """Check an act, or hand it over."""
        async with posted(request) as form:
            siren = "".join(form.text("collectivite").split())
            require(request, Right.HAND_OVER, siren)
            page = await run_in_threadpool(self._page, request, siren)
            given = await run_in_threadpool(_given, form, page.rows)
            page = replace(page, typed=given.typed)
            if form.text("action") == CHECK:
                return await run_in_threadpool(self._checked, request, page, given)
            return await run_in_threadpool(self._handed_over, request, page, given)

    def _checked(self, request: Request, page: DepositPage, given: Given) -> Response:
        try:
            tried = rehearse(self.container.tools, page.siren, given.deposit)
        except (RefusedError, ConflictError) as error:
            return _refused(request, page, given, error)
        page = replace(page, checked=True, notes=tried.notes, acte_id=tried.acte_id)
        return _shown(request, page)

    def _handed_over(self, request: Request, page: DepositPage, given: Given) -> Response:
        author = signed(visit(request).person)
        try:
            taken = accept(self.container.tools, page.siren, given.deposit, author)
        except (RefusedError, ConflictError) as error:
            return _refused(request, page, given, error)
        done = "deja-remis" if taken.repeated else "remis"
        return RedirectResponse(f"/actes/{taken.acte_id}?fait={done}", 303)

    def _page(self, request: Request, siren: str) -> DepositPage:
        owner, classification = self._owner(siren)
        return DepositPage(
            owners=self._owners(request),
            siren=siren,
            nom=owner.collectivite.nom,
            classification=classification,
            rows=min(ANNEXES_MAX, self._annexes_max(owner)),
        )

    def _owners(self, request: Request) -> Sequence[tuple[str, str]]:
        """Raises ForbiddenError for a person who may hand over nowhere."""
        sirens = visit(request).person.sirens(Right.HAND_OVER)
        if sirens is not None and not sirens:
            raise forbidden(Right.HAND_OVER)
        with self.engine.connect() as connection:
            return authority_names(connection, None, sirens)

    def _owner(self, siren: str) -> tuple[AuthorityRow, Classification | None]:
        tools = self.container.tools
        with tools.register() as unit:
            owner = unit.authority_by_siren(siren)
            held = unit.classification_file(owner.id)
        return owner, kept_classification(tools, held[1]) if held else None

    def _annexes_max(self, owner: AuthorityRow) -> int:
        return self.container.tools.tdts.capabilities(owner.collectivite.tdt).annexes_max


def on_disk(upload: UploadFile) -> Path:
    """Where the bytes of a file that came with a form can be read, until the form is closed."""
    # Small files are still in memory. The file has no name: it is reached by its descriptor.
    with suppress(AttributeError):
        upload.file.rollover()  # type: ignore[attr-defined]
    upload.file.flush()
    return Path(f"/proc/self/fd/{upload.file.fileno()}")


def _given(form: Posted, rows: int) -> Given:
    typed = read_typed(form, rows)
    document = [(typed["typologie"], each) for each in form.files("document")[:1]]
    annexes = {row: form.files(f"annexe-{row}")[:1] for row in range(1, rows + 1)}
    given = [row for row, files in annexes.items() if files]
    # Without the act itself its annexes are nobody's.
    uploads = document + [(typed.typologie(row), annexes[row][0]) for row in given if document]
    files = tuple(
        DepositedFile(on_disk(each), each.filename or "", code or None) for code, each in uploads
    )
    return Given(typed, files, tuple(given))


def _refused(
    request: Request, page: DepositPage, given: Given, error: RefusedError | ConflictError
) -> Response:
    if isinstance(error, RefusedError):
        return _shown(request, replace(page, told=told_of(error, given.rows)), 422)
    acte_id = error.acte_id if isinstance(error, AlreadyTakenError) else None
    differences = differences_of(error)
    page = replace(page, conflict=str(error), acte_id=acte_id, differences=differences)
    return _shown(request, page, 409)


def _shown(request: Request, page: DepositPage, status: int = 200) -> Response:
    return render(request, "remettre.html", status, view=page, shown=ANNEXES_SHOWN)
