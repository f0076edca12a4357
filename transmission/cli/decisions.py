"""``release``, ``abandon``, ``cancel``, ``resend``: what only a person decides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import click

from transmission.cli.context import about_an_acte, author, author_option, named_acte
from transmission.cli.many import or_many
from transmission.cli.service import Named, from_afar, service_of
from transmission.cli.told import json_option, tell
from transmission.domain.decisions import Decision
from transmission.domain.errors import ConflictError
from transmission.domain.lifecycle import State


def _decision(decision: Decision) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    reason = click.option(
        "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
    )

    def given(command: Callable[..., Any]) -> Callable[..., Any]:
        decided = click.pass_context(or_many(decision)(command))
        return about_an_acte(reason(author_option(json_option(decided))), required=False)

    return given


_message = click.option(
    "--message", metavar="CODE", help="Lequel, s'il y en a plusieurs : 1-1, 3-4, 4-4, 6-1…"
)


_RELEASE = """\b
Exemples :
  transmission release D20230009710 --motif "certificat renouvelé"
  transmission release --tous --etat held --motif "panne finie" --essai
"""
_RESEND = """\b
Exemples :
  transmission resend D20230009710 --motif "classification à jour"
  transmission resend --tous --etat rejected --renumeroter --motif "corrigé"
"""


@click.command(epilog=_RELEASE)
@_message
@_decision(Decision.RELEASE)
def release(ctx: click.Context, numero: str, **options: Any) -> None:
    """Relancer l'envoi de l'acte NUMERO, ou d'une réponse, qui attend un opérateur."""
    from transmission.services.release import release as decided

    _decide(ctx, decided, numero, **options)


@click.command(epilog='Exemple : transmission abandon D20230009710 --motif "acte retiré"')
@_message
@_decision(Decision.ABANDON)
def abandon(ctx: click.Context, numero: str, **options: Any) -> None:
    """Abandonner l'envoi de l'acte NUMERO, ou d'une réponse, qui attend un opérateur."""
    from transmission.services.release import abandon as decided

    _decide(ctx, decided, numero, **options)


@click.command(epilog='Exemple : transmission cancel D20230009710 --motif "acte rapporté"')
@from_afar
@_decision(Decision.CANCEL)
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
    with service_of(ctx, par) as service, service.acte(Named(numero, day, siren)) as acte:
        state = acte.cancel(motif)
    tell(
        lambda: {"acte": numero, **_state(state)},
        lambda: click.echo(f"Acte {numero} : {state.label}."),
    )


@click.command(epilog=_RESEND)
@from_afar
@_decision(Decision.RESEND)
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
    with service_of(ctx, par) as service, service.acte(Named(numero, day, siren)) as acte:
        state, sent_as = acte.resend(motif, renamed)
    under = "" if sent_as == numero.upper() else f", sous le numéro {sent_as}"
    tell(
        lambda: {"acte": numero, **_state(state), "envoye_sous": sent_as},
        lambda: click.echo(f"Acte {numero} : {state.label}{under}."),
    )


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
    tell(
        lambda: {"acte": numero, "message": moved.message, **_state(moved.state)},
        lambda: click.echo(f"Acte {numero}{about} : {moved.state.label}."),
    )


def _state(state: State) -> dict[str, str]:
    return {"etat": state.code, "etat_libelle": state.label}


@contextmanager
def _which_one() -> Iterator[None]:
    try:
        yield
    except ConflictError as error:
        raise ConflictError(f"{error} Ajoutez --message CODE.") from error
