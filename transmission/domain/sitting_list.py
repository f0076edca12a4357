"""The list of the acts of a sitting, as a person exported it: CSV or JSON, read whole or refused.

Every fault of the file is told at once. Nothing of the file is ever computed: a formula in it is a
text.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from transmission.domain.errors import IdentifierError, Problem, RefusedError
from transmission.domain.identifiers import NatureActe, NumeroInterne, proposed_numero
from transmission.domain.sitting_rows import Row, SittingRows, read_rows
from transmission.domain.texte import printable, without_accents_case_or_space

MAX_BYTES = 2 << 20
"""Size of a list beyond which it is none: some thousands of acts fit many times."""

MAX_ACTES = 5000
OBJET_MAX = 2000
"""Characters."""

TOLD_MAX = 50
"""Faults told one by one, and numbers shown as they were read."""

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./ ")
NUMERO_MAX = 60
"""Characters of a number as it is printed."""

_NATURES_NAMED = ", ".join(f"{each.abrege} ({each.label})" for each in NatureActe)
_NATURES = {
    without_accents_case_or_space(word): nature
    for nature in NatureActe
    for word in (nature.abrege, str(nature.code), nature.label)
} | {
    "deliberations": NatureActe.DELIBERATION,
    "arretereglementaire": NatureActe.REGLEMENTAIRE,
    "arreteindividuel": NatureActe.INDIVIDUEL,
    "contrat": NatureActe.CONTRAT,
    "convention": NatureActe.CONTRAT,
    "budget": NatureActe.BUDGET,
}

NumberOf = Callable[[str], str | None]
"""What an authority makes of a printed number, None when it makes nothing of it."""


@dataclass(frozen=True, slots=True)
class SittingActe:
    """An act that a list names; what the list does not say is None."""

    numero: NumeroInterne
    nature: NatureActe | None = None
    objet: str | None = None


@dataclass(frozen=True, slots=True)
class SittingList:
    """What a file says: ``date_seance`` only where the file bears it, ``notes`` (French, no final
    stop) what was read otherwise than written, or left aside."""

    actes: tuple[SittingActe, ...]
    date_seance: date | None = None
    notes: tuple[str, ...] = ()


def read_list(content: bytes, number_of: NumberOf = lambda _: None) -> SittingList:
    """Read a list: a CSV (semicolons or commas, a first line with the columns numero, nature and
    objet) or a JSON (a list of objects, or ``{date_seance, actes}``), in UTF-8 or Windows-1252.

    Only the number is required. ``number_of`` reads the numbers that are not written as they are
    declared. Raises RefusedError with every fault of the file, each with its line.
    """
    if len(content) > MAX_BYTES:
        raise RefusedError([_too_large()])
    rows = read_rows(content)
    reader = _Reader(number_of, list(rows.problems))
    actes = tuple(reader.read(rows))
    if reader.problems:
        raise RefusedError(_bounded(reader.problems))
    return SittingList(actes, rows.date_seance, (*rows.notes, *reader.notes))


def _too_large() -> Problem:
    return Problem(
        "fichier",
        "trop_grand",
        f"Le fichier dépasse {MAX_BYTES >> 20} Mio : ce n'est pas la liste d'une séance.",
        "Donnez la liste d'une seule séance.",
    )


def _bounded(problems: list[Problem]) -> list[Problem]:
    more = len(problems) - TOLD_MAX
    if more <= 0:
        return problems
    said = f"Il y a {more} autres fautes."
    others = Problem("fichier", "autres", said, "Corrigez d'abord celles-ci.")
    return [*problems[:TOLD_MAX], others]


class _Reader:
    """Reads rows one by one, and keeps every fault."""

    def __init__(self, number_of: NumberOf, problems: list[Problem]) -> None:
        self.problems = problems
        self._number_of = number_of
        self._seen: dict[str, str] = {}
        self._renamed: list[str] = []

    @property
    def notes(self) -> Iterator[str]:
        """The numbers that were read otherwise than written."""
        if self._renamed:
            more = len(self._renamed) - TOLD_MAX
            shown = ", ".join(self._renamed[:TOLD_MAX])
            yield f"numéros lus autrement : {shown}" + (f" et {more} autres" if more > 0 else "")

    def read(self, rows: SittingRows) -> Iterable[SittingActe]:
        """The acts of the rows that have no fault."""
        for rank, row in enumerate(rows.rows):
            if rank == MAX_ACTES:
                said = f"La liste a plus de {MAX_ACTES} actes."
                self._fault(row, "trop", said, "Donnez la liste d'une seule séance.")
                return
            if acte := self._acte(row):
                yield acte

    def _acte(self, row: Row) -> SittingActe | None:
        faults = len(self.problems)
        if row.fault:
            self._fault(row, "ligne", row.fault, "Corrigez-le.")
            return None
        numero, nature = self._numero(row), self._nature(row)
        objet = one_line(row.objet)
        if len(objet) > OBJET_MAX:
            said = f"L'objet dépasse {OBJET_MAX} caractères."
            self._fault(row, "objet", said, "Raccourcissez-le.")
        if numero is None or len(self.problems) > faults:
            return None
        return SittingActe(numero, nature, objet or None)

    def _numero(self, row: Row) -> NumeroInterne | None:
        written = one_line(row.numero)
        if not written:
            self._fault(row, "numero", "Le numéro de l'acte manque.", "Écrivez-le.")
            return None
        numero = read_numero(written, self._number_of)
        if numero is None:
            said = f"« {written[:NUMERO_MAX]} » ne peut pas être un numéro d'acte."
            remedy = "Il a 1 à 15 lettres capitales, chiffres ou soulignés."
            self._fault(row, "numero", said, remedy)
            return None
        if first := self._seen.get(numero):
            said = f"Le numéro {numero} est déjà donné ({first})."
            self._fault(row, "numero", said, "Gardez-en un seul.")
            return None
        self._seen[numero] = row.where
        if numero != written.upper():
            self._renamed.append(f"« {written} » est lu {numero}")
        return numero

    def _nature(self, row: Row) -> NatureActe | None:
        written = one_line(row.nature)
        if not written:
            return None
        nature = nature_of(written)
        if nature is None:
            said = f"« {written[:NUMERO_MAX]} » n'est pas une nature d'acte."
            self._fault(row, "nature", said, f"Choisissez : {_NATURES_NAMED}.")
        return nature

    def _fault(self, row: Row, rule: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(row.where, rule, message, remedy))


def nature_of(written: str) -> NatureActe | None:
    """The nature that people name by its code, its abbreviation or its words; None otherwise."""
    return _NATURES.get(without_accents_case_or_space(written))


def read_numero(written: str, number_of: NumberOf) -> NumeroInterne | None:
    """As declared, else as the authority writes it, else with its separators made plain."""
    if len(written) > NUMERO_MAX:
        return None
    plain = proposed_numero(written) if _PLAIN.issuperset(written.upper()) else None
    for candidate in (written.upper(), number_of(written), plain):
        try:
            return NumeroInterne(candidate or "")
        except IdentifierError:
            continue
    return None


def one_line(text: str) -> str:
    """A text that can be shown, on one line, its spaces made one."""
    return " ".join(printable(text).split())
