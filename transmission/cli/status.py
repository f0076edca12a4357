"""``transmission status``: where an act stands, since when, what it waits for, what followed it."""

from datetime import date

import click

from transmission.cli.context import about_an_acte
from transmission.cli.service import Named, from_afar, service_of
from transmission.cli.told import json_option, tell


@click.command(epilog="Exemple : transmission status D20230009710")
@about_an_acte
@from_afar
@json_option
@click.pass_context
def status(ctx: click.Context, numero: str, day: date | None, siren: str | None) -> None:
    """Dire où en est l'acte NUMERO, depuis quand, et ce qu'il attend.

    Puis les courriers de la préfecture, les réponses et l'annulation, s'il y en a.
    """
    from transmission.cli.facts import show

    with service_of(ctx) as service, service.acte(Named(numero, day, siren)) as acte:
        tell(acte.document, lambda: show(*acte.story()))
