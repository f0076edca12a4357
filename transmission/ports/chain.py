"""The chain of the journal and its anchors: part of the unit of work, and the folder outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from transmission.domain.chain import Line, Part
from transmission.domain.errors import TransmissionError


class OtherAnchorError(TransmissionError):
    """The folder of anchors holds, under the name of a file, other bytes: nothing was written."""


class AnchorFolderError(TransmissionError):
    """The folder of anchors cannot be read or written."""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line and the authority that it is of."""

    authority_id: int
    line: Line


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of an authority's chain."""

    place: int
    link: bytes


@dataclass(frozen=True, slots=True)
class NewLink:
    """The link of a line, to be written."""

    line_id: int
    authority_id: int
    place: int
    link: bytes


@dataclass(frozen=True, slots=True)
class Linked:
    """A line as it was linked; ``before`` is the link before it (zeros before the first)."""

    line_id: int
    place: int
    link: bytes
    before: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """What no anchor covers yet of an authority's chain: places, both included."""

    authority_id: int
    siren: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor: the canonical bytes of its header; ``day`` is that of ``at`` in UTC."""

    number: int
    day: date
    at: datetime
    header: bytes


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part of an anchor and the authority that it is of."""

    authority_id: int
    part: Part


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part as it was anchored: places, canonical bytes, its rank (from 0) among the parts."""

    anchor: int
    rank: int
    first: int
    last: int
    content: bytes


class ChainRegister(Protocol):
    """Part of the unit of work."""

    def settled_line(self, patience: float) -> int | None:
        """A number of the journal at or below which nothing can appear any more; None when
        somebody writes for longer than ``patience`` (s). Looked up outside this transaction."""
        ...

    def lock_chain(self) -> int:
        """Nobody else links nor anchors before the end; up to which number lines are linked."""
        ...

    def has_lines_to_link(self) -> bool:
        """Whether some line is not linked yet, settled or not."""
        ...

    def lines_to_link(self, after: int, until: int, most: int) -> Sequence[OwnLine]:
        """Lines of all authorities above a number, up to another, in order."""
        ...

    def heads(self, authority_ids: Sequence[int]) -> dict[int, Head]:
        """The last links of authorities; none of those whose chain is empty."""
        ...

    def add_links(self, links: Sequence[NewLink], until: int) -> None:
        """Write links: the journal is linked up to the number ``until``."""
        ...

    def intruders(self, most: int) -> Sequence[int]:
        """Lines which appeared where everything was linked, and are not, oldest first."""
        ...

    def lines_of(self, acte_id: int) -> Sequence[Line]:
        """The journal of an act, in order."""
        ...

    def linked_to(self) -> int:
        """The number up to which lines are linked."""
        ...

    def links_of(self, acte_id: int) -> Sequence[Linked]:
        """The links of the lines of an act, in order."""
        ...

    def links_between(self, authority_id: int, first: int, last: int) -> Iterator[bytes]:
        """The links of an authority between two places, both included, in order."""
        ...

    def stretches(self) -> Sequence[Stretch]:
        """What no anchor covers yet, by authority in the order of SIREN."""
        ...

    def add_anchor(self, anchor: Anchor, parts: Sequence[OwnPart]) -> None:
        """Write an anchor; ``parts`` in the order of their leaves."""
        ...

    def last_anchor(self) -> Anchor | None: ...

    def anchors(self, numbers: Sequence[int] | None = None) -> Sequence[Anchor]:
        """Anchors in order: those of these numbers, or all."""
        ...

    def parts_of(self, anchor: int) -> Sequence[bytes]:
        """The canonical parts of an anchor, in the order of its leaves."""
        ...

    def parts_over(self, authority_id: int, places: Sequence[int]) -> Sequence[KeptPart]:
        """The parts of an authority that cover these places, in order."""
        ...


class AnchorFolder(Protocol):
    """Where anchors are kept outside the database. Raises AnchorFolderError."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        ...

    def names(self) -> frozenset[str]:
        """Names of the files; none when the folder is not made yet."""
        ...

    def read(self, name: str) -> bytes:
        """Content of a file; of one that is not there, none."""
        ...

    def put(self, name: str, content: bytes) -> bool:
        """Write a file, whole and for good; False when it was there with the same bytes.

        Raises OtherAnchorError when it was there with others.
        """
        ...
