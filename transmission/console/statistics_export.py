"""The delays as files: one table for spreadsheets, one document for programs."""

import json
from collections.abc import Iterator
from typing import Any

from transmission.console.spreadsheets import Cell, french_csv
from transmission.console.statistics_figures import MATIERES, MONTHS, NATURES, Figures, Line
from transmission.domain.delays import BINS, LONG, Delays, UsualDelay

_HEAD = (
    "Collectivité",
    "Depuis",
    "Jusqu'à",
    "Regroupement",
    "Groupe",
    "Actes reçus",
    "Médiane (jours)",
    "9 actes sur 10 (jours)",
    "Maximum (jours)",
    f"Plus de {LONG} jours",
    f"Part de plus de {LONG} jours (%)",
    *(f"Reçus : {one.label}" for one in BINS),
    "Pas encore reçus",
    "Accusé daté d'avant l'adoption",
)


def statistics_csv(figures: Figures) -> str:
    """One row for all the acts, then one for each nature, matière and month, for a spreadsheet.

    Codes stay beside their labels: alone, ``7.10`` would be taken for a number or a date.
    """
    period = figures.delays.period
    owner = figures.owner.nom if figures.owner else "Toutes"
    about = (owner, f"{period.first:%Y-%m}", f"{period.last:%Y-%m}")
    return french_csv([_HEAD, *((*about, *row) for row in _rows(figures))])


def statistics_json(figures: Figures) -> str:
    """The same figures and every delay of which they are made: pairs of days and acts."""
    lines = {section.key: section.lines for section in figures.sections}
    period = figures.delays.period
    document = {
        "siren": figures.owner.siren if figures.owner else None,
        "period": {"first": f"{period.first:%Y-%m}", "last": f"{period.last:%Y-%m}"},
        "bins": [{"first": one.first, "last": one.last} for one in BINS],
        "all": _figures(figures.delays.overall),
        "natures": [_named("nature", line) for line in lines[NATURES]],
        "matieres": [_named("matiere", line) for line in lines[MATIERES]],
        "months": [_named("month", line) for line in lines[MONTHS]],
        "tdt": [_usual(name, found) for name, found in sorted(figures.usual.items())],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def file_name(figures: Figures) -> str:
    """A name for either file, without its extension: ``delais-123456782-2025-11-2026-11``."""
    period = figures.delays.period
    owner = f"-{figures.owner.siren}" if figures.owner else ""
    return f"delais{owner}-{period.first:%Y-%m}-{period.last:%Y-%m}"


def _rows(figures: Figures) -> Iterator[tuple[Cell, ...]]:
    yield ("Ensemble", figures.overall.label, *_cells(figures.overall.delays))
    for section in figures.sections:
        for line in section.lines:
            # A month by its code is in its place wherever rows are sorted.
            name = line.code if section.key == MONTHS else line.label
            yield (section.heading, name, *_cells(line.delays))


def _cells(found: Delays) -> tuple[Cell, ...]:
    share = round(100 * found.long / found.acts, 1) if found.acts else None
    return (
        found.acts,
        found.median,
        found.p90,
        found.longest,
        found.long,
        share,
        *found.bins,
        found.pending,
        found.impossible,
    )


def _named(name: str, line: Line) -> dict[str, Any]:
    label = line.label.replace("\u00a0", " ")
    return {name: line.code, "label": label, **_figures(line.delays)}


def _figures(found: Delays) -> dict[str, Any]:
    return {
        "acts": found.acts,
        "median": found.median,
        "p90": found.p90,
        "max": found.longest,
        f"over_{LONG}_days": found.long,
        "bins": list(found.bins),
        "pending": found.pending,
        "before_adoption": found.impossible,
        "days": [list(pair) for pair in found.counts],
    }


def _usual(name: str, found: UsualDelay) -> dict[str, Any]:
    return {
        "tdt": name,
        "acts": found.acts,
        "p50_seconds": found.p50.total_seconds(),
        "p90_seconds": found.p90.total_seconds(),
        "p99_seconds": found.p99.total_seconds(),
    }
