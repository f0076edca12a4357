"""Handing over the acts of a sitting at once: a manifest and its files in one form."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from starlette.datastructures import UploadFile

from transmission.console.container import ConsoleContainer
from transmission.console.forms import Posted, posted
from transmission.console.rendering import render
from transmission.console.visitor import forbidden, require, signed, visit
from transmission.domain.batch_files import MANIFESTS, name_fault
from transmission.domain.batch_report import BatchReport, Entry, Fate
from transmission.domain.errors import Problem
from transmission.domain.people import Right
from transmission.domain.texte import printable
from transmission.pdf.numero_template import from_printed
from transmission.services.intake import Batch, FolderFiles, NotReadyError, hand_over
from transmission.store.queries.counts import authority_names

Chosen = Annotated[str, Query(max_length=20)]

_CSV, _JSON = MANIFESTS


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The form, and its report. ``engine`` opens read-only transactions."""
    batches, routes = Batches(container, engine), APIRouter()
    path = "/remettre/lot"
    routes.add_api_route(path, batches.form, methods=["GET", "HEAD"], response_model=None)
    routes.add_api_route(path, batches.post, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Everything the page shows; ``report`` once something was handed over."""

    owners: Sequence[tuple[str, str]]
    siren: str = ""
    report: BatchReport | None = None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def entries(self) -> Sequence[Entry]:
        """What is to be mended first."""
        found = self.report.entries if self.report else ()
        return sorted(found, key=lambda each: each.fate is not Fate.REFUSED)


@dataclass(frozen=True)
class Batches:
    """The authorities are those where whoever asks may hand acts over."""

    container: ConsoleContainer
    engine: Engine

    def form(self, request: Request, collectivite: Chosen = "") -> Response:
        """An empty form."""
        return _shown(request, self._page(request, "".join(collectivite.split())))

    async def post(self, request: Request) -> Response:
        """Hand over a batch, and tell what became of each act."""
        async with posted(request) as form:
            siren = "".join(form.text("collectivite").split())
            require(request, Right.HAND_OVER, siren)
            return await run_in_threadpool(self._handed_over, request, siren, form)

    def _handed_over(self, request: Request, siren: str, form: Posted) -> Response:
        page = self._page(request, siren)
        manifests, files = form.files("manifeste"), form.files("fichiers")
        faults = tuple(_faults(manifests, files))
        if faults:
            return _shown(request, replace(page, problems=faults), 422)
        tools, author = self.container.tools, signed(visit(request).person)
        with tools.register() as unit:
            owner = unit.authority_by_siren(siren)
        number_of = partial(from_printed, collectivite=owner.collectivite)
        name = printable(manifests[0].filename or "")[:100]
        with _folder(manifests[0], files) as folder:
            held = FolderFiles(folder)
            batch = Batch(nom=name, files=held, owner=owner, author=author, number_of=number_of)
            try:
                report = hand_over(tools, batch)
            except NotReadyError as error:
                problem = Problem("manifeste", "collectivite", str(error), "")
                return _shown(request, replace(page, problems=(problem,)), 409)
        status = 422 if report.refused else 200
        return _shown(request, replace(page, report=report), status)

    def _page(self, request: Request, siren: str) -> BatchPage:
        """Raises ForbiddenError for a person who may hand over nowhere."""
        sirens = visit(request).person.sirens(Right.HAND_OVER)
        if sirens is not None and not sirens:
            raise forbidden(Right.HAND_OVER)
        with self.engine.connect() as connection:
            return BatchPage(authority_names(connection, None, sirens), siren)


def _faults(manifests: Sequence[UploadFile], files: Sequence[UploadFile]) -> Iterator[Problem]:
    if not manifests:
        said = "Il manque le manifeste, qui dit quels actes sont remis et avec quels fichiers."
        yield Problem("manifeste", "manifeste", said, "Choisissez un fichier CSV ou JSON.")
    seen = set()
    for each in files:
        name = each.filename or ""
        fault = name_fault(name)
        if fault is not None or name in seen:
            said = f"« {printable(name)[:120]} » {fault or 'est donné deux fois'}."
            yield Problem("fichiers", "fichier_nom", said, "Renommez-le, puis recommencez.")
        seen.add(name)


@contextmanager
def _folder(manifest: UploadFile, files: Sequence[UploadFile]) -> Iterator[int]:
    """A folder that holds what was sent, open; it is gone at the end.

    The names have no fault: each is that of a file of this folder and of nothing else.
    """
    path = tempfile.mkdtemp(prefix="transmission-lot-")
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _write(folder, _JSON if _is_json(manifest) else _CSV, manifest)
            for each in files:
                _write(folder, each.filename or "", each)
            yield folder
        finally:
            os.close(folder)
    finally:
        shutil.rmtree(path)


def _write(folder: int, name: str, upload: UploadFile) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "wb") as target:
        upload.file.seek(0)
        shutil.copyfileobj(upload.file, target, 1 << 18)


def _is_json(manifest: UploadFile) -> bool:
    """By its content: people name files as they like."""
    manifest.file.seek(0)
    begins = manifest.file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return begins[:1] in (b"{", b"[")


def _shown(request: Request, page: BatchPage, status: int = 200) -> Response:
    return render(request, "lot.html", status, view=page)
