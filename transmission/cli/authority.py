"""``transmission authority``: the authorities that this installation serves."""

import tomllib
from pathlib import Path
from typing import Any

import click

from transmission.cli.context import chosen_authority, wired
from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    Referent,
    SigningKey,
    TdtAccount,
)
from transmission.domain.errors import Problem, RefusedError
from transmission.services.classify import classify
from transmission.services.enroll import enroll, replace


@click.group()
def authority() -> None:
    """Collectivités servies par cette installation."""


@authority.command()
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "replaces", is_flag=True, help="Remplacer les réglages existants.")
@click.pass_context
def add(ctx: click.Context, fichier: Path, *, replaces: bool) -> None:
    """Ajouter la collectivité décrite dans un FICHIER TOML (modèle : docs/operating.md)."""
    described = read_collectivite(fichier)
    with wired(ctx) as made:
        if replaces:
            replace(made.tools, described)
            click.echo(f"Réglages de {described.nom} remplacés.")
        else:
            enroll(made.tools, described)
            click.echo(f"{described.nom} (SIREN {described.siren}) est enregistrée.")


@authority.command("list")
@click.pass_context
def list_authorities(ctx: click.Context) -> None:
    """Lister les collectivités."""
    with wired(ctx) as made, made.tools.register() as unit:
        for row in unit.authorities():
            known = row.collectivite
            click.echo(f"{known.siren}  {known.departement}  {known.tdt.nom}  {known.nom}")


@authority.command()
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def classification(ctx: click.Context, siren: str | None) -> None:
    """Demander au TdT la classification en vigueur."""
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        version = classify(made.tools, owner.id)
    click.echo(f"Classification du {version:%d/%m/%Y} en vigueur pour {owner.collectivite.nom}.")


def read_collectivite(path: Path) -> Collectivite:
    """An authority from a TOML file. Raises RefusedError naming every fault of the file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path, f"le fichier n'est pas du TOML lisible ({error})") from error
    return _build(path, content)


def _build(path: Path, content: dict[str, Any]) -> Collectivite:
    from transmission.services.enroll import checked

    try:
        key = content.get("signature")
        nested = {
            "adresses_retour": tuple(content["adresses_retour"]),
            "tdt": TdtAccount(**content["tdt"]),
            "referent": Referent(**content.get("referent", {})),
            "calendrier": Calendrier(content.get("calendrier", "FR")),
            "signing_key": SigningKey(**key) if key else None,
        }
        plain = {k: v for k, v in content.items() if k not in (*nested, "signature")}
        return checked({**plain, **nested})
    except KeyError as error:
        raise _refused(path, f"il manque {error}") from error
    except (TypeError, ValueError) as error:
        raise _refused(path, str(error)) from error


def _refused(path: Path, what: str) -> RefusedError:
    return RefusedError(
        [Problem(path.name, "fichier_collectivite", f"{what}.", "Voyez docs/operating.md.")]
    )
