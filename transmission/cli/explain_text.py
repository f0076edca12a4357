"""What the legal clock says of an act, for a person at a terminal: 80 columns, dates first."""

from collections.abc import Iterable, Iterator, Sequence

import click

from transmission.cli.facts import wrapped
from transmission.console.timeline import Happened, Timeline, Told
from transmission.console.whatif import Change

_COLUMNS = 80
_DAY = 12
_BODY = 2 + _DAY
_WHAT = 27


def show_timeline(timeline: Timeline) -> None:
    """Print states, dates ahead, unknown and past, and what happened, each with its reason."""
    _section("Situation", _situation(timeline))
    for heading, told in (
        ("Délais en cours et dates à venir", timeline.ahead),
        ("Dates inconnues", timeline.unknown),
        ("Délais finis et dates atteintes", timeline.past),
    ):
        _section(heading, _spaced(_date(each) for each in told))
    _section("Ce qui est arrivé", _spaced(_event(each) for each in timeline.events))


def show_changes(
    sentences: Iterable[str], changes: Sequence[Change], reasons: Iterable[str]
) -> None:
    """Print what supposed events would change, and that nothing is recorded."""
    click.secho("Hypothèse : rien de ceci n'est enregistré", bold=True)
    click.echo("  Si, en plus du dossier :")
    for sentence in sentences:
        _lines(f"– {sentence}", "    ", "      ")
    _section("Ce qui changerait", _moved(changes))
    for reason in reasons:
        _lines(f"Sans effet : {reason}", "  ")


def _section(heading: str, lines: Iterable[str]) -> None:
    printed = list(lines)
    if printed:
        click.echo()
        click.secho(heading, bold=True)
        click.echo("\n".join(printed))


def _spaced(entries: Iterable[Iterator[str]]) -> Iterator[str]:
    for rank, entry in enumerate(entries):
        if rank:
            yield ""
        yield from entry


def _situation(timeline: Timeline) -> Iterator[str]:
    for name, label, _ in timeline.states:
        yield f"  {name:<{_WHAT - 2}}{label}"
    yield from _folded(timeline.scope, "  ")
    yield from _folded(timeline.scope_source, "  ")
    for warning in timeline.warnings:
        yield from _folded(f"Attention : {warning}", "  ")


def _date(told: Told) -> Iterator[str]:
    marks = "".join(f" [{mark.upper()}]" for mark in told.marks)
    head = f"{told.day:%d/%m/%Y}" if told.day else "?"
    yield from _folded(f"{told.label}, {told.when}{marks}", f"  {head:<{_DAY}}", " " * _BODY)
    yield from _said(_reasons(told))


def _reasons(told: Told) -> Iterator[str]:
    yield told.reason
    if told.legal.awaits:
        yield f"Ce qui doit encore arriver : {told.legal.awaits}."
    for warning in told.legal.warnings:
        yield f"Attention : {warning}"
    if told.alternative:
        yield f"Autre lecture : {told.alternative}"
    yield told.source
    if told.inputs:
        days = ", ".join(f"{label} {day:%d/%m/%Y}" for label, day in told.inputs)
        yield f"Compté de : {days}."
    if told.calendar:
        yield f"Calendrier : {told.calendar}."
    if told.settings:
        yield f"Points contestés : {' ; '.join(told.settings)}."
    if told.finality:
        yield told.finality


def _event(event: Happened) -> Iterator[str]:
    details = f" ({', '.join(event.details)})" if event.details else ""
    mark = " [HYPOTHÈSE]" if event.is_supposed else ""
    yield from _folded(f"{event.label}{details}{mark}", f"  {event.day:%d/%m/%Y}  ", " " * _BODY)
    if not event.is_supposed:
        yield from _said([f"Source : {event.source}."])
    if event.without_effect:
        yield from _said([event.without_effect])


def _moved(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "  Rien."
    for change in changes:
        gap = f", soit {change.gap}" if change.gap else ""
        yield from _folded(f"{change.label} : {change.after}{gap}", "  ", "    ")
        yield from _folded(f"au lieu de : {change.before}", "    ")


def _said(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _folded(text, " " * _BODY)


def _lines(text: str, first: str, others: str | None = None) -> None:
    click.echo("\n".join(_folded(text, first, others)))


def _folded(text: str, first: str, others: str | None = None) -> Iterator[str]:
    margins = [first]
    for line in wrapped(text, _COLUMNS - len(first)):
        yield f"{margins.pop() if margins else first if others is None else others}{line}"
