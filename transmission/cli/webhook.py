"""``transmission webhook``: the programs that are told of what happens, by their name."""

import secrets

import click

from transmission.cli.context import author, authority_option, chosen_authority, wired
from transmission.cli.groups import CommandGroup
from transmission.cli.told import json_option
from transmission.cli.webhook_named import by, named, reason_option
from transmission.cli.webhook_sent import log, replay, test

_ADD = """\b
Exemples :
  transmission webhook add agenda https://agenda.example.org/actes
  transmission webhook add suivi https://suivi.example.org/ --type acte.recu --type acte.anomalie
"""


@click.group(cls=CommandGroup, epilog="Exemple : transmission webhook list")
def webhook() -> None:
    """Logiciels que le service prévient de ce qui arrive aux actes, chacun par son nom."""


@webhook.command(epilog=_ADD, short_help="Faire prévenir un logiciel ; secret montré une fois.")
@click.argument("nom")
@click.argument("url")
@click.option("--type", "types", multiple=True, help="Type d'événement ; répétable (sinon, tous).")
@by
@click.pass_context
def add(
    ctx: click.Context,
    nom: str,
    url: str,
    types: tuple[str, ...],
    siren: str | None,
    par: str | None,
) -> None:
    """Faire prévenir le logiciel NOM, à l'adresse URL, de ce qui arrive à partir de maintenant.

    Le secret qui signe les appels est écrit seul sur la sortie standard, une fois.
    """
    from transmission.cli.webhook_shown import show_secret
    from transmission.services.webhooks import add_webhook

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        new, secret = add_webhook(
            made.tools, owner.id, nom, url, types, author(par), randomness=secrets.token_bytes
        )
        show_secret(made, new, secret, f"Webhook « {new.name} » créé.")


@webhook.command("list", epilog="Exemple : transmission webhook list", short_help="Les lister.")
@authority_option
@json_option
@click.pass_context
def list_them(ctx: click.Context, siren: str | None) -> None:
    """Lister les webhooks d'une collectivité, et ce qui attend pour chacun."""
    from transmission.cli.webhook_shown import show_webhooks
    from transmission.services.webhooks import list_webhooks
    from transmission.store.queries.webhooks import backlogs

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        known = list_webhooks(made.tools, owner.id)
        with made.engine.connect() as connection:
            waiting = backlogs(connection, [each.id for each in known])
    show_webhooks(known, waiting, owner.collectivite)


@webhook.command(
    epilog="Exemple : transmission webhook rotate agenda --recouvrement 48",
    short_help="Changer le secret ; montré une fois.",
)
@click.argument("nom")
@click.option(
    "--recouvrement",
    "hours",
    type=float,
    default=24.0,
    metavar="HEURES",
    help="Combien d'heures les deux secrets signent (24 ; 0 : aucune).",
)
@by
@click.pass_context
def rotate(
    ctx: click.Context,
    nom: str,
    hours: float,
    siren: str | None,
    par: str | None,
) -> None:
    """Donner un nouveau secret au webhook NOM ; l'ancien signe aussi pendant le recouvrement."""
    from transmission.cli.webhook_shown import show_secret
    from transmission.domain.webhooks import overlap_of
    from transmission.services.webhooks import rotate_secret

    with named(ctx, nom, siren) as it:
        changed, secret = rotate_secret(
            it.tools, *it.key, author(par), randomness=secrets.token_bytes,
            overlap=overlap_of(hours),
        )  # fmt: skip
        show_secret(it.made, changed, secret, f"Secret du webhook « {changed.name} » changé.")


@webhook.command(epilog="Exemple : transmission webhook pause agenda", short_help="Suspendre.")
@click.argument("nom")
@reason_option
@by
@click.pass_context
def pause(
    ctx: click.Context,
    nom: str,
    motif: str | None,
    siren: str | None,
    par: str | None,
) -> None:
    """Ne plus appeler le webhook NOM jusqu'à sa reprise ; ce qui arrive entre-temps attend."""
    from transmission.cli.webhook_shown import show_state
    from transmission.services.webhooks import pause_webhook

    with named(ctx, nom, siren) as it:
        show_state(it.made, pause_webhook(it.tools, *it.key, author(par, motif)))


@webhook.command(epilog="Exemple : transmission webhook resume agenda", short_help="Reprendre.")
@click.argument("nom")
@by
@click.pass_context
def resume(ctx: click.Context, nom: str, siren: str | None, par: str | None) -> None:
    """Appeler de nouveau le webhook NOM, tout de suite, d'abord avec ce qui attendait."""
    from transmission.cli.webhook_shown import show_state
    from transmission.services.webhooks import resume_webhook

    with named(ctx, nom, siren) as it:
        show_state(it.made, resume_webhook(it.tools, *it.key, author(par)))


@webhook.command(
    epilog='Exemple : transmission webhook remove agenda --motif "remplacé"',
    short_help="Supprimer, pour toujours.",
)
@click.argument("nom")
@click.option(
    "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
)
@by
@click.pass_context
def remove(
    ctx: click.Context,
    nom: str,
    motif: str,
    siren: str | None,
    par: str | None,
) -> None:
    """Supprimer le webhook NOM : ce qui attendait n'est pas envoyé, son secret est oublié."""
    from transmission.cli.webhook_shown import show_state
    from transmission.services.webhooks import end_webhook

    with named(ctx, nom, siren) as it:
        show_state(it.made, end_webhook(it.tools, *it.key, author(par, motif)))


for _command in (test, log, replay):
    webhook.add_command(_command)
