"""``transmission webhook test``, ``log``, ``replay``: what is sent to a program, and again."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from transmission.cli.context import Day, author, authority_option
from transmission.cli.told import json_option
from transmission.cli.webhook_named import by, named

_LINES = 20
_LINES_MAX = 1000


@click.command(
    epilog="Exemple : transmission webhook test agenda", short_help="Appeler tout de suite."
)
@click.argument("nom")
@by
@click.pass_context
def test(ctx: click.Context, nom: str, siren: str | None, par: str | None) -> None:
    """Appeler le webhook NOM avec un événement d'essai ; finit par 1 s'il ne l'a pas pris."""
    from transmission.cli.webhook_shown import show_test
    from transmission.services.webhook_log import try_webhook

    with named(ctx, nom, siren) as it:
        tested = try_webhook(it.tools, *it.key, author(par))
    show_test(tested)
    ctx.exit(0 if tested.delivered else 1)


@click.command(
    epilog="Exemple : transmission webhook log agenda --echecs",
    short_help="Ce qui a été envoyé, ou attend.",
)
@click.argument("nom")
@click.option("--echecs", is_flag=True, help="Seulement ce qui a été abandonné.")
@click.option("--nombre", type=click.IntRange(1, _LINES_MAX), default=_LINES, help="Combien (20).")
@authority_option
@json_option
@click.pass_context
def log(
    ctx: click.Context,
    nom: str,
    nombre: int,
    siren: str | None,
    *,
    echecs: bool,
) -> None:
    """Lister les événements du webhook NOM, du plus récent au plus ancien, et chaque essai."""
    from transmission.cli.webhook_shown import show_log
    from transmission.store.queries.webhooks import deliveries

    with named(ctx, nom, siren) as it, it.made.engine.connect() as connection:
        found = deliveries(connection, it.webhook.id, None, nombre + 1, failed=echecs)
        show_log(found, nombre, it.owner.collectivite.time_zone)


@click.command(
    epilog="""\b
Exemples :
  transmission webhook replay agenda --envoi 31
  transmission webhook replay agenda --depuis 2026-03-03
""",
    short_help="Renvoyer un événement, ou tous depuis un jour.",
)
@click.argument("nom")
@click.option("--envoi", type=click.IntRange(1, 2**63 - 1), metavar="N", help="Un seul.")
@click.option("--depuis", type=Day(), help="Tous ceux écrits ce jour-là ou après.")
@click.option("--jusqu-au", "last", type=Day(), help="Dernier jour (sinon, aujourd'hui).")
@click.option("--echecs", is_flag=True, help="Seulement ce qui a été abandonné.")
@by
@click.pass_context
def replay(
    ctx: click.Context,
    nom: str,
    envoi: int | None,
    depuis: date | None,
    last: date | None,
    siren: str | None,
    par: str | None,
    *,
    echecs: bool,
) -> None:
    """Renvoyer au webhook NOM, dans l'ordre et sous les mêmes identifiants."""
    from transmission.cli.webhook_shown import show_replayed
    from transmission.services.webhook_log import replay_event, replay_events

    if (envoi is None) is (depuis is None):
        raise click.UsageError("Donnez --envoi ou --depuis.", ctx)
    with named(ctx, nom, siren) as it:
        count, zone = 1, it.owner.collectivite.time_zone
        if depuis is None:
            replay_event(it.tools, *it.key, envoi or 0, author(par))
        else:
            until = None if last is None else _began(last + timedelta(days=1), zone)
            since, by = _began(depuis, zone), author(par)
            count = replay_events(it.tools, *it.key, since, until, by, failed=echecs)
    show_replayed(count)


def _began(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
