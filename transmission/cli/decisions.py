"""``publish``, ``release``, ``abandon``: what only a person decides."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from transmission.cli.context import Day, about_an_acte, author, author_option, named_acte


def _decision(command: Callable[..., Any]) -> Callable[..., Any]:
    reason = click.option(
        "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
    )
    return about_an_acte(reason(author_option(click.pass_context(command))))


@click.command(epilog="Exemple : transmission publish D20230009710 --le 2023-03-10")
@about_an_acte
@click.option("--le", "online", required=True, type=Day(), help="Date de mise en ligne.")
@click.option("--adresse", metavar="URL", help="Adresse publique de l'acte.")
@author_option
@click.pass_context
def publish(
    ctx: click.Context,
    numero: str,
    day: date | None,
    siren: str | None,
    online: date,
    adresse: str | None,
    par: str | None,
) -> None:
    """Enregistrer la date de mise en ligne de l'acte NUMERO."""
    from transmission.services.publish import publish as record

    with named_acte(ctx, numero, day, siren) as named:
        record(named.tools, named.acte_id, online, adresse, author(par))
    click.echo(f"Acte {numero} : mis en ligne le {online:%d/%m/%Y}.")


@click.command(epilog='Exemple : transmission release D20230009710 --motif "certificat renouvelé"')
@_decision
def release(ctx: click.Context, numero: str, **options: Any) -> None:
    """Relancer l'acte NUMERO, qui attend un opérateur."""
    from transmission.services.release import release as decided

    _decide(ctx, decided, numero, **options)


@click.command(epilog='Exemple : transmission abandon D20230009710 --motif "acte retiré"')
@_decision
def abandon(ctx: click.Context, numero: str, **options: Any) -> None:
    """Abandonner l'acte NUMERO, qui attend un opérateur."""
    from transmission.services.release import abandon as decided

    _decide(ctx, decided, numero, **options)


def _decide(
    ctx: click.Context,
    decided: Callable[..., Any],
    numero: str,
    *,
    day: date | None,
    siren: str | None,
    motif: str,
    par: str | None,
) -> None:
    with named_acte(ctx, numero, day, siren) as named:
        moved = decided(named.tools, named.acte_id, author(par, motif))
    click.echo(f"Acte {numero} : {moved.state.label}.")
