"""What the register holds about people: given to them, erased, or forgotten in time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from transmission.domain.transmission import Author
from transmission.store.tables import journal
from transmission.store.tables_people import (
    person,
    person_event,
    person_link,
    person_role,
    session,
)
from transmission.store.tables_protection import file_access
from transmission.store.tables_subscriptions import mail_mention, person_wish
from transmission.store.tables_work import work_item_owner

_SECRET = frozenset({"digest", "password_hash"})


class Personal:
    """Part of the unit of work; see ``transmission.ports.personal`` for the promises."""

    _connection: Connection

    def personal_rows(self, person_id: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        name = select(person.c.name).where(person.c.id == person_id).scalar_subquery()
        about: dict[Table, ColumnElement[bool]] = {
            person: person.c.id == person_id,
            person_role: person_role.c.person_id == person_id,
            session: session.c.person_id == person_id,
            person_link: person_link.c.person_id == person_id,
            person_wish: person_wish.c.person_id == person_id,
            mail_mention: mail_mention.c.persons.contains([person_id]),
            person_event: or_(person_event.c.person_id == person_id, person_event.c.author == name),
            work_item_owner: work_item_owner.c.person_id == person_id,
            journal: journal.c.author == name,
            file_access: file_access.c.reader == name,
        }
        return {table.name: self._rows(table, mine) for table, mine in about.items()}

    def _rows(self, table: Table, mine: ColumnElement[bool]) -> list[Mapping[str, Any]]:
        told = [column for column in table.c if column.name not in _SECRET]
        statement = select(*told).where(mine).order_by(*table.primary_key.columns)
        return [dict(row) for row in self._connection.execute(statement).mappings()]

    def lines_signed(self, name: str) -> int:
        counted = select(func.count()).select_from(journal).where(journal.c.author == name)
        return int(self._connection.execute(counted).scalar_one())

    def erase_person(self, person_id: int, author: Author, at: datetime) -> None:
        execute = self._connection.execute
        execute(
            update(person)
            .where(person.c.id == person_id)
            .values(
                login=f"efface-{person_id}",
                name=f"Compte effacé n° {person_id}",
                email=None,
                password_hash=None,
                password_at=None,
                oidc_issuer=None,
                oidc_subject=None,
                disabled_at=func.coalesce(person.c.disabled_at, at),
                disabled_by=func.coalesce(person.c.disabled_by, author.name),
                disabled_reason=func.coalesce(person.c.disabled_reason, author.reason),
            )
        )
        execute(
            update(person_role)
            .where(person_role.c.person_id == person_id, person_role.c.revoked_at.is_(None))
            .values(revoked_at=at, revoked_by=author.name)
        )
        for table in (session, person_link, person_wish):
            execute(delete(table).where(table.c.person_id == person_id))
        execute(
            update(mail_mention)
            .where(mail_mention.c.persons.contains([person_id]))
            .values(persons=func.array_remove(mail_mention.c.persons, person_id))
        )

    def forget_visits(self, before: datetime) -> int:
        over = delete(session).where(func.least(session.c.expires_at, session.c.ended_at) < before)
        used = delete(person_link).where(
            func.least(person_link.c.expires_at, person_link.c.used_at) < before
        )
        return sum(self._connection.execute(gone).rowcount for gone in (over, used))
