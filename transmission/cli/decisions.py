"""``release``, ``abandon``, ``cancel``, ``resend``: what only a person decides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import click

from transmission.cli.context import about_an_acte, author, author_option, named_acte
from transmission.domain.errors import ConflictError


def _decision(command: Callable[..., Any]) -> Callable[..., Any]:
    reason = click.option(
        "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
    )
    return about_an_acte(reason(author_option(click.pass_context(command))))


_message = click.option(
    "--message", metavar="CODE", help="Lequel, s'il y en a plusieurs : 1-1, 3-4, 4-4, 6-1…"
)


@click.command(epilog='Exemple : transmission release D20230009710 --motif "certificat renouvelé"')
@_message
@_decision
def release(ctx: click.Context, numero: str, **options: Any) -> None:
    """Relancer l'envoi de l'acte NUMERO, ou d'une réponse, qui attend un opérateur."""
    from transmission.services.release import release as decided

    _decide(ctx, decided, numero, **options)


@click.command(epilog='Exemple : transmission abandon D20230009710 --motif "acte retiré"')
@_message
@_decision
def abandon(ctx: click.Context, numero: str, **options: Any) -> None:
    """Abandonner l'envoi de l'acte NUMERO, ou d'une réponse, qui attend un opérateur."""
    from transmission.services.release import abandon as decided

    _decide(ctx, decided, numero, **options)


@click.command(epilog='Exemple : transmission cancel D20230009710 --motif "acte rapporté"')
@_decision
def cancel(
    ctx: click.Context,
    numero: str,
    day: date | None,
    siren: str | None,
    motif: str,
    par: str | None,
) -> None:
    """Retirer l'acte NUMERO s'il n'est pas parti, sinon demander son annulation à l'État.

    L'annulation n'a lieu qu'à l'accusé de la préfecture, et le numéro ne peut plus servir.
    """
    from transmission.services.cancel import cancel as decided

    with named_acte(ctx, numero, day, siren) as named:
        moved = decided(named.tools, named.acte_id, author(par, motif))
    click.echo(f"Acte {numero} : {moved.state.label}.")


@click.command(epilog='Exemple : transmission resend D20230009710 --motif "classification à jour"')
@_decision
@click.option("--numero", "renamed", metavar="NOUVEAU", help="Numéro sous lequel l'envoyer.")
def resend(
    ctx: click.Context,
    numero: str,
    renamed: str | None,
    day: date | None,
    siren: str | None,
    motif: str,
    par: str | None,
) -> None:
    """Renvoyer l'acte NUMERO, rejeté ou retiré, avec la classification en vigueur.

    Certains TdT refusent qu'un numéro serve deux fois : donnez alors --numero.
    """
    from transmission.services.resend import resend as decided

    with named_acte(ctx, numero, day, siren) as named:
        opened = decided(named.tools, named.acte_id, author(par, motif), renamed)
    sent_as = opened.id_acte.numero_interne
    under = "" if sent_as == numero.upper() else f", sous le numéro {sent_as}"
    click.echo(f"Acte {numero} : {opened.state.label}{under}.")


def _decide(
    ctx: click.Context,
    decided: Callable[..., Any],
    numero: str,
    *,
    day: date | None,
    siren: str | None,
    motif: str,
    par: str | None,
    message: str | None,
) -> None:
    from transmission.domain.messages import ACTE, label_of

    with named_acte(ctx, numero, day, siren) as named, _which_one():
        moved = decided(named.tools, named.acte_id, author(par, motif), message)
    about = "" if moved.message == ACTE else f", {label_of(moved.message)}"
    click.echo(f"Acte {numero}{about} : {moved.state.label}.")


@contextmanager
def _which_one() -> Iterator[None]:
    try:
        yield
    except ConflictError as error:
        raise ConflictError(f"{error} Ajoutez --message CODE.") from error
