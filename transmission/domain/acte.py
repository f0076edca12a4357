"""The act as the protocol carries it (``DonneesActe``), and the classification it refers to."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NatureActe, NumeroInterne

OBJET_MAX = 500
"""Characters of the object (ACTES protocol §2.3)."""

ARCHIVE_MAX = 157_286_400
"""Bytes of a finished archive: 150 × 1024 × 1024 (ACTES protocol §3.6)."""


@dataclass(frozen=True, slots=True)
class Matiere:
    """Subject of an act: two to five integer levels, written ``7.5`` or ``7.5.1``."""

    niveaux: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.niveaux) <= 5 or any(niveau < 1 for niveau in self.niveaux):
            raise IdentifierError(
                f"« {self} » n'est pas une matière : il faut deux à cinq niveaux (exemple : 7.5)."
            )

    def __str__(self) -> str:
        return ".".join(str(niveau) for niveau in self.niveaux)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``7.5.1`` or ``7-5-1-0-0`` (zeros at the end are unused levels).

        Raises IdentifierError.
        """
        parts = re.split(r"[.-]", text.strip())
        if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
            raise IdentifierError(f"« {text} » n'est pas une matière (exemple : 7.5 ou 7.5.1).")
        niveaux = [int(part) for part in parts]
        while niveaux and niveaux[-1] == 0:
            niveaux.pop()
        return cls(tuple(niveaux))


@dataclass(frozen=True, slots=True)
class FichierSigne:
    """A file reference of a message: its name in the archive, its detached signature (PEM)."""

    nom_fichier: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Acte:
    """Message 1-1: everything that the form of an act says (ACTES protocol §2.4)."""

    id_acte: IdActe
    matiere: Matiere
    objet: str
    date_classification: date
    document: FichierSigne
    annexes: tuple[FichierSigne, ...] = ()
    document_papier: bool = False
    precedent: IdActe | None = None

    @property
    def numero_interne(self) -> NumeroInterne:
        return NumeroInterne(self.id_acte.numero_interne)


@dataclass(frozen=True, slots=True)
class DemandeClassification:
    """Message 7-1: asks for the classification; the date is that of the one held, if any (§5.4)."""

    date_classification: date | None


@dataclass(frozen=True, slots=True)
class TypePieceJointe:
    """A typology code allowed for one nature, with the label of the 7-2 as received."""

    code_type_pj: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Classification:
    """The classification in force for an authority since a 7-2 (ACTES protocol §5.4).

    ``matieres`` maps every path of levels to its label; ``types_pj`` maps a nature to its
    typologies, in the order received. Labels are trimmed and shown as they are, never matched.
    """

    date_classification: date
    matieres: dict[tuple[int, ...], str]
    types_pj: dict[NatureActe, tuple[TypePieceJointe, ...]]

    def libelle(self, matiere: Matiere) -> str | None:
        """Label of a subject, or None when this classification does not know it."""
        return self.matieres.get(matiere.niveaux)

    def allows(self, nature: NatureActe, code_type_pj: str) -> bool:
        """Whether a typology may be used on an act of that nature.

        A nature received without any typology (classifications before 2018) allows all codes:
        the ministry then checks none.
        """
        allowed = self.types_pj.get(nature, ())
        return not allowed or any(item.code_type_pj == code_type_pj for item in allowed)
