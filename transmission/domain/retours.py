"""What the State answers, once read: plain facts, and their comparison with what was sent.

Source: ACTES protocol §2.4, §2.5, §6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from transmission.domain.acte import Acte, Classification, FichierSigne
from transmission.domain.courriers import CourrierRecu
from transmission.domain.enveloppes import EnveloppeRecue
from transmission.domain.identifiers import IdActe
from transmission.domain.texte import without_accents_case_or_space


@dataclass(frozen=True, slots=True)
class ActeRecu:
    """The echo of an act's form inside 1-2 and 1-3, read with tolerance.

    A level of ``matieres`` that the message skips is None. None anywhere means absent.
    """

    numero_interne: str | None
    date_decision: date | None
    code_nature: int | None
    matieres: tuple[int | None, ...]
    objet: str | None
    date_classification: date | None
    document: FichierSigne | None
    annexes: tuple[FichierSigne, ...]
    nombre_annexes: int | None
    document_papier: bool
    precedent: IdActe | None = None


@dataclass(frozen=True, slots=True)
class AccuseReception:
    """1-2: the State has received the act. ``date_reception`` is THE legal date, a civil date."""

    id_acte: IdActe
    date_reception: date
    acte_recu: ActeRecu
    date_classification_en_cours: date | None


@dataclass(frozen=True, slots=True)
class AnomalieActe:
    """1-3: the form of an act is refused. Carries no IDActe. ``nature`` is the code as received."""

    date_anomalie: date | None
    nature: str
    detail: str
    acte_recu: ActeRecu
    date_classification_en_cours: date | None


@dataclass(frozen=True, slots=True)
class AnomalieEnveloppe:
    """A whole envelope is refused. ``nature`` is the code as received."""

    date_anomalie: date | None
    nature: str
    detail: str
    enveloppe_recue: EnveloppeRecue

    @property
    def siren(self) -> str | None:
        """The SIREN that the refused envelope gave."""
        return self.enveloppe_recue.siren

    @property
    def fichiers(self) -> tuple[str, ...]:
        """Names of the business messages that the refused envelope listed."""
        return tuple(fichier.nom_fichier for fichier in self.enveloppe_recue.formulaires)


@dataclass(frozen=True, slots=True)
class RetourClassification:
    """7-2: the classification in force, complete."""

    classification: Classification


@dataclass(frozen=True, slots=True)
class ReponseClassificationSansChangement:
    """7-3: the classification held is the current one."""

    date_classification: date


Retour: TypeAlias = (
    AccuseReception
    | AnomalieActe
    | AnomalieEnveloppe
    | CourrierRecu
    | RetourClassification
    | ReponseClassificationSansChangement
)
"""Every business message of the State, and the anomaly of an envelope."""


@dataclass(frozen=True, slots=True)
class ReadRetour:
    """A retour and a note (French) for every tolerance that reading it took."""

    retour: Retour
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EchoDifference:
    """One point where the State's echo is not what was sent."""

    champ: str
    envoye: str
    recu: str


def echo_differences(sent: Acte, recu: ActeRecu) -> tuple[EchoDifference, ...]:
    """Compare an echo with the act as sent, field by field, in the order of the form.

    The object is compared without accents, case or spaces, since encodings are mangled on the
    way; numbers of files, names and dates are compared exactly (names whatever their case).
    """
    pairs = (
        ("numero_interne", sent.id_acte.numero_interne.upper(), _upper(recu.numero_interne)),
        ("date_decision", str(sent.id_acte.date_decision), _shown(recu.date_decision)),
        ("nature", str(sent.id_acte.nature.code), _shown(recu.code_nature)),
        ("matiere", str(sent.matiere), ".".join(_shown(niveau) for niveau in recu.matieres)),
        ("document", _names((sent.document,)), _names((recu.document,))),
        ("annexes", _names(sent.annexes), _names(recu.annexes)),
        ("nombre_annexes", str(len(sent.annexes)), _shown(recu.nombre_annexes)),
    )
    found = [EchoDifference(champ, *texts) for champ, *texts in pairs if texts[0] != texts[1]]
    echoed = recu.objet or ""
    if without_accents_case_or_space(sent.objet) != without_accents_case_or_space(echoed):
        found.append(EchoDifference("objet", sent.objet, echoed))
    return tuple(found)


def _shown(value: date | int | None) -> str:
    return "" if value is None else str(value)


def _upper(text: str | None) -> str:
    return (text or "").upper()


def _names(fichiers: Iterable[FichierSigne | None]) -> str:
    return " ".join(sorted(file.nom_fichier.upper() for file in fichiers if file is not None))
