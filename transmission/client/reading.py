"""What a program reads: acts, files, letters, findings, sittings, changes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import BinaryIO, Protocol, TypeVar

from transmission.client.answers import (
    ActeEntier,
    Changement,
    Constat,
    CourrierEntier,
    CourrierOuvert,
    Evenement,
    PageActes,
    PageChangements,
    PageConstats,
    PageCourriers,
    PageEvenements,
    Resume,
    Seance,
)
from transmission.client.bodies import Progress
from transmission.client.decoding import decoded
from transmission.client.downloads import Downloaded, download
from transmission.client.operations import asks
from transmission.client.transport import Call, Transport

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtres:
    """Which acts to list: all that is given holds of each of them; days are included.

    ``matiere`` finds those below it too, ``objet`` words whatever their accents.
    """

    numero: str | None = None
    objet: str | None = None
    id_acte: str | None = None
    nature: tuple[str, ...] = ()
    matiere: str | None = None
    etat: tuple[str, ...] = ()
    decision_du: date | None = None
    decision_au: date | None = None
    recu_du: date | None = None
    recu_au: date | None = None
    depuis: date | None = None
    jusqu_au: date | None = None
    seance: date | None = None
    tdt: str | None = None
    courrier_ouvert: bool | None = None


ALL = Filtres()


class _Page(Protocol):
    @property
    def suivant(self) -> str | None: ...


_PageOf = TypeVar("_PageOf", bound=_Page)


class Reads:
    """``GET``; each method raises ClientError."""

    _transport: Transport

    @asks("GET", "/actes")
    def page_of_actes(self, filtres: Filtres = ALL, curseur: str | None = None) -> PageActes:
        """A page of acts, the last handed over first; one that is filtered may be empty and have a
        next one."""
        return self._got(PageActes, "/actes", {**asdict(filtres), "curseur": curseur})

    def actes(self, filtres: Filtres = ALL) -> Iterator[Resume]:
        """Every act, page after page, each asked for when one comes to it."""
        for page in _pages(lambda curseur: self.page_of_actes(filtres, curseur)):
            yield from page.actes

    @asks("GET", "/actes/{acte_id}")
    def acte(self, acte_id: int) -> ActeEntier:
        """One act with all that is known of it."""
        return self._got(ActeEntier, f"/actes/{acte_id}")

    @asks("GET", "/actes/{acte_id}/evenements")
    def page_of_evenements(self, acte_id: int, curseur: str | None = None) -> PageEvenements:
        """A page of what happened to an act, the newest first."""
        return self._got(PageEvenements, f"/actes/{acte_id}/evenements", {"curseur": curseur})

    def evenements(self, acte_id: int) -> Iterator[Evenement]:
        """Everything that happened to an act, the newest first."""
        for page in _pages(lambda curseur: self.page_of_evenements(acte_id, curseur)):
            yield from page.evenements

    @asks("GET", "/actes/{acte_id}/fichiers/{sha256}")
    def fichier(
        self, acte_id: int, sha256: str, target: BinaryIO, progress: Progress | None = None
    ) -> Downloaded:
        """Write a file of an act. Raises DamagedFileError."""
        path = f"/actes/{acte_id}/fichiers/{sha256}"
        return download(self._transport, path, target, progress)

    @asks("GET", "/actes/{acte_id}/accuse-reception")
    def accuse_reception(
        self, acte_id: int, target: BinaryIO, progress: Progress | None = None
    ) -> Downloaded:
        """Write the AR of an act as it was received. Raises NotYetError, DamagedFileError."""
        return download(self._transport, f"/actes/{acte_id}/accuse-reception", target, progress)

    @asks("GET", "/actes/{acte_id}/tampon")
    def tampon(
        self, acte_id: int, target: BinaryIO, progress: Progress | None = None
    ) -> Downloaded:
        """Write the stamped PDF of an act. Raises NotYetError, DamagedFileError."""
        return download(self._transport, f"/actes/{acte_id}/tampon", target, progress)

    @asks("GET", "/actes/{acte_id}/dossier")
    def dossier(
        self, acte_id: int, target: BinaryIO, progress: Progress | None = None
    ) -> Downloaded:
        """Write the dossier de preuve of an act, made for this call. Raises DamagedFileError."""
        return download(self._transport, f"/actes/{acte_id}/dossier", target, progress)

    @asks("GET", "/courriers")
    def page_of_courriers(self, curseur: str | None = None) -> PageCourriers:
        """A page of the letters that wait for an answer, the oldest first."""
        return self._got(PageCourriers, "/courriers", {"curseur": curseur})

    def courriers(self) -> Iterator[CourrierOuvert]:
        """Every letter that waits for an answer, the oldest first."""
        for page in _pages(self.page_of_courriers):
            yield from page.courriers

    @asks("GET", "/courriers/{courrier_id}")
    def courrier(self, courrier_id: int) -> CourrierEntier:
        """One letter, with its documents and what was answered."""
        return self._got(CourrierEntier, f"/courriers/{courrier_id}")

    @asks("GET", "/constats")
    def page_of_constats(
        self,
        *,
        gravite: str | None = None,
        code: str | None = None,
        vu: bool | None = None,
        curseur: str | None = None,
    ) -> PageConstats:
        """A page of the open findings, the gravest first."""
        given = {"gravite": gravite, "code": code, "vu": vu, "curseur": curseur}
        return self._got(PageConstats, "/constats", given)

    def constats(
        self, *, gravite: str | None = None, code: str | None = None, vu: bool | None = None
    ) -> Iterator[Constat]:
        """Every open finding, the gravest first; ``vu`` whether somebody took note of it."""
        for page in _pages(
            lambda curseur: self.page_of_constats(
                gravite=gravite, code=code, vu=vu, curseur=curseur
            )
        ):
            yield from page.constats

    @asks("GET", "/seances/{date_seance}")
    def seance(self, date_seance: date) -> Seance:
        """The list of the acts of a sitting, and what was handed over of it."""
        return self._got(Seance, f"/seances/{date_seance.isoformat()}")

    @asks("GET", "/changements")
    def page_of_changements(self, apres: int = 0) -> PageChangements:
        """What happened after a cursor; to be asked again after the cursor that the page gives."""
        return self._got(PageChangements, "/changements", {"apres": apres})

    def changements(self, apres: int = 0) -> Iterator[Changement]:
        """Everything that happened after a cursor until now, in order; keep the ``curseur`` of each
        once it is dealt with, and go on after it."""
        while True:
            page = self.page_of_changements(apres)
            yield from page.changements
            if not page.encore:
                return
            apres = page.curseur

    def _got(
        self, kind: type[_Answer], path: str, given: Mapping[str, object] | None = None
    ) -> _Answer:
        query = {
            name: _written(value)
            for name, value in (given or {}).items()
            if value is not None and value != ()
        }
        return decoded(kind, self._transport.call(Call("GET", path, query)).json())


def _pages(page_after: Callable[[str | None], _PageOf]) -> Iterator[_PageOf]:
    curseur = None
    while True:
        page = page_after(curseur)
        yield page
        if page.suivant is None:
            return
        curseur = page.suivant


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
