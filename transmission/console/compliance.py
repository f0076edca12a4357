"""The addresses of compliance: a page, a table for spreadsheets, a document for programs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy import Connection, Engine

from transmission.console.compliance_export import file_name, findings_csv, findings_json
from transmission.console.compliance_page import (
    PATH,
    FindingFilters,
    FindingView,
    read_compliance,
)
from transmission.console.container import ConsoleContainer
from transmission.console.downloads import attached_text
from transmission.console.rendering import render
from transmission.console.visitor import Readable, chosen_siren, readable
from transmission.served import storable
from transmission.store.queries.findings import every_finding

EXPORTED = 10_000
"""Findings of a file, at most; the document for programs says when there are more."""

_BATCH = 1000

Typed = Annotated[str, Query(max_length=100)]


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The page and its two exports. ``engine`` opens read-only transactions."""
    compliance, routes = Compliance(container, engine), APIRouter()
    for path, endpoint in (
        (PATH, compliance.page),
        (f"{PATH}.csv", compliance.table),
        (f"{PATH}.json", compliance.document),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return routes


@dataclass(frozen=True)
class Compliance:
    """Open findings: by severity (``gravite``), check (``controle``), SIREN (``collectivite``),
    acknowledged or not (``vu``, ``oui`` or ``non``)."""

    container: ConsoleContainer
    engine: Engine

    def page(
        self,
        request: Request,
        gravite: Typed = "",
        controle: Typed = "",
        collectivite: Typed = "",
        vu: Typed = "",
        apres: Typed = "",
        fait: Typed = "",
    ) -> Response:
        """What is late, missing or contradictory, and the limits that come."""
        own, typed = readable(request), _filters(gravite, controle, collectivite, vu, apres)
        with self.engine.connect() as connection:
            filters = _within(own, connection, typed)
            try:
                page = read_compliance(connection, filters, self.container.clock.now(), own)
            except ValueError as error:
                raise HTTPException(400) from error
        return render(request, "conformite.html", view=page, fait=fait)

    def table(
        self,
        request: Request,
        gravite: Typed = "",
        controle: Typed = "",
        collectivite: Typed = "",
        vu: Typed = "",
    ) -> Response:
        """CSV, for a French spreadsheet."""
        filters, found, _ = self._all(request, _filters(gravite, controle, collectivite, vu))
        return attached_text(findings_csv(found), file_name(filters), "csv")

    def document(
        self,
        request: Request,
        gravite: Typed = "",
        controle: Typed = "",
        collectivite: Typed = "",
        vu: Typed = "",
    ) -> Response:
        """JSON."""
        filters, found, whole = self._all(request, _filters(gravite, controle, collectivite, vu))
        text = findings_json(filters, found, whole=whole)
        return attached_text(text, file_name(filters), "json")

    def _all(
        self, request: Request, typed: FindingFilters
    ) -> tuple[FindingFilters, list[FindingView], bool]:
        with self.engine.connect() as connection:
            filters = _within(readable(request), connection, typed)
            try:
                found = list(_followed(connection, filters))
            except ValueError as error:
                raise HTTPException(400) from error
        return filters, found[:EXPORTED], len(found) <= EXPORTED


def _within(own: Readable, connection: Connection, typed: FindingFilters) -> FindingFilters:
    return replace(typed, collectivite=chosen_siren(own, connection, typed.collectivite))


def _followed(connection: Connection, filters: FindingFilters) -> Iterator[FindingView]:
    """Every finding, one more than are exported at most."""
    found = every_finding(connection, filters.wanted, _BATCH)
    yield from map(FindingView, islice(found, EXPORTED + 1))


def _filters(*typed: str) -> FindingFilters:
    clean = map(storable, typed)
    gravite, controle, collectivite, vu, *apres = clean
    return FindingFilters(gravite, controle, collectivite.replace(" ", ""), vu, *apres)
