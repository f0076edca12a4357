"""Acts on line in a register, and the public register over it, by real HTTP."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from sqlalchemy import Engine, Table, insert

from tests.support.serving import serving
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.identifiers import Departement, IdActe, NatureActe, Siren
from transmission.domain.legal.publicite import publicity_until
from transmission.registre.app import create_app
from transmission.store.documents import DiskDocumentStore
from transmission.store.rows import dump_collectivite
from transmission.store.tables import acte, collectivite, transmission
from transmission.store.tables_legal import published_copy
from transmission.store.unit_of_work import open_engine

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SIREN = "123456782"


@dataclass
class Shelf:
    """The container of the register, with verbs that fill it."""

    engine: Engine
    documents: DiskDocumentStore
    hosts: frozenset[str] = frozenset({"testserver", "127.0.0.1"})
    public_url: str | None = None
    owners: dict[str, int] = field(default_factory=dict)

    def add(self, table: Table, **values: Any) -> int:
        with self.engine.begin() as connection:
            return int(
                connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
            )

    def authority(self, nom: str = "Commune de Saint-Exemple", siren: str = SIREN) -> int:
        tdt = TdtAccount("s2low", "DOTELEC - iXBus", "https://tdt.example", "c", "k", None, "ca")
        owner = Collectivite(Siren(siren), Departement("042"), 2, "31", nom, ("a@example.fr",), tdt)
        made = self.add(
            collectivite, siren=siren, settings=dump_collectivite(owner), created_at=NOW
        )
        self.owners[siren] = made
        return made

    def acte(
        self,
        numero: str = "D2026_001",
        objet: str = "Tarifs de la cantine scolaire",
        *,
        siren: str = SIREN,
        nature: NatureActe = NatureActe.DELIBERATION,
        decided: date = date(2026, 11, 2),
        state: str = "acknowledged",
    ) -> int:
        """An act received in préfecture, which is not on line."""
        owner = self.owners.get(siren) or self.authority(siren=siren)
        acte_id = self.add(
            acte, collectivite_id=owner, numero_interne=numero, date_decision=decided,
            nature=nature.code, matiere="7.1", objet=objet, date_classification=date(2019, 3, 1),
            document_papier=False, fingerprint="f", accepted_at=NOW, accepted_by="agent secret",
        )  # fmt: skip
        id_acte = IdActe("042", siren, decided, numero, nature)
        self.add(
            transmission, acte_id=acte_id, collectivite_id=owner, state=state, state_since=NOW,
            id_acte=str(id_acte), date_reception=date(2026, 11, 5), waiting_for="attente secrète",
        )  # fmt: skip
        return acte_id

    def publish(
        self,
        acte_id: int,
        day: date = date(2026, 11, 9),
        content: bytes = b"%PDF-1.7 tampon",
        siren: str = SIREN,
        **columns: Any,
    ) -> int:
        """Put an act on line; the number of the publication."""
        kept = self.documents.put_bytes(content)
        values = {
            "date_minimum": publicity_until(day), "sha256": kept.sha256, "size": kept.size,
            "nom_fichier": "99_DE-042-123456782-20261102-D2026_001.pdf", "at": NOW,
            "author": "secrétaire secrète", **columns,
        }  # fmt: skip
        return self.add(
            published_copy, collectivite_id=self.owners[siren], acte_id=acte_id,
            date_mise_en_ligne=day, **values,
        )  # fmt: skip

    def on_line(self, numero: str = "D2026_001", objet: str = "Tarifs", **more: Any) -> int:
        """An act received and put on line; the number of the publication."""
        about = {
            key: more.pop(key) for key in ("siren", "nature", "decided", "state") if key in more
        }
        acte_id = self.acte(numero, objet, **about)
        return self.publish(acte_id, siren=about.get("siren", SIREN), **more)

    def withdraw(self, copy_id: int) -> None:
        """Take a publication off line."""
        with self.engine.begin() as connection:
            connection.execute(
                published_copy.update()
                .where(published_copy.c.id == copy_id)
                .values(withdrawn_at=NOW, withdrawn_reason="raison secrète")
            )


class Site(httpx.Client):
    """A client of the register that reads its pages as a person does."""

    def tree(self, response: httpx.Response) -> Any:
        return html.fromstring(response.text)

    def page(self, path: str, **options: Any) -> Any:
        """The elements of a page that must be there."""
        response = self.get(path, **options)
        assert response.status_code == 200, response.text
        return self.tree(response)

    def words(self, path: str, **options: Any) -> str:
        return self.words_of(self.page(path, **options))

    def words_of(self, node: Any) -> str:
        return re.sub(r"\s+", " ", node.text_content()).strip()

    def objets(self, path: str, **options: Any) -> list[str]:
        """Objects of the acts of a list, in order."""
        return [self.words_of(node) for node in self.page(path, **options).cssselect(".actes h3")]


@pytest.fixture
def shelf(database_url: str, tmp_path: Path) -> Iterator[Shelf]:
    engine = open_engine(database_url)
    yield Shelf(engine, DiskDocumentStore(tmp_path / "documents"))
    engine.dispose()


@pytest.fixture
def registre_url(shelf: Shelf) -> Iterator[str]:
    """The register over the shelf, served on a free port of this machine."""
    with serving(create_app(shelf)) as url:
        yield url


@pytest.fixture
def site(registre_url: str) -> Iterator[Site]:
    with Site(base_url=registre_url, timeout=20) as client:
        yield client


@pytest.fixture
def site_of() -> Callable[[Any], Any]:
    """A client of the register over another container, as a context."""

    @contextmanager
    def opened(container: Any) -> Iterator[Site]:
        with serving(create_app(container)) as url, Site(base_url=url, timeout=20) as client:
            yield client

    return opened
