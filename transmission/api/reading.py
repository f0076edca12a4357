"""What programs read of the acts of their authority; nothing of another is ever told apart from
what does not exist."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, BinaryIO, NoReturn

from fastapi import Path, Query, Request, Response
from sqlalchemy import Connection, Engine

from transmission.api import schemas, shown
from transmission.api.caller import Reader
from transmission.api.container import ApiContainer
from transmission.api.downloads import ASICE, served
from transmission.api.listing import Suite
from transmission.api.problems import RefusalError, not_found
from transmission.clock import civil_day
from transmission.domain.access import Access
from transmission.domain.publication import PublishedCopy
from transmission.domain.transmission import Author, StoredFile
from transmission.ports.file_accesses import Channel, FileReading
from transmission.services.dossier import DOSSIER
from transmission.services.hand_out import hand_out
from transmission.services.publish import acte_address
from transmission.services.stamp import NotStampableError, reasons_not_to_stamp
from transmission.store.queries import acte_file, read_story
from transmission.store.queries.changes import changes_since, settled_journal_id
from transmission.store.queries.files import acte_files
from transmission.store.queries.findings import findings_of_acte
from transmission.store.queries.legal import legal_case
from transmission.store.queries.letters import acte_of_letter, threads_of_acte
from transmission.store.queries.own_actes import accuse_reception, is_own, own_acte
from transmission.store.queries.publications import publications_of
from transmission.store.queries.story import (
    events_of_acte,
    pieces_of_acte,
    transmissions_of_acte,
)

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]

_BLOCK = 1 << 18

EVENTS_SHOWN = 20
"""Events that are told with an act."""

PATIENCE = 2.0
"""Seconds that a reader of changes waits for whoever is writing."""


@dataclass(frozen=True)
class Reading:
    """``GET /api/v1/…``; ``engine`` opens read-only transactions, each one consistent picture."""

    container: ApiContainer
    engine: Engine

    def acte(self, access: Reader, acte_id: RowId) -> schemas.ActeEntier:
        """Un acte : où il en est, ce qu'il attend, son histoire, ses dates, ses fichiers, ses
        courriers, ses publications, ce que les contrôles en disent."""
        with self.engine.connect() as connection:
            found = own_acte(connection, access.collectivite_id, acte_id)
            story = read_story(connection, acte_id) if found else None
            case = legal_case(connection, acte_id) if story else None
            if found is None or story is None or case is None:
                raise not_found()
            files = acte_files(connection, acte_id)
            received = accuse_reception(connection, access.collectivite_id, acte_id)
            published = publications_of(connection, acte_id)
            findings = findings_of_acte(connection, acte_id)
        today = civil_day(self.container.tools.clock.now(), case.time_zone)
        can_be_stamped = not reasons_not_to_stamp(story.acte, story.latest)
        here = shown.link(acte_id)
        return schemas.ActeEntier(
            **dict(shown.resume(found)),
            envois=[shown.envoi(sent) for sent in story.transmissions],
            fichiers=shown.fichiers(acte_id, files),
            courriers=[shown.courrier(thread) for thread in story.threads],
            lecture=shown.lecture(case.read(today)),
            evenements=[*map(shown.evenement, story.events[:EVENTS_SHOWN])],
            suite=f"{here}/evenements",
            publications=[
                shown.publication(each, self._address(access, each.copy)) for each in published
            ],
            constats=[*map(shown.constat, findings)],
            horodatages=[shown.horodatage(acte_id, each) for each in story.time_stamps],
            documents_scelles=[
                document
                for sent in story.transmissions
                for document in shown.documents_scelles(acte_id, sent)
            ],
            signatures=[
                signature
                for sent, read in story.signatures
                for signature in shown.signatures(sent.id, read)
            ],
            accuse_reception=f"{here}/accuse-reception" if received else None,
            tampon=f"{here}/tampon" if can_be_stamped else None,
        )

    def evenements(
        self, access: Reader, acte_id: RowId, page: Annotated[Suite, Query()]
    ) -> schemas.PageEvenements:
        """Ce qui est arrivé à un acte, le plus récent d'abord."""
        before = None if page.curseur is None else int(page.curseur)
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
            events, following = events_of_acte(connection, acte_id, before)
        return schemas.PageEvenements(
            evenements=[*map(shown.evenement, events)],
            suivant=None if following is None else str(following),
        )

    def courrier(self, access: Reader, courrier_id: RowId) -> schemas.CourrierEntier:
        """Un courrier de la préfecture, ses documents, ce qui y a été répondu."""
        with self.engine.connect() as connection:
            acte_id = acte_of_letter(connection, access.collectivite_id, courrier_id)
            found = own_acte(connection, access.collectivite_id, acte_id) if acte_id else None
            if acte_id is None or found is None:
                raise not_found()
            sent = transmissions_of_acte(connection, acte_id)
            threads = threads_of_acte(connection, acte_id, sent)
        thread = next(each for each in threads if each.letter.id == courrier_id)
        named = shown.nomme(acte_id, found.numero_interne, found.objet)
        return shown.courrier_entier(thread, named)

    def fichier(self, request: Request, access: Reader, acte_id: RowId, sha256: Digest) -> Response:
        """Un fichier de l'acte, tel qu'il est conservé ; son empreinte est vérifiée d'abord."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
            owned = acte_file(connection, acte_id, sha256)
        if owned is None:
            raise not_found()
        self._note(access, acte_id, owned.name, owned.file)
        return self._kept(request, owned.file, owned.name, owned.extension)

    def accuse(self, request: Request, access: Reader, acte_id: RowId) -> Response:
        """L'accusé de réception de la préfecture, tel que reçu."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
            kept = accuse_reception(connection, access.collectivite_id, acte_id)
        if kept is None:
            _not_yet("L'accusé de réception de cet acte n'est pas arrivé.")
        self._note(access, acte_id, "accusé de réception", kept)
        return self._kept(request, kept, f"accuse-reception-{acte_id}", "xml")

    def tampon(self, request: Request, access: Reader, acte_id: RowId) -> Response:
        """Le PDF de l'acte, tamponné de sa réception en préfecture."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
            source = pieces_of_acte(connection, acte_id)[0].file
        self._note(access, acte_id, "acte tamponné", source)
        try:
            stamped = self.container.stamp(acte_id)
        except NotStampableError as error:
            _not_yet(str(error))
        size, sha256 = _measured(stamped)
        return served(request, stamped, size, sha256, f"acte-{acte_id}-tampon", "pdf")

    def dossier(self, request: Request, access: Reader, acte_id: RowId) -> Response:
        """Le dossier de preuve de l'acte, tel qu'il est à ce moment ; sa remise est journalisée."""
        with self.engine.connect() as connection:
            self._own(connection, access, acte_id)
        if request.method == "HEAD":
            # Making one to throw it away would leave a false line in the journal.
            return Response(media_type=ASICE)
        reading = FileReading(Channel.API, access.name, DOSSIER, acte_id)
        hand_out(self.container.tools, reading)
        made, name = self.container.proven(acte_id, Author(f"api:{access.name}"))
        size, sha256 = _measured(made)
        return served(request, made, size, sha256, name, "asice")

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

    def _note(self, access: Access, acte_id: int, what: str, file: StoredFile) -> None:
        reading = FileReading(Channel.API, access.name, what, acte_id)
        hand_out(self.container.tools, reading, file)

    def _own(self, connection: Connection, access: Access, acte_id: int) -> None:
        if not is_own(connection, access.collectivite_id, acte_id):
            raise not_found()

    def _address(self, access: Access, copy: PublishedCopy) -> str | None:
        """Where the public reads a copy, as far as is known."""
        registre = self.container.tools.registre_url
        if not copy.is_served:
            return copy.address
        return registre and acte_address(registre, access.siren, copy.id)

    def _kept(self, request: Request, file: StoredFile, name: str, extension: str) -> Response:
        path = self.container.tools.documents.path(file)
        return served(request, path.open("rb"), file.size, file.sha256, name, extension)


def _not_yet(detail: str) -> NoReturn:
    raise RefusalError(409, "pas_encore", "Pas encore disponible", detail)


def _measured(stream: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()
