"""``transmission verify``: dossiers de preuve checked with nothing but the files."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.told import json_option, tell, wants_json
from transmission.domain.texte import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transmission.audit.dossier_report import Report, Verdict, Vouched
    from transmission.ports.proof import ProofChecker

ALTERED, INCOMPLETE = 1, 3
_SHOWN = 50


@click.command(
    epilog="""\b
Exemples :
  transmission verify 042-123456782-20230302-D2023_001-DE.asice
  transmission verify *.asice --racines autorites.pem --json
"""
)
@click.argument(
    "files",
    metavar="FICHIER...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--racines",
    "roots",
    metavar="PEM",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificats auxquels vous vous fiez ; sans eux, « on ne sait pas » qui a signé.",
)
@json_option
def verify(files: tuple[Path, ...], roots: Path | None) -> int:
    """Vérifier des dossiers de preuve, sans le service, sa base ni le réseau.

    Tout ce qui diffère est dit à sa place. « intègre » : rien ne diffère, rien ne manque, et chaque
    signature mène à une racine donnée.
    """
    # Imported late: help does not pay for it.
    from transmission.bootstrap import proof_checker
    from transmission.cli.progress import step

    checker, told, verdicts = proof_checker(roots), [], []
    for rank, path in enumerate(files):
        with step(rank, len(files)):
            report = _verified(path, checker)
        verdicts.append(report.verdict)
        if wants_json():
            told.append(_document(path, report))
        else:
            _show(path, report)
    tell(lambda: {"dossiers": told}, lambda: None)
    return _status(verdicts)


def _verified(path: Path, checker: "ProofChecker") -> "Report":
    from transmission.audit.dossier import verify_dossier
    from transmission.cli.progress import bar

    total, done = path.stat().st_size, 0
    with bar("Lecture") as report, path.open("rb") as file:

        def read(size: int) -> None:
            nonlocal done
            done += size
            report(done, total)

        return verify_dossier(file, checker, read)


def _status(verdicts: "list[Verdict]") -> int:
    from transmission.audit.dossier_report import Verdict

    if Verdict.ALTERED in verdicts:
        return ALTERED
    return INCOMPLETE if Verdict.INCOMPLETE in verdicts else 0


def _document(path: Path, report: "Report") -> dict[str, Any]:
    return {
        "fichier": path,
        "verdict": report.verdict,
        "acte": report.acte and asdict(report.acte),
        "ecarts": [
            {"lieu": each.place, "octet": each.offset, "dit": each.said} for each in report.faults
        ],
        "manques": [{"lieu": each.place, "dit": each.said} for each in report.holes],
        "a_savoir": report.notices,
        "signatures": [
            {
                "genre": each.vouching,
                "membre": each.place,
                "sur": each.over,
                "par": each.by,
                "le": each.at,
                "confiance": each.trust,
                "pourquoi": each.why,
            }
            for each in report.vouched
        ],
        "membres": report.members,
        "lignes": report.lines,
    }


def _show(path: Path, report: "Report") -> None:
    from transmission.audit.dossier_report import MEANINGS, Vouching

    _say(f"{path.name} : {report.verdict.label.upper()}, {MEANINGS[report.verdict]}")
    if acte := report.acte:
        day = (
            f"{acte.date_reception:%d/%m/%Y}" if acte.date_reception else "le dossier ne le dit pas"
        )
        _say(f"  Acte {acte.id_acte}, {acte.collectivite}")
        _say(f"  Reçu en préfecture le : {day}")
    count = f"{report.members} membres et {report.lines} lignes de journal lus"
    _list("Intégrité", f"rien n'a été altéré ({count})", report.faults)
    _list("Manques", "aucun", report.holes)
    for notice in report.notices:
        _say(f"  À savoir : {notice}")
    _show_vouched("Scellé", "pas de sceau qui vaille", report.of(Vouching.DOSSIER))
    _show_vouched("Horodaté", "non", report.of(Vouching.DOSSIER_TIME))
    inside = (Vouching.SEAL, Vouching.SIGNATURE, Vouching.TIME, Vouching.ANCHOR)
    _show_vouched("Sceaux, signatures et horodatages du dedans", "aucun", report.of(*inside))
    click.echo()


def _list(title: str, none: str, items: "Sequence[object]") -> None:
    _say(f"  {title} : {'' if items else none}".rstrip())
    for each in items[:_SHOWN]:
        _say(f"    - {each}")
    if len(items) > _SHOWN:
        _say(f"    … et {len(items) - _SHOWN} autres : demandez --json pour tout avoir.")


def _show_vouched(title: str, none: str, items: "Sequence[Vouched]") -> None:
    _list(title, none, [_vouched(each) for each in items])


def _vouched(each: "Vouched") -> str:
    at = f"le {each.at:%d/%m/%Y à %H:%M:%S} UTC" if each.at else "sans date"
    why = f" ({each.why})" if each.why else ""
    return (
        f"{each.over}, {at}, par {each.by} ; {each.vouching.label}, {each.place} ; "
        f"confiance : {each.trust.label}{why}"
    )


def _say(line: str) -> None:
    """What a dossier holds is anybody's words: no terminal obeys them."""
    click.echo(printable(line))
