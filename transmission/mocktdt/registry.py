"""What the platform remembers, in memory only: nothing outlives the run."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from transmission.mocktdt.clock import real_now
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.scenarios import Scenario
from transmission.mocktdt.transactions import (
    UNDER_WAY,
    Envelope,
    Kind,
    StoredFile,
    Transaction,
)

# Far from one another, so that a client that mixes two kinds of identifiers is found out.
_FIRST_ENVELOPE, _FIRST_TRANSACTION, _FIRST_FILE = 3101, 4711, 9001
_MAX_SERIAL = 9_999
# A hundred references a second, all of them below 2 ** 31, none given again before 231 days.
_PER_SECOND, _SECONDS = 100, 20_000_000


def origin_of(start: datetime | None) -> int:
    """What is added to the identifiers of a run: 0 when its instant of start was chosen.

    Any other run begins above those of the runs before it: a client that outlived one of them
    would otherwise take the act of another for its own.
    """
    return 0 if start else int(real_now().timestamp()) % _SECONDS * _PER_SECOND


class Registry:
    """Envelopes, transactions and files, by everything they are looked up by."""

    def __init__(self, origin: int = 0) -> None:
        self._envelope_ids = itertools.count(_FIRST_ENVELOPE + origin)
        self._transaction_ids = itertools.count(_FIRST_TRANSACTION + origin)
        self._file_ids = itertools.count(_FIRST_FILE + origin)
        self._envelopes: dict[int, Envelope] = {}
        self._transactions: dict[int, Transaction] = {}
        self._files: dict[int, tuple[Transaction, StoredFile]] = {}
        self._by_id_acte: dict[str, list[Transaction]] = defaultdict(list)
        self._by_xml_name: dict[str, Transaction] = {}
        self._by_siren: dict[str, list[Transaction]] = defaultdict(list)
        self._numbers: set[tuple[str, str]] = set()
        self._serials: dict[tuple[str, date], int] = defaultdict(int)

    def open_envelope(
        self,
        siren: str,
        xml_name: str,
        xml: bytes,
        *,
        archive_name: str = "",
        direct: bool = False,
    ) -> Envelope:
        """A new envelope, without its archive yet."""
        identifier = next(self._envelope_ids)
        envelope = Envelope(identifier, siren, None, archive_name, xml_name, xml, direct=direct)
        self._envelopes[identifier] = envelope
        return envelope

    def open_transaction(
        self,
        envelope: Envelope,
        message: Message,
        scenario: Scenario,
        *,
        faults: tuple[str, ...] = (),
        target: Transaction | None = None,
    ) -> Transaction:
        """A new transaction; on the platform, the number of an act is then used for ever."""
        transaction = Transaction(
            id=next(self._transaction_ids),
            kind=Kind(message.code[0]),
            envelope=envelope,
            message=message,
            scenario=scenario,
            faults=faults,
            target=target,
        )
        envelope.transactions.append(transaction)
        self._transactions[transaction.id] = transaction
        self._by_siren[transaction.siren].append(transaction)
        if transaction.acte is not None:
            self._by_id_acte[message.id_acte].append(transaction)
        if not envelope.direct:
            self._by_xml_name[message.file_name] = transaction
            if transaction.acte is not None:
                self._numbers.add((transaction.siren, transaction.acte.number))
        return transaction

    def attach(self, transaction: Transaction, files: Iterable[StoredFile]) -> None:
        """Give a transaction its files, in order, each under an id of its own."""
        transaction.files = tuple(replace(file, id=next(self._file_ids)) for file in files)
        for file in transaction.files:
            self._files[file.id] = (transaction, file)

    def number_used(self, siren: str, number: str) -> bool:
        """Whether an act of the authority ever had this number on the platform."""
        return (siren, number) in self._numbers

    def transaction(self, identifier: int) -> Transaction | None:
        return self._transactions.get(identifier)

    def envelope(self, identifier: int) -> Envelope | None:
        return self._envelopes.get(identifier)

    def file(self, identifier: int) -> tuple[Transaction, StoredFile] | None:
        return self._files.get(identifier)

    def acts(self, id_acte: str) -> list[Transaction]:
        """The acts that have, or will have, this identifiant unique."""
        return list(self._by_id_acte.get(id_acte, ()))

    def by_unique_id(self, unique_id: str) -> Transaction | None:
        """By identifiant unique once acknowledged, else by the stem of the XML's name."""
        known = [a for a in self.acts(unique_id) if a.unique_id and not a.envelope.direct]
        return known[-1] if known else self._by_xml_name.get(f"{unique_id}_0.xml")

    def of_authority(self, siren: str) -> list[Transaction]:
        """Every transaction of an authority on the platform, newest first."""
        return [other for other in self._by_siren[siren][::-1] if not other.envelope.direct]

    def every(self) -> list[Transaction]:
        """Every transaction, oldest first."""
        return list(self._transactions.values())

    def cancellation_pending(self, target: Transaction) -> bool:
        """Whether a cancellation of this act is in status 1, 2 or 3."""
        return any(other.status in UNDER_WAY for other in self.related(target))

    def related(self, target: Transaction) -> list[Transaction]:
        """The letters and cancellations of an act, or the replies to a letter, oldest first."""
        return [other for other in self._by_siren[target.siren] if other.target is target]

    def letters_about(self, act: Transaction) -> list[Transaction]:
        """The letters received about an act, oldest first."""
        return [other for other in self.related(act) if other.letter is not None]

    def acknowledged(self, siren: str, id_acte: str) -> Transaction | None:
        """The act of this identifiant unique for which the ministry gave an AR, by any route."""
        known = (act for act in self.acts(id_acte) if act.siren == siren and act.unique_id)
        return next(known, None)

    def letter_for(self, siren: str, message: Message) -> Transaction | None:
        """The letter that a message is about: same act, type and date, newest unanswered first."""
        letters = [
            letter
            for act in self.acts(message.id_acte)
            if act.siren == siren
            for letter in self.letters_about(act)
            if letter.kind == message.code[0] and _day(letter) == message.letter_day
        ]
        return max(letters, key=lambda each: (not self.related(each), each.id), default=None)

    def next_serial(self, siren: str, day: date) -> int | None:
        """The next number of envelope of an authority that day, None past 9999."""
        self._serials[siren, day] += 1
        serial = self._serials[siren, day]
        return serial if serial <= _MAX_SERIAL else None


def _day(letter: Transaction) -> str:
    return letter.letter.day.isoformat() if letter.letter else ""
