"""``transmission doctor``: what is wrong with an installation, and what to do about it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from transmission.cli.diagnosis.findings import Finding

_WIDTH = 80


@click.command(
    epilog="""\b
Exemples :
  transmission doctor
  transmission doctor --json
"""
)
@click.option("--json", "as_json", is_flag=True, help="Écrire le résultat en JSON.")
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Vérifier l'installation, et dire ce qui ne va pas et quoi faire.

    Rien n'est modifié ni envoyé. Tout est vérifié tel que le voient ce compte et cette machine :
    lancez-la là où travaillent les exécutants. Le code de sortie est 1 si quelque chose est à
    corriger (✗), 0 sinon, avertissements (!) compris.
    """
    from transmission.cli.diagnosis.findings import Grade, Subject
    from transmission.cli.diagnosis.rounds import examined
    from transmission.clock import SystemClock

    order = list(Subject)
    found = sorted(examined(ctx.obj, SystemClock()), key=lambda one: order.index(one.subject))
    (_write_json if as_json else _write)(found)
    ctx.exit(1 if any(one.grade is Grade.WRONG for one in found) else 0)


def _write(found: Sequence["Finding"]) -> None:
    from transmission.cli.facts import wrapped

    for one in found:
        head, *rest = wrapped(f"{one.subject.value} : {one.said}", _WIDTH - 2)
        click.echo(f"{one.grade.value} {head}")
        for line in rest:
            click.echo(f"  {line}")


def _write_json(found: Sequence["Finding"]) -> None:
    from transmission.cli.diagnosis.findings import Grade

    checks = [
        {"check": one.subject.name.lower(), "grade": one.grade.name.lower(), "said": one.said}
        for one in found
    ]
    sound = all(one.grade is not Grade.WRONG for one in found)
    click.echo(json.dumps({"sound": sound, "checks": checks}, ensure_ascii=False, indent=2))
