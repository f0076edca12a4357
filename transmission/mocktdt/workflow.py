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
from transmission.mocktdt.scenarios import Fate
from transmission.mocktdt.temper import Temper
from transmission.mocktdt.transactions import Kind, Status, Step, Transaction

_TEXT_LIMIT = 512
_CLOSING = timedelta(days=30)
_OUTDATED = (
    "ODT-VERIF-01 : Votre acte a été transmis avec une date de classification qui n'est pas à jour"
)


# What the platform sends by itself when a letter arrives (ACTES protocol §7.1).
_RECEIPTS = {Kind.DEMANDE_PIECE_COMPLEMENTAIRE: "3-2", Kind.LETTRE_OBSERVATIONS: "4-2"}


@dataclass(slots=True)
class Delays:
    """Virtual seconds: posted → checked → sent → answered."""

    check: float
    sending: float
    answer: float


class Workflow:
    """Moves transactions. Callers hold the platform's lock."""

    def __init__(
        self,
        delays: Delays,
        classifications: Classifications,
        temper: Temper,
        send_letter: Callable[[Transaction, Letter, datetime], Transaction],
    ) -> None:
        self.delays = delays
        self.reception_date = ReceptionDate()
        self._classifications = classifications
        self._temper = temper
        self._send_letter = send_letter
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._rank = itertools.count()

    def post(self, transaction: Transaction, at: datetime, status: Status = Status.POSTED) -> None:
        """Begin the life of a transaction; in 17 or 18 it waits for a person."""
        transaction.steps.append(Step(status, at))
        if status is Status.POSTED:
            self._plan(at, self.delays.check, partial(self._check, transaction))

    def receive(self, letter: Transaction, at: datetime) -> None:
        """A letter of the préfecture arrives; the platform acknowledges types 3 and 4 by itself."""
        if letter.kind in _RECEIPTS:
            letter.steps.append(Step(Status.LETTER_RECEIVED, at))
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
        """An AnomalieActe arrives: it only counts while the act is in status 3."""
        if transaction.status is not Status.SENT or transaction.acte is None:
            return
        in_force = self._classifications.in_force.day
        xml = ministry.anomalie_acte(transaction.acte, civil_day(at), nature, detail, in_force)
        self._name_retour(transaction, "1-3")
        text = f"Anomalie signalée par le MI : {nature} - {detail}"
        transaction.steps.append(Step(Status.ERROR, at, text[:_TEXT_LIMIT], xml))

    def anomalie_enveloppe(
        self, transaction: Transaction, at: datetime, nature: str, detail: str
    ) -> None:
        """An AnomalieEnveloppe arrives: every transaction of the envelope ends in −1."""
        envelope = transaction.envelope
        envelope.refused = True
        xml = ministry.anomalie_enveloppe(envelope.xml, civil_day(at), nature, detail)
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
        scenario = transaction.scenario
        if scenario.fate is not Fate.SILENCE:
            usual = self._temper.around(self.delays.answer)
            wait = usual if scenario.seconds is None else scenario.seconds
            self._plan(at, wait, partial(self._answer, transaction))
        self._plan(at, _CLOSING.total_seconds(), partial(self._close, transaction))

    def _answer(self, transaction: Transaction, at: datetime) -> None:
        scenario, acte = transaction.scenario, transaction.acte
        if transaction.envelope.refused or transaction.step_of(Status.ACKNOWLEDGED):
            # Already answered: with the rest of its envelope, or by hand.
            return
        if scenario.fate is Fate.ANOMALIE_ENVELOPPE:
            detail = scenario.detail or "ODT-VERIF-17 : transaction non reconnue"
            self.anomalie_enveloppe(transaction, at, scenario.nature or "999", detail)
        elif acte is None:
            self.acknowledge(transaction, at)
        elif scenario.fate is Fate.ANOMALIE_ACTE:
            self._scripted_anomalie(transaction, at)
        elif acte.classification_date != self._classifications.in_force.day.isoformat():
            self.anomalie_acte(transaction, at, "002", _OUTDATED)
        else:
            self.acknowledge(transaction, at)

    def _scripted_anomalie(self, transaction: Transaction, at: datetime) -> None:
        nature = transaction.scenario.nature or "005"
        usual = _OUTDATED if nature == "002" else "anomalie demandée au simulateur"
        self.anomalie_acte(transaction, at, nature, transaction.scenario.detail or usual)

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
        self._name_retour(transaction, "1-2")
        transaction.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))
        if first and transaction.scenario.letter is not None:
            wait = transaction.scenario.letter_seconds
            letter = partial(self._scripted_letter, transaction, transaction.scenario.letter)
            self._plan(at, wait, letter)

    def _scripted_letter(self, transaction: Transaction, kind: LetterKind, at: datetime) -> None:
        self._send_letter(transaction, Letter(kind, civil_day(at), USUAL_TEXTS[kind]), at)

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
        self._name_retour(reply, code)
        xml = letters.ar_reponse(code, reply.message.id_acte, answered.letter, day)
        reply.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))

    def _ar_annulation(self, transaction: Transaction, at: datetime) -> None:
        target = transaction.target
        if target is None or target.acte is None:
            return
        day = self._reception_day(transaction, at, target.acte)
        xml = ministry.ar_annulation(target.message.id_acte, day)
        self._name_retour(transaction, "6-2")
        transaction.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))
        target.steps.append(Step(Status.CANCELLED, at, xml=xml))

    def _retour_classification(self, transaction: Transaction, at: datetime) -> None:
        in_force = self._classifications.in_force
        if transaction.message.classification_date == in_force.day.isoformat():
            self._name_retour(transaction, "7-3")
            xml = ministry.sans_changement(in_force.day)
        else:
            self._name_retour(transaction, "7-2")
            xml = in_force.xml
            self._classifications.deliver(transaction.siren)
        transaction.steps.append(Step(Status.ACKNOWLEDGED, at, xml=xml))

    def _reception_day(self, transaction: Transaction, at: datetime, acte: Acte) -> date:
        sent = transaction.step_of(Status.POSTED)
        return self.reception_date.on(
            civil_day(at), decision=acte.day, sending=civil_day(sent.at if sent else at)
        )

    def _name_retour(self, transaction: Transaction, code: str) -> None:
        stem, _, _ = transaction.message.file_name.rpartition(f"-{transaction.message.code}_")
        transaction.retour_name = f"{stem}-{code}_{self._temper.sequence()}.xml"
