"""``notices``: what was told outside, what could not be, and telling it again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import authority_option, wired
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.store.queries.notices import NoticeLine

_SHOWN = 100


@click.command(
    epilog="""\b
Exemples :
  transmission notices --echecs
  transmission notices --rejouer 31
"""
)
@click.option("--echecs", is_flag=True, help="Seulement les avis refusés ou abandonnés.")
@click.option(
    "--rejouer",
    type=click.IntRange(1, 2**63 - 1),
    metavar="N",
    help="Renvoyer l'avis n° N, sous le même identifiant.",
)
@authority_option
@json_option
@click.pass_context
def notices(ctx: click.Context, siren: str | None, rejouer: int | None, *, echecs: bool) -> None:
    """Lister les avis envoyés par courriel et par webhook, du plus récent au plus ancien.

    Un avis que personne ne prend est essayé pendant trois jours, puis abandonné ; un avis refusé
    l'est une fois. La raison en est donnée.
    """
    if rejouer is not None:
        _replay(ctx, rejouer)
        return
    from transmission.store.queries.notices import list_notices

    wanted = siren.replace(" ", "") if siren else None
    with wired(ctx) as made, made.engine.connect() as connection:
        found = list_notices(connection, wanted, _SHOWN + 1, failed=echecs)
    tell(lambda: _document(found), lambda: _list(found, echecs=echecs))


def _document(found: "Sequence[NoticeLine]") -> dict[str, Any]:
    return {
        "avis": [
            {
                "id": line.id,
                "collectivite": line.collectivite,
                "voie": line.channel,
                "destinataire": line.target,
                "contenu": line.about,
                "acte": line.numero_interne,
                "ecrit_le": line.at,
                "essais": line.attempts,
                "prochain_essai": line.next_attempt_at,
                "remis_le": line.delivered_at,
                "raison": line.failure,
            }
            for line in found[:_SHOWN]
        ],
        "complet": len(found) <= _SHOWN,
    }


def _list(found: "Sequence[NoticeLine]", *, echecs: bool) -> None:
    if not found:
        click.echo("Aucun avis n'a échoué." if echecs else "Aucun avis n'a été écrit.")
    for line in found[:_SHOWN]:
        _show(line)
    if len(found) > _SHOWN:
        click.echo(f"Il y en a d'autres : seuls les {_SHOWN} plus récents sont montrés.")


def _replay(ctx: click.Context, number: int) -> None:
    from transmission.services.deliver import replay

    with wired(ctx) as made:
        replay(made.tools, number)
    tell(
        lambda: {"avis": number, "sera_renvoye": True},
        lambda: click.echo(f"Avis n° {number} : il sera renvoyé dans la minute."),
    )


def _show(line: "NoticeLine") -> None:
    from transmission.cli.facts import Facts, show
    from transmission.console.words import moment

    facts: Facts = {
        "Écrit": moment(line.at, line.time_zone),
        "Collectivité": line.collectivite,
        "Destinataire": line.target,
        "Contenu": line.about,
    }
    if line.numero_interne:
        facts["Acte"] = line.numero_interne
    facts["État"] = _state(line)
    if line.failure:
        facts["Raison"] = line.failure
    show(f"Avis n° {line.id}", facts)


def _state(line: "NoticeLine") -> str:
    from transmission.console.words import moment

    if line.delivered_at is not None:
        return f"Remis le {moment(line.delivered_at, line.time_zone)}"
    if line.next_attempt_at is None:
        return "Non remis : il ne partira plus de lui-même"
    again = moment(line.next_attempt_at, line.time_zone)
    return f"À envoyer le {again} (essais faits : {line.attempts})"
