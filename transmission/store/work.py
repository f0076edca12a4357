"""Who takes care of what waits for a person, in the register."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.desks import Charge, WorkItem
from transmission.domain.people import Person
from transmission.domain.transmission import Author
from transmission.store.tables import journal
from transmission.store.tables_work import work_item_owner, work_item_set_aside


class Work:
    """Part of the unit of work; see ``transmission.ports.work`` for the promises."""

    _connection: Connection

    def charge_of(self, item: WorkItem) -> Charge | None:
        held = select(work_item_owner).where(_of(item)).with_for_update()
        row = self._connection.execute(held).one_or_none()
        return None if row is None else _load(row)

    def take_work(
        self, item: WorkItem, person: Person, author: Author, at: datetime
    ) -> Charge | None:
        taken = (
            upsert(work_item_owner)
            .values(
                collectivite_id=item.collectivite_id,
                kind=item.subject.code,
                subject_id=item.id,
                person_id=person.id,
                person_name=person.name,
                taken_at=at,
                taken_by=author.name,
            )
            .on_conflict_do_nothing(
                index_elements=["kind", "subject_id"],
                index_where=work_item_owner.c.given_back_at.is_(None),
            )
            .returning(work_item_owner)
        )
        row = self._connection.execute(taken).one_or_none()
        return None if row is None else _load(row)

    def give_back_work(self, charge: Charge, author: Author, at: datetime) -> None:
        self._connection.execute(
            update(work_item_owner)
            .where(work_item_owner.c.id == charge.id)
            .values(given_back_at=at, given_back_by=author.name)
        )

    def set_work_aside(self, item: WorkItem, author: Author, at: datetime) -> bool:
        put = (
            upsert(work_item_set_aside)
            .values(
                kind=item.subject.code,
                subject_id=item.id,
                collectivite_id=item.collectivite_id,
                at=at,
                author=author.name,
                reason=author.reason,
            )
            .on_conflict_do_nothing()
        )
        return self._connection.execute(put).rowcount == 1

    def note_work(self, item: WorkItem, what: str, author: Author, at: datetime) -> None:
        self._connection.execute(
            insert(journal).values(
                collectivite_id=item.collectivite_id,
                at=at,
                event=what,
                author=author.name,
                reason=author.reason,
                details={item.subject.code: item.id},
            )
        )


def _of(item: WorkItem) -> ColumnElement[bool]:
    return and_(
        work_item_owner.c.kind == item.subject.code,
        work_item_owner.c.subject_id == item.id,
        work_item_owner.c.given_back_at.is_(None),
    )


def _load(row: Row[tuple[object, ...]]) -> Charge:
    return Charge(row.id, row.person_id, row.person_name, row.taken_at)
