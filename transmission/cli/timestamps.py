"""``timestamps``: the time stamps that are missing, why, and asking for those never asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import wired
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.ports.time_stamps import KnownTimeStamp

_SHOWN = 100
_ALL = 2**63 - 1


@click.command(
    epilog="""\b
Exemples :
  transmission timestamps
  transmission timestamps --demander
"""
)
@click.option(
    "--demander",
    "ask",
    is_flag=True,
    help="Demander d'abord ceux de tous les envois et accusés qui n'en ont pas.",
)
@json_option
@click.pass_context
def timestamps(ctx: click.Context, *, ask: bool) -> None:
    """Lister les horodatages demandés et pas encore obtenus, du plus ancien au plus récent.

    Ils sont obtenus d'eux-mêmes dès qu'une autorité d'horodatage répond. « --demander » sert quand
    une autorité vient d'être réglée : sans elle, le service s'en charge en plusieurs heures.
    """
    from transmission.services.time_stamps import ask_missing
    from transmission.store.queries.time_stamps import missing_time_stamps

    with wired(ctx) as made:
        if ask and made.tools.time_stamper is None:
            raise click.UsageError(
                "Aucune autorité d'horodatage n'est réglée : donnez TRANSMISSION_TSA_URLS et "
                "TRANSMISSION_TSA_ROOTS_FILE."
            )
        asked = ask_missing(made.tools, _ALL) if ask else 0
        with made.engine.connect() as connection:
            found = missing_time_stamps(connection, _SHOWN + 1)
    tell(lambda: _document(found, asked), lambda: _list(found, asked))


def _document(found: "Sequence[KnownTimeStamp]", asked: int) -> dict[str, Any]:
    return {
        "demandes": asked,
        "manquants": [
            {
                "objet": each.kind.code,
                "numero": each.subject_id,
                "sha256": each.sha256,
                "demande_le": each.asked_at,
                "essais": each.attempts,
                "raison": each.reason,
            }
            for each in found[:_SHOWN]
        ],
        "complet": len(found) <= _SHOWN,
    }


def _list(found: "Sequence[KnownTimeStamp]", asked: int) -> None:
    from transmission.cli.facts import show

    if asked:
        click.echo(f"Horodatages demandés : {asked}.")
    if not found:
        click.echo("Aucun horodatage ne manque.")
    for each in found[:_SHOWN]:
        facts = {
            "Demandé": f"{each.asked_at:%d/%m/%Y à %H:%M} UTC",
            "Empreinte": each.sha256,
            "Essais": str(each.attempts),
        }
        if each.reason:
            facts["Raison"] = each.reason
        label = each.kind.label
        show(f"{label[:1].upper()}{label[1:]} n° {each.subject_id}", facts)
    if len(found) > _SHOWN:
        click.echo(f"Il y en a d'autres : seuls les {_SHOWN} plus anciens sont montrés.")
