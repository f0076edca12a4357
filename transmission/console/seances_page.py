"""The pages of the sittings: what was to leave, what left, what is missing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy import Connection

from transmission.console.words import plural
from transmission.domain.errors import Problem
from transmission.store.queries.delays import OwnerName
from transmission.store.queries.sitting_acts import (
    KeptList,
    SittingLine,
    SittingPage,
    kept_list,
    listed_lines,
    unlisted_lines,
)

DONE = {
    "importee": "La liste de cette séance est importée : chaque acte qu'elle nomme est suivi.",
    "deja": "Cette liste était déjà celle de la séance : rien n'a changé.",
    "remplacee": "Cette liste remplace la précédente, qui reste conservée.",
}
_AFTER = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})~([0-9]{1,18})")
_REMEDIES = {
    ("seance", "date"): "Donnez sa date.",
    ("fichier", "aucun_acte"): "Cochez « Aucun acte n'est attendu » si c'est bien le cas.",
}
"""Remedies that name an option of the command line."""


@dataclass(frozen=True, slots=True)
class Imports:
    """What the form of an import says, and what is wrong with it."""

    siren: str = ""
    day: str = ""
    may_be_empty: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Each problem: the field that it leads to, and its words."""
        return tuple((_field(each), _words(each)) for each in self.problems)


@dataclass(frozen=True, slots=True)
class SittingsPage:
    """The sittings of which a list was imported; ``owners`` are those for whom one may import."""

    page: SittingPage
    apres: str
    readable: Sequence[tuple[str, str]]
    owners: Sequence[tuple[str, str]]
    imports: Imports

    @property
    def following(self) -> str:
        """Address of the next page, empty when there is none."""
        if self.page.following is None:
            return ""
        day, number = self.page.following
        return f"/seances?{urlencode({'apres': f'{day.isoformat()}~{number}'})}"


@dataclass(frozen=True, slots=True)
class OneSitting:
    """All the acts of a sitting. ``lines`` are those of its list, ``others`` those of that day that
    no list names."""

    owner: OwnerName
    day: date
    kept: KeptList | None
    lines: Sequence[SittingLine]
    others: Sequence[SittingLine]
    imports: Imports
    done: str = ""
    registre: str | None = None

    @property
    def acts(self) -> Sequence[SittingLine]:
        """Every one."""
        return [*self.lines, *self.others]

    @property
    def missing(self) -> Sequence[SittingLine]:
        """Those of the list that the register lacks."""
        return [each for each in self.lines if each.acte_id is None]

    @property
    def unsent(self) -> int:
        """Those that must leave, are known, and did not leave."""
        return sum(
            each.must_leave and not each.sent and each.acte_id is not None for each in self.acts
        )

    @property
    def sent(self) -> int:
        return sum(each.sent for each in self.acts)

    @property
    def received(self) -> int:
        return sum(each.date_reception is not None for each in self.acts)

    @property
    def published(self) -> int:
        return sum(each.date_mise_en_ligne is not None for each in self.acts)

    @property
    def list_due(self) -> date | None:
        """The first day by which the list of the deliberations is to be on line (legal clock)."""
        return min((each.date_liste for each in self.acts if each.date_liste), default=None)

    @property
    def summary(self) -> str:
        """Where the sitting stands, in one sentence."""
        if not self.acts:
            return "Aucun acte de cette séance n'est connu."
        said = [plural(len(self.acts), "acte", "actes")]
        said.append(plural(self.received, "reçu en préfecture", "reçus en préfecture"))
        if self.unsent:
            said.append(plural(self.unsent, "pas encore transmis", "pas encore transmis"))
        if self.missing:
            said.append(plural(len(self.missing), "manque au registre", "manquent au registre"))
        return f"{', '.join(said)}."


def read_sitting(
    connection: Connection, owner: OwnerName, day: date
) -> tuple[KeptList | None, Sequence[SittingLine], Sequence[SittingLine]]:
    """The list of a sitting, its acts, and the others of that day."""
    kept = kept_list(connection, owner.siren, day)
    lines = listed_lines(connection, kept.id) if kept else []
    known = [each.acte_id for each in lines if each.acte_id is not None]
    return kept, lines, unlisted_lines(connection, owner.siren, day, known)


def read_after(text: str) -> tuple[date, int] | None:
    """Where a page begins, None for the first one. Raises ValueError."""
    if not text:
        return None
    match = _AFTER.fullmatch(text)
    if not match:
        raise ValueError(f"not a place: {text!r}")
    return date.fromisoformat(match[1]), int(match[2])


def standing(line: SittingLine) -> str:
    """What became of an act, in words."""
    if line.acte_id is None:
        return "Absent du registre"
    if line.state is None:
        return "Connu, sans envoi"
    if not line.must_leave and not line.sent:
        return "N'a pas à être transmis"
    return line.state.label


def _field(problem: Problem) -> str:
    return "date-seance" if problem.field in ("seance", "date") else "liste-seance"


def _words(problem: Problem) -> str:
    remedy = _REMEDIES.get((problem.field, problem.rule), problem.remedy)
    if "--" not in problem.remedy:
        remedy = problem.remedy
    return f"{problem.message} {remedy}".strip()
