"""What a certificate of executory character says, and who prints it (legal clock EX-4)."""

from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs: a function (« Le maire »), and a name when the caller typed one."""

    fonction: str
    nom: str | None = None


@dataclass(frozen=True, slots=True)
class Reception:
    """The receipt, as read from the bytes of the AR; ``sha256`` (hex) is theirs."""

    id_acte: str
    date_reception: date
    sha256: str
    tdt_name: str


@dataclass(frozen=True, slots=True)
class Formality:
    """A formality of publicity: its French label, and its civil day."""

    label: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What is printed; every date is a civil day of the authority, and none comes from a clock.

    ``reception`` is None for an act that has force without transmission, ``publicity`` empty for
    one that has it without publicity: ``explanation`` then says why. ``rule`` is the id of the rule
    that gives the day, ``titre`` and ``basis`` its title and articles, ``certification_basis`` the
    articles by which the executive may certify. ``reservations`` are French sentences.
    """

    collectivite: str
    siren: str
    nature: str
    numero: str
    objet: str
    date_decision: date
    reception: Reception | None
    publicity: tuple[Formality, ...]
    address: str | None
    executoire: date
    rule: str
    titre: str
    basis: str
    explanation: str
    reservations: tuple[str, ...]
    certification_basis: str
    signatory: Signatory
    date_delivrance: date


class Certifier(Protocol):
    """Prints certificates."""

    def certify(self, facts: CertificateFacts, target: BinaryIO) -> None:
        """Write a PDF of one page; the same facts give the same bytes. Raises PdfError."""
        ...
