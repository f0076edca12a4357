"""The addresses of the public register."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy import Connection, Engine, text

from transmission.registre.container import RegistreContainer
from transmission.registre.feed import MEDIA_TYPE, feed_of
from transmission.registre.links import Links
from transmission.registre.rendering import FOR_A_MINUTE, asset, render
from transmission.served import has_it, storable
from transmission.store.queries.registre import (
    FEED_PAGE,
    Gone,
    Place,
    PublishedActe,
    Publisher,
    Sifted,
    newest_publications,
    publication_years,
    published_acte,
    published_actes,
    publisher,
    publishers,
)
from transmission.store.scans import is_infected

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Digits = Annotated[str, Path(pattern=r"^[0-9]{9}$")]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
Typed = Annotated[str, Query(max_length=200)]

PATIENCE = text("SET LOCAL statement_timeout = '5s'")
FILE_KEPT = "public, max-age=3600, immutable"
"""The bytes of a publication never change; copies of one that is withdrawn are gone in an hour."""

# A sandbox would keep browsers from opening their PDF reader.
_OWN_TAB = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


class GoneError(Exception):
    """A publication was withdrawn; ``successor`` is the address of the one that follows it."""

    def __init__(self, successor: str | None) -> None:
        super().__init__("withdrawn")
        self.successor = successor


def router(container: RegistreContainer, engine: Engine) -> APIRouter:
    """Every page and file. ``engine`` opens read-only transactions."""
    register, routes = Register(container, engine, Links.within(container.public_url)), APIRouter()
    for path, endpoint in (
        ("/", register.home),
        ("/statique/{name}", register.asset),
        ("/favicon.ico", register.icon),
        ("/{siren}", register.bare),
        ("/{siren}/", register.liste),
        ("/{siren}/atom.xml", register.feed),
        ("/{siren}/actes/{copy_id}.pdf", register.pdf),
        ("/{siren}/actes/{copy_id}", register.acte),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return routes


@dataclass(frozen=True)
class Register:
    """What the public reads."""

    container: RegistreContainer
    engine: Engine
    links: Links

    def home(self) -> Response:
        """The authorities; straight to the only one."""
        with self._reading() as connection:
            found = publishers(connection)
        if len(found) == 1:
            return RedirectResponse(self.links.liste(found[0].siren), 302)
        return render("accueil.html", self.links, publishers=found)

    def bare(self, siren: Digits) -> Response:
        """The address of an authority without its last sign."""
        return RedirectResponse(self.links.liste(siren), 301)

    def liste(self, siren: Digits, q: Typed = "", annee: Typed = "", apres: Typed = "") -> Response:
        """What an authority has on line, by words and by year."""
        sifted, after = Sifted(storable(q), _year(annee)), _place(apres)
        with self._reading() as connection:
            owner = _known(connection, siren)
            years = publication_years(connection, siren)
            page = published_actes(connection, siren, sifted, after)
        return render(
            "liste.html",
            self.links,
            publisher=owner,
            years=years,
            sifted=sifted,
            after=after,
            page=page,
        )

    def acte(self, siren: Digits, copy_id: RowId) -> Response:
        """One act, and how to check its file."""
        with self._reading() as connection:
            found = self._published(connection, siren, copy_id)
        return render("acte.html", self.links, acte=found, publisher=found.publisher)

    def pdf(self, request: Request, siren: Digits, copy_id: RowId) -> Response:
        """The file, byte for byte as published: its digest is checked before the first one."""
        with self._reading() as connection:
            found = self._published(connection, siren, copy_id)
            if is_infected(connection, found.file.sha256):
                raise HTTPException(404)
        headers = _file_headers(found)
        if has_it(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        path = self.container.documents.path(found.file)
        return FileResponse(path, media_type="application/pdf", headers=headers)

    def feed(self, request: Request, siren: Digits, avant: Before = None) -> Response:
        """The feed of an authority, a page at a time."""
        with self._reading() as connection:
            owner = _known(connection, siren)
            found = newest_publications(connection, siren, avant, FEED_PAGE + 1)
        actes = found[:FEED_PAGE]
        following = actes[-1].id if len(found) > FEED_PAGE else None
        whole = Links(self.container.public_url or str(request.base_url).rstrip("/"))
        content = feed_of(owner, actes, whole, avant, following)
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": FOR_A_MINUTE}
        if has_it(request, etag):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=MEDIA_TYPE, headers=headers)

    def icon(self) -> Response:
        """The icon, where browsers look for it when they show a file."""
        return self.asset("icone.svg")

    def asset(self, name: str) -> Response:
        """Style and icon."""
        found = asset(name)
        if found is None:
            raise HTTPException(404)
        return found

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.execute(PATIENCE)
            yield connection

    def _published(self, connection: Connection, siren: str, copy_id: int) -> PublishedActe:
        found = published_acte(connection, siren, copy_id)
        if isinstance(found, Gone):
            newer = found.successor
            raise GoneError(None if newer is None else self.links.acte(siren, newer))
        if found is None:
            raise HTTPException(404)
        return found


def _known(connection: Connection, siren: str) -> Publisher:
    found = publisher(connection, siren)
    if found is None:
        raise HTTPException(404)
    return found


def _file_headers(published: PublishedActe) -> dict[str, str]:
    digest = published.file.sha256
    # Made of identifiers: whatever else came there would only be a name.
    name = _NOT_A_NAME.sub("_", published.nom_fichier)
    return {
        "ETag": f'"{digest}"',
        # RFC 9530: of the whole file, whatever part of it is given.
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:",
        "Last-Modified": formatdate(published.at.timestamp(), usegmt=True),
        "Cache-Control": FILE_KEPT,
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": _OWN_TAB,
    }


def _year(text: str) -> int | None:
    if not text:
        return None
    if not _YEAR.fullmatch(text):
        raise HTTPException(400)
    return int(text)


def _place(text: str) -> Place | None:
    try:
        return Place.parse(text) if text else None
    except ValueError as error:
        raise HTTPException(400) from error
