"""``transmission stamp`` and ``transmission ar``: the two papers that people ask for."""

from pathlib import Path

import click

from transmission.cli.context import chosen_authority, named_acte, wired
from transmission.services.stamp import received
from transmission.services.stamp import stamp as write_stamped


@click.command()
@click.argument("numero")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--date", "day", help="Date de la décision, si le numéro a servi plusieurs fois.")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def stamp(
    ctx: click.Context, numero: str, output: Path, day: str | None, siren: str | None
) -> None:
    """Écrire l'acte NUMERO tamponné ; refusé tant que l'accusé de réception n'est pas arrivé."""
    with wired(ctx) as made:
        acte_id = named_acte(made.tools, chosen_authority(made.tools, siren), numero, day)
        aside = output.with_name(output.name + ".part")
        try:
            with aside.open("wb") as target:
                write_stamped(made.tools, acte_id, target)
            aside.replace(output)
        finally:
            aside.unlink(missing_ok=True)
    click.echo(f"Acte tamponné écrit dans {output}.")


@click.command()
@click.argument("numero")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--date", "day", help="Date de la décision, si le numéro a servi plusieurs fois.")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def ar(ctx: click.Context, numero: str, output: Path, day: str | None, siren: str | None) -> None:
    """Écrire l'accusé de réception de l'acte NUMERO, octet pour octet comme il a été reçu."""
    with wired(ctx) as made:
        acte_id = named_acte(made.tools, chosen_authority(made.tools, siren), numero, day)
        output.write_bytes(made.tools.documents.read(received(made.tools, acte_id)))
    click.echo(f"Accusé de réception écrit dans {output}.")
