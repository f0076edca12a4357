"""The addresses of the statistics: a page, a table for spreadsheets, a document for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Engine

from transmission.console.container import ConsoleContainer
from transmission.console.downloads import attached_text
from transmission.console.rendering import render
from transmission.console.statistics_export import file_name, statistics_csv, statistics_json
from transmission.console.statistics_figures import Figures, in_days
from transmission.console.statistics_page import Asked, StatisticsPage, read_statistics
from transmission.console.visitor import chosen_siren, readable
from transmission.domain.delays import BINS, LONG, MONTHS_MAX

Typed = Annotated[str, Query(max_length=40)]


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The page and its two exports. ``engine`` opens read-only transactions."""
    statistics, routes = Statistics(container, engine), APIRouter()
    for path, endpoint in (
        ("/statistiques", statistics.page),
        ("/statistiques.csv", statistics.table),
        ("/statistiques.json", statistics.document),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return routes


@dataclass(frozen=True)
class Statistics:
    """Delays from adoption to receipt, of one authority (a SIREN) or of all, between two months.

    What cannot be read in an address is told in the page, whichever form was asked for.
    """

    container: ConsoleContainer
    engine: Engine

    def page(
        self, request: Request, collectivite: Typed = "", depuis: Typed = "", jusqu_a: Typed = ""
    ) -> Response:
        """Charts, and the same figures in tables."""
        return _rendered(request, self._read(request, collectivite, depuis, jusqu_a))

    def table(
        self, request: Request, collectivite: Typed = "", depuis: Typed = "", jusqu_a: Typed = ""
    ) -> Response:
        """CSV, for a French spreadsheet."""
        read = self._read(request, collectivite, depuis, jusqu_a)
        return _saved(request, read, statistics_csv, "csv")

    def document(
        self, request: Request, collectivite: Typed = "", depuis: Typed = "", jusqu_a: Typed = ""
    ) -> Response:
        """JSON."""
        read = self._read(request, collectivite, depuis, jusqu_a)
        return _saved(request, read, statistics_json, "json")

    def _read(
        self, request: Request, collectivite: str, depuis: str, jusqu_a: str
    ) -> StatisticsPage:
        own, typed = readable(request), "".join(filter(str.isalnum, collectivite))
        with self.engine.connect() as connection:
            siren = chosen_siren(own, connection, typed)
            asked = Asked(siren, depuis.strip(), jusqu_a.strip())
            return read_statistics(connection, asked, self.container.clock.now(), own)


def _rendered(request: Request, page: StatisticsPage) -> Response:
    status = 400 if page.problem else 200
    return render(
        request,
        "statistiques.html",
        status,
        view=page,
        bins=BINS,
        long=LONG,
        months_max=MONTHS_MAX,
        in_days=in_days,
    )


def _saved(
    request: Request, page: StatisticsPage, written: Callable[[Figures], str], extension: str
) -> Response:
    if page.figures is None:
        return _rendered(request, page)
    return attached_text(written(page.figures), file_name(page.figures), extension)
