"""Lists of what one authority has: acts by any field, letters that wait, findings, a sitting."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection, Engine

from transmission.api import schemas, shown
from transmission.api.caller import Reader
from transmission.api.problems import RefusalError, invalid, not_found
from transmission.domain.access import Access
from transmission.domain.errors import Problem
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.findings import Severity
from transmission.domain.lifecycle import State
from transmission.store.queries import open_letters
from transmission.store.queries.findings import FindingCursor, WantedFindings, open_findings
from transmission.store.queries.own_actes import authority_zone, own_actes
from transmission.store.queries.own_sittings import own_sitting
from transmission.store.queries.sieve import Owner, Sift

LETTERS_PAGE = 50

_NATURES = "|".join(nature.abrege for nature in NatureActe)
_STATES = "|".join(state.code for state in State)
_SEVERITIES = "|".join(severity.code for severity in Severity)
_NUMBER = r"^[0-9]{1,18}$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _as_written(value: Any) -> Any:
    # A number would be taken for seconds since 1970.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("date_parsing", "not AAAA-MM-JJ")
    return value


Written = Annotated[date, BeforeValidator(_as_written)]
"""A civil day as AAAA-MM-JJ and in no other way."""


class _Query(BaseModel):
    """Parameters of an address; one that nobody reads is refused, or its list would be too long."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Filtres(_Query):
    """What to list of the acts."""

    numero: str | None = Field(None, max_length=60, description="Adopté ou envoyé sous ce numéro.")
    objet: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Des mots de l'objet ou du numéro, tous, sans égard aux accents ni à la casse.",
    )
    id_acte: str | None = Field(
        None, max_length=100, description="Identifiant de télétransmission, en entier."
    )
    nature: str | None = Field(
        None,
        pattern=rf"^({_NATURES})(,({_NATURES})){{0,9}}$",
        description="DE, AR, AI, CC, BF, AU ; plusieurs, séparées par des virgules.",
    )
    matiere: str | None = Field(
        None,
        pattern=r"^[0-9]{1,3}(\.[0-9]{1,3}){0,4}$",
        description="Une matière et celles qui sont dessous : 7 trouve 7.5.",
    )
    etat: str | None = Field(
        None,
        pattern=rf"^({_STATES})(,({_STATES})){{0,9}}$",
        description="Code d'un état ; plusieurs, séparés par des virgules.",
    )
    decision_du: Written | None = Field(None, description="Décidé ce jour-là ou après.")
    decision_au: Written | None = Field(None, description="Décidé ce jour-là ou avant.")
    recu_du: Written | None = Field(None, description="Reçu en préfecture ce jour-là ou après.")
    recu_au: Written | None = Field(None, description="Reçu en préfecture ce jour-là ou avant.")
    depuis: Written | None = Field(None, description="Remis ce jour-là ou après.")
    jusqu_au: Written | None = Field(None, description="Remis ce jour-là ou avant.")
    seance: Written | None = Field(None, description="Nommé par la liste de la séance de ce jour.")
    tdt: str | None = Field(
        None, pattern=r"^[a-z0-9_]{1,40}$", description="Envoyé par ce connecteur, comme s2low."
    )
    courrier_ouvert: bool | None = Field(
        None, description="Un courrier de la préfecture attend une réponse, ou aucun (false)."
    )
    curseur: str | None = Field(
        None, pattern=_NUMBER, description="Le « suivant » de la page d'avant, mêmes filtres."
    )


class Suite(_Query):
    """Which page of a list."""

    curseur: str | None = Field(None, pattern=_NUMBER, description="Le « suivant » d'avant.")


class FiltresConstats(_Query):
    """What to list of the findings."""

    gravite: str | None = Field(
        None, pattern=rf"^({_SEVERITIES})$", description="grave, attention ou info."
    )
    code: str | None = Field(None, pattern=r"^[a-z0-9_]{1,60}$", description="Code du contrôle.")
    vu: bool | None = Field(None, description="Quelqu'un en a pris acte, ou personne (false).")
    curseur: str | None = Field(
        None, pattern=r"^[0-9]-[0-9]{1,18}$", description="Le « suivant » de la page d'avant."
    )


Day = Annotated[Written, Path(description="Jour de la séance, AAAA-MM-JJ.")]


