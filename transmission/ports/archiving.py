"""What the services need of the register to hand acts to the public archives, and let files go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from transmission.domain.retention import Ground
from transmission.domain.transmission import Author, StoredFile


@dataclass(frozen=True, slots=True)
class ActeToTransfer:
    """An act that may be handed over: what its slip tells of it."""

    id: int
    id_acte: str
    objet: str
    nature: int
    date_decision: date
    date_reception: date | None


@dataclass(frozen=True, slots=True)
class TransferredActe:
    """An act in a package: the name of its dossier there, its SHA-512 (hexadecimal), its bytes."""

    acte_id: int
    name: str
    sha512: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer; ``package`` is None while it was not written to its end, ``accepted`` while the
    archives have not answered. Instants are aware UTC."""

    id: int
    collectivite_id: int
    identifier: str
    at: datetime
    author: str
    actes: int
    package: StoredFile | None
    answered_at: datetime | None
    reply_code: str | None
    accepted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisposal:
    """The decision to let the files of an act go, its certificate, and the contents meant."""

    acte_id: int
    collectivite_id: int
    ground: Ground
    reason: str
    transfer_id: int | None
    visa: StoredFile | None
    certificate: StoredFile
    contents: tuple[StoredFile, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Disposal:
    """An act whose files left."""

    id: int
    at: datetime
    author: str
    ground: Ground
    certificate: StoredFile


class ArchivingRegister(Protocol):
    """Part of the unit of work."""

    def actes_to_transfer(
        self, authority_id: int, until: date, *, again: bool, limit: int
    ) -> Sequence[ActeToTransfer]:
        """Acts received by the préfecture on ``until`` or before, in the order of their numbers.

        Those that a transfer holds, unanswered or accepted, only ``again``.
        """
        ...

    def open_transfer(self, authority_id: int, author: Author, at: datetime) -> Transfer:
        """A new transfer, its package to be written."""
        ...

    def close_transfer(
        self, transfer_id: int, package: StoredFile, actes: Iterable[TransferredActe]
    ) -> None:
        """Say what was written."""
        ...

    def transfers(self, authority_id: int) -> Sequence[Transfer]:
        """Newest first."""
        ...

    def transfer(self, authority_id: int, identifier: str) -> Transfer:
        """Raises NotFoundError."""
        ...

    def answer_transfer(
        self,
        transfer_id: int,
        reply: StoredFile,
        code: str,
        author: Author,
        at: datetime,
        *,
        accepted: bool,
    ) -> bool:
        """Keep the archives' answer; False when there is one already."""
        ...

    def accepted_transfer(self, acte_id: int) -> Transfer | None:
        """The latest transfer of an act that the archives accepted."""
        ...

    def published_contents(self, acte_id: int) -> tuple[StoredFile, ...]:
        """Stamped copies of an act that our register serves, or served."""
        ...

    def disposal_of(self, acte_id: int) -> Disposal | None: ...

    def add_disposal(self, new: NewDisposal, author: Author, at: datetime) -> int:
        """Keep a decision, its contents waiting. Raises ConflictError for a second one."""
        ...

    def contents_due(self, at: datetime, limit: int) -> Sequence[StoredFile]:
        """Contents to be removed, those that a killed process left in the middle included."""
        ...

    def begin_removal(self, file: StoredFile) -> bool:
        """Say, before it is removed, that nobody may rely on a content any more; False when
        something else is made of it: it is then kept for good."""
        ...

    def end_removal(self, file: StoredFile, at: datetime) -> None:
        """Say that a content is gone."""
        ...
