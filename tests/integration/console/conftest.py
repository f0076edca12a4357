"""A register with invented acts in it, and the console over it."""

import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import httpx
import pytest
import uvicorn
from lxml import html
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, Table, insert, select, update

from tests.support.bench import Bench
from tests.support.counter import Counter
from tests.support.counter import counter as open_counter
from tests.support.pages import Visited, readable_routes, visit_all
from tests.support.prefecture import Prefecture
from tests.support.scene import pdf
from transmission.actes.messages import build_message
from transmission.bootstrap import wire
from transmission.console.app import create_app
from transmission.console.visitor import Visit
from transmission.domain.acte import Classification, TypePieceJointe
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import Departement, IdActe, NatureActe, NomEnveloppe, Siren
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.retours import RetourClassification
from transmission.domain.transmission import Author, SealedParcel
from transmission.settings import Settings
from transmission.store.documents import DiskDocumentStore
from transmission.store.rows import dump_collectivite, dump_parcel
from transmission.store.tables import (
    acte,
    answer_piece,
    attempt,
    collectivite,
    courrier,
    journal,
    piece,
    retour,
    retour_piece,
    transmission,
)
from transmission.store.unit_of_work import open_engine

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SIREN = "123456782"


EVERYBODY = Person(1, "service des assemblées", tuple(map(Grant, Role)))


