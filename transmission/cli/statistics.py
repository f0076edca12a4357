"""``transmission statistics``: how long acts take from their adoption to their receipt."""

from typing import TYPE_CHECKING

import click

from transmission.cli.context import authority_option, wired
from transmission.cli.told import json_option, wants_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transmission.console.statistics_figures import Figures, Line
    from transmission.domain.delays import UsualDelay

_WIDTH = 80
_LABEL = 36


@click.command(
    epilog="""\b
Exemples :
  transmission statistics
  transmission statistics --depuis 2026-01 --jusqu-a 2026-06
  transmission statistics --format csv > delais.csv
"""
)
@authority_option
@click.option("--depuis", metavar="AAAA-MM", default="", help="Premier mois d'adoption.")
@click.option("--jusqu-a", metavar="AAAA-MM", default="", help="Dernier mois d'adoption.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    help="table (par défaut), csv pour un tableur français, ou json.",
)
@json_option
@click.pass_context
def statistics(ctx: click.Context, siren: str | None, depuis: str, jusqu_a: str, form: str) -> None:
    """Dire en combien de jours les actes sont reçus en préfecture.

    De la date de la décision à celle de l'accusé de réception, par nature, par matière et par
    mois d'adoption ; pour toutes les collectivités sans --siren, et pour les douze derniers mois et
    celui-ci sans autre période. Le CSV et le JSON donnent en plus la répartition des délais.
    """
    from transmission.console.statistics_export import statistics_csv, statistics_json
    from transmission.console.statistics_page import Asked, read_statistics

    asked = Asked((siren or "").replace(" ", ""), depuis, jusqu_a)
    with wired(ctx) as made, made.engine.connect() as connection:
        page = read_statistics(connection, asked, made.tools.clock.now())
    if page.figures is None:
        raise click.UsageError(page.problem, ctx)
    form = "json" if wants_json() else form
    if form == "table":
        _show(page.figures)
    else:
        written = {"csv": statistics_csv, "json": statistics_json}[form](page.figures)
        # As bytes: a spreadsheet reads this file, whatever the encoding of the terminal.
        click.echo(written.encode(), nl=False)


def _show(figures: "Figures") -> None:
    from transmission.cli.facts import wrapped
    from transmission.domain.delays import LONG

    owner = figures.owner.nom if figures.owner else "Toutes les collectivités"
    for line in wrapped(f"{owner} : {figures.summary}", _WIDTH):
        click.echo(line)
    for remark in figures.remarks:
        click.echo("\n".join(wrapped(remark, _WIDTH)))
    if not figures.overall.delays.acts:
        return
    click.echo()
    click.secho(_row("", "Actes", "Médiane", "9 sur 10", "Maximum", f"> {LONG} j"), bold=True)
    click.echo(_told(figures.overall))
    for section in figures.sections:
        click.secho(f"\n{section.title}", bold=True)
        for each in section.lines:
            click.echo(_told(each))
    _show_usual(figures.usual)


def _show_usual(usual: "Mapping[str, UsualDelay]") -> None:
    from transmission.cli.facts import wrapped
    from transmission.console.words import duration

    if usual:
        click.secho("\nDe l'envoi à l'accusé, par TdT (médiane, 9 sur 10, 99 sur 100)", bold=True)
    for name, found in sorted(usual.items()):
        times = ", ".join(map(duration, (found.p50, found.p90, found.p99)))
        click.echo("\n".join(wrapped(f"{name} : {times}, sur {found.acts} actes", _WIDTH)))


def _told(line: "Line") -> str:
    from transmission.console.statistics_figures import in_days
    from transmission.console.words import number, shortened

    found = line.delays
    days = map(in_days, (found.median, found.p90, found.longest))
    label = shortened(line.label, _LABEL - 1)
    return _row(label, number(found.acts), *days, line.long_share)


def _row(label: str, *cells: str) -> str:
    return label.ljust(_LABEL) + "".join(cell.rjust(9) for cell in cells[:-1]) + cells[-1].rjust(8)
