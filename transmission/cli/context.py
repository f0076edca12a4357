"""What sub-commands share: the container, the author, the act that was named.

What is heavy is imported by the functions, so that ``--help`` does not pay for it.
"""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from transmission.cli.completion import numeros, sirens
from transmission.domain.errors import (
    ConflictError,
    IdentifierError,
    NotFoundError,
    RefusedError,
    TransitionError,
    TransmissionError,
)
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.texte import printable
from transmission.domain.transmission import Author

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from transmission.bootstrap import Container
    from transmission.ports import AuthorityRow
    from transmission.services.toolbox import Toolbox
    from transmission.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNDEFINED = ("42P01", "42703")
"""PostgreSQL's codes for a table and a column that do not exist."""
_OF_THE_SERVICE = frozenset({"web", "registre", "worker", "scheduler", "watch", "up", "demo"})
"""Commands that are a service, whichever one the environment has the others speak to."""


class RegisterUnavailableError(TransmissionError):
    """The register does not answer, or is not that of this version."""


class NotFromAfarError(TransmissionError):
    """The API does not allow that: it is done on the machine of the service."""


class ActeRefusedError(TransmissionError):
    """What was asked of an act is refused, whichever command asked."""


class Day(click.ParamType[date]):
    """A civil date on the command line."""

    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"« {value} » n'est pas une date : écrivez AAAA-MM-JJ.", param, ctx)


@dataclass(frozen=True, slots=True)
class NamedActe:
    """The act that a command is about, and what it takes to do something to it."""

    tools: "Toolbox"
    engine: "Engine"
    owner: "AuthorityRow"
    acte_id: int


authority_option = click.option(
    "--siren",
    metavar="SIREN",
    help="Collectivité, s'il y en a plusieurs.",
    shell_complete=sirens,
)
author_option = click.option(
    "--par", metavar="NOM", help="Qui agit (par défaut le compte de la session)."
)


def about_an_acte(command: _Command, *, required: bool = True) -> _Command:
    """Give a command the argument and the options that name one act."""
    day = click.option(
        "--date", "day", type=Day(), help="Date de la décision, si le numéro a servi deux fois."
    )
    numero = click.argument("numero", required=required, shell_complete=numeros)
    return numero(day(authority_option(command)))


def settings_of(ctx: click.Context) -> "Settings":
    """Settings of the environment, with the folder given on the command line."""
    from transmission.settings import load_settings

    return load_settings(**ctx.obj)


@contextmanager
def wired(ctx: click.Context) -> Iterator["Container"]:
    """The container of the installation that the command speaks to.

    Raises NotRunningError, SettingsError, RegisterUnavailableError.
    """
    from transmission.bootstrap import container

    settings = settings_of(ctx)
    if settings.service_url is not None and ctx.info_name not in _OF_THE_SERVICE:
        raise NotFromAfarError(
            f"« transmission {ctx.info_name} » ne se fait pas à distance : lancez-la sur la "
            "machine du service, sans --service ni TRANSMISSION_SERVICE_URL."
        )
    with register_told(), container(settings) as made:
        yield made


@contextmanager
def register_told() -> Iterator[None]:
    """Tell a database that is away, ill-named or of another version: RegisterUnavailableError."""
    from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

    try:
        yield
    except OperationalError as error:
        raise RegisterUnavailableError(
            "La base de données ne répond pas. Si le service s'est arrêté, relancez-le "
            "(« transmission up », ou la démonstration), puis recommencez : ce qui a déjà été fait "
            f"ne sera pas doublé.\nDétail : {str(error.orig).strip()}"
        ) from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) not in _UNDEFINED:
            raise
        raise RegisterUnavailableError(
            "La base de données n'est pas à la version du programme. Lancez « transmission "
            f"migrate », puis recommencez.\nDétail : {str(error.orig).splitlines()[0]}"
        ) from error
    except ArgumentError as error:
        raise RegisterUnavailableError(
            "TRANSMISSION_DATABASE_URL n'est pas l'adresse d'une base de données. Elle a la forme "
            "postgresql+psycopg://compte:secret@machine:5432/base."
        ) from error


@contextmanager
def named_acte(
    ctx: click.Context, numero: str, day: date | None, siren: str | None
) -> Iterator[NamedActe]:
    """The act of a number; its date of decision tells apart those that share it.

    Refusals from within are told with the number, as ActeRefusedError. Raises as :func:`wired`, and
    IdentifierError, NotFoundError, ConflictError.
    """
    from transmission.pdf.errors import PdfError
    from transmission.services.stamp import NotStampableError

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        acte_id = _find(made.tools, owner, numero, day)
        try:
            yield NamedActe(made.tools, made.engine, owner, acte_id)
        except (TransitionError, RefusedError, NotStampableError, PdfError) as error:
            raise ActeRefusedError(
                f"Acte {numero} : {error}\n« transmission status {numero} » dit où il en est."
            ) from error


def author(name: str | None, reason: str | None = None) -> Author:
    """Who acts: the name given, else the account of the session. A terminal may give bytes that
    are no text: both are made printable."""
    return Author(printable(name or _account()), None if reason is None else printable(reason))


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container the account often has a number and no name.
        return f"compte {os.getuid()}"


def chosen_authority(tools: "Toolbox", siren: str | None) -> "AuthorityRow":
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


def _find(tools: "Toolbox", owner: "AuthorityRow", numero: str, day: date | None) -> int:
    with tools.register() as unit:
        found = unit.find_acte(owner.id, _numero_interne(numero, owner), None, day)
        dates = [f"{unit.acte(acte_id).date_decision:%Y-%m-%d}" for acte_id in found]
    if not found:
        dated = f" du {day:%d/%m/%Y}" if day else ""
        raise NotFoundError(
            f"Aucun acte {numero}{dated} n'a été remis par {owner.collectivite.nom}. "
            "Vérifiez le numéro, ou remettez l'acte avec « transmission send »."
        )
    if len(found) > 1:
        raise ConflictError(
            f"Plusieurs actes portent le numéro {numero} ; précisez --date : {', '.join(dates)}."
        )
    return found[0]


def _numero_interne(text: str, owner: "AuthorityRow") -> NumeroInterne:
    from transmission.pdf.numero_template import from_printed

    try:
        return NumeroInterne(text.upper())
    except IdentifierError:
        # People know an act by the number printed on it.
        declared = from_printed(text, owner.collectivite)
        if declared is None:
            raise
        return NumeroInterne(declared)
