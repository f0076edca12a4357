"""What a check says: one French sentence on what is well, or wrong and what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from transmission.domain.errors import TransmissionError


class Grade(Enum):
    """How bad it is, and the mark of it."""

    FINE = "✓"
    WARNING = "!"
    WRONG = "✗"


class Subject(Enum):
    """What is looked at, in the order in which it is told; the value is its name for people."""

    SETTINGS = "Réglages"
    DATABASE = "Base de données"
    CLOCK = "Horloge"
    BROKER = "Redis"
    DOCUMENTS = "Documents"
    CERTIFICATES = "Certificats"
    TIME_STAMPS = "Horodatage"
    TDT = "TdT"
    SCHEDULER = "Relais"
    WORKERS = "Exécutants"
    WAITING = "En attente"
    NOTICES = "Avis"
    WEBHOOKS = "Webhooks"
    TOKENS = "Jetons"
    PEOPLE = "Comptes"
    LOGIN = "Connexion"
    JOURNAL = "Journal"
    AUDIT = "Relecture"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis."""

    subject: Subject
    grade: Grade
    said: str


def fine(subject: Subject, said: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, Grade.FINE, said)


def warning(subject: Subject, said: str) -> Finding:
    """Something to do one of these days."""
    return Finding(subject, Grade.WARNING, said)


def wrong(subject: Subject, said: str) -> Finding:
    """Something to do now."""
    return Finding(subject, Grade.WRONG, said)


def guarded(subject: Subject, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a check finds; a fault of the check itself is a finding too, and stops no other."""
    try:
        return list(check())
    except TransmissionError as error:
        return [wrong(subject, str(error))]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are owed
        # The text of an error that nobody foresaw may hold a secret.
        return [
            wrong(
                subject,
                f"La vérification n'a pas pu être menée à bien ({type(error).__name__}) : ce "
                "défaut est du programme. Signalez-le avec ce mot.",
            )
        ]


def listed(names: Iterable[str], shown: int = 2) -> str:
    """A few names, then how many others: « A, B et 3 autres »."""
    every = list(dict.fromkeys(names))
    rest = len(every) - shown
    if rest <= 0:
        return " et ".join(every)
    return f"{', '.join(every[:shown])} et {rest} autre{'s' * (rest > 1)}"
