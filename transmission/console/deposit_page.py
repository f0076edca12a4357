"""The page on which an act is handed over: what was typed, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transmission.console.forms import Posted
from transmission.domain.acceptance import Form
from transmission.domain.acte import Classification
from transmission.domain.errors import AlreadyTakenError, ConflictError, Problem, RefusedError
from transmission.domain.identifiers import NatureActe

ANNEXES_SHOWN, ANNEXES_MAX = 3, 20
"""Rows of annexes that are not folded, and of all: an act with more of them goes in a batch."""

FIELDS = ("numero", "date", "nature", "matiere", "objet", "papier", "typologie")
_NAMED = {
    "numero_interne": "numero",
    "date_decision": "date",
    "document_papier": "papier",
    "fichiers": "document",
}
_LABELS = {
    "numero": "Numéro",
    "date": "Date de la décision",
    "nature": "Nature",
    "matiere": "Matière",
    "objet": "Objet",
    "papier": "Document papier",
    "document": "Fichiers",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says, as typed; ``typologies`` are those of the rows of annexes."""

    values: Mapping[str, str] = field(default_factory=dict)
    typologies: Mapping[int, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def typologie(self, row: int) -> str:
        """The typology of a row of annexes."""
        return self.typologies.get(row, "")

    @property
    def form(self) -> Form:
        """What the service is given: the code of a matière that was picked with its label."""
        return Form(
            numero=self["numero"],
            date=self["date"],
            nature=self["nature"],
            matiere=(self["matiere"].split() or [""])[0],
            objet=self["objet"],
            document_papier=bool(self["papier"]),
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as the page tells it: the id of the field that it leads to, empty for none."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositPage:
    """Everything the page shows. Without ``siren`` an authority is still to be chosen.

    ``notes`` are what to say of a deposit that would be taken, once it was checked; ``acte_id`` is
    the act that was handed over before, ``differences`` the fields in which it differs.
    """

    owners: Sequence[tuple[str, str]]
    siren: str = ""
    nom: str = ""
    classification: Classification | None = None
    rows: int = 0
    typed: Typed = field(default_factory=Typed)
    told: tuple[Told, ...] = ()
    checked: bool = False
    notes: tuple[str, ...] = ()
    acte_id: int | None = None
    conflict: str = ""
    differences: tuple[str, ...] = ()

    @property
    def had_files(self) -> bool:
        """Whether files were sent and have to be chosen again."""
        return self.checked or bool(self.told) or bool(self.conflict)

    @property
    def natures(self) -> Sequence[tuple[str, str]]:
        """Code and label of every nature."""
        return [(each.abrege, each.label) for each in NatureActe]

    @property
    def matieres(self) -> Sequence[tuple[str, str]]:
        """Code and label of every subject that an act may have, in order."""
        known = self.classification.matieres if self.classification else {}
        return [
            (".".join(map(str, levels)), label)
            for levels, label in sorted(known.items())
            if len(levels) > 1
        ]

    @property
    def typologies(self) -> Sequence[tuple[str, str]]:
        """Code of every typology, with its label and the natures that allow it."""
        found: dict[str, tuple[str, list[str]]] = {}
        types = self.classification.types_pj if self.classification else {}
        for nature, allowed in types.items():
            for each in allowed:
                found.setdefault(each.code_type_pj, (each.libelle, []))[1].append(nature.abrege)
        return [
            (code, f"{label} ({', '.join(natures)})")
            for code, (label, natures) in sorted(found.items())
        ]

    def problems(self, anchor: str) -> tuple[str, ...]:
        """What is wrong with a field."""
        return tuple(each.text for each in self.told if each.anchor == anchor)

    def is_different(self, name: str) -> bool:
        """Whether a field differs from that of the act that was handed over before."""
        return name in self.differences

    @property
    def different(self) -> str:
        """Those fields, by their labels."""
        return ", ".join(_LABELS[name].lower() for name in self.differences)


def read_typed(form: Posted, rows: int) -> Typed:
    """What a form says."""
    values = {name: form.text(name) for name in FIELDS}
    return Typed(values, {row: form.text(f"typologie-{row}") for row in range(1, rows + 1)})


def told(problems: Iterable[Problem], rows: Sequence[int]) -> tuple[Told, ...]:
    """Problems of a deposit, beside their fields; ``rows`` are those whose annexes were given."""
    return tuple(Told(_anchor(each.field, rows), _text(each)) for each in problems)


def told_of(error: RefusedError, rows: Sequence[int]) -> tuple[Told, ...]:
    """The same of a refusal."""
    return told(error.problems, rows)


def differences_of(error: ConflictError) -> tuple[str, ...]:
    """The fields of the form in which an act handed over before differs."""
    if not isinstance(error, AlreadyTakenError):
        return ()
    return tuple(_NAMED.get(name, name) for name in error.differences)


def _anchor(name: str, rows: Sequence[int]) -> str:
    if name.startswith("annexes[") and name[8:-1].isdecimal():
        rank = int(name[8:-1])
        return f"annexe-{rows[rank - 1]}" if 0 < rank <= len(rows) else "annexe-1"
    named = {"annexes": "annexe-1", "fichiers": "document", "collectivite": ""}
    return named.get(name, name)


def _text(problem: Problem) -> str:
    # Read aloud, « » says nothing of a field that was left empty.
    message = "Ce champ est vide." if problem.message.startswith("«  »") else problem.message
    return f"{message} {problem.remedy}".strip()
