"""``transmission work``: what waits for a person, desk by desk, and who deals with it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.choices import codes, listed
from transmission.cli.context import author, author_option, authority_option, wired
from transmission.cli.groups import CommandGroup
from transmission.cli.told import json_option, tell
from transmission.domain.desks import Desk

if TYPE_CHECKING:
    from transmission.bootstrap import Container
    from transmission.domain.people import Person
    from transmission.store.queries.desk_shapes import DeskLine, Looked

_SHOWN = 200
_LIST = f"""{listed("Bureaux", Desk)}

\b
Exemple :
  transmission work list en-attente --libres
"""


@click.group(cls=CommandGroup, epilog="Exemple : transmission work list")
def work() -> None:
    """Dossiers qui attendent une personne : les lister, s'en charger, les rendre."""


@work.command("list", epilog=_LIST, short_help="Lister les dossiers d'un bureau, ou de tous.")
@click.argument("bureau", required=False, type=codes(Desk), metavar="[BUREAU]")
@click.option("--compte", metavar="IDENTIFIANT", help="Seulement ceux dont il se charge.")
@click.option("--libres", is_flag=True, help="Seulement ceux dont personne ne se charge.")
@authority_option
@json_option
@click.pass_context
def list_them(
    ctx: click.Context,
    bureau: str | None,
    compte: str | None,
    siren: str | None,
    *,
    libres: bool,
) -> None:
    """Lister ce qui attend une personne, l'attente la plus longue d'abord.

    Le numéro de chacun est celui que veulent « work take » et « work give-back ».
    """
    from transmission.services.accounts import find_person
    from transmission.store.queries.desk_shapes import Looked

    sirens = None if siren is None else [siren.replace(" ", "")]
    with wired(ctx) as made:
        whose = None if compte is None else find_person(made.tools, compte).id
        found, complete = _items(made, bureau, Looked(sirens, whose, libres))
    tell(
        lambda: {"dossiers": [_document(line) for line in found], "complet": complete},
        lambda: _list(found, complete=complete),
    )


def _about_an_item(command: Callable[..., Any]) -> Callable[..., Any]:
    item = click.argument("numero", type=click.IntRange(1, 2**63 - 1))(json_option(command))
    return click.argument("bureau", type=codes(Desk), metavar="BUREAU")(item)


@work.command(
    epilog="Exemple : transmission work take en-attente 12 --compte juriste",
    short_help="Se charger d'un dossier.",
)
@_about_an_item
@click.option("--compte", required=True, metavar="IDENTIFIANT", help="Qui s'en charge.")
@author_option
@click.pass_context
def take(ctx: click.Context, bureau: str, numero: int, compte: str, par: str | None) -> None:
    """Mettre le dossier NUMERO du BUREAU à la charge d'un compte.

    Refusé si quelqu'un s'en charge déjà. Cela dit qui s'en occupe et n'empêche personne d'agir.
    """
    from transmission.services.take_charge import take as taken

    with _item(ctx, bureau, numero) as (made, line):
        person = _able(made, line, compte)
        charge = taken(made.tools, line.item, person, author(par or person.name))
    tell(
        lambda: {"bureau": bureau, "dossier": numero, "charge": charge.name},
        lambda: click.echo(f"Dossier n° {numero} : {charge.name} s'en charge."),
    )


@work.command(
    "give-back",
    epilog="Exemple : transmission work give-back en-attente 12",
    short_help="Rendre un dossier à son bureau.",
)
@_about_an_item
@author_option
@click.pass_context
def give_back(ctx: click.Context, bureau: str, numero: int, par: str | None) -> None:
    """Rendre le dossier NUMERO au BUREAU, qui que ce soit qui s'en chargeait."""
    from transmission.services.take_charge import give_back as given_back

    with _item(ctx, bureau, numero) as (made, line):
        given_back(made.tools, line.item, author(par))
    tell(
        lambda: {"bureau": bureau, "dossier": numero, "charge": None},
        lambda: click.echo(f"Dossier n° {numero} : rendu, personne ne s'en charge."),
    )


def _items(
    made: "Container", bureau: str | None, looked: "Looked"
) -> tuple[Sequence["DeskLine"], bool]:
    """The items of a desk, or the first of each, and whether these are all of them."""
    from transmission.store.queries.desks import desk_page

    desks = list(Desk) if bureau is None else [Desk.of(bureau)]
    with made.engine.connect() as connection:
        pages = [desk_page(connection, desk, looked, limit=_SHOWN) for desk in desks]
    return [line for page in pages for line in page.lines], not any(p.following for p in pages)


@contextmanager
def _item(ctx: click.Context, bureau: str, numero: int) -> Iterator[tuple["Container", "DeskLine"]]:
    from transmission.domain.errors import NotFoundError
    from transmission.store.queries.desks import desk_item

    desk = Desk.of(bureau)
    with wired(ctx) as made:
        with made.engine.connect() as connection:
            line = desk_item(connection, desk, numero, None)
        if line is None:
            raise NotFoundError(
                f"Aucun dossier n° {numero} n'est sur le bureau « {desk.label} ». "
                f"« transmission work list {desk.code} » dit ceux qui y sont."
            )
        yield made, line


def _able(made: "Container", line: "DeskLine", login: str) -> "Person":
    """Who an account is. Raises ConflictError for one that may not deal with the item."""
    from transmission.domain.errors import ConflictError
    from transmission.services.accounts import find_person

    account = find_person(made.tools, login)
    if account.disabled_at is not None or not account.person.may(line.desk.right, line.siren):
        raise ConflictError(
            f"Le compte « {account.login} » n'a pas le droit de traiter ce dossier de "
            f"{line.collectivite}. « transmission user role » le lui donne."
        )
    return account.person


def _document(line: "DeskLine") -> dict[str, Any]:
    charge = line.charge
    return {
        "bureau": line.desk.code,
        "dossier": line.id,
        "depuis": line.since,
        "echeance": line.due,
        "siren": line.siren,
        "acte": line.numero_interne,
        "message": line.message,
        "dit": line.said,
        "objet": line.objet or line.about,
        "charge": None if charge is None else charge.name,
        "charge_depuis": None if charge is None else charge.taken_at,
    }


def _list(found: Sequence["DeskLine"], *, complete: bool) -> None:
    if not found:
        click.echo("Aucun dossier n'attend.")
    for line in found:
        _show(line)
    if not complete:
        click.echo(f"Il y en a d'autres : les {_SHOWN} premiers de chaque bureau sont montrés.")


def _show(line: "DeskLine") -> None:
    from transmission.cli.facts import Facts, show
    from transmission.console.words import day, moment

    facts: Facts = {
        "Bureau": f"{line.desk.label} ({line.desk.code})",
        "Depuis": moment(line.since, line.time_zone),
        "Collectivité": line.collectivite,
    }
    if line.due is not None:
        facts["Échéance"] = day(line.due)
    if line.numero_interne is not None:
        facts["Acte"] = f"{line.numero_interne}, {line.objet}"
    if line.said:
        facts["Dit"] = line.said
    facts["Charge"] = line.charge.name if line.charge else "personne"
    show(f"Dossier n° {line.id}", facts)
