"""``transmission user export`` and ``erase``: the data of a person, given or erased."""

import json

import click

from transmission.cli.context import author, author_option, wired
from transmission.cli.told import json_option, tell


@click.command(
    epilog="Exemple : transmission user export agent > agent.json",
    short_help="Donner tout ce que le service sait de la personne.",
)
@click.argument("identifiant")
@click.pass_context
def export(ctx: click.Context, identifiant: str) -> None:
    """Donner en JSON tout ce que le service sait de la personne du compte IDENTIFIANT.

    Ni mot de passe ni secret n'y figure, même sous forme d'empreinte.
    """
    from transmission.services.personal import personal_data

    with wired(ctx) as made:
        told = personal_data(made.tools, identifiant)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))


@click.command(
    epilog='Exemple : transmission user erase agent --motif "départ"',
    short_help="Effacer un compte et les données de la personne.",
)
@click.argument("identifiant")
@click.option("--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif est conservé.")
@author_option
@json_option
@click.pass_context
def erase(ctx: click.Context, identifiant: str, motif: str, par: str | None) -> None:
    """Effacer pour toujours le compte IDENTIFIANT : nom, adresse, identité, sessions, souhaits.

    Le nom sous lequel des décisions ont été prises reste au journal, qui fait preuve.
    """
    from transmission.services.personal import erase as erased

    with wired(ctx) as made:
        gone = erased(made.tools, identifiant, author(par, motif))
    tell(
        lambda: {"compte": gone.person_id, "lignes_du_journal": gone.lines},
        lambda: _tell(identifiant, gone.lines),
    )


def _tell(login: str, lines: int) -> None:
    click.echo(f"Compte « {login} » effacé.")
    if lines:
        click.echo(f"Son nom reste sur {lines} ligne(s) du journal des actes : elles font preuve.")
