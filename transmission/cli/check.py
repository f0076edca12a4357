"""``check``: what the compliance checks found, and the person who takes note of it."""

from itertools import islice
from typing import TYPE_CHECKING

import click

from transmission.cli.context import author, author_option, authority_option, wired
from transmission.cli.told import json_option, wants_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from transmission.console.compliance_page import FindingFilters, FindingView
    from transmission.services.toolbox import Toolbox
    from transmission.store.queries.findings import FindingLine

_SHOWN = 100
_EXPORTED = 10_000
_GRAVE = 1
"""Exit status with ``--strict`` while a grave alert has not been taken note of."""


@click.command(
    epilog="""\b
Exemples :
  transmission check --gravite grave
  transmission check --maintenant --strict
  transmission check --format csv --tous > alertes.csv
  transmission check --acquitter 31 --motif "retard dû à la panne du 17"
"""
)
@authority_option
@click.option(
    "--gravite", type=click.Choice(["grave", "attention", "info"]), help="Cette gravité seule."
)
@click.option("--controle", metavar="CODE", help="Ce contrôle seul, par exemple accuse_absent.")
@click.option("--tous", is_flag=True, help="Celles dont une personne a déjà pris acte aussi.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["texte", "csv", "json"]),
    default="texte",
    help="texte (par défaut), csv pour un tableur français, ou json.",
)
@click.option("--maintenant", is_flag=True, help="Refaire d'abord les contrôles.")
@click.option(
    "--strict", is_flag=True, help="Finir par le code 1 si une alerte grave attend quelqu'un."
)
@click.option(
    "--acquitter",
    type=click.IntRange(1, 2**63 - 1),
    metavar="N",
    help="Prendre acte de l'alerte n° N, au lieu de lister.",
)
@click.option("--motif", metavar="TEXTE", help="Avec --acquitter : pourquoi ; il est conservé.")
@author_option
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    siren: str | None,
    gravite: str | None,
    controle: str | None,
    form: str,
    acquitter: int | None,
    motif: str | None,
    par: str | None,
    *,
    tous: bool,
    maintenant: bool,
    strict: bool,
) -> None:
    """Lister les alertes de conformité ouvertes, les plus graves d'abord.

    Les contrôles se refont d'eux-mêmes à chaque événement et chaque jour. Une alerte se ferme
    quand sa cause a disparu ; --acquitter dit qu'une personne l'a vue et pourquoi elle peut rester.
    Aucune n'est effacée. Sans --strict, le code de sortie ne dit rien des alertes.
    """
    if acquitter is not None:
        _acknowledge(ctx, acquitter, motif, par)
        return
    from transmission.console.compliance_page import FindingFilters

    _require_known(ctx, controle)
    owner = (siren or "").replace(" ", "")
    filters = FindingFilters(gravite or "", controle or "", owner, "" if tous else "non")
    with wired(ctx) as made:
        if maintenant:
            _check_now(made.tools, owner)
        with made.engine.connect() as connection:
            _list(connection, filters, "json" if wants_json() else form)
            grave = strict and _awaits_somebody(connection, owner)
    if grave:
        ctx.exit(_GRAVE)


def _require_known(ctx: click.Context, code: str | None) -> None:
    from transmission.domain.legal.checks import CHECKS

    if code is not None and code not in CHECKS:
        raise click.UsageError(
            f"Aucun contrôle ne s'appelle « {code} ». docs/compliance.md les liste.", ctx
        )


def _acknowledge(ctx: click.Context, number: int, reason: str | None, par: str | None) -> None:
    from transmission.services.check import acknowledge

    if not reason:
        raise click.UsageError("--acquitter demande un --motif.", ctx)
    with wired(ctx) as made:
        seen = acknowledge(made.tools, number, author(par, reason))
    told = "elle est fermée" if seen.closed_at else "elle se fermera quand sa cause aura disparu"
    click.echo(f"Alerte n° {number} : {seen.acknowledged_by} en a pris acte ; {told}.")


def _check_now(tools: "Toolbox", siren: str) -> None:
    from transmission.services.assess import AssessmentError, assess
    from transmission.services.check import recheck_silent
    from transmission.services.check_lists import check_lists

    recheck_silent(tools)
    with tools.register() as unit:
        known = [unit.authority_by_siren(siren)] if siren else unit.authorities()
    for owner in known:
        try:
            while assess(tools, owner.id):
                pass
        except AssessmentError as error:
            click.echo(f"{owner.collectivite.nom} : {error}", err=True)
        check_lists(tools, owner.id)


def _list(connection: "Connection", filters: "FindingFilters", form: str) -> None:
    from transmission.console.compliance_export import findings_csv, findings_json
    from transmission.console.compliance_page import FindingView
    from transmission.store.queries.findings import every_finding

    most = _SHOWN if form == "texte" else _EXPORTED
    lines = every_finding(connection, filters.wanted)
    found = [FindingView(line) for line in islice(lines, most + 1)]
    shown, whole = found[:most], len(found) <= most
    if form == "texte":
        _show(shown, whole=whole)
        return
    if form == "csv":
        written = findings_csv(shown)
        if not whole:
            click.echo(f"Seules les {most} premières alertes sont écrites.", err=True)
    else:
        written = findings_json(filters, shown, whole=whole)
    # As bytes: a spreadsheet reads this file, whatever the encoding of the terminal.
    click.echo(written.encode(), nl=False)


def _awaits_somebody(connection: "Connection", siren: str) -> bool:
    from transmission.domain.legal.findings import Severity
    from transmission.store.queries.findings import WantedFindings, open_findings

    wanted = WantedFindings(severity=Severity.GRAVE, siren=siren or None, seen=False)
    return bool(open_findings(connection, wanted, limit=1).lines)


def _show(found: "Sequence[FindingView]", *, whole: bool) -> None:
    from transmission.cli.facts import Facts, show
    from transmission.console.words import moment

    for view in found:
        line = view.line
        facts: Facts = {"Constat": line.message, "À faire": line.remedy}
        facts["Collectivité"] = line.collectivite
        facts["Ouverte"] = moment(line.opened_at, line.time_zone)
        facts["Source"] = view.source
        facts |= _by_label(line.evidence) | _seen(line)
        show(f"Alerte n° {line.id}, {line.severity.label.lower()} : {view.title}", facts)
    if not found:
        click.echo("Aucune alerte n'est ouverte.")
    if not whole:
        click.echo(
            f"Il y en a d'autres : seules les {len(found)} plus graves sont montrées. "
            "--format csv les donne toutes."
        )


def _by_label(evidence: "Iterable[tuple[str, str]]") -> "dict[str, str]":
    """Evidence as facts: values of one label follow each other."""
    found: dict[str, str] = {}
    for label, value in evidence:
        found[label] = f"{found[label]} ; {value}" if label in found else value
    return found


def _seen(line: "FindingLine") -> "dict[str, str]":
    from transmission.console.words import moment

    if line.acknowledged_at is None:
        return {}
    when = moment(line.acknowledged_at, line.time_zone)
    return {"Pris acte": f"{when}, par {line.acknowledged_by} : {line.acknowledged_reason}"}
