"""A register and its services with a TdT that answers what a test writes: no network, no mock.

For what the wire has no part in. Acts reach their states by the services themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Any, BinaryIO

from sqlalchemy import Engine, func, select, tuple_

from tests.support.scene import AUTHOR, SIREN, ObedientClock
from tests.support.steps import run_halves
from transmission.actes.messages import build_message
from transmission.actes.retours import read_retour
from transmission.bootstrap import wire
from transmission.domain.acte import Classification, Matiere, TypePieceJointe
from transmission.domain.collectivite import Collectivite, Referent, TdtAccount
from transmission.domain.identifiers import Departement, NatureActe, NumeroInterne, Siren
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import Accepted, CannotTell, Finding, InDoubt, Outcome
from transmission.domain.retours import RetourClassification
from transmission.domain.transmission import (
    SERVICE,
    AdoptedActe,
    KeptCourrier,
    Piece,
    Transmission,
)
from transmission.ports import (
    Capabilities,
    Collected,
    Exchange,
    InboxItem,
    Parcel,
    Situation,
    Step,
)
from transmission.services.prepare import prepare
from transmission.services.submit import submit
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings
from transmission.store.tables import circuit, journal, outbox, retour
from workers.tasks import SERVICES

RECEPTION = date(2023, 3, 9)

TDT = TdtAccount("s2low", "TdT d'essai", "https://tdt.invalid", "c.pem", "k.pem", None, "ca.pem")
COLLECTIVITE = Collectivite(
    siren=Siren(SIREN),
    departement=Departement("042"),
    arrondissement=2,
    nature="31",
    nom="Commune de Saint-Exemple",
    adresses_retour=("retours@example.org",),
    referent=Referent("Service des assemblées", "0400000000", "assemblees@example.org"),
    tdt=TDT,
)
SECOND = replace(COLLECTIVITE, siren=Siren("123456790"), nom="Commune de Modèle")


class PlayedTdt:
    """A connector and the registry that gives it; ``on_*`` are what it answers.

    An answer that is an exception is raised; one that can be called is, with what was asked.
    """

    capabilities_of_all = Capabilities(objet_max=499, annexes_max=20)

    def __init__(self) -> None:
        self.references = count(1)
        self.asked: list[tuple[str, Any]] = []
        self.on_submit: Any = lambda _: Accepted(str(next(self.references)))
        self.on_find: Any = CannotTell("rien n'est prévu")
        self.on_collect: Any = Collected(Situation.WAITING, b"OK\n3\n")
        self.on_fetch: Any = None
        self.on_request: Any = Accepted("0")
        self.on_waiting: Any = CannotTell("aucune liste")
        self.on_inbox: Any = ()
        self.on_fetch_item: Any = CannotTell("rien n'est prévu")
        self.on_confirm: Any = None

    def connector(self, account: TdtAccount) -> "PlayedTdt":
        del account
        return self

    def capabilities(self, account: TdtAccount) -> Capabilities:
        del account
        return self.capabilities_of_all

    def check(self) -> None:
        return None

    def submit(self, parcel: Parcel) -> Exchange:
        outcome: Outcome = self._answer("submit", self.on_submit, parcel)
        return Exchange(outcome, f"POST {parcel.archive_name}", b"HTTP/1.1 200\r\n\r\nOK")

    def find(self, parcel: Parcel) -> Finding:
        found: Finding = self._answer("find", self.on_find, parcel)
        return found

    def collect(self, reference: str) -> Any:
        return self._answer("collect", self.on_collect, reference)

    def request_classification(self, parcel: Parcel) -> Exchange:
        return Exchange(self._answer("request", self.on_request, parcel), "POST")

    def waiting(self) -> Any:
        return self._answer("waiting", self.on_waiting, None)

    def inbox(self) -> Any:
        return self._answer("inbox", self.on_inbox, None)

    def fetch(self, item: InboxItem, target: BinaryIO) -> Any:
        content = self._answer("fetch", self.on_fetch_item, item)
        if isinstance(content, CannotTell):
            return content
        target.write(content)
        return None

    def confirm(self, item: InboxItem) -> Any:
        return self._answer("confirm", self.on_confirm, item)

    def fetch_classification(self) -> Any:
        return self._answer("fetch", self.on_fetch, None)

    def times(self, name: str) -> int:
        """How many times a call was made."""
        return [asked for asked, _ in self.asked].count(name)

    def _answer(self, name: str, answer: Any, about: Any) -> Any:
        self.asked.append((name, about))
        if callable(answer):
            answer = answer(about)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class Bench:
    """What a test plays with."""

    tools: Toolbox
    engine: Engine
    clock: ObedientClock
    tdt: PlayedTdt
    authority_id: int = 0
    second_id: int = 0
    _numbers: Any = field(default_factory=lambda: count(1))

    def acte(
        self,
        contents: tuple[bytes, ...] = (b"%PDF-1.4 acte",),
        authority_id: int = 0,
        nature: NatureActe = NatureActe.DELIBERATION,
        decided: date = date(2023, 3, 2),
        objet: str = "Subvention à l’école",
    ) -> Transmission:
        """A new act, taken in charge; its bell is not rung."""
        pieces = tuple(
            Piece(
                rank, f"piece-{rank}.pdf", "99_DE", "pdf", self.tools.documents.put_bytes(content)
            )
            for rank, content in enumerate(contents, start=1)
        )
        numero = NumeroInterne(f"D2023_{next(self._numbers):03d}")
        added = AdoptedActe(
            collectivite_id=authority_id or self.authority_id,
            numero_interne=numero,
            date_decision=decided,
            nature=nature,
            matiere=Matiere((7, 5)),
            objet=objet,
            date_classification=date(2023, 1, 2),
            document_papier=False,
            pieces=pieces,
            fingerprint=numero,
        )
        now = self.clock.now()
        with self.tools.register() as unit:
            sender = unit.authority(added.collectivite_id).collectivite
            id_acte = added.id_acte(sender.departement, sender.siren)
            _, transmission_id = unit.add_acte(
                added, id_acte, AUTHOR, now, None, self.tools.delays.bell_at(now)
            )
            unit.commit()
        with self.engine.begin() as connection:
            newest = select(func.max(outbox.c.id)).scalar_subquery()
            connection.execute(outbox.delete().where(outbox.c.id == newest))
        return self.now_of(transmission_id)

    def prepared(self, **changes: Any) -> Transmission:
        """A new act, its envelope ready."""
        made = self.acte(**changes)
        prepare(self.tools, self.now_of(made.id))
        return self._reached(made.id, State.PREPARED)

    def sent(self, **changes: Any) -> Transmission:
        """A new act, taken by the TdT."""
        made = self.prepared(**changes)
        submit(self.tools, self.now_of(made.id))
        return self._reached(made.id, State.SUBMITTED)

    def in_doubt(self, **changes: Any) -> Transmission:
        """A new act whose sending was cut; nothing else is said of its TdT."""
        made = self.prepared(**changes)
        usual, self.tdt.on_submit = self.tdt.on_submit, InDoubt("coupure")
        submit(self.tools, self.now_of(made.id))
        self.tdt.on_submit = usual
        with self.engine.begin() as connection:
            connection.execute(circuit.delete())
        return self._reached(made.id, State.IN_DOUBT)

    def acknowledged(self, **changes: Any) -> Transmission:
        """A new act, received by the State the day before the scene."""
        made = self.sent(**changes)
        with self.tools.register() as unit:
            step = Step(date_reception=RECEPTION)
            received = unit.move(made, Event.AR_RECEIVED, SERVICE, self.clock.now(), step)
            unit.commit()
        self.silence()
        return received

    def run(self, *only: str) -> None:
        """Run the tasks of the outbox until it is empty; with ``only``, leave the others' bells.

        ``prepare`` and ``submit`` are the halves of ``send``.
        """
        run_halves(self.tools, self.engine, only)
        while mine := [bell for bell in self.bells() if not only or bell[0] in only]:
            with self.engine.begin() as connection:
                connection.execute(
                    outbox.delete().where(tuple_(outbox.c.task, outbox.c.subject).in_(mine))
                )
            for task, subject in mine:
                SERVICES[task](self.tools, subject)

    def about(self, acte_id: int, message: str | None = None) -> list[Transmission]:
        """Everything sent about an act, oldest first."""
        with self.tools.register() as unit:
            return list(reversed(unit.transmissions_about(acte_id, message)))

    def letters(self, acte_id: int) -> list[KeptCourrier]:
        """The letters under an act, oldest first."""
        with self.tools.register() as unit:
            return list(unit.courriers_of(acte_id))

    def read(self, kept: KeptCourrier) -> Any:
        """A letter, read from its bytes."""
        return read_retour(self.tools.documents.read(kept.file)).retour

    def parcels(self) -> list[Parcel]:
        """What the TdT was given, in order."""
        return [about for name, about in self.tdt.asked if name == "submit"]

    def classification(self) -> date | None:
        """The version in force for the authority."""
        with self.tools.register() as unit:
            held = unit.classification_file(self.authority_id)
        return held[0] if held else None

    def classified(self, version: date = date(2023, 1, 2), *codes: str) -> None:
        """Give the authority a classification, which allows ``codes``."""
        types = tuple(TypePieceJointe(code, code) for code in codes or ("99_DE", "21_RP"))
        raw = build_message(
            RetourClassification(
                Classification(
                    version,
                    {(7,): "Finances", (7, 5): "Subventions"},
                    {NatureActe.DELIBERATION: types},
                )
            )
        )
        with self.tools.register() as unit:
            file = self.tools.documents.put_bytes(raw)
            unit.add_classification(self.authority_id, version, file, self.clock.now())
            unit.commit()

    def now_of(self, transmission_id: int) -> Transmission:
        """Where a transmission stands."""
        with self.tools.register() as unit:
            return unit.transmission(transmission_id)

    def bells(self) -> list[tuple[str, int]]:
        """The bells that wait in the outbox."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(outbox.c.task, outbox.c.subject).order_by(outbox.c.id))
            return [(row.task, row.subject) for row in rows]

    def silence(self) -> None:
        """Forget every bell, as a lost Redis does."""
        with self.engine.begin() as connection:
            connection.execute(outbox.delete())

    def events(self, transmission_id: int) -> list[str]:
        """The journal of a transmission, in order."""
        with self.engine.connect() as connection:
            statement = select(journal.c.event).where(journal.c.transmission_id == transmission_id)
            return list(connection.execute(statement.order_by(journal.c.id)).scalars())

    def retours(self) -> list[Any]:
        """Every retour kept, in order."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(retour).order_by(retour.c.id)))

    def changed(self, change: Callable[[Collectivite], Collectivite]) -> None:
        """Change the settings of the authority."""
        with self.tools.register() as unit:
            unit.replace_authority(change(unit.authority(self.authority_id).collectivite))
            unit.commit()

    def _reached(self, transmission_id: int, state: State) -> Transmission:
        reached = self.now_of(transmission_id)
        assert reached.state is state, reached
        return reached


def bench(engine: Engine, settings: Settings) -> Bench:
    """A bench with two authorities."""
    clock, tdt = ObedientClock(), PlayedTdt()
    # One object plays two ports, whose two ``capabilities`` no type can hold at once.
    tools = replace(wire(settings, engine, clock), tdts=tdt)  # type: ignore[arg-type]
    made = Bench(tools, engine, clock, tdt)
    with tools.register() as unit:
        made.authority_id = unit.add_authority(COLLECTIVITE, clock.now())
        made.second_id = unit.add_authority(SECOND, clock.now())
        unit.commit()
    return made
