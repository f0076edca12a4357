"""What every sub-command needs: the container, the author, the act that was named."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click

from transmission.bootstrap import Container, container
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.transmission import Author
from transmission.ports import AuthorityRow
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings, load_settings


def settings_of(ctx: click.Context) -> Settings:
    """Settings of the environment, with the folder given on the command line."""
    return load_settings(**ctx.obj)


@contextmanager
def wired(ctx: click.Context) -> Iterator[Container]:
    """The container of the installation that the command speaks to."""
    with container(settings_of(ctx)) as made:
        yield made


def author(name: str | None, reason: str | None = None) -> Author:
    """Who acts: the name given, else the account of the session."""
    return Author(name or getpass.getuser(), reason)


def chosen_authority(tools: Toolbox, siren: str | None) -> AuthorityRow:
    """The authority of a SIREN, or the only one there is.

    Raises NotFoundError without any, ConflictError when several exist and none is named.
    """
    with tools.register() as unit:
        if siren is not None:
            return unit.authority_by_siren(siren.replace(" ", ""))
        known = unit.authorities()
    if not known:
        raise NotFoundError(
            "Aucune collectivité n'est enregistrée. Ajoutez-la avec « transmission authority add »."
        )
    if len(known) > 1:
        names = "\n".join(f"  {row.collectivite.siren}  {row.collectivite.nom}" for row in known)
        raise ConflictError(f"Plusieurs collectivités existent ; précisez --siren :\n{names}")
    return known[0]


def named_acte(tools: Toolbox, owner: AuthorityRow, numero: str, day: str | None = None) -> int:
    """The act of a number; its date of decision tells apart those of several years.

    Raises IdentifierError, NotFoundError, ConflictError.
    """
    from datetime import date

    wanted = date.fromisoformat(day) if day else None
    with tools.register() as unit:
        found = unit.find_acte(owner.id, NumeroInterne(numero.upper()), None, wanted)
    if not found:
        raise NotFoundError(
            f"Aucun acte {numero} n'a été remis par {owner.collectivite.nom}. "
            "Vérifiez le numéro, ou remettez l'acte avec « transmission send »."
        )
    if len(found) > 1:
        raise ConflictError(
            f"Plusieurs actes portent le numéro {numero} ; précisez --date AAAA-MM-JJ."
        )
    return found[0]
