"""Chain the journal (docs/evidence.md [J3]), and prove that a line is in its chain [A5].

A line is linked once nothing can appear below its number any more. One that appears there
nevertheless was put there by a hand: it is never linked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transmission.domain.chain import (
    NO_LINK,
    Inclusion,
    audit_paths,
    canonical_line,
    line_digest,
    next_link,
)
from transmission.domain.transmission import StoredFile
from transmission.ports import UnitOfWork
from transmission.ports.chain import Anchor, Head, KeptPart, Linked, NewLink, OwnLine
from transmission.ports.time_stamps import TimeStampKind
from transmission.services.bells import ring_new
from transmission.services.toolbox import Toolbox

TASK = "chain"
EVERYBODY = 0
"""Subject of the bell: lines of all authorities are linked together, in their order."""

PATIENCE = 2.0
"""Seconds that whoever is writing in the journal is waited for; the next run tries again."""

PAGE = 2000
"""Lines linked in one transaction."""

PAGES = 100
"""Transactions of one task; what is left over is rung for again."""

_START = Head(0, NO_LINK)


@dataclass(frozen=True, slots=True)
class ProvenLine:
    """A line of the journal and what proves it; ``content`` is canonical.

    ``linked`` is None while it is not linked; ``intruder`` when it never will be, for it appeared
    where everything was linked. ``inclusion`` is None until it is anchored.
    """

    id: int
    content: bytes
    linked: Linked | None
    inclusion: Inclusion | None
    intruder: bool


@dataclass(frozen=True, slots=True)
class ProvingAnchor:
    """An anchor that proofs lead to: its header, its token once it is obtained."""

    number: int
    header: bytes
    token: StoredFile | None


@dataclass(frozen=True, slots=True)
class ActeProofs:
    """What proves the journal of an act: its lines, and the anchors that they lead to, in order."""

    lines: tuple[ProvenLine, ...]
    anchors: tuple[ProvingAnchor, ...]


def ring_chain(tools: Toolbox) -> None:
    """Ring for the lines that are not linked yet."""
    with tools.register() as unit:
        if unit.has_lines_to_link():
            ring_new(unit, [(TASK, EVERYBODY)])
            unit.commit()


def link_journal(tools: Toolbox, subject: int = EVERYBODY) -> int:
    """Link the lines that are settled, a page in a transaction; how many were."""
    tools.answer(TASK, subject)
    with tools.register() as unit:
        settled = unit.settled_line(PATIENCE)
    if settled is None:
        return 0
    linked = 0
    for _ in range(PAGES):
        found = _link_page(tools, settled)
        linked += found
        if found < PAGE:
            return linked
    with tools.register() as unit:
        unit.ring(TASK, subject)
        unit.commit()
    return linked


def proofs_of(unit: UnitOfWork, acte_id: int) -> ActeProofs:
    """What proves the journal of an act, as far as it is linked and anchored now.

    Raises NotFoundError.
    """
    owner = unit.acte(acte_id).collectivite_id
    reached = unit.linked_to()
    linked = {each.line_id: each for each in unit.links_of(acte_id)}
    included = _inclusions(unit, owner, [each.place for each in linked.values()])
    lines = []
    for line in unit.lines_of(acte_id):
        link = linked.get(line.id)
        proof = included.get(link.place) if link else None
        intruder = link is None and line.id <= reached
        lines.append(ProvenLine(line.id, canonical_line(line), link, proof, intruder))
    numbers = sorted({each.anchor for each in included.values()})
    return ActeProofs(tuple(lines), _proving(unit, unit.anchors(numbers)))


def _link_page(tools: Toolbox, settled: int) -> int:
    with tools.register() as unit:
        lines = unit.lines_to_link(unit.lock_chain(), settled, PAGE)
        if lines:
            heads = unit.heads(sorted({each.authority_id for each in lines}))
            unit.add_links(_links(lines, heads), lines[-1].line.id)
            unit.commit()
    return len(lines)


def _links(lines: Sequence[OwnLine], heads: dict[int, Head]) -> list[NewLink]:
    made = []
    for each in lines:
        head = heads.get(each.authority_id, _START)
        place = head.place + 1
        link = next_link(head.link, place, line_digest(canonical_line(each.line)))
        heads[each.authority_id] = Head(place, link)
        made.append(NewLink(each.line.id, each.authority_id, place, link))
    return made


def _inclusions(unit: UnitOfWork, owner: int, places: Sequence[int]) -> dict[int, Inclusion]:
    """By place, the way to the anchor that covers it."""
    found: dict[int, Inclusion] = {}
    for part in unit.parts_over(owner, places):
        mine = [place for place in places if part.first <= place <= part.last]
        links = unit.links_between(owner, part.first, part.last)
        paths = audit_paths(links, [place - part.first for place in mine])
        up = _way_up(unit, part)
        for place, path in zip(mine, paths, strict=True):
            found[place] = Inclusion(part.anchor, part.content, path, part.rank, up)
    return found


def _way_up(unit: UnitOfWork, part: KeptPart) -> tuple[bytes, ...]:
    return audit_paths(unit.parts_of(part.anchor), [part.rank])[0]


def _proving(unit: UnitOfWork, anchors: Sequence[Anchor]) -> tuple[ProvingAnchor, ...]:
    asked = unit.time_stamps(TimeStampKind.ANCHOR, [each.number for each in anchors])
    tokens = {each.subject_id: each.obtained.token for each in asked if each.obtained}
    return tuple(
        ProvingAnchor(each.number, each.header, tokens.get(each.number)) for each in anchors
    )
