"""What every action is: whom it asks for, the page that it shows, what it does, once."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine

from transmission.console.actions.sheet import SINCE, Field, Sheet, Typed
from transmission.console.container import ConsoleContainer
from transmission.domain.errors import ConflictError
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork, UnitOfWorkFactory
from transmission.services.toolbox import Toolbox
from transmission.store.queries import ActeStory, read_story
from transmission.store.queries.decided import newest_event, was_decided

S = TypeVar("S")

Keys = Mapping[str, str]
"""What an address names."""


class MovedError(ConflictError):
    """What the form was about is no more as it was when the form was shown."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What the journal says of an action that was done: codes of events, and their details."""

    events: Collection[str]
    details: Mapping[str, Any] = field(default_factory=dict)
    transmission_id: int | None = None


class Action(ABC, Generic[S]):
    """One thing that a person may do to a subject ``S``.

    ``rehearses`` says that it may be run for its problems alone, when the reason is missing.
    """

    right: ClassVar[Right]
    rehearses: ClassVar[bool] = True
    fields_of: ClassVar[Mapping[str, str]] = {}
    """The field of the form for problems that services call otherwise."""
    settled: ClassVar[frozenset[tuple[str, str]]] = frozenset()
    """Problems, by field and rule, which say that it may already be done."""

    def __init__(self, container: ConsoleContainer, engine: Engine) -> None:
        self.container = container
        self.engine = engine

    @abstractmethod
    def find(self, connection: Connection, keys: Keys) -> S | None:
        """What an address is about, None when there is no such thing."""

    @abstractmethod
    def siren(self, about: S) -> str:
        """The authority to which it belongs."""

    @abstractmethod
    def sheet(self, about: S, typed: Typed) -> Sheet:
        """The page, with what was typed."""

    @abstractmethod
    def closed(self, about: S) -> str:
        """Why nothing can be done now, in a French sentence; empty when it can."""

    @abstractmethod
    def run(self, tools: Toolbox, about: S, typed: Typed, author: Author) -> str:
        """Do it; the address where it is told. Raises TransmissionError."""

    @abstractmethod
    def done(self, about: S, typed: Typed, author: Author) -> str | None:
        """Where it is told, if the same form was already obeyed."""


@dataclass(frozen=True, slots=True)
class ActeSubject:
    """An act, and the number of the last thing that happened to it."""

    story: ActeStory
    newest: int

    @property
    def url(self) -> str:
        """The page of the act."""
        return f"/actes/{self.story.acte_id}"

    @property
    def path(self) -> tuple[tuple[str, str], ...]:
        """The way to it, as pages show it."""
        return (("File d'attente", "/"), (self.story.acte.numero_interne, self.url))

    @property
    def name(self) -> str:
        """Nature, number and object, in a line."""
        acte = self.story.acte
        return f"{acte.nature.label} {acte.numero_interne} : {acte.objet}"


class ActeAction(Action[ActeSubject]):
    """What is done to one act."""

    done_code: ClassVar[str]

    def find(self, connection: Connection, keys: Keys) -> ActeSubject | None:
        acte_id = row_id(keys["acte_id"])
        story = read_story(connection, acte_id)
        return ActeSubject(story, newest_event(connection, acte_id)) if story else None

    def siren(self, about: ActeSubject) -> str:
        return about.story.collectivite.siren

    def closed(self, about: ActeSubject) -> str:
        del about
        return ""

    def deed(self, about: ActeSubject, typed: Typed) -> Deed | None:
        """What the journal says once it is done, None where the service itself knows."""
        del about, typed
        return None

    def told_at(self, about: ActeSubject, typed: Typed) -> str:
        """Where what was done is told."""
        del typed
        return f"{about.url}?fait={self.done_code}"

    def done(self, about: ActeSubject, typed: Typed, author: Author) -> str | None:
        deed = self.deed(about, typed)
        if deed is None or not typed.number(SINCE):
            return None
        with self.engine.connect() as connection:
            found = was_decided(
                connection,
                about.story.acte_id,
                typed.number(SINCE),
                deed.events,
                author,
                deed.details,
                deed.transmission_id,
            )
        return _twice(self.told_at(about, typed)) if found else None


def _twice(address: str) -> str:
    """Where what was done is told, with the words for a form that came twice."""
    path, _, place = address.partition("#")
    return f"{path.partition('?')[0]}?fait=deja" + (f"#{place}" if place else "")


def since(about: ActeSubject) -> Field:
    """The hidden field that says what had happened when the form was shown."""
    return Field(name=SINCE, kind="hidden", value=str(about.newest))


def row_id(text: str) -> int:
    """A number of a row in an address, 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def rehearsing(tools: Toolbox) -> Toolbox:
    """The same tools, over a register that keeps nothing."""
    return replace(tools, register=_forgetful(tools.register))


def _forgetful(register: UnitOfWorkFactory) -> UnitOfWorkFactory:
    @contextmanager
    def opened() -> Iterator[UnitOfWork]:
        with register() as unit:
            yield cast("UnitOfWork", _Uncommitted(unit))

    return opened


class _Uncommitted:
    """A transaction that is never committed."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def commit(self) -> None:
        """Nothing is kept."""
