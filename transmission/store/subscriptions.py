"""What people chose to be told by e-mail, how far it was told, what waits for a daily mail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.notifications import Kind, Mention, Pace
from transmission.domain.wishes import Wishes
from transmission.ports.subscriptions import Followed, Waiting
from transmission.ports.webhooks import Place
from transmission.store.tables import acte, journal
from transmission.store.tables_people import person
from transmission.store.tables_subscriptions import mail_mention, mail_place, person_wish
from transmission.store.tables_webhooks import finding_change


class Subscriptions:
    """Part of the unit of work; see ``transmission.ports.subscriptions`` for the promises."""

    _connection: Connection

    def wishes(self) -> Mapping[int, Wishes]:
        found: dict[int, dict[Kind, Pace]] = {}
        for row in self._connection.execute(select(person_wish)):
            found.setdefault(row.person_id, {})[Kind.of(row.kind)] = Pace.of(row.pace)
        return found

    def keep_wishes(self, person_id: int, chosen: Wishes) -> None:
        mine = person_wish.c.person_id == person_id
        self._connection.execute(delete(person_wish).where(mine))
        rows = [
            {"person_id": person_id, "kind": kind.code, "pace": pace.code}
            for kind, pace in chosen.items()
        ]
        if rows:
            self._connection.execute(insert(person_wish), rows)

    def keep_email(self, person_id: int, email: str | None) -> None:
        changed = update(person).where(person.c.id == person_id).values(email=email)
        self._connection.execute(changed)

    def followed(self) -> Mapping[int, Followed]:
        rows = self._connection.execute(select(mail_place))
        return {row.collectivite_id: _followed(row) for row in rows}

    def follow(self, begun: Mapping[int, date]) -> None:
        newest = {
            "journal_place": select(func.coalesce(func.max(journal.c.id), 0)),
            "finding_place": select(func.coalesce(func.max(finding_change.c.id), 0)),
        }
        places = {
            name: self._connection.execute(each).scalar_one() for name, each in newest.items()
        }
        rows = [
            {"collectivite_id": each, "date_quotidien": day, **places}
            for each, day in begun.items()
        ]
        if rows:
            self._connection.execute(upsert(mail_place).on_conflict_do_nothing(), rows)

    def unfollow(self, authority_ids: Collection[int]) -> None:
        for table in (mail_mention, mail_place):
            gone = delete(table).where(table.c.collectivite_id.in_(authority_ids))
            self._connection.execute(gone)

    def authorities_with_news(self) -> Collection[int]:
        owner = mail_place.c.collectivite_id
        behind = or_(
            exists().where(
                journal.c.collectivite_id == owner, journal.c.id > mail_place.c.journal_place
            ),
            exists().where(
                finding_change.c.collectivite_id == owner,
                finding_change.c.id > mail_place.c.finding_place,
            ),
        )
        return set(self._connection.execute(select(owner).where(behind)).scalars())

    def lock_followed(self, authority_id: int) -> Followed | None:
        mine = select(mail_place).where(mail_place.c.collectivite_id == authority_id)
        row = self._connection.execute(mine.with_for_update()).one_or_none()
        return None if row is None else _followed(row)

    def move_followed(self, authority_id: int, reached: Followed) -> None:
        moved = update(mail_place).where(mail_place.c.collectivite_id == authority_id)
        self._connection.execute(
            moved.values(
                journal_place=reached.place.journal,
                finding_place=reached.place.findings,
                date_quotidien=reached.date_quotidien,
            )
        )

    def objets(self, authority_id: int, acte_ids: Collection[int]) -> Mapping[int, str]:
        found = select(acte.c.id, acte.c.objet).where(
            acte.c.collectivite_id == authority_id, acte.c.id.in_(list(acte_ids))
        )
        return {row.id: row.objet for row in self._connection.execute(found)}

    def authors(self, authority_id: int, line_ids: Collection[int]) -> Mapping[int, str]:
        found = select(journal.c.id, journal.c.author).where(
            journal.c.collectivite_id == authority_id, journal.c.id.in_(list(line_ids))
        )
        return {row.id: row.author for row in self._connection.execute(found)}

    def add_waiting(self, authority_id: int, waiting: Sequence[Waiting]) -> None:
        rows = [
            {
                "collectivite_id": authority_id,
                "acte_id": each.mention.acte_id,
                "key": each.mention.key,
                "kind": each.mention.kind.code,
                "at": each.mention.at,
                "what": each.mention.what,
                "todo": each.mention.todo,
                "persons": list(each.persons),
            }
            for each in waiting
            if each.persons
        ]
        if rows:
            self._connection.execute(insert(mail_mention), rows)

    def take_waiting(self, authority_id: int) -> Sequence[Waiting]:
        mine = mail_mention.c.collectivite_id == authority_id
        taken = delete(mail_mention).where(mine).returning(mail_mention).cte("taken")
        named = taken.outerjoin(acte, acte.c.id == taken.c.acte_id)
        rows = self._connection.execute(
            select(taken, acte.c.numero_interne, acte.c.objet)
            .select_from(named)
            .order_by(taken.c.id)
        )
        return [_waiting(row) for row in rows]


def _followed(row: Row[Any]) -> Followed:
    return Followed(Place(row.journal_place, row.finding_place), row.date_quotidien)


def _waiting(row: Row[Any]) -> Waiting:
    mention = Mention(
        key=row.key,
        kind=Kind.of(row.kind),
        at=row.at,
        what=row.what,
        todo=row.todo,
        acte_id=row.acte_id,
        numero=row.numero_interne,
        objet=row.objet,
    )
    return Waiting(mention, tuple(row.persons))
