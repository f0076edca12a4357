"""The address of the service's health, for people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection, Engine

from transmission.console.container import ConsoleContainer
from transmission.console.etat_page import (
    EtatPage,
    Service,
    disks_of,
    read_facts,
)
from transmission.console.expirations import (
    Expiration,
    of_certificates,
    of_classifications,
    of_links,
    of_tokens,
)
from transmission.console.rendering import render
from transmission.console.visitor import chosen_siren, readable, visit
from transmission.domain.people import Person, Right
from transmission.store.queries import read_health
from transmission.store.queries.counts import authority_names
from transmission.store.queries.service_health import held_classifications, open_links
from transmission.store.room import Room

Typed = Annotated[str, Query(max_length=20)]

_WHOLE = (Right.ADMINISTER, Right.AUDIT, Right.UNBLOCK)


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The page. ``engine`` opens read-only transactions."""
    routes = APIRouter()
    routes.add_api_route(
        "/etat", Etat(container, engine).page, methods=["GET", "HEAD"], response_model=None
    )
    return routes


@dataclass(frozen=True)
class Etat:
    """People of some authorities see theirs; the whole service is for those who look after it."""

    container: ConsoleContainer
    engine: Engine

    def page(self, request: Request, collectivite: Typed = "") -> Response:
        """How everything is."""
        person, mine, now = visit(request).person, readable(request), self.container.clock.now()
        with self.engine.connect() as connection:
            siren = chosen_siren(mine, connection, "".join(collectivite.split()))
            sirens = {siren} if siren else None
            facts = read_facts(connection, sirens, siren, now)
            names = authority_names(connection, None, mine)
            service = self._service(connection) if _sees_all(person) else None
            ending = self._ending(connection, sirens, whole=service is not None)
        view = EtatPage(
            now=now,
            names=names,
            siren=siren,
            everywhere=mine is None,
            tdts=facts.tdts,
            lanes=facts.lanes,
            delays=facts.delays,
            expirations=ending,
            service=service,
        )
        return render(request, "etat.html", view=view, Room=Room)

    def _service(self, connection: Connection) -> Service:
        disks = disks_of(self.container.folders)
        return Service(read_health(connection), disks, self.container.clock.now())

    def _ending(
        self, connection: Connection, sirens: Collection[str] | None, *, whole: bool
    ) -> Sequence[Expiration]:
        now = self.container.clock.now()
        with self.container.tools.register() as unit:
            known = [
                row
                for row in unit.authorities()
                if sirens is None or row.collectivite.siren in sirens
            ]
            tokens = [(row.collectivite, unit.tokens(row.id)) for row in known]
        links = open_links(connection, now) if whole else ()
        found = chain(
            of_certificates([row.collectivite for row in known]),
            *(of_tokens(owner, every, now) for owner, every in tokens),
            of_classifications(held_classifications(connection, sirens), now),
            of_links(links),
        )
        return sorted(found, key=lambda each: each.at)


def _sees_all(person: Person) -> bool:
    return any(person.may(right, None) for right in _WHOLE)
