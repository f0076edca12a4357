"""Sessions and one-time links, known by the digest of their secret, and the failures to come in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.accounts import Account, Purpose, Session, Way
from transmission.domain.transmission import Author
from transmission.ports.people import Attempts, NewSession
from transmission.store.people import ACCOUNT, load_account
from transmission.store.statements import Reading
from transmission.store.tables_people import login_attempt, person, person_link, session

_SESSION = (
    session.c.id,
    session.c.person_id,
    session.c.way,
    session.c.address,
    session.c.browser,
    session.c.created_at,
    session.c.last_seen_at,
    session.c.expires_at,
    session.c.ended_at,
)
_WAYS = {way.code: way for way in Way}

# Of every request: nothing of it is locked.
_BY_DIGEST = Reading(
    select(*(column.label(f"session_{column.key}") for column in _SESSION), *ACCOUNT)
    .join_from(session, person)
    .where(session.c.digest == bindparam("wanted"))
)


class Sessions:
    """Part of the unit of work; see ``transmission.ports.people`` for the promises."""

    _connection: Connection

    def open_session(self, new: NewSession, at: datetime) -> int:
        added = insert(session).values(
            digest=new.digest,
            person_id=new.person_id,
            way=new.way.code,
            address=new.origin.address,
            browser=new.origin.browser,
            created_at=at,
            last_seen_at=at,
            expires_at=new.expires_at,
        )
        return int(self._connection.execute(added.returning(session.c.id)).scalar_one())

    def session_by_digest(self, digest: str) -> tuple[Session, Account] | None:
        row = _BY_DIGEST.first(self._connection, {"wanted": digest})
        if row is None:
            return None
        return _load({each.key: getattr(row, f"session_{each.key}") for each in _SESSION}), (
            load_account(row)
        )

    def see_session(self, session_id: int, at: datetime, unless_since: datetime) -> None:
        unheld = (
            select(session.c.id)
            .where(session.c.id == session_id, session.c.last_seen_at <= unless_since)
            .with_for_update(skip_locked=True, key_share=True)
            .scalar_subquery()
        )
        seen = update(session).where(session.c.id == unheld).values(last_seen_at=at)
        self._connection.execute(seen)

    def end_sessions(
        self,
        person_id: int,
        at: datetime,
        *,
        only: int | None = None,
        but: int | None = None,
    ) -> int:
        ended = update(session).where(
            session.c.person_id == person_id, session.c.ended_at.is_(None)
        )
        if only is not None:
            ended = ended.where(session.c.id == only)
        if but is not None:
            ended = ended.where(session.c.id != but)
        return self._connection.execute(ended.values(ended_at=at)).rowcount

    def sessions(self, person_id: int, since: datetime) -> Sequence[Session]:
        rows = self._connection.execute(
            select(*_SESSION)
            .where(
                session.c.person_id == person_id,
                session.c.ended_at.is_(None),
                session.c.expires_at > since,
            )
            .order_by(session.c.last_seen_at.desc(), session.c.id.desc())
        )
        return [_load(row._asdict()) for row in rows]

    def add_link(
        self,
        digest: str,
        person_id: int,
        purpose: Purpose,
        author: Author,
        at: datetime,
        expires_at: datetime,
    ) -> None:
        replaced = (
            person_link.c.person_id == person_id,
            person_link.c.purpose == purpose.value,
            person_link.c.used_at.is_(None),
        )
        self._connection.execute(update(person_link).where(*replaced).values(used_at=at))
        self._connection.execute(
            insert(person_link).values(
                digest=digest,
                person_id=person_id,
                purpose=purpose.value,
                created_at=at,
                created_by=author.name,
                expires_at=expires_at,
            )
        )

    def end_links(self, person_id: int, at: datetime) -> None:
        theirs = (person_link.c.person_id == person_id, person_link.c.used_at.is_(None))
        self._connection.execute(update(person_link).where(*theirs).values(used_at=at))

    def link_person(self, digest: str, purpose: Purpose, now: datetime) -> int | None:
        living = select(person_link.c.person_id).where(*_living(digest, purpose, now))
        return self._connection.execute(living).scalar_one_or_none()

    def use_link(self, digest: str, purpose: Purpose, now: datetime) -> int | None:
        used = (
            update(person_link)
            .where(*_living(digest, purpose, now))
            .values(used_at=now)
            .returning(person_link.c.person_id)
        )
        return self._connection.execute(used).scalar_one_or_none()

    def came_from(self, login: str, address: str, since: datetime) -> bool:
        theirs = (
            select(session.c.id)
            .join_from(session, person)
            .where(
                person.c.login == login,
                session.c.address == address,
                session.c.created_at >= since,
            )
        )
        return self._connection.execute(theirs.limit(1)).first() is not None

    def hold_attempts(self, key: str, at: datetime) -> Attempts:
        held = upsert(login_attempt).values(key=key, failures=0, failed_at=at, allowed_at=at)
        row = self._connection.execute(
            held.on_conflict_do_update(
                index_elements=["key"], set_={"key": held.excluded.key}
            ).returning(
                login_attempt.c.failures, login_attempt.c.failed_at, login_attempt.c.allowed_at
            )
        ).one()
        return Attempts(*row)

    def keep_attempts(self, key: str, kept: Attempts) -> None:
        self._connection.execute(
            update(login_attempt)
            .where(login_attempt.c.key == key)
            .values(failures=kept.failures, failed_at=kept.failed_at, allowed_at=kept.allowed_at)
        )

    def forgive_attempts(self, key: str) -> None:
        self._connection.execute(delete(login_attempt).where(login_attempt.c.key == key))

    def forget_attempts(self, before: datetime) -> None:
        self._connection.execute(delete(login_attempt).where(login_attempt.c.failed_at < before))


def _living(digest: str, purpose: Purpose, now: datetime) -> tuple[Any, ...]:
    return (
        person_link.c.digest == digest,
        person_link.c.purpose == purpose.value,
        person_link.c.used_at.is_(None),
        person_link.c.expires_at > now,
    )


def _load(values: dict[str, Any]) -> Session:
    return Session(**{**values, "way": _WAYS[values["way"]]})
