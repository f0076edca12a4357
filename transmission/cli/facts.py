"""What people ask of an act, label by label, printed so that it can be read and copied."""

import textwrap
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from transmission.console.timeline import Timeline
from transmission.console.waiting import following, reason
from transmission.console.words import moment, visible
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.reading import Reading
from transmission.domain.transmission import AdoptedActe, Transmission

_COLUMNS = 80
_INDENT = 2

Facts = dict[str, str | Path]
"""Label → text, which is folded to the width, or path, which never is."""


def facts_of(
    collectivite: Collectivite,
    acte: AdoptedActe,
    transmission: Transmission,
    reading: Reading,
    now: datetime,
) -> Facts:
    """Where an act stands, in the order of its life.

    ``reading`` is what the legal clock says of it today; ``now`` is an aware UTC instant.
    """
    zone = collectivite.time_zone
    automatic = following(transmission.state, transmission.next_attempt_at, now, zone)
    facts: Facts = {
        "Collectivité": collectivite.nom,
        "Objet": acte.objet,
        "Date de la décision": f"{acte.date_decision:%d/%m/%Y}",
        "État": transmission.state.label,
        "Depuis": moment(transmission.state_since, zone),
        "Attend": f"{reason(transmission.state, transmission.waiting_for)} {automatic}".strip(),
    }
    if transmission.reference:
        facts["Référence du TdT"] = transmission.reference
    if transmission.parcel:
        facts["Archive"] = transmission.parcel.archive_name
    return facts | _legal_facts(acte, transmission, reading)


def _legal_facts(acte: AdoptedActe, transmission: Transmission, reading: Reading) -> Facts:
    if transmission.date_reception is None or transmission.id_acte is None:
        return {}
    return {
        "Identifiant de télétransmission": str(transmission.id_acte),
        "Identifiant de fichier": transmission.id_acte.printed(acte.pieces[0].code_type_pj),
        "Reçu en préfecture le": f"{transmission.date_reception:%d/%m/%Y}",
        **_limit(Timeline(reading)),
    }


def _limit(timeline: Timeline) -> Facts:
    limit = timeline.limit
    if limit is None:
        return {"Contrôle de légalité": timeline.scope}
    if limit.day is None:
        return {limit.label: f"{limit.reason} (règle {limit.legal.rule})"}
    told = ", ".join((f"règle {limit.legal.rule}", *limit.marks))
    return {limit.label: f"{limit.day:%d/%m/%Y} ({told})"}


def show(title: str, facts: Mapping[str, str | Path]) -> None:
    """Print labelled facts in 80 columns; a path keeps a line of its own rather than be cut."""
    click.secho(title, bold=True)
    start = _INDENT + max(map(len, facts)) + 2
    for label, fact in facts.items():
        head = f"{' ' * _INDENT}{label}".ljust(start)
        lines = [str(fact)] if isinstance(fact, Path) else wrapped(fact, _COLUMNS - start)
        if any(len(line) > _COLUMNS - start for line in lines):
            click.echo(head.rstrip())
            head = " " * 2 * _INDENT
        click.echo(f"{head}{lines[0]}")
        for line in lines[1:]:
            click.echo(f"{' ' * len(head)}{line}")


def wrapped(text: str, width: int) -> list[str]:
    """Lines of a text that may come from outside: words stay whole, controls are spelt out."""
    shown = visible(text)
    return textwrap.wrap(shown, width, break_long_words=False, break_on_hyphens=False) or [""]
