"""Are the anchors written outside the database, complete, and those of the register?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from transmission.domain.chain import NO_LINK
from transmission.ports import DocumentStore, UnitOfWork
from transmission.ports.chain import Anchor, AnchorFolder
from transmission.services.anchor import files_of, names_of, tokens_of

_NAME = re.compile(r"([0-9]{6,})\.(?:json|parts\.json|tsr)")


@dataclass(frozen=True, slots=True)
class AnchorFault:
    """What is wrong of an anchor, in French; ``number`` is None for what is of no anchor."""

    number: int | None
    said: str


def anchor_faults(
    unit: UnitOfWork,
    folder: AnchorFolder,
    documents: DocumentStore | None,
    newest: int | None = None,
) -> list[AnchorFault]:
    """Compare the folder with the register, and the headers with one another.

    Names are those of all anchors; with ``newest``, only that many are read, the last ones; without
    ``documents``, the tokens are not. Raises AnchorFolderError.
    """
    held = folder.names()
    anchors = unit.anchors()
    return [
        *_breaks(anchors),
        *_absent(unit, anchors, held),
        *_altered(unit, folder, documents, anchors if newest is None else anchors[-newest:]),
        *_strangers(anchors, held),
    ]


def _breaks(anchors: Sequence[Anchor]) -> Iterator[AnchorFault]:
    """Numbers that are missing, headers which do not follow the one before."""
    if anchors and anchors[0].number != 1:
        yield AnchorFault(1, "la première ancre manque dans la base de données")
    if anchors and NO_LINK.hex().encode() not in anchors[0].header:
        yield AnchorFault(anchors[0].number, "la première ancre en suit une autre")
    for before, after in pairwise(anchors):
        if after.number != before.number + 1:
            said = f"il manque une ancre avant l'ancre {after.number} dans la base de données"
            yield AnchorFault(after.number, said)
        elif sha256(before.header).hexdigest().encode() not in after.header:
            said = f"l'ancre {after.number} ne suit pas l'ancre {before.number} : une des deux a "
            yield AnchorFault(after.number, f"{said}été changée dans la base de données")


def _absent(
    unit: UnitOfWork, anchors: Sequence[Anchor], held: frozenset[str]
) -> Iterator[AnchorFault]:
    tokens = tokens_of(unit, anchors)
    for each in anchors:
        names = names_of(each.number)
        wanted = [names.header, names.parts, *([names.token] if tokens.get(each.number) else [])]
        for name in wanted:
            if name not in held:
                yield AnchorFault(each.number, f"le fichier {name} n'est pas écrit")


def _altered(
    unit: UnitOfWork,
    folder: AnchorFolder,
    documents: DocumentStore | None,
    anchors: Sequence[Anchor],
) -> Iterator[AnchorFault]:
    held, tokens = folder.names(), tokens_of(unit, anchors)
    for each in anchors:
        for name, content in files_of(unit, documents, each, tokens.get(each.number)):
            if name in held and folder.read(name) != content:
                said = f"le fichier {name} n'est pas celui de la base de données"
                yield AnchorFault(each.number, said)


def _strangers(anchors: Sequence[Anchor], held: frozenset[str]) -> Iterator[AnchorFault]:
    last = anchors[-1].number if anchors else 0
    for name in sorted(held):
        known = _NAME.fullmatch(name)
        if known and int(known[1]) > last:
            yield AnchorFault(
                int(known[1]), f"le fichier {name} est d'une ancre que la base de données n'a pas"
            )
