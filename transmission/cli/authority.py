"""``transmission authority``: the authorities that this installation serves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import authority_option, chosen_authority, wired
from transmission.cli.groups import CommandGroup
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.domain.collectivite import Collectivite

_MINIMAL = """\b
Exemple de FICHIER :
  siren = "123456782"
  departement = "042"
  arrondissement = 2
  nature = "31"
  nom = "Commune de Saint-Exemple"
  adresses_retour = ["retours@saint-exemple.example.org"]
  numero_template = "D{year}{seq:05d}10"
  [tdt]
  connector = "s2low"
  nom = "S²LOW"
  base_url = "https://tdt.example.org"
  certificate_file = "agent.pem"
  key_file = "agent.key"
  ca_file = "ca.pem"

\b
Exemple :
  transmission authority add saint-exemple.toml
"""


@click.group(cls=CommandGroup)
def authority() -> None:
    """Collectivités servies par cette installation."""


@authority.command(epilog=_MINIMAL, short_help="Ajouter une collectivité.")
@click.argument(
    "fichier", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--siren", metavar="SIREN", help="Neuf chiffres.")
@click.option("--departement", metavar="CODE", help="Trois caractères : 042, 02A, 974.")
@click.option("--arrondissement", metavar="N", type=int, help="Un chiffre.")
@click.option("--nature", metavar="CODE", help="Nature de la collectivité (31 : commune).")
@click.option("--nom", metavar="TEXTE", help="Nom de la collectivité.")
@click.option(
    "--adresse-retour", "adresses_retour", metavar="COURRIEL", multiple=True, help="Répétable."
)
@click.option(
    "--modele-numero", "numero_template", metavar="MODELE", help="D{year}{seq:05d}10 par exemple."
)
@click.option("--tdt-nom", "tdt__nom", metavar="TEXTE", help="Nom du TdT, imprimé par le tampon.")
@click.option("--tdt-url", "tdt__base_url", metavar="URL", help="Adresse du TdT.")
@click.option("--certificat", "tdt__certificate_file", metavar="FICHIER", help="Certificat (PEM).")
@click.option("--cle", "tdt__key_file", metavar="FICHIER", help="Clé du certificat (PEM).")
@click.option("--ca", "tdt__ca_file", metavar="FICHIER", help="Autorités qui signent le TdT.")
@click.option("--replace", "replaces", is_flag=True, help="Remplacer les réglages existants.")
@click.pass_context
def add(ctx: click.Context, /, fichier: Path | None, *, replaces: bool, **options: Any) -> None:
    """Ajouter la collectivité décrite par un FICHIER TOML, par des options, ou par les deux.

    Une option l'emporte sur le FICHIER, où tous les réglages ont leur place. Les chemins y sont
    lus depuis son dossier.
    """
    from transmission.cli.collectivites import absent_files, described
    from transmission.services.enroll import enroll, replace

    given = {name: value for name, value in options.items() if value not in (None, ())}
    if fichier is None and not given:
        raise click.UsageError("Décrivez la collectivité par un FICHIER ou par des options.")
    collectivite = described(fichier, given)
    with wired(ctx) as made:
        if replaces:
            replace(made.tools, collectivite)
        else:
            enroll(made.tools, collectivite)
    done = "réglages remplacés" if replaces else "enregistrée"
    click.echo(f"{collectivite.nom} (SIREN {collectivite.siren}) : {done}.")
    for path in absent_files(collectivite):
        click.echo(f"Attention : {path} n'existe pas sur cette machine.", err=True)


@authority.command("list", epilog="Exemple : transmission authority list")
@json_option
@click.pass_context
def list_authorities(ctx: click.Context) -> None:
    """Lister les collectivités."""
    with wired(ctx) as made, made.tools.register() as unit:
        found = [row.collectivite for row in unit.authorities()]
    tell(
        lambda: {
            "collectivites": [
                {
                    "siren": known.siren,
                    "departement": known.departement,
                    "nom": known.nom,
                    "tdt": known.tdt.nom,
                }
                for known in found
            ]
        },
        lambda: _list(found),
    )


def _list(found: "Sequence[Collectivite]") -> None:
    for known in found:
        click.echo(f"{known.siren}  {known.departement}  {known.nom}  ({known.tdt.nom})")


@authority.command(epilog="Exemple : transmission authority classification")
@authority_option
@json_option
@click.pass_context
def classification(ctx: click.Context, siren: str | None) -> None:
    """Demander au TdT la classification en vigueur."""
    from transmission.services.classify import classify

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        version = classify(made.tools, owner.id)
    nom = owner.collectivite.nom
    tell(
        lambda: {"siren": owner.collectivite.siren, "date_classification": version},
        lambda: click.echo(f"Classification du {version:%d/%m/%Y} en vigueur pour {nom}."),
    )