@dataclass(frozen=True)
class Listing:
    """``GET`` of lists; ``engine`` opens read-only transactions, each one consistent picture."""

    engine: Engine

    def actes(self, access: Reader, filtres: Annotated[Filtres, Query()]) -> schemas.PageActes:
        """Les actes de la collectivité, les derniers remis d'abord ; une page filtrée peut être
        courte, ou vide, et avoir une suite."""
        with self.engine.connect() as connection:
            sift = _sift(connection, access, filtres)
            before = None if filtres.curseur is None else int(filtres.curseur)
            page = own_actes(connection, _owner(access), sift, before)
        following = None if page.following is None else str(page.following)
        return schemas.PageActes(actes=[*map(shown.resume, page.actes)], suivant=following)

    def courriers(self, access: Reader, page: Annotated[Suite, Query()]) -> schemas.PageCourriers:
        """Les courriers de la préfecture qui attendent une réponse, les plus anciens d'abord."""
        after = int(page.curseur or 0)
        with self.engine.connect() as connection:
            found = open_letters(connection, access.siren, LETTERS_PAGE + 1, after=after)
        has_more = len(found) > LETTERS_PAGE
        return schemas.PageCourriers(
            courriers=[*map(shown.courrier_ouvert, found[:LETTERS_PAGE])],
            suivant=str(found[LETTERS_PAGE - 1].courrier_id) if has_more else None,
        )

    def constats(
        self, access: Reader, filtres: Annotated[FiltresConstats, Query()]
    ) -> schemas.PageConstats:
        """Les constats ouverts des contrôles de conformité, les plus graves d'abord."""
        wanted = WantedFindings(
            severity=None if filtres.gravite is None else Severity.of(filtres.gravite),
            check=filtres.code,
            siren=access.siren,
            seen=filtres.vu,
        )
        after = None if filtres.curseur is None else FindingCursor.parse(filtres.curseur)
        with self.engine.connect() as connection:
            page = open_findings(connection, wanted, after)
        return schemas.PageConstats(
            constats=[*map(shown.constat, page.lines)],
            suivant=None if page.following is None else str(page.following),
        )

    def seance(self, access: Reader, date_seance: Day) -> schemas.Seance:
        """Une séance : ce que sa liste nomme, ce qui en a été remis, et ce qui a été décidé ce
        jour-là."""
        with self.engine.connect() as connection:
            found = own_sitting(connection, _owner(access), date_seance)
        if found is None:
            raise not_found()
        return shown.seance(found)


def _owner(access: Access) -> Owner:
    return Owner(access.collectivite_id, access.siren)


def _sift(connection: Connection, access: Access, filtres: Filtres) -> Sift:
    return Sift(
        numero=_storable(filtres.numero),
        objet=_storable(filtres.objet),
        id_acte=_storable(filtres.id_acte),
        natures=tuple(map(NatureActe.parse, _several(filtres.nature))),
        matiere=filtres.matiere,
        states=tuple(map(State.of, _several(filtres.etat))),
        decided_from=filtres.decision_du,
        decided_to=filtres.decision_au,
        received_from=filtres.recu_du,
        received_to=filtres.recu_au,
        since=_midnight(connection, access, "depuis", filtres.depuis, 0),
        until=_midnight(connection, access, "jusqu_au", filtres.jusqu_au, 1),
        sitting=filtres.seance,
        tdt=filtres.tdt,
        open_letter=filtres.courrier_ouvert,
    )


def _several(codes: str | None) -> Iterator[str]:
    yield from () if codes is None else codes.split(",")


def _midnight(
    connection: Connection, access: Access, name: str, day: date | None, later: int
) -> datetime | None:
    """The instant at which a civil day of the authority begins, or the day so many days later."""
    if day is None:
        return None
    zone = ZoneInfo(authority_zone(connection, access.collectivite_id))
    try:
        return datetime.combine(day + timedelta(later), time.min, zone).astimezone(UTC)
    except OverflowError:
        raise _filter(name, "Ce jour est hors du calendrier.", "Donnez-en un autre.") from None


def _storable(text: str | None) -> str | None:
    # What PostgreSQL cannot hold cannot be found there either.
    return text and text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _filter(field: str, message: str, remedy: str) -> RefusalError:
    return invalid([Problem(field, "filtre", message, remedy)])
