"""``transmission explain``: the legal dates of an act, each with its reason, and « et si… »."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import click

from transmission.cli.context import Day, about_an_acte, named_acte
from transmission.cli.told import json_option, wants_json
from transmission.domain.legal.evenements import EventKind

if TYPE_CHECKING:
    from transmission.console.whatif import WhatIf
    from transmission.domain.legal.cases import LegalCase
    from transmission.store.queries import ActeStory

_PARTS = 3


@click.command(
    epilog=f"""\b
Exemples :
  transmission explain D20230009710
  transmission explain D20230009710 --si "pieces 2026-05-11"
  transmission explain D20230009710 --a-la-date 2026-09-01 --format json

Événements : {", ".join(kind.code for kind in EventKind)}.
"""
)
@about_an_acte
@click.option(
    "--format",
    "form",
    type=click.Choice(["texte", "json"]),
    default="texte",
    show_default=True,
    help="Texte à lire, ou document pour un programme.",
)
@click.option(
    "--a-la-date",
    "read_on",
    type=Day(),
    help="Lire l'acte tel qu'on le voyait, ou le verra, ce jour-là (sinon aujourd'hui).",
)
@click.option(
    "--si",
    "hypotheses",
    metavar="ÉVÉNEMENT",
    multiple=True,
    help='Événement supposé et son jour, puis celui de son envoi : "pieces 2026-05-11" '
    "(répétable).",
)
@json_option
@click.pass_context
def explain(
    ctx: click.Context,
    numero: str,
    day: date | None,
    siren: str | None,
    form: str,
    read_on: date | None,
    hypotheses: tuple[str, ...],
) -> None:
    """Expliquer les délais et les dates juridiques de l'acte NUMERO.

    Chaque date est donnée avec sa raison, l'article et la règle qui la fixent, ce qu'elle attend
    encore, et « à vérifier » quand aucun texte n'a été trouvé. Rien n'est enregistré.
    """
    from transmission.clock import civil_day
    from transmission.store.queries import read_story
    from transmission.store.queries.legal import legal_case

    with named_acte(ctx, numero, day, siren) as named, named.engine.connect() as connection:
        story = read_story(connection, named.acte_id)
        case = legal_case(connection, named.acte_id)
        assert story is not None and case is not None  # noqa: S101, PT018 - it was just found
        today = civil_day(named.tools.clock.now(), case.time_zone)
    if read_on is not None and read_on < today:
        case = _as_known_on(case, read_on)
    what_if = _tried(case, read_on or today, hypotheses)
    (_show_json if form == "json" or wants_json() else _show_text)(story, what_if, read_on)


def _as_known_on(case: "LegalCase", day: date) -> "LegalCase":
    """The act with what had reached its addressee by a civil day."""
    return replace(case, events=tuple(each for each in case.events if each.received <= day))


def _tried(case: "LegalCase", day: date, hypotheses: Sequence[str]) -> "WhatIf":
    from transmission.console.whatif import MOST, tried

    if len(hypotheses) > MOST:
        raise click.UsageError(f"Supposez au plus {MOST} événements à la fois.")
    parts = [hypothesis.split() for hypothesis in hypotheses]
    for written, each in zip(hypotheses, parts, strict=True):
        if not 1 < len(each) <= _PARTS:
            raise click.UsageError(f"--si « {written} » : écrivez l'événement, puis son jour.")
    columns = ([(*each, "")[rank] for each in parts] for rank in range(_PARTS))
    what_if = tried(partial(case.read, day), *columns)
    if what_if.problems:
        raise click.UsageError("\n".join(what_if.problems))
    return what_if


def _show_text(story: "ActeStory", what_if: "WhatIf", read_on: date | None) -> None:
    from transmission.cli.explain_text import show_changes, show_timeline
    from transmission.cli.facts import show
    from transmission.console.timeline import Timeline
    from transmission.console.words import day as written

    facts = {
        "Collectivité": story.collectivite.nom,
        "Objet": story.acte.objet,
        "Nature": f"{story.acte.nature.label}, matière {story.acte.matiere}",
        "Lu le": f"{written(what_if.before.today)}{' (date demandée)' if read_on else ''}",
    }
    show(f"Acte {story.acte.numero_interne}", facts)
    if what_if.after is not None:
        click.echo()
        show_changes(what_if.sentences, what_if.changes, what_if.reasons)
    show_timeline(Timeline(what_if.after or what_if.before))


def _show_json(story: "ActeStory", what_if: "WhatIf", _read_on: date | None) -> None:
    from transmission.cli.explain_json import reading_json

    about = {
        "numero_interne": str(story.acte.numero_interne),
        "date_decision": story.acte.date_decision.isoformat(),
        "nature": str(story.acte.nature.code),
        "matiere": str(story.acte.matiere),
        "objet": story.acte.objet,
        "siren": str(story.collectivite.siren),
        "collectivite": story.collectivite.nom,
        "id_acte": str(story.latest.id_acte),
    }
    before = what_if.before if what_if.after else None
    click.echo(reading_json(about, what_if.after or what_if.before, before), nl=False)
