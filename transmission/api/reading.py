"""What programs read of the acts of their authority; nothing of another is ever told apart from
what does not exist."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, BinaryIO, NoReturn
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request, Response
from sqlalchemy import Connection, Engine

from transmission.api import schemas, shown
from transmission.api.caller import Reader
from transmission.api.container import ApiContainer
from transmission.api.downloads import served
from transmission.api.problems import RefusalError, invalid, not_found
from transmission.clock import civil_day
from transmission.domain.access import Access
from transmission.domain.errors import Problem
from transmission.domain.lifecycle import State
from transmission.domain.transmission import StoredFile
from transmission.services.stamp import NotStampableError, reasons_not_to_stamp
from transmission.store.queries import acte_file, read_story
from transmission.store.queries.changes import changes_since, settled_journal_id
from transmission.store.queries.files import acte_files
from transmission.store.queries.legal import legal_case
from transmission.store.queries.own_actes import (
    Sift,
    accuse_reception,
    authority_zone,
    is_own,
    own_acte,
    own_actes,
)

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]

_BLOCK = 1 << 18

PATIENCE = 2.0
"""Seconds that a reader of changes waits for whoever is writing."""


@dataclass(frozen=True)
class Reading:
    """``GET /api/v1/…``; ``engine`` opens read-only transactions, each one consistent picture."""

    container: ApiContainer
    engine: Engine

    def actes(
        self,
        access: Reader,
        numero: Annotated[str | None, Query(max_length=60)] = None,
        etat: Annotated[
            str | None, Query(description="Code d'un état ; plusieurs, séparés par des virgules.")
        ] = None,
        depuis: Annotated[
            str | None, Query(description="Remis ce jour-là ou après (AAAA-MM-JJ).")
        ] = None,
        curseur: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
    ) -> schemas.PageActes:
        """Les actes de la collectivité, les derniers remis d'abord ; une page filtrée peut être
        courte, ou vide, et avoir une suite."""
        with self.engine.connect() as connection:
            since = self._since(connection, access, depuis)
            sift = Sift(None if numero is None else _storable(numero), _states(etat), since)
            before = None if curseur is None else int(curseur)
            page = own_actes(connection, access.siren, access.collectivite_id, sift, before)
        following = None if page.following is None else str(page.following)
        return schemas.PageActes(actes=[*map(shown.resume, page.actes)], suivant=following)

    def acte(self, access: Reader, acte_id: RowId) -> schemas.ActeEntier:
        """Un acte : où il en est, ce qu'il attend, ses dates, ses fichiers, ses courriers."""
        with self.engine.connect() as connection:
            found = own_acte(connection, access.collectivite_id, acte_id)
            story = read_story(connection, acte_id) if found else None
            case = legal_case(connection, acte_id) if story else None
            if found is None or story is None or case is None:
                raise not_found()
            files = acte_files(connection, acte_id)
            received = accuse_reception(connection, access.collectivite_id, acte_id)
        today = civil_day(self.container.clock.now(), case.time_zone)
        can_be_stamped = not reasons_not_to_stamp(story.acte, story.latest)
        here = shown.link(acte_id)
        return schemas.ActeEntier(
            **dict(shown.resume(found)),
            envois=[shown.envoi(sent) for sent in story.transmissions],
            fichiers=shown.fichiers(acte_id, files),
            courriers=[shown.courrier(thread) for thread in story.threads],
            lecture=shown.lecture(case.read(today)),
            accuse_reception=f"{here}/accuse-reception" if received else None,
            tampon=f"{here}/tampon" if can_be_stamped else None,
        )

    def fichier(self, request: Request, access: Reader, acte_id: RowId, sha256: Digest) -> Response:
        """Un fichier de l'acte, tel qu'il est conservé ; son empreinte est vérifiée d'abord."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
            owned = acte_file(connection, acte_id, sha256)
        if owned is None:
            raise not_found()
        return self._kept(request, owned.file, owned.name, owned.extension)

    def accuse(self, request: Request, access: Reader, acte_id: RowId) -> Response:
        """L'accusé de réception de la préfecture, tel que reçu."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
            kept = accuse_reception(connection, access.collectivite_id, acte_id)
        if kept is None:
            _not_yet("L'accusé de réception de cet acte n'est pas arrivé.")
        return self._kept(request, kept, f"accuse-reception-{acte_id}", "xml")

    def tampon(self, request: Request, access: Reader, acte_id: RowId) -> Response:
        """Le PDF de l'acte, tamponné de sa réception en préfecture."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
        try:
            stamped = self.container.stamp(acte_id)
        except NotStampableError as error:
            _not_yet(str(error))
        size, sha256 = _measured(stamped)
        return served(request, stamped, size, sha256, f"acte-{acte_id}-tampon", "pdf")

    def changements(
        self, access: Reader, apres: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0
    ) -> schemas.PageChangements:
        """Ce qui est arrivé aux actes de la collectivité depuis un curseur : rien n'est sauté."""
        settled = settled_journal_id(self.engine, PATIENCE)
        if settled is None:
            return schemas.PageChangements(changements=[], curseur=apres, encore=False)
        with self.engine.connect() as connection:
            page = changes_since(connection, access.collectivite_id, apres, settled)
        return schemas.PageChangements(
            changements=[*map(shown.changement, page.changes)],
            curseur=page.following,
            encore=page.has_more,
        )

    def _own(self, connection: Connection, access: Access, acte_id: int) -> None:
        if not is_own(connection, access.collectivite_id, acte_id):
            raise not_found()

    def _kept(self, request: Request, file: StoredFile, name: str, extension: str) -> Response:
        path = self.container.documents.path(file)
        return served(request, path.open("rb"), file.size, file.sha256, name, extension)

    def _since(self, connection: Connection, access: Access, depuis: str | None) -> datetime | None:
        if depuis is None:
            return None
        zone = ZoneInfo(authority_zone(connection, access.collectivite_id))
        try:
            day = date.fromisoformat(depuis)
            return datetime.combine(day, time.min, zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise _filter("depuis", "Ce n'est pas un jour.", "Écrivez AAAA-MM-JJ.") from None


def _states(etat: str | None) -> tuple[State, ...]:
    if etat is None:
        return ()
    try:
        return tuple(State.of(code) for code in etat.split(","))
    except ValueError:
        known = ", ".join(state.code for state in State)
        raise _filter("etat", "Cet état n'existe pas.", f"États : {known}.") from None


def _storable(text: str) -> str:
    # What PostgreSQL cannot hold cannot be found there either.
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _filter(field: str, message: str, remedy: str) -> RefusalError:
    return invalid([Problem(field, "filtre", message, remedy)])


def _not_yet(detail: str) -> NoReturn:
    raise RefusalError(409, "pas_encore", "Pas encore disponible", detail)


def _measured(stream: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()
