"""Transactions moving on: posted, checked, sent, answered, each step due at an instant.

Nothing runs in the background. Whoever looks first calls `settle`, which takes every step due until
then at the very instant it was due: an AR is dated by the ministry, not by whoever asked for it.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from transmission.mocktdt import letters, ministry
from transmission.mocktdt.classification import Classifications
from transmission.mocktdt.clock import civil_day
from transmission.mocktdt.letters import USUAL_TEXTS, Letter, LetterKind
from transmission.mocktdt.parcel import Acte
from transmission.mocktdt.reception import ReceptionDate
from transmission.mocktdt.registry import Registry
from transmission.mocktdt.retours import Retour
from transmission.mocktdt.scenarios import Fate
from transmission.mocktdt.temper import Temper
from transmission.mocktdt.transactions import Envelope, Kind, Status, Step, Transaction

_TEXT_LIMIT = 512
_CLOSING = timedelta(days=30)
_OUTDATED = (
    "ODT-VERIF-01 : Votre acte a été transmis avec une date de classification qui n'est pas à jour"
)


_ALREADY_RECEIVED = "acte déjà transmis, ou mauvaise numérotation"

# What the platform sends by itself when a letter arrives (ACTES protocol §7.1).
_RECEIPTS = {Kind.DEMANDE_PIECE_COMPLEMENTAIRE: "3-2", Kind.LETTRE_OBSERVATIONS: "4-2"}


@dataclass(slots=True)
class Delays:
    """Virtual seconds: posted → checked → sent → answered."""

    check: float
    sending: float
    answer: float


@dataclass(frozen=True, slots=True)
class Outlets:
    """How the préfecture writes about an act, and how the State answers who deposits directly."""

    send_letter: Callable[[Transaction, Letter, datetime], Transaction]
    mail: Callable[[Retour], None]


class Workflow:
    """Moves transactions. Callers hold the platform's lock."""

    def __init__(
        self,
        delays: Delays,
        classifications: Classifications,
        temper: Temper,
        registry: Registry,
        outlets: Outlets,
    ) -> None:
        self.delays = delays
        self.reception_date = ReceptionDate()
        self._classifications = classifications
        self._temper = temper
        self._registry = registry
        self._outlets = outlets
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._rank = itertools.count()

    def post(self, transaction: Transaction, at: datetime, status: Status = Status.POSTED) -> None:
        """Begin the life of a transaction; in 17 or 18 it waits for a person."""
        transaction.steps.append(Step(status, at))
        if status is Status.POSTED:
            self._plan(at, self.delays.check, partial(self._check, transaction))

    def arrive(self, transaction: Transaction, at: datetime) -> None:
        """A message reaches the ministry directly: no platform checks it, keeps it or closes it."""
        transaction.steps += [Step(Status.POSTED, at), Step(Status.SENT, at)]
        self._plan_answer(transaction, at)

    def reject(self, envelope: Envelope, at: datetime, nature: str, detail: str) -> None:
        """Answer by an AnomalieEnveloppe, after the usual delay."""
        rejection = partial(self._rejected, envelope, nature, detail)
        self._plan(at, self._temper.around(self.delays.answer), rejection)

    def receive(self, letter: Transaction, at: datetime) -> None:
        """A letter of the préfecture arrives; the platform acknowledges types 3 and 4 by itself.

        One about an act deposited directly is the authority's to acknowledge.
        """
        if letter.kind in _RECEIPTS:
            letter.steps.append(Step(Status.LETTER_RECEIVED, at))
            if not letter.envelope.direct:
                self._plan(at, self.delays.sending, partial(self._acknowledge_letter, letter))
        else:
            letter.steps.append(Step(Status.LETTER_WITHOUT_RECEIPT, at))

    def settle(self, now: datetime) -> None:
        """Take every step due until `now`."""
        while self._due and self._due[0][0] <= now:
            at, _, action = heapq.heappop(self._due)
            action(at)

    def acknowledge(self, transaction: Transaction, at: datetime) -> None:
        """The ministry's AR arrives, whatever the status (S²LOW API §3.3).

        None exists for the answer to a courrier simple: it stays in 3.
        """
        match transaction.kind:
            case Kind.ACTE if transaction.acte is not None:
                self._ar_acte(transaction, transaction.acte, at)
            case Kind.ANNULATION:
                self._ar_annulation(transaction, at)
            case Kind.CLASSIFICATION:
                self._retour_classification(transaction, at)
            case kind if kind in _RECEIPTS:
                self._ar_reponse(transaction, at)

    def anomalie_acte(
        self, transaction: Transaction, at: datetime, nature: str, detail: str
    ) -> None:
        """An AnomalieActe arrives: on the platform it only counts while the act is in status 3."""
        direct = transaction.envelope.direct
        if transaction.acte is None or not (direct or transaction.status is Status.SENT):
            return
        in_force = self._classifications.in_force.day
        xml = ministry.anomalie_acte(transaction.acte, civil_day(at), nature, detail, in_force)
        self._return(transaction, "1-3", xml, at)
        text = f"Anomalie signalée par le MI : {nature} - {detail}"
        if transaction.status is Status.SENT:
            transaction.steps.append(Step(Status.ERROR, at, text[:_TEXT_LIMIT], xml))

    def anomalie_enveloppe(
        self, envelope: Envelope, at: datetime, nature: str, detail: str
    ) -> None:
        """An AnomalieEnveloppe arrives: every transaction of the envelope ends in −1."""
        envelope.refused = True
        day, encoding = civil_day(at), "iso-8859-1" if envelope.direct else "utf-8"
        xml = ministry.anomalie_enveloppe(envelope.xml, day, nature, detail, encoding)
        if envelope.direct:
            self._outlets.mail(Retour(envelope, f"ANO_{envelope.xml_name}", xml, at))
        text = f"Enveloppe rejetée par le MI : {nature} - {detail}"
        for each in envelope.transactions:
            each.retour_name = f"ANO_{envelope.xml_name}"
            each.steps.append(Step(Status.ERROR, at, text[:_TEXT_LIMIT], xml))

    def _plan(self, at: datetime, seconds: float, action: Callable[[datetime], None]) -> None:
        due = at + timedelta(seconds=seconds)
        heapq.heappush(self._due, (due, next(self._rank), action))

    def _check(self, transaction: Transaction, at: datetime) -> None:
        faults = transaction.faults
        if transaction.scenario.fate is Fate.TDT_ERROR:
            faults = (transaction.scenario.detail or "antivirus : fichier infecté (fictif)",)
        if faults:
            text = "Enveloppe invalide : " + " ; ".join(faults)
            transaction.steps.append(Step(Status.ERROR, at, text[:_TEXT_LIMIT]))
            return
        transaction.steps.append(Step(Status.READY, at))
        self._plan(at, self.delays.sending, partial(self._send, transaction))

    def _send(self, transaction: Transaction, at: datetime) -> None:
        if transaction.status is not Status.READY:
            return
        transaction.steps.append(Step(Status.SENT, at))
        self._plan_answer(transaction, at)
        self._plan(at, _CLOSING.total_seconds(), partial(self._close, transaction))

    def _plan_answer(self, transaction: Transaction, at: datetime) -> None:
        scenario = transaction.scenario
        if scenario.fate is not Fate.SILENCE:
            usual = self._temper.around(self.delays.answer)
            wait = usual if scenario.seconds is None else scenario.seconds
            self._plan(at, wait, partial(self._answer, transaction))

    def _rejected(self, envelope: Envelope, nature: str, detail: str, at: datetime) -> None:
        self.anomalie_enveloppe(envelope, at, nature, detail)

    def _answer(self, transaction: Transaction, at: datetime) -> None:
        scenario, acte = transaction.scenario, transaction.acte
        if transaction.envelope.refused or transaction.step_of(Status.ACKNOWLEDGED):
            # Already answered: with the rest of its envelope, or by hand.
            return
        if scenario.fate is Fate.ANOMALIE_ENVELOPPE:
            detail = scenario.detail or "ODT-VERIF-17 : transaction non reconnue"
            self.anomalie_enveloppe(transaction.envelope, at, scenario.nature or "999", detail)
        elif acte is not None and (anomaly := self._anomaly(transaction, acte)):
            self.anomalie_acte(transaction, at, *anomaly)
        else:
            self.acknowledge(transaction, at)

    def _anomaly(self, transaction: Transaction, acte: Acte) -> tuple[str, str] | None:
        """Nature and detail of what the ministry holds against an act, if anything."""
        scenario = transaction.scenario
        if scenario.fate is Fate.ANOMALIE_ACTE:
            nature = scenario.nature or "005"
            usual = _OUTDATED if nature == "002" else "anomalie demandée au simulateur"
            return nature, scenario.detail or usual
        if self._registry.acknowledged(transaction.siren, transaction.message.id_acte):
            return "001", _ALREADY_RECEIVED
        if transaction.faults:
            return "007", transaction.faults[0]
        if acte.classification_date != self._classifications.in_force.day.isoformat():
            return "002", _OUTDATED
        return None

    def _close(self, transaction: Transaction, at: datetime) -> None:
        if transaction.status is Status.SENT:
            text = "Clôture automatique : aucune réponse depuis 30 jours"
            transaction.steps.append(Step(Status.ERROR, at, text))

    def _ar_acte(self, transaction: Transaction, acte: Acte, at: datetime) -> None:
        day = self._reception_day(transaction, at, acte)
        in_force = self._classifications.in_force.day
        first = transaction.step_of(Status.ACKNOWLEDGED) is None
        xml = ministry.ar_acte(acte, transaction.message.id_acte, day, in_force)
        transaction.unique_id = transaction.message.id_acte
        self._return(transaction, "1-2", xml, at)
        transaction.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))
        if first and transaction.scenario.letter is not None:
            wait = transaction.scenario.letter_seconds
            letter = partial(self._scripted_letter, transaction, transaction.scenario.letter)
            self._plan(at, wait, letter)

    def _scripted_letter(self, transaction: Transaction, kind: LetterKind, at: datetime) -> None:
        self._outlets.send_letter(transaction, Letter(kind, civil_day(at), USUAL_TEXTS[kind]), at)

    def _acknowledge_letter(self, received: Transaction, at: datetime) -> None:
        if received.letter is not None:
            code, id_acte = _RECEIPTS[received.kind], received.message.id_acte
            received.receipt = letters.outgoing_message(code, id_acte, received.letter, ())
        received.steps.append(Step(Status.RECEIPT_SENT, at))

    def _ar_reponse(self, reply: Transaction, at: datetime) -> None:
        answered, acte = reply.target, reply.about
        if answered is None or answered.letter is None or acte is None:
            return
        day = self._reception_day(reply, at, acte)
        code = f"{reply.kind}-5"
        xml = letters.ar_reponse(code, reply.message.id_acte, answered.letter, day)
        self._return(reply, code, xml, at)
        reply.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))

    def _ar_annulation(self, transaction: Transaction, at: datetime) -> None:
        target = transaction.target
        if target is None or target.acte is None:
            return
        day = self._reception_day(transaction, at, target.acte)
        xml = ministry.ar_annulation(target.message.id_acte, day)
        self._return(transaction, "6-2", xml, at)
        transaction.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))
        target.steps.append(Step(Status.CANCELLED, at, xml=xml))

    def _retour_classification(self, transaction: Transaction, at: datetime) -> None:
        in_force = self._classifications.in_force
        if transaction.message.classification_date == in_force.day.isoformat():
            code, xml = "7-3", ministry.sans_changement(in_force.day)
        else:
            code, xml = "7-2", in_force.xml
            if not transaction.envelope.direct:
                self._classifications.deliver(transaction.siren)
        self._return(transaction, code, xml, at)
        transaction.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))

    def _reception_day(self, transaction: Transaction, at: datetime, acte: Acte) -> date:
        sent = transaction.step_of(Status.POSTED)
        return self.reception_date.on(
            civil_day(at), decision=acte.day, sending=civil_day(sent.at if sent else at)
        )

    def _return(self, transaction: Transaction, code: str, xml: bytes, at: datetime) -> None:
        """Name what the ministry answers, and mail it to who deposits directly."""
        stem, _, _ = transaction.message.file_name.rpartition(f"-{transaction.message.code}_")
        transaction.retour_name = f"{stem}-{code}_{self._temper.sequence()}.xml"
        if transaction.envelope.direct:
            name = transaction.retour_name
            self._outlets.mail(Retour(transaction.envelope, name, xml, at, transaction, code))
