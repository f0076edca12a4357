"""``roles``: who may do what in the database."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from transmission.cli.context import register_told, settings_of
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.command(
    epilog="""\b
Exemples :
  transmission roles
  transmission roles --sql > roles.sql
"""
)
@click.option("--sql", is_flag=True, help="Écrire ce qui serait fait, sans rien faire.")
@json_option
@click.pass_context
def roles(ctx: click.Context, *, sql: bool) -> None:
    """Créer les rôles de la base de données, et dire ce que chacun peut faire.

    Le service travaille avec le rôle transmission_service, qui ne peut ni changer ni retirer une
    ligne du journal ; transmission_auditor lit seulement. Le compte de
    TRANSMISSION_DATABASE_OWNER_URL, propriétaire des tables, les crée et leur donne leurs droits ;
    celui de TRANSMISSION_DATABASE_URL est créé avec son mot de passe s'il n'existe pas. Peut être
    relancée sans risque. Le code de sortie est 1 si un administrateur doit créer un rôle.
    """
    from sqlalchemy import NullPool, create_engine

    from transmission.bootstrap import addresses
    from transmission.store.roles import make_roles

    with register_told():
        told = addresses(settings_of(ctx))
        engine = create_engine(told.owner_url or told.database_url, poolclass=NullPool)
        try:
            if sql:
                _write_sql(engine)
                return
            made = make_roles(engine, told.database_url)
        finally:
            engine.dispose()
    tell(
        lambda: {"crees": made.created, "a_creer": made.refused, "droits": made.granted},
        lambda: _say(made.created, made.granted),
    )
    if made.refused:
        tell_refused(made.refused)
        ctx.exit(1)


def tell_refused(statements: Sequence[str]) -> None:
    """What an administrator has to run, on the error stream."""
    told = "\n".join(f"  {each};" for each in statements)
    click.echo(
        "Ce compte ne peut pas créer de rôle. Faites exécuter ceci par un administrateur du "
        f"serveur, avec les mots de passe voulus, puis relancez « transmission roles » :\n{told}",
        err=True,
    )


def _say(created: Sequence[str], granted: Sequence[str]) -> None:
    if created:
        click.echo(f"Rôles créés : {', '.join(created)}.")
    if granted:
        click.echo(f"Droits donnés : {', '.join(granted)}.")
    else:
        click.echo("Aucun rôle n'existe encore : aucun droit n'a été donné.")


def _write_sql(engine: "Engine") -> None:
    from transmission.store.roles import AUDITOR, SERVICE, grants

    click.echo(f"CREATE ROLE {SERVICE} NOLOGIN;\nCREATE ROLE {AUDITOR} NOLOGIN;")
    with engine.connect() as connection:
        for statement in grants(connection, (SERVICE, AUDITOR)):
            click.echo(f"{statement};")
