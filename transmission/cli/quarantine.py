"""``quarantine``, ``attach``, ``set-aside``: what a person makes of a retour that nobody knows."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import (
    Day,
    author,
    author_option,
    authority_option,
    named_acte,
    wired,
)
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.store.queries.retours import RetourLine

_SHOWN = 200
_retour = click.argument("retour", type=click.IntRange(1, 2**63 - 1))
_reason = click.option(
    "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif est conservé."
)


@click.command(epilog="Exemple : transmission quarantine")
@authority_option
@json_option
@click.pass_context
def quarantine(ctx: click.Context, siren: str | None) -> None:
    """Lister les retours en quarantaine, du plus ancien au plus récent.

    Le numéro de chacun est celui que veulent « attach » et « set-aside ».
    """
    from transmission.store.queries import quarantined_retours

    wanted = siren.replace(" ", "") if siren else None
    with wired(ctx) as made, made.engine.connect() as connection:
        found = quarantined_retours(connection, wanted, _SHOWN + 1)
    tell(lambda: _document(found), lambda: _list(found))


def _document(found: "Sequence[RetourLine]") -> dict[str, Any]:
    return {
        "retours": [
            {
                "id": line.id,
                "recu_le": line.received_at,
                "collectivite": line.collectivite,
                "nature": line.kind,
                "fichier": line.nom_fichier,
                "source": line.source,
                "motif": line.reason,
            }
            for line in found[:_SHOWN]
        ],
        "complet": len(found) <= _SHOWN,
    }


def _list(found: "Sequence[RetourLine]") -> None:
    from transmission.cli.facts import show
    from transmission.console.labels import quarantined_label
    from transmission.console.words import moment

    if not found:
        click.echo("Aucun retour n'est en quarantaine.")
    for line in found[:_SHOWN]:
        facts = {
            "Reçu": moment(line.received_at, line.time_zone),
            "Collectivité": line.collectivite,
            "Nature": quarantined_label(line.kind, line.nom_fichier),
            "Fichier": line.nom_fichier or line.source,
            "Motif": line.reason or "Aucun motif n'est enregistré.",
        }
        show(f"Retour n° {line.id}", facts)
    if len(found) > _SHOWN:
        click.echo(f"Il y en a d'autres : seuls les {_SHOWN} plus anciens sont montrés.")


@click.command(
    epilog='Exemple : transmission attach 31 --acte D20230009710 --motif "numéro mal recopié"'
)
@_retour
@click.option("--acte", "numero", required=True, metavar="NUMERO", help="L'acte dont il parle.")
@click.option(
    "--date", "day", type=Day(), help="Date de la décision, si le numéro a servi deux fois."
)
@click.option(
    "--courrier",
    type=click.IntRange(1, 2**63 - 1),
    help="Le courrier auquel répondait l'envoi, si le retour est l'accusé d'une réponse.",
)
@_reason
@authority_option
@author_option
@json_option
@click.pass_context
def attach(
    ctx: click.Context,
    retour: int,
    numero: str,
    day: date | None,
    courrier: int | None,
    motif: str,
    siren: str | None,
    par: str | None,
) -> None:
    """Dire de quel acte est le RETOUR mis en quarantaine.

    Ce qu'il dit arrive alors à l'acte si c'est permis ; sinon il est seulement gardé avec lui.
    """
    from transmission.services.attach import attach as decided

    with named_acte(ctx, numero, day, siren) as named:
        refusal = decided(named.tools, retour, named.acte_id, author(par, motif), courrier)
    tell(
        lambda: {
            "retour": retour,
            "acte": numero,
            "pris_en_compte": not refusal,
            "raison": refusal,
        },
        lambda: _tell_attached(retour, numero, refusal),
    )


def _tell_attached(retour: int, numero: str, refusal: str | None) -> None:
    if refusal is None:
        click.echo(f"Retour n° {retour} : rattaché à l'acte {numero} et pris en compte.")
        return
    click.echo(f"Retour n° {retour} : gardé avec l'acte {numero}, qui reste comme il est.")
    click.echo(f"Pourquoi : {refusal}")


@click.command(epilog='Exemple : transmission set-aside 31 --motif "publicité"')
@_retour
@_reason
@author_option
@json_option
@click.pass_context
def set_aside(ctx: click.Context, retour: int, motif: str, par: str | None) -> None:
    """Classer sans suite le RETOUR mis en quarantaine ; ses octets sont conservés."""
    from transmission.services.attach import set_aside as decided

    with wired(ctx) as made:
        decided(made.tools, retour, author(par, motif))
    tell(
        lambda: {"retour": retour, "classe": True},
        lambda: click.echo(f"Retour n° {retour} : classé sans suite."),
    )
