"""The service that a command speaks to: that of this machine, or a distant one by its API.

A command asks it and prints what it says; which of the two it is, only this module knows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

import click

from transmission.cli.context import settings_of

if TYPE_CHECKING:
    from transmission.cli.facts import Facts
    from transmission.cli.handing import Taker
    from transmission.domain.lifecycle import State

Told: TypeAlias = "tuple[str, Facts]"
"""A title, and what is under it."""


@dataclass(frozen=True, slots=True)
class Named:
    """How a command names an act."""

    numero: str
    day: date | None
    siren: str | None


@dataclass(frozen=True, slots=True)
class Online:
    """What is asked of a mise en ligne."""

    day: date
    adresse: str | None
    registre: bool
    individuel: bool
    noms_verifies: bool
    motif: str | None


@dataclass(frozen=True, slots=True)
class PutOnline:
    """What it came to."""

    adresse: str | None
    date_minimum: date
    avertissements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer given to a letter about an act."""

    numero: str
    message: str
    label: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an act stands; ``why`` is what it waits for, in a sentence."""

    numero: str
    state: "State"
    date_reception: date | None
    why: str


class Acte(Protocol):
    """One act of the service."""

    def document(self) -> dict[str, Any]:
        """All that the API tells of it."""
        ...

    def story(self) -> Told:
        """Where it stands."""
        ...

    def letters(self) -> Sequence[Told]:
        """What the préfecture wrote about it, the newest first."""
        ...

    def stamp(self, target: BinaryIO) -> None:
        """Write it stamped."""
        ...

    def accuse_reception(self, target: BinaryIO) -> None:
        """Write its AR as it came."""
        ...

    def id_acte(self) -> str:
        """The identifier under which it goes, or went last."""
        ...

    def dossier(self, target: BinaryIO, progress: Callable[[int, int], None]) -> None:
        """Write its dossier de preuve, telling how many bytes are done, of how many."""
        ...

    def cancel(self, motif: str) -> "State":
        """Take it back; its state."""
        ...

    def resend(self, motif: str, renamed: str | None) -> tuple["State", str]:
        """Send it again; its state, and the number under which it goes."""
        ...

    def publish(self, asked: Online) -> PutOnline:
        """Put it on line."""
        ...

    def unpublish(self, motif: str | None, *, early: bool) -> tuple[str, ...]:
        """Take it off line; warnings."""
        ...


class Service(Protocol):
    """Where commands are carried out. Every call raises TransmissionError."""

    def acte(self, named: Named) -> AbstractContextManager[Acte]:
        """The act that is named; a refusal within is told with its number."""
        ...

    def open_letters(self, siren: str | None) -> tuple[Sequence[Told], Sequence[Any], bool]:
        """Letters that nobody answered, the newest first: told, as documents, and whether these are
        all of them."""
        ...

    def letter_files(self, courrier: int) -> Iterator[tuple[str, "Writer"]]:
        """What a letter came with: a safe name for each file, and what writes it."""
        ...

    def reply(
        self,
        courrier: int,
        fichiers: Sequence[tuple[Path, str | None]],
        message: str | None,
        *,
        refuses: bool,
    ) -> Answered:
        """Answer a letter with files, each with its typology if given."""
        ...

    def taker(self, siren: str | None) -> AbstractContextManager["Taker"]:
        """Who takes acts in charge."""
        ...

    def watch(self, actes: Sequence[int]) -> list["Outcome"]:
        """Wait until nothing more is expected of the service for acts; where each stands."""
        ...


class Writer(Protocol):
    """What writes a file."""

    def __call__(self, target: BinaryIO) -> object: ...


def _keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    if value is not None:
        ctx.ensure_object(dict)[str(option.name)] = value


def from_afar(command: Any) -> Any:
    """Give a command the options by which it speaks to a distant service."""
    for flag, name, metavar, told in (
        ("--ca-fichier", "service_ca_file", "FICHIER", "Autorité qui a signé son certificat."),
        ("--jeton-fichier", "token_file", "FICHIER", "Fichier du jeton qui y donne accès."),
        ("--service", "service_url", "URL", "Service distant (https://…), par son API."),
    ):
        option = click.option(
            flag, name, metavar=metavar, help=told, expose_value=False, callback=_keep
        )
        command = option(command)
    return command


def service_of(ctx: click.Context, par: str | None = None) -> AbstractContextManager[Service]:
    """The service that the command line or the environment names: by default, the one here.

    ``par`` says who acts, here. Raises TransmissionError.
    """
    settings = settings_of(ctx)
    if settings.service_url is None:
        from transmission.cli.service_here import here

        return here(ctx, par)
    from transmission.cli.service_far import far

    return far(settings, par)
