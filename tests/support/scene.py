"""A service and a mock TdT around one test: real register, real TLS, a clock that obeys.

Tasks run in this process, in the order of the outbox; the tests of the queue itself run real
workers instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import Engine, select

from tests.support.dovecot import mail_server
from tests.support.steps import run_halves
from transmission.bootstrap import wire
from transmission.domain.acceptance import Form
from transmission.domain.collectivite import Collectivite, Mailbox, Referent, TdtAccount
from transmission.domain.identifiers import Departement, Siren
from transmission.domain.transmission import Author, Transmission
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.mock import MockTdt
from transmission.mocktdt.settings import Mailbox as MockMailbox
from transmission.mocktdt.settings import Settings as MockSettings
from transmission.services.accept import Deposit, TakenInCharge, accept
from transmission.services.classify import classify
from transmission.services.enroll import enroll
from transmission.services.files import DepositedFile
from transmission.services.sweep import sweep
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings
from transmission.store.outbox import relay_batch
from transmission.store.tables import journal, retour
from workers.queues import queue_of
from workers.tasks import SERVICES

SIREN = "123456782"
AUTHOR = Author("service des assemblées")
START = datetime(2023, 3, 10, 9, 0, tzinfo=UTC)


@dataclass
class ObedientClock:
    """A clock that moves when told to."""

    instant: datetime = START

    def now(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


def pdf(text: str = "Délibération", pages: int = 1) -> bytes:
    """A small PDF whose text can be read."""
    target = BytesIO()
    canvas = Canvas(target, invariant=True)
    for page in range(pages):
        canvas.drawString(72, 770, f"{text} {page + 1}")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def collectivite(mock: MockTdt, siren: str = SIREN, **changes: Any) -> Collectivite:
    """The authority of a mock's account."""
    account = next(a for a in mock.describe()["authorities"] if a["siren"] == siren)
    fields: dict[str, Any] = {
        "siren": Siren(siren),
        "departement": Departement(account["departement"]),
        "arrondissement": int(account["arrondissement"]),
        "nature": account["nature"],
        "nom": account["name"],
        "adresses_retour": ("retours@saint-exemple.example.org",),
        "referent": Referent("Service des assemblées", "0400000000", "assemblees@example.org"),
        "tdt": TdtAccount(
            connector="s2low",
            nom="DEMONSTRATION - mock",
            base_url=mock.url,
            certificate_file=account["certificate_file"],
            key_file=account["key_file"],
            passphrase_file=None,
            ca_file=str(mock.ca_file),
        ),
    }
    return Collectivite(**{**fields, **changes})


