"""``transmission archive``: hand acts over to the public archives, and let their files go."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from transmission.cli.context import (
    Day,
    about_an_acte,
    author,
    author_option,
    authority_option,
    chosen_authority,
    named_acte,
    wired,
)
from transmission.cli.groups import CommandGroup
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.ports.archiving import Transfer
    from transmission.services.dispose import Disposed
    from transmission.services.transfer import MadeTransfer

_identifier = click.argument("versement", metavar="VERSEMENT")
_reason = click.option(
    "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif est conservé."
)


@click.group(cls=CommandGroup, epilog="Exemple : transmission archive list")
def archive() -> None:
    """Versement des actes aux archives publiques, et élimination de leurs fichiers."""


@archive.command(
    epilog="""\b
Exemple :
  transmission archive export --jusqu-au 2023-12-31 --accord ACTES-01
    --service-archives FRAD042 -o versement.zip
""",
    short_help="Écrire un versement (SEDA 2.1) : un dossier de preuve par acte.",
)
@click.option(
    "--jusqu-au",
    "until",
    type=Day(),
    required=True,
    help="Dernier jour de réception en préfecture.",
)
@click.option("--accord", required=True, help="Accord de versement convenu avec les archives.")
@click.option(
    "--service-archives", "agency", required=True, help="Identifiant du service d'archives."
)
@click.option("--regle", help="Règle de durée d'utilité convenue, s'il y en a une.")
@click.option("--encore", is_flag=True, help="Verser aussi ce qui l'a déjà été.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Fichier à écrire."
)
@authority_option
@author_option
@json_option
@click.pass_context
def export(
    ctx: click.Context,
    until: date,
    accord: str,
    agency: str,
    regle: str | None,
    output: Path,
    siren: str | None,
    par: str | None,
    *,
    encore: bool,
) -> None:
    """Écrire un versement des actes reçus en préfecture jusqu'à un jour, celui-ci compris.

    Un acte dont le dossier ne peut pas être fait est laissé, et dit ; les autres partent.
    """
    from transmission.cli.progress import bar
    from transmission.services.transfer import TransferAsked, transfer

    with wired(ctx) as made, _created(output) as target, bar("Versement") as progress:
        owner = chosen_authority(made.tools, siren)
        asked = TransferAsked(owner.id, until, accord, agency, regle, encore)
        written = transfer(made.tools, asked, author(par), target, progress)
    tell(lambda: _written_document(written, output), lambda: _tell_written(written, output))


@contextmanager
def _created(output: Path) -> Iterator[BinaryIO]:
    """A new file, in its place only once it is whole."""
    if output.exists():
        raise click.UsageError(f"« {output} » existe déjà : donnez un autre nom.")
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with aside.open("xb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        aside.rename(output)
    finally:
        aside.unlink(missing_ok=True)


def _written_document(written: "MadeTransfer", output: Path) -> dict[str, Any]:
    left = [{"id_acte": each.id_acte, "raison": each.why} for each in written.left]
    return {**_document(written.transfer), "fichier": str(output), "laisses": left}


def _tell_written(written: "MadeTransfer", output: Path) -> None:
    made = written.transfer
    click.echo(f"Versement {made.identifier} : {made.actes} acte(s), dans « {output} ».")
    for each in written.left:
        click.echo(f"Laissé : {each.id_acte} : {each.why}", err=True)
    click.echo("Remettez ce fichier aux archives, puis enregistrez leur réponse :")
    click.echo(f"  transmission archive reply {made.identifier} ArchiveTransferReply.xml")


@archive.command(
    epilog="Exemple : transmission archive reply 123456782-20270601-1 reponse.xml",
    short_help="Enregistrer la réponse des archives à un versement.",
)
@_identifier
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@authority_option
@author_option
@json_option
@click.pass_context
def reply(
    ctx: click.Context, versement: str, fichier: Path, siren: str | None, par: str | None
) -> None:
    """Enregistrer ce que les archives ont répondu au VERSEMENT (ArchiveTransferReply)."""
    from transmission.services.transfer import answer

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        told = answer(made.tools, owner.id, versement, fichier.read_bytes(), author(par))
    tell(
        lambda: _document(told),
        lambda: click.echo(f"Versement {told.identifier} : {_standing(told)}."),
    )


@archive.command(
    "list", epilog="Exemple : transmission archive list", short_help="Lister les versements."
)
@authority_option
@json_option
@click.pass_context
def list_them(ctx: click.Context, siren: str | None) -> None:
    """Lister les versements d'une collectivité, du plus récent au plus ancien."""
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        with made.tools.register() as unit:
            found = unit.transfers(owner.id)
    tell(lambda: {"versements": [_document(each) for each in found]}, lambda: _list(found))


