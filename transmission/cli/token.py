"""``transmission token``: the programs that may call, for one authority each."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import (
    Day,
    author,
    author_option,
    authority_option,
    chosen_authority,
    wired,
)
from transmission.cli.groups import CommandGroup
from transmission.cli.told import json_option, tell
from transmission.domain.access import Scope

if TYPE_CHECKING:
    from transmission.domain.access import Token
    from transmission.domain.collectivite import Collectivite

_WORDS = {scope.word: scope for scope in Scope}
_SCOPES = "\n".join(f"  {scope.word:<10}{scope.label}" for scope in Scope)
_ADD = f"""\b
Portées :
{_SCOPES}

\b
Exemple :
  transmission token add "extranet" --portee deposer --portee lire
"""


@click.group(cls=CommandGroup, epilog="Exemple : transmission token list")
def token() -> None:
    """Jetons des logiciels qui appellent le service : un par logiciel."""


@token.command(epilog=_ADD, short_help="Créer un jeton ; son secret est montré une fois.")
@click.argument("nom")
@click.option(
    "--portee",
    "words",
    multiple=True,
    required=True,
    type=click.Choice(list(_WORDS)),
    help="Ce qu'il permet ; répétable.",
)
@click.option("--expire", type=Day(), help="Dernier jour où il sert (sinon, sans fin).")
@authority_option
@author_option
@click.pass_context
def add(
    ctx: click.Context,
    nom: str,
    words: tuple[str, ...],
    expire: date | None,
    siren: str | None,
    par: str | None,
) -> None:
    """Créer pour le logiciel NOM un jeton qui agit pour une collectivité, et pour elle seule.

    Le secret est écrit seul sur la sortie standard, une fois : le service n'en garde qu'une
    empreinte. Perdu, il ne se retrouve pas : révoquez le jeton et créez-en un autre.
    """
    from transmission.services.tokens import create_token

    scopes = frozenset(_WORDS[word] for word in words)
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        secret = create_token(
            made.tools, owner.id, nom, scopes, expire, author(par), randomness=secrets.token_bytes
        )
    until = f"jusqu'au {expire:%d/%m/%Y} inclus" if expire else "sans date de fin"
    whose = f"{owner.collectivite.nom} (SIREN {owner.collectivite.siren})"
    click.echo(f"Jeton « {nom} » créé pour {whose}.", err=True)
    click.echo(f"Il sert {until}, et permet : {_allowed(scopes)}.", err=True)
    click.echo("Notez ce secret maintenant : il ne sera plus jamais montré.", err=True)
    click.echo(secret)


@token.command("list", epilog="Exemple : transmission token list", short_help="Lister les jetons.")
@authority_option
@json_option
@click.pass_context
def list_them(ctx: click.Context, siren: str | None) -> None:
    """Lister les jetons d'une collectivité, du plus récent au plus ancien, sans leur secret."""
    from transmission.services.tokens import list_tokens

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        found = list_tokens(made.tools, owner.id)
        now = made.tools.clock.now()
    tell(
        lambda: {"jetons": [_document(each, now) for each in found]},
        lambda: _list(found, now, owner.collectivite),
    )


def _document(each: "Token", now: datetime) -> dict[str, Any]:
    return {
        "nom": each.name,
        "siren": each.siren,
        "portees": sorted(scope.code for scope in each.scopes),
        "etat": each.standing(now).label,
        "cree_le": each.created_at,
        "cree_par": each.created_by,
        "expire_le": each.expires_at,
        "dernier_usage": each.last_used_at,
        "revoque_le": each.revoked_at,
        "revoque_par": each.revoked_by,
        "motif": each.revoked_reason,
    }


def _list(found: "Sequence[Token]", now: datetime, owner: "Collectivite") -> None:
    if not found:
        click.echo(f"Aucun jeton n'a été créé pour {owner.nom}.")
    for each in found:
        _show(each, now, owner.time_zone)


@token.command(
    epilog='Exemple : transmission token revoke "ancien logiciel" --motif "remplacé"',
    short_help="Révoquer un jeton, pour toujours.",
)
@click.argument("nom")
@click.option(
    "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
)
@authority_option
@author_option
@json_option
@click.pass_context
def revoke(ctx: click.Context, nom: str, motif: str, siren: str | None, par: str | None) -> None:
    """Révoquer le jeton NOM, pour toujours : il est refusé dès l'appel suivant."""
    from transmission.services.tokens import revoke_token

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        revoked = revoke_token(made.tools, owner.id, nom, author(par, motif))
    told = f"Jeton « {revoked.name} » de {owner.collectivite.nom} : révoqué."
    tell(
        lambda: {"nom": revoked.name, "siren": revoked.siren, "revoque_le": revoked.revoked_at},
        lambda: click.echo(told),
    )


def _show(each: "Token", now: datetime, zone: str) -> None:
    from transmission.cli.facts import Facts, show
    from transmission.console.words import moment

    facts: Facts = {
        "État": each.standing(now).label,
        "Permet": _allowed(each.scopes),
        "Créé": f"{moment(each.created_at, zone)}, par {each.created_by}",
        "Expire": _end(each.expires_at, zone),
        "Dernier usage": moment(each.last_used_at, zone) if each.last_used_at else "aucun",
    }
    if each.revoked_at is not None:
        facts["Révoqué"] = f"{moment(each.revoked_at, zone)}, par {each.revoked_by}"
        facts["Motif"] = each.revoked_reason or ""
    show(f"Jeton « {each.name} »", facts)


def _end(expires_at: datetime | None, zone: str) -> str:
    from transmission.clock import civil_day
    from transmission.console.words import day

    if expires_at is None:
        return "jamais"
    return f"à la fin du {day(civil_day(expires_at - timedelta(microseconds=1), zone))}"


def _allowed(scopes: frozenset[Scope]) -> str:
    return " ; ".join(scope.label for scope in Scope if scope in scopes)