@dataclass
class FixedClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Shelf:
    """The container of the console, with verbs that fill the register."""

    engine: Engine
    documents: DiskDocumentStore
    clock: FixedClock = field(default_factory=FixedClock)
    hosts: frozenset[str] = frozenset({"testserver", "127.0.0.1"})
    stamped: bytes | None = None
    taken: list[tuple[int, str]] = field(default_factory=list)
    person: Person | None = EVERYBODY
    language: str = "fr"
    tools: Any = None
    folders: dict[str, Path] = field(default_factory=dict)
    served_as_https: bool = False

    def visit(self, _cookies: Mapping[str, str]) -> Visit | None:
        """Whoever is to be at the console, without a login."""
        return self.person and Visit(self.person, "jeton", self.language)

    def stamp(self, acte_id: int) -> BinaryIO:
        if self.stamped is None:
            raise TransmissionError(f"L'acte n° {acte_id} ne peut pas être tamponné.")
        return BytesIO(self.stamped)

    def proven(self, acte_id: int, author: Author) -> tuple[BinaryIO, str]:
        self.taken.append((acte_id, author.name))
        return BytesIO(b"PK dossier"), "042-123456782-20261120-D20260009710-DE.asice"

    def add(self, table: Table, **values: Any) -> int:
        with self.engine.begin() as connection:
            return int(
                connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
            )

    def ago(self, **length: float) -> datetime:
        return self.clock.at - timedelta(**length)

    def authority(
        self,
        nom: str = "Commune de Saint-Exemple",
        siren: str = SIREN,
        departement: str = "042",
        time_zone: str = "Europe/Paris",
    ) -> int:
        tdt = TdtAccount("s2low", "DOTELEC - iXBus", "https://tdt.example", "c", "k", None, "ca")
        owner = Collectivite(
            Siren(siren), Departement(departement), 2, "31", nom, ("a@example.fr",), tdt,
            time_zone=time_zone,
        )  # fmt: skip
        return self.add(
            collectivite, siren=siren, settings=dump_collectivite(owner), created_at=NOW
        )

    def acte(
        self,
        owner: int,
        numero: str,
        objet: str = "Budget primitif de l'exercice",
        *,
        state: State = State.ACCEPTED,
        since: datetime | None = None,
        siren: str = SIREN,
        name: str = "délibération.pdf",
        content: bytes = b"%PDF-1.7 act",
        **columns: Any,
    ) -> tuple[int, int]:
        """An act and its transmission in a state; ids of both."""
        day, since = date(2026, 11, 20), since or self.ago(hours=1)
        acte_id = self.add(
            acte, collectivite_id=owner, numero_interne=numero, date_decision=day, nature=1,
            matiere="7.1", objet=objet, date_classification=date(2019, 3, 1),
            document_papier=False, fingerprint="f", accepted_at=since, accepted_by="api:finances",
        )  # fmt: skip
        kept = asdict(self.documents.put_bytes(content))
        self.add(
            piece, acte_id=acte_id, ordre=1, nom_original=name, code_type_pj="99_DE",
            extension="pdf", **kept,
        )  # fmt: skip
        return acte_id, self.sending(owner, acte_id, numero, state, since, siren, **columns)

    def acknowledged(self, **columns: Any) -> tuple[int, int, int]:
        """An act that the préfecture received; ids of its authority, itself, its transmission."""
        owner = self.authority()
        acte_id, sent = self.acte(
            owner, "D20260009710", state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 20),
            reference="4217", attempts=1, **columns,
        )  # fmt: skip
        return owner, acte_id, sent

    def sending(
        self,
        owner: int,
        acte_id: int,
        numero: str,
        state: State,
        since: datetime,
        siren: str = SIREN,
        **columns: Any,
    ) -> int:
        """A transmission of an act, and the journal row that began it."""
        id_acte = IdActe("042", siren, date(2026, 11, 20), numero, NatureActe.DELIBERATION)
        sent = self.add(
            transmission, acte_id=acte_id, collectivite_id=owner, state=state.code,
            state_since=since, id_acte=str(id_acte), **columns,
        )  # fmt: skip
        self.event(owner, acte_id, sent, "accepted", None, State.ACCEPTED, at=since)
        return sent

    def event(
        self,
        owner: int,
        acte_id: int,
        sent: int,
        code: str,
        source: State | None,
        target: State | None,
        *,
        at: datetime | None = None,
        author: str = "service",
        reason: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> int:
        return self.add(
            journal, collectivite_id=owner, acte_id=acte_id, transmission_id=sent, at=at or NOW,
            event=code, source=source and source.code, target=target and target.code,
            author=author, reason=reason, details=details or {},
        )  # fmt: skip

    def move(self, owner: int, acte_id: int, sent: int, source: State, target: State) -> None:
        """Change a state as the service does: the row and its journal together."""
        with self.engine.begin() as connection:
            connection.execute(
                update(transmission)
                .where(transmission.c.id == sent)
                .values(state=target.code, state_since=NOW, waiting_for=None)
            )
            connection.execute(
                insert(journal).values(
                    collectivite_id=owner, acte_id=acte_id, transmission_id=sent, at=NOW,
                    event="held", source=source.code, target=target.code, author="service",
                )
            )  # fmt: skip

    def parcel(self, rank: int = 1, *, signature: str | None = None) -> dict[str, Any]:
        """Columns of a sealed transmission."""
        enveloppe = NomEnveloppe("EACT", SIREN, "", date(2026, 11, 23), rank)
        sealed = SealedParcel(
            enveloppe=enveloppe,
            archive_name=enveloppe.archive("SLO"),
            archive=self.documents.put_bytes(f"archive {rank}".encode()),
            message=self.documents.put_bytes(b"<?xml version='1.0'?><actes:Acte/>"),
            seal=self.documents.put_bytes(f"seal {rank}".encode()),
            signatures=(signature,),
        )
        return {
            "enveloppe": str(enveloppe),
            "archive_name": sealed.archive_name,
            "parcel": dump_parcel(sealed),
        }

    def attempt(self, sent: int, number: int, **columns: Any) -> int:
        values = {
            "transmission_id": sent, "number": number, "connector": "s2low",
            "archive_name": "SLO-EACT.tar.gz", "archive_sha256": "0" * 64,
            "started_at": self.ago(minutes=50), **columns,
        }  # fmt: skip
        return self.add(attempt, **values)

    def retour(self, owner: int, sent: int | None, content: bytes, **columns: Any) -> int:
        values = {
            "collectivite_id": owner, "transmission_id": sent, "source": "tdt:4217",
            "acte_id": select(transmission.c.acte_id)
            .where(transmission.c.id == sent)
            .scalar_subquery(),
            "received_at": self.ago(minutes=20), "status": "applied", "kind": "1-2",
            **asdict(self.documents.put_bytes(content)), **columns,
        }  # fmt: skip
        return self.add(retour, **values)

    def letter(
        self,
        owner: int,
        acte_id: int,
        message: str,
        documents: tuple[str, ...] = (),
        **columns: Any,
    ) -> int:
        """A letter of the préfecture about an act, with named documents; its id."""
        named = f"042-{SIREN}-20261120-X-DE-{message}_12.xml"
        dated = columns.get("date_courrier", "")
        content = f"<?xml version='1.0'?><m>{message} {acte_id} {dated}</m>".encode()
        came = self.retour(
            owner, None, content, kind=message, acte_id=acte_id, nom_fichier=named,
            source=f"inbox:{message}:{acte_id}",
        )  # fmt: skip
        for rank, name in enumerate(documents, start=1):
            kept = asdict(self.documents.put_bytes(f"%PDF {name}".encode()))
            self.add(retour_piece, retour_id=came, ordre=rank, nom_fichier=name, **kept)
        values = {
            "texte": "", "date_courrier": date(2026, 11, 21), "fingerprint": str(came),
            "received_at": self.ago(minutes=20), **columns,
        }  # fmt: skip
        return self.add(
            courrier, collectivite_id=owner, acte_id=acte_id, message=message, retour_id=came,
            **values,
        )  # fmt: skip

    def answer(
        self, owner: int, acte_id: int, message: str, state: State, name: str = "", **columns: Any
    ) -> int:
        """A sending that follows an act, with at most one file; its id."""
        sent = self.sending(
            owner, acte_id, "2026_001", state, self.ago(minutes=10), message=message, **columns
        )
        if name:
            kept = asdict(self.documents.put_bytes(f"%PDF {name}".encode()))
            self.add(
                answer_piece, transmission_id=sent, ordre=1, nom_original=name,
                code_type_pj="99_DE", extension="pdf", **kept,
            )  # fmt: skip
        return sent


@pytest.fixture
def shelf(database_url: str, tmp_path: Path) -> Iterator[Shelf]:
    engine = open_engine(database_url)
    yield _wired(engine, tmp_path)
    engine.dispose()


def _wired(engine: Engine, folder: Path) -> Shelf:
    made = Shelf(engine, DiskDocumentStore(folder / "documents"))
    settings = Settings(home=folder, documents_dir=folder / "documents")
    made.tools = wire(settings, engine, made.clock)
    return made


@contextmanager
def _serving(container: Any) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(container), log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def console_url(shelf: Shelf) -> Iterator[str]:
    """The console over the shelf, served on a free port of this machine."""
    with _serving(shelf) as url:
        yield url


class Site(httpx.Client):
    """A client of the console that reads its pages as a person does."""

    def tree(self, response: httpx.Response) -> Any:
        return html.fromstring(response.text)

    def page(self, path: str, **options: Any) -> Any:
        """The elements of a page that must be there."""
        response = self.get(path, **options)
        assert response.status_code == 200, response.text
        return self.tree(response)

    def words(self, path: str, **options: Any) -> str:
        return self.words_of(self.page(path, **options))

    def numbers(self, path: str, **options: Any) -> list[str]:
        """Numbers of the acts of a list, in order."""
        return self.numbers_of(self.get(path, **options))

    def words_of(self, node: Any) -> str:
        return re.sub(r"\s+", " ", node.text_content()).strip()

    def numbers_of(self, response: httpx.Response) -> list[str]:
        return [node.text for node in self.tree(response).cssselect("tbody .numero")]


@pytest.fixture
def site(console_url: str) -> Iterator[Site]:
    with Site(base_url=console_url, timeout=20) as client:
        yield client


@pytest.fixture
def site_of(tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """The console over the register of an address, which nothing has to be at."""
    with ExitStack() as opened:

        def open_site(database_url: str) -> Site:
            engine = open_engine(database_url)
            opened.callback(engine.dispose)
            shelf = _wired(engine, tmp_path)
            url = opened.enter_context(_serving(shelf))
            return opened.enter_context(Site(base_url=url, timeout=20))

        yield open_site


@dataclass
class Ready:
    """What a person needs to hand an act over, besides the shelf that is wired."""

    owner: int
    agent: Person
    everybody: Person = EVERYBODY

    def pdf(self, text: str = "Délibération") -> bytes:
        return pdf(text)


@pytest.fixture
def ready(shelf: Shelf, tmp_path: Path) -> Ready:
    """The services over the shelf, an authority with its classification, and its agent there."""
    settings = Settings(home=tmp_path, documents_dir=tmp_path / "documents")
    shelf.tools = wire(settings, shelf.engine, shelf.clock)
    owner = shelf.authority()
    codes = (TypePieceJointe("99_DE", "Délibération"), TypePieceJointe("21_RP", "Rapport"))
    held = Classification(
        date(2019, 8, 29), {(7,): "Finances", (7, 5): "Subventions"},
        {NatureActe.DELIBERATION: codes},
    )  # fmt: skip
    with shelf.tools.register() as unit:
        file = shelf.tools.documents.put_bytes(build_message(RetourClassification(held)))
        unit.add_classification(owner, held.date_classification, file, NOW)
        unit.commit()
    shelf.person = Person(7, "Secrétariat", (Grant(Role.AGENT, SIREN),))
    return Ready(owner, shelf.person)


@pytest.fixture
def counter(bench: Bench) -> Iterator[Counter]:
    """The console over the bench, with its classification, and somebody before it."""
    bench.classified()
    bench.silence()
    with open_counter(bench) as made:
        yield made


@pytest.fixture
def prefecture(bench: Bench) -> Prefecture:
    """The State's side of the bench."""
    return Prefecture(bench)


@pytest.fixture
def visited(shelf: Shelf, ready: Ready, console_url: str) -> Visited:
    """A console over a register that has some of all, and every page of it."""
    routes = list(readable_routes(create_app(shelf).routes))
    return visit_all(shelf, ready.owner, console_url, routes)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield started
        started.close()