def _list(found: "Sequence[Transfer]") -> None:
    if not found:
        click.echo("Aucun versement n'a été fait.")
    for each in found:
        click.echo(f"{each.identifier}  {each.actes} acte(s)  {_standing(each)}")


def _standing(transfer: "Transfer") -> str:
    if transfer.package is None:
        return "interrompu : il n'a pas été écrit jusqu'au bout"
    if transfer.accepted is None:
        return "attend la réponse des archives"
    said = "accepté" if transfer.accepted else "refusé"
    return f"{said} par les archives ({transfer.reply_code or 'sans code'})"


def _document(transfer: "Transfer") -> dict[str, Any]:
    return {
        "versement": transfer.identifier,
        "le": transfer.at,
        "par": transfer.author,
        "actes": transfer.actes,
        "sha256": transfer.package.sha256 if transfer.package else None,
        "repondu_le": transfer.answered_at,
        "code": transfer.reply_code,
        "accepte": transfer.accepted,
    }


@archive.command(
    epilog='Exemple : transmission archive dispose D7 --visa visa.pdf --motif "bordereau 4"',
    short_help="Décider que les fichiers d'un acte quittent le service.",
)
@about_an_acte
@click.option(
    "--visa",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Visa d'élimination des archives, si l'acte n'a pas été versé.",
)
@_reason
@author_option
@json_option
@click.pass_context
def dispose(
    ctx: click.Context,
    numero: str,
    day: date | None,
    siren: str | None,
    visa: Path | None,
    motif: str,
    par: str | None,
) -> None:
    """Décider que les fichiers de l'acte NUMERO quittent le service, sept jours plus tard.

    Refusé tant que l'acte peut être contesté, et un an après ; il y faut un versement accepté par
    les archives, ou leur visa. Le registre, le journal, l'accusé et les courriers restent.
    """
    from transmission.services.dispose import Visa
    from transmission.services.dispose import dispose as decided

    consent = Visa(visa.read_bytes()) if visa is not None else None
    with named_acte(ctx, numero, day, siren) as named:
        made = decided(named.tools, named.acte_id, author(par, motif), consent)
    tell(
        lambda: {
            "acte": numero,
            "fichiers": made.files,
            "au_plus_tot": made.due_at,
            "certificat_sha256": made.certificate.sha256,
        },
        lambda: _tell_disposed(numero, made),
    )


def _tell_disposed(numero: str, made: "Disposed") -> None:
    click.echo(f"Acte {numero} : {made.files} fichier(s) quitteront le service.")
    click.echo(f"Au plus tôt le {made.due_at:%d/%m/%Y} à {made.due_at:%H:%M} UTC.")
    click.echo(f"Certificat d'élimination : {made.certificate.sha256}")


@archive.command(
    epilog="Exemple : transmission archive certificate D7 -o elimination.json",
    short_help="Obtenir le certificat d'élimination d'un acte.",
)
@about_an_acte
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Fichier à écrire (sinon, l'écran)."
)
@click.pass_context
def certificate(
    ctx: click.Context, numero: str, day: date | None, siren: str | None, output: Path | None
) -> None:
    """Obtenir ce qui atteste que les fichiers de l'acte NUMERO ont quitté le service."""
    from transmission.domain.errors import NotFoundError

    with named_acte(ctx, numero, day, siren) as named:
        with named.tools.register() as unit:
            found = unit.disposal_of(named.acte_id)
        if found is None:
            raise NotFoundError(f"Les fichiers de l'acte {numero} n'ont pas été éliminés.")
        content = named.tools.documents.read(found.certificate)
    if output is None:
        click.echo(content.decode())
    else:
        output.write_bytes(content)
        click.echo(f"Écrit : {output}", err=True)