@dataclass
class Scene:
    """What a test plays with."""

    tools: Toolbox
    engine: Engine
    clock: ObedientClock
    mock: MockTdt
    folder: Path
    authority_id: int = 0
    rung: list[tuple[str, int]] = field(default_factory=list)

    def deposit(self, numero: str = "D2023_001", **changes: Any) -> Deposit:
        """A deposit that would be taken; ``contents`` are the bytes of its files."""
        contents = changes.pop("contents", (pdf(), pdf("Plan")))
        key = changes.pop("key", None)
        typologies = changes.pop("typologies", (None,) * len(contents))
        files = []
        for rank, (content, code) in enumerate(zip(contents, typologies, strict=True)):
            path = self.folder / f"{numero}-{rank}.bin"
            path.write_bytes(content)
            files.append(DepositedFile(path, f"piece-{rank}.pdf", code))
        fields = {
            "numero": numero,
            "date": "2023-03-02",
            "nature": "DE",
            "matiere": "7.5",
            "objet": "Subvention de 1 000 € à l’école",
            **changes,
        }
        return Deposit(Form(**fields), tuple(files), key)

    def accept(
        self, numero: str = "D2023_001", siren: str = SIREN, **changes: Any
    ) -> TakenInCharge:
        """Take an act in charge."""
        return accept(self.tools, siren, self.deposit(numero, **changes), AUTHOR)

    def run(self, *only: str) -> None:
        """Run the tasks of the outbox until it is empty; with ``only``, keep the others' bells.

        ``prepare`` and ``submit`` are the halves of ``send``. A probe, which a scheduler stopped
        half-way may leave, does nothing.
        """
        run_halves(self.tools, self.engine, only)
        kept: list[tuple[str, int]] = []

        def publish(task: str, subject: int) -> None:
            self.rung.append((task, subject))

        while relay_batch(self.engine, publish):
            while self.rung:
                task, subject = self.rung.pop(0)
                if only and task not in only:
                    kept.append((task, subject))
                elif queue_of(task) == task:
                    SERVICES[task](self.tools, subject)
        with self.tools.register() as unit:
            for task, subject in kept:
                unit.ring(task, subject)
            unit.commit()

    def later(self, seconds: float) -> None:
        """Let time pass, sweep, and run what the sweep rang."""
        self.clock.advance(seconds)
        sweep(self.tools)
        self.run()

    def transmission(self, acte_id: int) -> Transmission:
        """Where an act stands."""
        with self.tools.register() as unit:
            return unit.current_transmission(acte_id)

    def events(self, acte_id: int) -> list[str]:
        """The journal of an act, in order."""
        with self.engine.connect() as connection:
            statement = select(journal.c.event).where(journal.c.acte_id == acte_id)
            return list(connection.execute(statement.order_by(journal.c.id)).scalars())

    def retours(self) -> list[Any]:
        """Every retour kept, in order."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(retour).order_by(retour.c.id)))

    def manage(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Call the mock's management port."""
        answer = httpx.post(f"{self.mock.management_url}/{action}", json=arguments, timeout=10)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def received(self) -> dict[str, Any]:
        """What the mock received: the oracle."""
        told: dict[str, Any] = httpx.get(f"{self.mock.management_url}/received", timeout=10).json()
        return told

    def times_received(self, id_acte: str) -> int:
        """How many times the mock took an act."""
        act = self.received()["acts"].get(id_acte)
        return 0 if act is None else len(act["transactions"])


@contextmanager
def scene(engine: Engine, folder: Path, settings: Settings) -> Iterator[Scene]:
    """A scene with one enrolled authority, its classification fetched."""
    authority = Authority(SIREN, "042", "2", "31", "Commune de Saint-Exemple")
    mocked = MockSettings(
        directory=folder / "mock", authorities=(authority,), calm=True, start=START, ar_delay=0
    )
    clock = ObedientClock()
    (folder / "actes").mkdir()
    with MockTdt(mocked) as mock:
        tools = wire(settings, engine, clock)
        made = Scene(tools, engine, clock, mock, folder / "actes")
        made.authority_id = enroll(tools, collectivite(mock))
        made.run()
        with tools.register() as unit:
            if unit.classification_file(made.authority_id) is None:
                classify(tools, made.authority_id)
        yield made


@contextmanager
def direct_scene(engine: Engine, folder: Path, settings: Settings) -> Iterator[Scene]:
    """A scene whose authority is its own transmitter; the ministry answers in a real mailbox."""
    authority = Authority(SIREN, "042", "2", "31", "Commune de Saint-Exemple")
    clock = ObedientClock()
    (folder / "actes").mkdir()
    with mail_server(folder / "mail") as mail:
        mailbox = MockMailbox(
            host=mail.host,
            user=mail.user,
            password_file=mail.password_file,
            port=mail.port,
            ca_file=mail.ca_file,
            folder=mail.folder,
        )
        mocked = MockSettings(
            directory=folder / "mock", authorities=(authority,), calm=True, start=START,
            ar_delay=0, mailbox=mailbox,
        )  # fmt: skip
        with MockTdt(mocked) as mock:
            made = Scene(wire(settings, engine, clock), engine, clock, mock, folder / "actes")
            owner = collectivite(mock)
            account = replace(
                owner.tdt,
                connector="ministere",
                nom="le ministère",
                base_url=f"{mock.url}/ministere/depot",
                mailbox=Mailbox(
                    mail.host,
                    mail.user,
                    str(mail.password_file),
                    str(mail.ca_file),
                    mail.port,
                    mail.folder,
                ),
            )
            made.authority_id = enroll(made.tools, replace(owner, tdt=account))
            yield made
