"""``anchors``: the anchors of the journal, and whether their files are those of the register."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import wired
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.domain.transmission import StoredFile
    from transmission.ports.chain import Anchor
    from transmission.services.anchor_check import AnchorFault

_SHOWN = 30


@click.command(
    epilog="""\b
Exemples :
  transmission anchors
  transmission anchors --verifier
"""
)
@click.option("--verifier", is_flag=True, help="Relire tous les fichiers du dossier des ancres.")
@json_option
@click.pass_context
def anchors(ctx: click.Context, *, verifier: bool) -> None:
    """Lister les ancres du journal, de la plus récente à la plus ancienne.

    Une fois par jour, tout ce qui s'est ajouté au journal est résumé en une ancre, écrite hors de
    la base de données : voir TRANSMISSION_ANCHORS_DIR. Avec --verifier, chaque fichier est comparé
    à la base de données ; le code de sortie est 1 si l'un manque ou diffère.
    """
    from transmission.services.anchor import tokens_of
    from transmission.services.anchor_check import anchor_faults

    with wired(ctx) as made, made.tools.register() as unit:
        known = list(reversed(unit.anchors()))
        tokens = tokens_of(unit, known)
        folder, documents = made.tools.anchors, made.tools.documents
        faults = anchor_faults(unit, folder, documents) if verifier else None
    tell(
        lambda: _document(known, tokens, faults),
        lambda: _say(known, tokens, faults, folder.place),
    )
    if faults:
        ctx.exit(1)


def _document(
    known: "Sequence[Anchor]",
    tokens: "Mapping[int, StoredFile | None]",
    faults: "Sequence[AnchorFault] | None",
) -> dict[str, Any]:
    listed = [
        {
            "numero": each.number,
            "quand": each.at,
            "sha256": sha256(each.header).hexdigest(),
            "horodatage": bool(tokens.get(each.number)),
        }
        for each in known[:_SHOWN]
    ]
    told = None if faults is None else [{"ancre": one.number, "dit": one.said} for one in faults]
    return {"ancres": listed, "complet": len(known) <= _SHOWN, "defauts": told}


def _say(
    known: "Sequence[Anchor]",
    tokens: "Mapping[int, StoredFile | None]",
    faults: "Sequence[AnchorFault] | None",
    place: str,
) -> None:
    if not known:
        click.echo(
            "Le journal n'a pas encore d'ancre : la première est faite dans le quart d'heure."
        )
    for each in known[:_SHOWN]:
        stamped = "horodatée" if tokens.get(each.number) else "sans horodatage"
        click.echo(
            f"{each.number:6d}  {each.at:%d/%m/%Y %H:%M} UTC  {stamped:15}  "
            f"{sha256(each.header).hexdigest()}"
        )
    if len(known) > _SHOWN:
        click.echo(f"Il y en a d'autres : seules les {_SHOWN} plus récentes sont montrées.")
    for one in faults or ():
        click.echo(f"✗ {one.said[0].upper()}{one.said[1:]}.", err=True)
    if faults == []:
        click.echo(f"Tous les fichiers de {place} sont ceux de la base de données.")
