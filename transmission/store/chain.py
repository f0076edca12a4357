"""The chain of the journal and its anchors, in the register."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    Row,
    Select,
    bindparam,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from transmission.domain.chain import NO_LINK, Line
from transmission.ports.chain import (
    Anchor,
    Head,
    KeptPart,
    Linked,
    NewLink,
    OwnLine,
    OwnPart,
    Stretch,
)
from transmission.store.queries.changes import settled_id
from transmission.store.tables import collectivite, journal
from transmission.store.tables_chain import anchor, anchor_part, chain, journal_link

_AT_A_TIME = 10_000

_LINE = select(journal, collectivite.c.siren).join(
    collectivite, collectivite.c.id == journal.c.collectivite_id
)
_HEADS = text(
    "SELECT owner.id AS authority_id, head.place, head.link"
    " FROM unnest(:owners) AS owner (id) CROSS JOIN LATERAL (SELECT place, link FROM journal_link"
    " WHERE collectivite_id = owner.id ORDER BY place DESC LIMIT 1) AS head"
).bindparams(bindparam("owners", type_=ARRAY(BigInteger)))
_ADD_LINKS = text(
    "INSERT INTO journal_link (id, collectivite_id, place, link)"
    " SELECT * FROM unnest(:ids, :owners, :places, :links)"
).bindparams(
    *(bindparam(name, type_=ARRAY(BigInteger)) for name in ("ids", "owners", "places")),
    bindparam("links", type_=ARRAY(LargeBinary)),
)
# Every authority has its own last place, anchored and linked: two looks in indexes, never a count.
_STRETCHES = text(
    "SELECT collectivite.id AS authority_id, siren, coalesce(anchored.last, 0) + 1 AS first,"
    " head.place AS last FROM collectivite"
    " CROSS JOIN LATERAL (SELECT place FROM journal_link"
    " WHERE collectivite_id = collectivite.id ORDER BY place DESC LIMIT 1) AS head"
    " LEFT JOIN LATERAL (SELECT last FROM anchor_part"
    " WHERE collectivite_id = collectivite.id ORDER BY first DESC LIMIT 1) AS anchored ON true"
    " WHERE head.place > coalesce(anchored.last, 0) ORDER BY siren"
)
_PARTS_OVER = text(
    "SELECT DISTINCT part.* FROM unnest(:places) AS wanted (place) CROSS JOIN LATERAL ("
    "SELECT * FROM anchor_part WHERE collectivite_id = :owner AND first <= wanted.place"
    " ORDER BY first DESC LIMIT 1) AS part WHERE wanted.place <= part.last ORDER BY part.first"
).bindparams(bindparam("places", type_=ARRAY(BigInteger)))


class Chain:
    """Part of the unit of work; see ``transmission.ports.chain`` for the promises."""

    _connection: Connection

    def settled_line(self, patience: float) -> int | None:
        return settled_id(self._connection.engine, journal, patience)

    def lock_chain(self) -> int:
        held = select(chain.c.linked_to).with_for_update()
        return int(self._connection.execute(held).scalar_one())

    def linked_to(self) -> int:
        return int(self._connection.execute(select(chain.c.linked_to)).scalar_one())

    def has_lines_to_link(self) -> bool:
        reached = select(chain.c.linked_to).scalar_subquery()
        newer = exists().where(journal.c.id > reached)
        return bool(self._connection.execute(select(newer)).scalar_one())

    def lines_to_link(self, after: int, until: int, most: int) -> Sequence[OwnLine]:
        found = _LINE.where(journal.c.id > after, journal.c.id <= until)
        rows = self._connection.execute(found.order_by(journal.c.id).limit(most))
        return [OwnLine(row.collectivite_id, _line(row)) for row in rows]

    def heads(self, authority_ids: Sequence[int]) -> dict[int, Head]:
        rows = self._connection.execute(_HEADS, {"owners": list(authority_ids)})
        return {row.authority_id: Head(row.place, row.link) for row in rows}

    def add_links(self, links: Sequence[NewLink], until: int) -> None:
        columns = {
            "ids": [each.line_id for each in links],
            "owners": [each.authority_id for each in links],
            "places": [each.place for each in links],
            "links": [each.link for each in links],
        }
        self._connection.execute(_ADD_LINKS, columns)
        self._connection.execute(update(chain).values(linked_to=until))

    def intruders(self, most: int) -> Sequence[int]:
        linked = exists().where(journal_link.c.id == journal.c.id)
        reached = select(chain.c.linked_to).scalar_subquery()
        found = select(journal.c.id).where(journal.c.id <= reached, ~linked)
        return self._connection.execute(found.order_by(journal.c.id).limit(most)).scalars().all()

    def lines_of(self, acte_id: int) -> Sequence[Line]:
        found = _LINE.where(journal.c.acte_id == acte_id).order_by(journal.c.id)
        return [_line(row) for row in self._connection.execute(found)]

    def links_of(self, acte_id: int) -> Sequence[Linked]:
        before = journal_link.alias()
        found = (
            select(journal_link, before.c.link.label("before"))
            .join(journal, journal.c.id == journal_link.c.id)
            .outerjoin(
                before,
                (before.c.collectivite_id == journal_link.c.collectivite_id)
                & (before.c.place == journal_link.c.place - 1),
            )
            .where(journal.c.acte_id == acte_id)
        )
        rows = self._connection.execute(found.order_by(journal_link.c.id))
        return [Linked(row.id, row.place, row.link, row.before or NO_LINK) for row in rows]

    def links_between(self, authority_id: int, first: int, last: int) -> Iterator[bytes]:
        found = select(journal_link.c.link).where(
            journal_link.c.collectivite_id == authority_id,
            journal_link.c.place >= bindparam("first"),
            journal_link.c.place <= bindparam("last"),
        )
        # By stretches: a first anchor may cover the whole of an old journal.
        for begin in range(first, last + 1, _AT_A_TIME):
            span = {"first": begin, "last": min(last, begin + _AT_A_TIME - 1)}
            rows = self._connection.execute(found.order_by(journal_link.c.place), span)
            yield from rows.scalars()

    def stretches(self) -> Sequence[Stretch]:
        rows = self._connection.execute(_STRETCHES)
        return [Stretch(row.authority_id, row.siren, row.first, row.last) for row in rows]

    def add_anchor(self, made: Anchor, parts: Sequence[OwnPart]) -> None:
        self._connection.execute(
            insert(anchor).values(number=made.number, day=made.day, at=made.at, header=made.header)
        )
        rows = [
            {
                "anchor": made.number,
                "rank": rank,
                "collectivite_id": each.authority_id,
                "first": each.part.first,
                "last": each.part.last,
                "content": each.part.canonical(),
            }
            for rank, each in enumerate(parts)
        ]
        if rows:
            self._connection.execute(insert(anchor_part), rows)

    def last_anchor(self) -> Anchor | None:
        found = self._anchors(select(anchor).order_by(anchor.c.number.desc()).limit(1))
        return found[0] if found else None

    def anchors(self, numbers: Sequence[int] | None = None) -> Sequence[Anchor]:
        found = select(anchor).order_by(anchor.c.number)
        if numbers is None:
            return self._anchors(found)
        wanted = bindparam("numbers", list(numbers), type_=ARRAY(Integer))
        return self._anchors(found.where(anchor.c.number == func.any(wanted)))

    def parts_of(self, number: int) -> Sequence[bytes]:
        found = select(anchor_part.c.content).where(anchor_part.c.anchor == number)
        return self._connection.execute(found.order_by(anchor_part.c.rank)).scalars().all()

    def parts_over(self, authority_id: int, places: Sequence[int]) -> Sequence[KeptPart]:
        asked = {"owner": authority_id, "places": list(places)}
        rows = self._connection.execute(_PARTS_OVER, asked)
        return [KeptPart(row.anchor, row.rank, row.first, row.last, row.content) for row in rows]

    def _anchors(self, found: Select[Any]) -> list[Anchor]:
        return [
            Anchor(row.number, row.day, row.at, row.header)
            for row in self._connection.execute(found)
        ]


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        siren=row.siren,
        acte=row.acte_id,
        transmission=row.transmission_id,
        at=row.at,
        event=row.event,
        source=row.source,
        target=row.target,
        author=row.author,
        reason=row.reason,
        details=row.details,
    )
