"""One description of a message for both directions: what is written is what is read.

Writing is strict and gathers all the problems at once; reading is tolerant and notes, in French,
every leniency. What is essential must be there and readable, or the message is refused and its
bytes wait for a person; the rest may be missing.
Source: ACTES protocol §1.2, §1.3, §2.4.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Generic, Protocol, TypeVar

from lxml import etree

from transmission.actes.schema import ACTES, INSEE, local_name
from transmission.domain.errors import Problem, TransmissionError

_T = TypeVar("_T")
_Written = TypeVar("_Written", contravariant=True)
_NAMESPACES = {"actes": ACTES, "insee": INSEE}
_REMEDY = "Le fichier est conservé tel quel ; un opérateur doit l'examiner."


class UnreadableRetourError(TransmissionError):
    """Bytes are not a message that we know, or an essential datum is missing or impossible."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} {_REMEDY}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading has noted so far; ``emetteur`` is the département and SIREN of a 1-1."""

    root: str
    notes: list[str]
    emetteur: tuple[str, str] | None = None

    def refusal(self, reason: str) -> UnreadableRetourError:
        """The error to raise, naming the message."""
        return UnreadableRetourError(f"{self.root} : {reason}")


@dataclass(frozen=True, slots=True)
class Draft:
    """Problems met while writing, each under the name of the attribute at fault."""

    problems: list[Problem] = field(default_factory=list)
    at: str = ""

    def inside(self, name: str) -> "Draft":
        """The same list, for what is part of ``name``."""
        return Draft(self.problems, f"{self.at}.{name}" if self.at else name)

    def refuse(self, rule: str, message: str, remedy: str) -> None:
        """Add a problem of the attribute where this draft stands."""
        self.problems.append(Problem(self.at, rule, message, remedy))


@dataclass(frozen=True, slots=True)
class Word(Generic[_T]):
    """A datum as text.

    ``write`` raises TransmissionError for what we do not emit, ``read`` for what it cannot be;
    ``notice`` says what was tolerated. ``exact`` text keeps its outer spaces.
    """

    write: Callable[[_T], str]
    read: Callable[[str], _T]
    rule: str
    remedy: str
    notice: Callable[[str], str | None] = lambda _text: None
    exact: bool = False

    def written(self, value: _T, draft: Draft) -> str:
        """The text to write, empty when a problem was added to the draft instead."""
        try:
            return self.write(value)
        except TransmissionError as error:
            draft.refuse(self.rule, str(error), self.remedy)
            return ""

    def found(self, text: str | None, name: str, reading: Reading) -> _T | None:
        """The datum; None when absent, or when unreadable and noted."""
        kept = text or "" if self.exact else (text or "").strip()
        if not kept:
            return None
        try:
            value = self.read(kept)
        except TransmissionError as error:
            reading.notes.append(f"{name} : {error}")
            return None
        if notice := self.notice(kept):
            reading.notes.append(f"{name} : {notice}")
        return value


class Node(Protocol[_Written]):
    """What an element holds."""

    def write(self, element: etree._Element, value: _Written, draft: Draft) -> None:
        """Fill a new element."""

    def read(self, element: etree._Element, reading: Reading) -> Any:
        """The value of an element, None when it says nothing that can be used."""


@dataclass(frozen=True, slots=True)
class Text(Generic[_T]):
    """An element that holds one word; markup inside it is ignored."""

    word: Word[_T]

    def write(self, element: etree._Element, value: _T, draft: Draft) -> None:
        element.text = self.word.written(value, draft)

    def read(self, element: etree._Element, reading: Reading) -> _T | None:
        text = "".join(element.itertext())
        return self.word.found(text, local_name(element), reading)


class Presence(Enum):
    """What the absence of a part means to a reader. A writer may only leave out an OPTIONAL."""

    ESSENTIAL = auto()
    EXPECTED = auto()
    OPTIONAL = auto()


