"""What became of each act of a batch, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from transmission.domain.errors import Problem
from transmission.domain.texte import printable


class Fate(Enum):
    """What became of an act: code written, words shown."""

    ACCEPTED = ("accepte", "pris en charge")
    REPEATED = ("deja_remis", "déjà remis, rien n'a changé")
    REFUSED = ("refuse", "refusé")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Entry:
    """An act of the batch; ``acte_id`` is None when it was refused. ``notes``: French, no final
    stop."""

    where: str
    numero: str
    fate: Fate
    acte_id: int | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What became of a batch. ``problems`` are those of no act, ``at`` is aware UTC, shown in
    ``time_zone``; ``seance_actes`` is how many acts the list of the sitting has now."""

    lot: str
    siren: str
    at: datetime
    time_zone: str
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    date_seance: date | None = None
    seance_actes: int | None = None

    @property
    def refused(self) -> bool:
        """Whether something is left to be mended."""
        return bool(self.problems) or self.count(Fate.REFUSED) > 0

    def count(self, fate: Fate) -> int:
        """How many acts that became of."""
        return sum(entry.fate is fate for entry in self.entries)

    def as_json(self) -> bytes:
        """UTF-8."""
        seance = self.date_seance and {
            "date_seance": self.date_seance.isoformat(),
            "actes": self.seance_actes,
        }
        content = {
            "lot": self.lot,
            "siren": self.siren,
            "date": self.at.isoformat(),
            "actes": {fate.code: self.count(fate) for fate in Fate},
            "problemes": [asdict(problem) for problem in self.problems],
            "notes": list(self.notes),
            "seance": seance,
            "lignes": [_json(entry) for entry in self.entries],
        }
        text = json.dumps(content, ensure_ascii=False, indent=2)
        return f"{text}\n".encode(errors="replace")

    def as_text(self) -> bytes:
        """UTF-8, in French."""
        return "".join(f"{printable(line).rstrip()}\n" for line in self._lines()).encode(
            errors="replace"
        )

    def summary(self) -> str:
        """One French line, without a final stop."""
        accepted, repeated, refused = map(self.count, Fate)
        some = "s" if refused > 1 else ""
        told = {
            f"{accepted} pris en charge": accepted,
            f"{repeated} déjà remis": repeated,
            f"{refused} refusé{some}": refused,
        }
        return ", ".join(text for text, count in told.items() if count) or "aucun acte"

    def _lines(self) -> Iterator[str]:
        local = self.at.astimezone(ZoneInfo(self.time_zone))
        yield f"Lot « {self.lot} » de {self.siren}, lu le {local:%d/%m/%Y à %H:%M}"
        yield f"Actes : {self.summary()}."
        if self.date_seance is not None and self.seance_actes is not None:
            day = f"{self.date_seance:%d/%m/%Y}"
            yield f"Séance du {day} : la liste attend {self.seance_actes} acte(s)."
        for note in self.notes:
            yield f"À vérifier, {note}."
        if self.problems:
            yield ""
            yield "Le lot lui-même :"
            yield from (f"  - {problem}" for problem in self.problems)
        # What is to be mended first.
        for entry in sorted(self.entries, key=lambda each: each.fate is not Fate.REFUSED):
            yield ""
            yield f"{entry.where}, acte {entry.numero or '(sans numéro)'} : {entry.fate.label}"
            yield from (f"  - {problem}" for problem in entry.problems)
            yield from (f"  {note}." for note in entry.notes)
        if self.refused:
            yield ""
            yield (
                "Corrigez ce qui est refusé, puis remettez le dossier dans arrivee : ce qui est "
                "déjà pris en charge ne sera pas doublé."
            )


def _json(entry: Entry) -> dict[str, Any]:
    return {
        "ligne": entry.where,
        "numero": entry.numero,
        "sort": entry.fate.code,
        "acte": entry.acte_id,
        "problemes": [asdict(problem) for problem in entry.problems],
        "notes": list(entry.notes),
    }
