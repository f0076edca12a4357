"""``transmission user wishes``: what a person is told by e-mail, and where."""

import json
from typing import TYPE_CHECKING

import click

from transmission.cli.context import author, author_option, wired
from transmission.domain.notifications import Kind, Pace

if TYPE_CHECKING:
    from transmission.domain.wishes import Listener

_TOLD = "\n".join(f"  {each.code:<12}{each.label}" for each in Kind)
_EPILOG = f"""\b
Sujets :
{_TOLD}

\b
Exemples :
  transmission user wishes juriste
  transmission user wishes juriste --kind courrier --pace aussitot
  transmission user wishes juriste --courriel juriste@example.org
"""


@click.command(epilog=_EPILOG, short_help="Ce qui lui est annoncé par courriel.")
@click.argument("identifiant")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice([each.code for each in Kind]),
    help="Sujet à changer ; répétable.",
)  # fmt: skip
@click.option("--pace", type=click.Choice([each.code for each in Pace]), help="Quand l'annoncer.")
@click.option("--courriel", help="Son adresse ; vide pour n'en garder aucune.")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON.")
@author_option
@click.pass_context
def wishes(
    ctx: click.Context,
    identifiant: str,
    kinds: tuple[str, ...],
    pace: str | None,
    courriel: str | None,
    as_json: bool,  # noqa: FBT001
    par: str | None,
) -> None:
    """Dire, ou changer, ce qui est annoncé par courriel à IDENTIFIANT.

    Ce qui n'est pas choisi suit ses rôles. Rien n'est annoncé d'une collectivité où il n'en a pas.
    """
    from transmission.domain.wishes import paces_of
    from transmission.services.wishes import Chosen, choose, find_listener

    if bool(kinds) != (pace is not None):
        raise click.UsageError("Donnez ensemble --kind et --pace.")
    wanted = {Kind.of(code): Pace.of(pace) for code in kinds} if pace else {}
    for kind, chosen in wanted.items():
        if chosen not in paces_of(kind):
            allowed = ", ".join(each.code for each in paces_of(kind))
            raise click.UsageError(f"« {kind.code} » se règle ainsi : {allowed}.")
    with wired(ctx) as made:
        if wanted or courriel is not None:
            found = choose(made.tools, identifiant, Chosen(wanted, courriel), author(par))
        else:
            found = find_listener(made.tools, identifiant)
    _write(found) if as_json else _show(found)


def _show(listener: "Listener") -> None:
    from transmission.cli.facts import Facts, show

    account = listener.account
    facts: Facts = {"Courriel": account.email or "aucun : rien ne lui est annoncé"}
    for kind, pace in listener.shown.items():
        usual = "" if kind in listener.chosen else " (selon ses rôles)"
        facts[kind.label] = f"{pace.label}{usual}"
    show(f"Ce qui est annoncé à « {account.login} »", facts)


def _write(listener: "Listener") -> None:
    document = {
        "login": listener.account.login,
        "email": listener.account.email,
        "wishes": [
            {"kind": kind.code, "pace": pace.code, "chosen": kind in listener.chosen}
            for kind, pace in listener.shown.items()
        ],
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