class Part(Protocol):
    """One attribute of a domain type, and its place in the element."""

    @property
    def attribute(self) -> str:
        """Name of the attribute."""

    def write(self, element: etree._Element, value: Any, draft: Draft) -> None:
        """Put the value at its place, after what is already there."""

    def read(self, element: etree._Element, reading: Reading) -> Any:
        """Find the value at its place."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """``path`` is made of local names; ``insee:`` marks the other vocabulary, ``@`` an attribute.

    ``default`` stands for what is absent.
    """

    path: str
    attribute: str
    content: Any
    presence: Presence = Presence.EXPECTED
    default: Any = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2].rpartition(":")[2].lstrip("@")

    def is_left_out(self, value: Any, draft: Draft) -> bool:
        if value not in (None, "", (), self.default):
            return False
        if self.presence is not Presence.OPTIONAL:
            reason = "rien n'est donné, alors que le protocole l'exige."
            draft.refuse("obligatoire", reason, "Complétez-le.")
        return True

    def checked(self, value: Any, before: int, reading: Reading) -> Any:
        """The value read; ``before`` is how many notes there were, for the reason to be given."""
        if value not in (None, ()):
            return value
        reasons = reading.notes[before:] or [f"il manque {self.name}."]
        if self.presence is Presence.ESSENTIAL:
            raise reading.refusal(" ".join(reasons))
        if self.presence is Presence.EXPECTED and len(reading.notes) == before:
            reading.notes.append(f"{self.name} est absent.")
        return self.default if value is None else value


class Attribute(_Placed):
    """A word in an attribute."""

    __slots__ = ()

    def write(self, element: etree._Element, value: Any, draft: Draft) -> None:
        if not self.is_left_out(value, draft):
            *steps, last = self.path.split("/")
            holder = _enter(element, steps)
            holder.set(_qualified(last.lstrip("@")), self.content.written(value, draft))

    def read(self, element: etree._Element, reading: Reading) -> Any:
        *steps, last = self.path.split("/")
        holder = element.find(_xpath(steps)) if steps else element
        text = None if holder is None else holder.get(_qualified(last.lstrip("@")))
        before = len(reading.notes)
        return self.checked(self.content.found(text, self.name, reading), before, reading)


class Child(_Placed):
    """One element, left out when it is optional and would be empty; only the first is read."""

    __slots__ = ()

    def write(self, element: etree._Element, value: Any, draft: Draft) -> None:
        if not self.is_left_out(value, draft):
            *steps, last = self.path.split("/")
            holder = _enter(element, steps)
            new = etree.SubElement(holder, _qualified(last))
            self.content.write(new, value, draft)
            if self.presence is Presence.OPTIONAL and not (len(new) or new.text):
                holder.remove(new)

    def read(self, element: etree._Element, reading: Reading) -> Any:
        found = element.find(_xpath(self.path.split("/")))
        before = len(reading.notes)
        value = None if found is None else self.content.read(found, reading)
        if value is not None and value == self.default:
            reading.notes.append(f"{self.name} est vide.")
        return self.checked(value, before, reading)


class Children(_Placed):
    """Elements of the same name, as a tuple; those that say nothing are left aside and noted."""

    __slots__ = ()

    def write(self, element: etree._Element, value: Any, draft: Draft) -> None:
        self.is_left_out(value, draft)
        *steps, last = self.path.split("/")
        holder = _enter(element, steps)
        for rank, item in enumerate(value, start=1):
            inside = Draft(draft.problems, f"{draft.at}[{rank}]")
            self.content.write(etree.SubElement(holder, _qualified(last)), item, inside)

    def read(self, element: etree._Element, reading: Reading) -> Any:
        before = len(reading.notes)
        elements = element.findall(_xpath(self.path.split("/")))
        values = [self.content.read(found, reading) for found in elements]
        kept = tuple(value for value in values if value is not None)
        if len(kept) < len(values):
            lost = len(values) - len(kept)
            reading.notes.append(f"{self.name} : élément sans contenu utile, ignoré ({lost} fois).")
        return self.checked(kept, before, reading)


class Form(Generic[_T]):
    """An element described part by part, in the order of the schema.

    ``rules`` adds the problems of a value that no part alone can see.
    """

    def __init__(
        self,
        made: type[_T],
        *parts: Part,
        rules: Callable[[_T], Iterable[Problem]] = lambda _value: (),
    ) -> None:
        self._made = made
        self._parts = parts
        self._rules = rules

    def write(self, element: etree._Element, value: _T, draft: Draft) -> None:
        for part in self._parts:
            part.write(element, getattr(value, part.attribute), draft.inside(part.attribute))
        draft.problems.extend(self._rules(value))

    def read(self, element: etree._Element, reading: Reading) -> _T:
        return self._made(**{p.attribute: p.read(element, reading) for p in self._parts})


def _qualified(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{_NAMESPACES[prefix or 'actes']}}}{local}"


def _xpath(steps: Iterable[str]) -> str:
    return "/".join(_qualified(step) for step in steps)


def _enter(element: etree._Element, steps: Iterable[str]) -> etree._Element:
    """The element at the end of a path: the last child when it has that name, else a new one."""
    for step in steps:
        tag = _qualified(step)
        last = element[-1] if len(element) else None
        element = last if last is not None and last.tag == tag else etree.SubElement(element, tag)
    return element
