"""``sitting``: the lists of the acts of sittings, against which the register is checked."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import (
    Day,
    author,
    author_option,
    authority_option,
    chosen_authority,
    wired,
)
from transmission.cli.told import json_option, tell
from transmission.domain.errors import RefusedError, TransmissionError

if TYPE_CHECKING:
    from transmission.domain.collectivite import Collectivite
    from transmission.domain.sitting_list import NumberOf
    from transmission.services.sitting import Imported
    from transmission.store.queries.sittings import SittingLine

_SHOWN = 100
_EPILOG = """\b
Exemples :
  transmission sitting seance-du-2-mars.csv --seance 2026-03-02
  transmission sitting

\b
Un CSV (points-virgules ou virgules) commence par ses titres :
  numero;nature;objet
  2026_007;DE;Subvention à l'école
Un JSON est une liste de tels objets, ou {"date_seance": …, "actes": […]}.
Seul le numéro est exigé. La nature est DE, AR, AI, CC, BF ou AU.
"""


class ListRefusedError(TransmissionError):
    """A list of which nothing was retained."""


@click.command(epilog=_EPILOG)
@click.argument(
    "fichier", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--seance", type=Day(), help="Date de la séance.")
@click.option("--vide", is_flag=True, help="Accepter une liste sans acte : rien n'est attendu.")
@authority_option
@author_option
@json_option
@click.pass_context
def sitting(
    ctx: click.Context,
    fichier: Path | None,
    seance: date | None,
    siren: str | None,
    par: str | None,
    *,
    vide: bool,
) -> None:
    """Importer la liste des actes d'une séance ; sans FICHIER, dire celles qui l'ont été.

    Un acte de la liste qui n'est pas transmis est signalé (« transmission check »), une fois passés
    les jours qu'il peut attendre. Une liste corrigée remplace celle de la même séance ; la première
    est conservée.
    """
    if fichier is None:
        if seance or vide or par:
            raise click.UsageError("Donnez le FICHIER à importer.")
        _list(ctx, siren)
        return
    from transmission.services.sitting import SittingFile, import_sitting

    given = SittingFile(
        content=_content(fichier), nom_fichier=fichier.name, date_seance=seance, may_be_empty=vide
    )
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        number_of = _number_of(owner.collectivite)
        try:
            imported = import_sitting(made.tools, owner.id, given, author(par), number_of)
        except RefusedError as error:
            lines = "".join(f"\n  - {problem}" for problem in error.problems)
            raise ListRefusedError(f"{fichier.name} : refusé, rien n'en est retenu{lines}") from (
                error
            )
    tell(
        lambda: {
            "date_seance": imported.date_seance,
            "actes": imported.actes,
            "deja_importee": imported.repeated,
            "remplace": imported.replaced is not None,
            "notes": list(imported.notes),
        },
        lambda: _tell(imported, owner.collectivite.time_zone),
    )


def _content(path: Path) -> bytes:
    """The bytes of a list: of one too large, enough to see that it is."""
    from transmission.domain.sitting_list import MAX_BYTES

    with path.open("rb") as source:
        return source.read(MAX_BYTES + 1)


def _number_of(owner: "Collectivite") -> "NumberOf":
    from transmission.pdf.numero_template import from_printed

    return lambda printed: from_printed(printed, owner)


def _tell(imported: "Imported", zone: str) -> None:
    from transmission.cli.facts import wrapped
    from transmission.console.words import moment

    which = f"Séance du {imported.date_seance:%d/%m/%Y}"
    if imported.repeated:
        click.echo(f"{which} : cette liste y est déjà, rien n'a changé.")
        return
    some = "s" if imported.actes > 1 else ""
    click.echo(f"{which} : liste de {imported.actes} acte{some} importée.")
    if old := imported.replaced:
        said = f"Elle remplace celle du {moment(old.at, zone)}, qui reste conservée."
        click.echo("\n".join(wrapped(said, 80)))
    for note in imported.notes:
        click.echo("\n".join(wrapped(f"À vérifier, {note}.", 80)))


def _list(ctx: click.Context, siren: str | None) -> None:
    from transmission.store.queries.sittings import list_sittings

    wanted = siren.replace(" ", "") if siren else None
    with wired(ctx) as made, made.engine.connect() as connection:
        found = list_sittings(connection, wanted, _SHOWN + 1)
    tell(lambda: _document(found), lambda: _show_all(found))


def _document(found: "Sequence[SittingLine]") -> dict[str, Any]:
    return {
        "seances": [
            {
                "date_seance": line.date_seance,
                "collectivite": line.collectivite,
                "actes": line.actes,
                "importee_le": line.at,
                "par": line.author,
                "fichier": line.nom_fichier,
                "sha256": line.sha256,
                "compte": line.counts,
            }
            for line in found[:_SHOWN]
        ],
        "complet": len(found) <= _SHOWN,
    }


def _show_all(found: "Sequence[SittingLine]") -> None:
    if not found:
        click.echo("Aucune liste de séance n'a été importée.")
    for line in found[:_SHOWN]:
        _show(line)
    if len(found) > _SHOWN:
        click.echo(f"Il y en a d'autres : seules les {_SHOWN} plus récentes sont montrées.")


def _show(line: "SittingLine") -> None:
    from transmission.cli.facts import show
    from transmission.console.words import moment

    show(
        f"Séance du {line.date_seance:%d/%m/%Y}",
        {
            "Collectivité": line.collectivite,
            "Actes": str(line.actes),
            "Importée": f"{moment(line.at, line.time_zone)}, par {line.author}",
            "Fichier": line.nom_fichier,
            "Empreinte (SHA-256)": line.sha256,
            "Compte": "oui" if line.counts else "non : une liste plus récente la remplace",
        },
    )
