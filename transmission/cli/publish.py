"""``transmission publish``: an act put on line, where, since when; or taken off line."""

from dataclasses import asdict
from datetime import date

import click

from transmission.cli.context import Day, about_an_acte, author_option
from transmission.cli.service import Named, Online, PutOnline, from_afar, service_of
from transmission.cli.told import json_option, tell

_EPILOG = """\b
Exemples :
  transmission publish D7 --le 2023-03-10 --registre
  transmission publish D7 --le 2023-03-10 --adresse https://example.org/7.pdf
  transmission publish D7 --retirer --motif "des noms" --forcer
"""


@click.command(epilog=_EPILOG)
@about_an_acte
@click.option("--le", "online", type=Day(), help="Date de mise en ligne.")
@click.option("--adresse", metavar="URL", help="Adresse publique du fichier, ailleurs.")
@click.option("--registre", is_flag=True, help="Faire servir l'acte tamponné par le registre.")
@click.option("--individuel", is_flag=True, help="Même un acte individuel ; demande --motif.")
@click.option("--noms-verifies", is_flag=True, help="Même s'il semble nommer une personne.")
@click.option("--retirer", is_flag=True, help="Ne plus le mettre en ligne ; demande --motif.")
@click.option("--forcer", is_flag=True, help="Retirer avant la fin des deux mois de publicité.")
@click.option("--motif", metavar="TEXTE", help="Pourquoi ; le motif entre au journal.")
@author_option
@from_afar
@json_option
@click.pass_context
def publish(
    ctx: click.Context,
    numero: str,
    day: date | None,
    siren: str | None,
    online: date | None,
    adresse: str | None,
    motif: str | None,
    par: str | None,
    *,
    registre: bool,
    individuel: bool,
    noms_verifies: bool,
    retirer: bool,
    forcer: bool,
) -> None:
    """Mettre l'acte NUMERO en ligne, ou noter qu'il y est ; avec --retirer, l'en ôter."""
    more = registre or individuel or noms_verifies
    _require_one_thing(online, adresse, retirer=retirer, more=more, early=forcer)
    with service_of(ctx, par) as service, service.acte(Named(numero, day, siren)) as acte:
        if online is None:
            _warn(acte.unpublish(motif, early=forcer))
            tell(
                lambda: {"acte": numero, "en_ligne": False},
                lambda: click.echo(f"Acte {numero} : n'est plus en ligne."),
            )
            return
        asked = Online(online, adresse, registre, individuel, noms_verifies, motif)
        published = acte.publish(asked)
    tell(
        lambda: {"acte": numero, "en_ligne": True, "date": online, **asdict(published)},
        lambda: _tell(numero, online, published),
    )
    _warn(published.avertissements)


def _tell(numero: str, online: date, published: PutOnline) -> None:
    click.echo(f"Acte {numero} : mis en ligne le {online:%d/%m/%Y}.")
    if published.adresse:
        click.echo(f"Adresse : {published.adresse}")
    click.echo(f"À garder en ligne au moins jusqu'au {published.date_minimum:%d/%m/%Y} inclus.")


def _warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        click.echo(f"Attention : {warning}", err=True)


def _require_one_thing(
    online: date | None, adresse: str | None, *, retirer: bool, more: bool, early: bool
) -> None:
    if retirer and (online or adresse or more):
        raise click.UsageError("--retirer va seul, avec --motif et au besoin --forcer.")
    if not retirer and online is None:
        raise click.UsageError("Donnez --le et la date de mise en ligne, ou --retirer.")
    if early and not retirer:
        raise click.UsageError("--forcer ne va qu'avec --retirer.")
