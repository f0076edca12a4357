"""``transmission user identity``: who an account is at the provider of OpenID Connect."""

import click

from transmission.cli.context import author, author_option, wired
from transmission.cli.told import json_option, tell
from transmission.cli.user_shown import account_told


@click.command(
    epilog='Exemple : transmission user identity juriste --sujet 4f2a --motif "première venue"',
    short_help="Dire qui il est chez le fournisseur d'identité.",
)
@click.argument("identifiant")
@click.option(
    "--sujet",
    required=True,
    metavar="TEXTE",
    help="Son identité chez le fournisseur, telle que la page de refus l'a dite.",
)
@click.option(
    "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
)
@author_option
@json_option
@click.pass_context
def identity(ctx: click.Context, identifiant: str, sujet: str, motif: str, par: str | None) -> None:
    """Rattacher IDENTIFIANT à une personne du fournisseur d'identité ; ses sessions sont fermées.

    Il n'en faut pas quand l'adresse du compte est celle que le fournisseur a vérifiée : la première
    connexion le rattache. Celle d'avant, s'il y en avait une, n'entre plus.
    """
    from transmission.services.accounts import find_person
    from transmission.services.oidc import tie

    with wired(ctx) as made:
        if made.tools.provider is None:
            raise click.UsageError(
                "Aucun fournisseur d'identité n'est réglé : donnez TRANSMISSION_OIDC_ISSUER."
            )
        provider = made.tools.provider
        tie(made.tools, provider, identifiant, sujet, author(par, motif))
        account = find_person(made.tools, identifiant)
    tell(
        lambda: account_told(account),
        lambda: click.echo(
            f"Compte « {account.login} » : entre désormais par {provider.name} sous l'identité "
            f"{sujet.strip()}."
        ),
    )
