"""``publish``, ``release``, ``abandon``: what only a person decides."""

from datetime import date, datetime

import click

from transmission.cli.context import author, chosen_authority, named_acte, wired
from transmission.services import publish as publishing
from transmission.services import release as releasing


@click.command()
@click.argument("numero")
@click.option(
    "--le", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Date de mise en ligne."
)
@click.option("--adresse", help="Adresse publique de l'acte.")
@click.option("--par", help="Qui publie (par défaut le compte de la session).")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def publish(
    ctx: click.Context,
    numero: str,
    day: datetime,
    adresse: str | None,
    par: str | None,
    siren: str | None,
) -> None:
    """Enregistrer la date de mise en ligne de l'acte NUMERO."""
    online: date = day.date()
    with wired(ctx) as made:
        acte_id = named_acte(made.tools, chosen_authority(made.tools, siren), numero)
        publishing.publish(made.tools, acte_id, online, adresse, author(par))
    click.echo(f"Acte {numero} : mis en ligne le {online:%d/%m/%Y}.")


@click.command()
@click.argument("numero")
@click.option("--motif", required=True, help="Pourquoi ; le motif entre au journal.")
@click.option("--par", help="Qui décide (par défaut le compte de la session).")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def release(
    ctx: click.Context, numero: str, motif: str, par: str | None, siren: str | None
) -> None:
    """Relancer l'acte NUMERO, qui attend un opérateur."""
    with wired(ctx) as made:
        acte_id = named_acte(made.tools, chosen_authority(made.tools, siren), numero)
        moved = releasing.release(made.tools, acte_id, author(par, motif))
    click.echo(f"Acte {numero} : {moved.state.label}.")


@click.command()
@click.argument("numero")
@click.option("--motif", required=True, help="Pourquoi ; le motif entre au journal.")
@click.option("--par", help="Qui décide (par défaut le compte de la session).")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def abandon(
    ctx: click.Context, numero: str, motif: str, par: str | None, siren: str | None
) -> None:
    """Abandonner l'acte NUMERO, qui attend un opérateur."""
    with wired(ctx) as made:
        acte_id = named_acte(made.tools, chosen_authority(made.tools, siren), numero)
        moved = releasing.abandon(made.tools, acte_id, author(par, motif))
    click.echo(f"Acte {numero} : {moved.state.label}.")
