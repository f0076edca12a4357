"""Time stamps asked for, claimed, obtained: part of the unit of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from transmission.domain.messages import ACKNOWLEDGED_BY
from transmission.domain.transmission import RetourStatus, StoredFile
from transmission.ports.time_stamps import (
    KnownTimeStamp,
    MissingTimeStamps,
    ObtainedTimeStamp,
    TimeStampKind,
    Unasked,
    WantedTimeStamp,
)
from transmission.store.statements import Statement
from transmission.store.tables import retour, transmission
from transmission.store.tables_time_stamps import time_stamp

_AR = tuple(sorted(set(ACKNOWLEDGED_BY.values())))
_READ = (RetourStatus.APPLIED.code, RetourStatus.DUPLICATE.code)


class TimeStamps:
    """Part of the unit of work; see ``transmission.ports.time_stamps`` for the promises."""

    _connection: Connection

    def ask_time_stamp(
        self,
        kind: TimeStampKind,
        subject_id: int,
        authority_id: int | None,
        sha256: str,
        at: datetime,
    ) -> None:
        asked = {"kind": kind.code, "subject_id": subject_id, "collectivite_id": authority_id}
        _ASK.run(
            self._connection, {**asked, "sha256": sha256, "asked_at": at, "next_attempt_at": at}
        )

    def claim_time_stamps(
        self, now: datetime, until: datetime, limit: int
    ) -> Sequence[WantedTimeStamp]:
        rows = _CLAIM.rows(self._connection, {"now": now, "until": until, "most": limit})
        return [
            WantedTimeStamp(
                row.id, TimeStampKind.of(row.kind), row.subject_id, row.sha256, row.attempts
            )
            for row in sorted(rows, key=lambda row: (row.attempts, row.id))
        ]

    def keep_time_stamp(self, wanted_id: int, obtained: ObtainedTimeStamp) -> bool:
        filled = (
            update(time_stamp)
            .where(time_stamp.c.id == wanted_id, time_stamp.c.token_sha256.is_(None))
            .values(
                next_attempt_at=None,
                reason=None,
                token_sha256=obtained.token.sha256,
                token_size=obtained.token.size,
                at=obtained.at,
                obtained_at=obtained.obtained_at,
                tsa=obtained.tsa,
                oddity=obtained.oddity,
            )
        ).execution_options(preserve_rowcount=True)
        return self._connection.execute(filled).rowcount == 1

    def miss_time_stamp(self, wanted_id: int, reason: str, next_attempt_at: datetime) -> None:
        self._connection.execute(
            update(time_stamp)
            .where(time_stamp.c.id == wanted_id, time_stamp.c.token_sha256.is_(None))
            .values(reason=reason, next_attempt_at=next_attempt_at)
        )

    def put_off_time_stamps(self, wanted_ids: Sequence[int], at: datetime) -> None:
        self._connection.execute(
            update(time_stamp)
            .where(time_stamp.c.id.in_(wanted_ids), time_stamp.c.token_sha256.is_(None))
            .values(next_attempt_at=at, attempts=time_stamp.c.attempts - 1)
        )

    def has_due_time_stamps(self, now: datetime) -> bool:
        due = exists().where(time_stamp.c.next_attempt_at <= now)
        return bool(self._connection.execute(select(due)).scalar_one())

    def unasked_time_stamps(self, limit: int) -> Sequence[Unasked]:
        found: list[Unasked] = []
        for kind, statement in _UNASKED:
            rows = self._connection.execute(statement, {"most": limit - len(found)})
            found += [Unasked(kind, row.id, row.collectivite_id, row.sha256) for row in rows]
        return found

    def time_stamps(
        self, kind: TimeStampKind, subject_ids: Sequence[int]
    ) -> Sequence[KnownTimeStamp]:
        return self._known(
            and_(time_stamp.c.kind == kind.code, time_stamp.c.subject_id.in_(subject_ids))
        )

    def time_stamps_about(self, acte_id: int) -> Sequence[KnownTimeStamp]:
        return self._known(is_about(acte_id))

    def missing_time_stamps(self, authority_id: int) -> MissingTimeStamps | None:
        missing = (
            time_stamp.c.next_attempt_at.is_not(None),
            time_stamp.c.collectivite_id == authority_id,
        )
        oldest = (
            select(time_stamp.c.asked_at, time_stamp.c.reason)
            .where(*missing)
            .order_by(time_stamp.c.asked_at, time_stamp.c.id)
            .limit(1)
        )
        row = self._connection.execute(oldest).one_or_none()
        if row is None:
            return None
        count = select(func.count()).select_from(time_stamp).where(*missing)
        return MissingTimeStamps(
            self._connection.execute(count).scalar_one(), row.asked_at, row.reason
        )

    def _known(self, which: ColumnElement[bool]) -> Sequence[KnownTimeStamp]:
        rows = self._connection.execute(select(time_stamp).where(which).order_by(time_stamp.c.id))
        return [load_time_stamp(row) for row in rows]


def is_about(acte_id: int) -> ColumnElement[bool]:
    """Whether a time stamp is one of the transmissions or of the AR of an act."""
    seals = select(transmission.c.id).where(transmission.c.acte_id == acte_id)
    retours = select(retour.c.id).where(retour.c.acte_id == acte_id)
    return or_(
        and_(time_stamp.c.kind == TimeStampKind.SEAL.code, time_stamp.c.subject_id.in_(seals)),
        and_(time_stamp.c.kind == TimeStampKind.AR.code, time_stamp.c.subject_id.in_(retours)),
    )


def load_time_stamp(row: Row[Any]) -> KnownTimeStamp:
    """What a row of the table says."""
    obtained = None
    if row.token_sha256 is not None:
        token = StoredFile(row.token_sha256, row.token_size)
        obtained = ObtainedTimeStamp(token, row.at, row.obtained_at, row.tsa, row.oddity)
    return KnownTimeStamp(
        kind=TimeStampKind.of(row.kind),
        subject_id=row.subject_id,
        sha256=row.sha256,
        asked_at=row.asked_at,
        attempts=row.attempts,
        reason=row.reason,
        obtained=obtained,
    )


def _claiming() -> Statement:
    # Those tried least first: one that no authority ever stamps does not hold the others back.
    due = (
        select(time_stamp.c.id)
        .where(time_stamp.c.next_attempt_at <= bindparam("now", type_=DateTime(timezone=True)))
        .order_by(time_stamp.c.attempts, time_stamp.c.next_attempt_at, time_stamp.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return Statement(
        update(time_stamp)
        .where(time_stamp.c.id == due.c.id)
        .values(
            next_attempt_at=bindparam("until", type_=DateTime(timezone=True)),
            attempts=time_stamp.c.attempts + 1,
        )
        .returning(*time_stamp.c)
    )


def _without(kind: TimeStampKind, subject: ColumnElement[int], sha256: ColumnElement[str]) -> Any:
    return ~exists().where(
        time_stamp.c.kind == kind.code,
        time_stamp.c.subject_id == subject,
        time_stamp.c.sha256 == sha256,
    )


def _unsealed() -> Select[Any]:
    parcel = transmission.c.parcel
    sha256 = func.coalesce(parcel["seal"]["sha256"].astext, parcel["archive"]["sha256"].astext)
    return _oldest(
        select(transmission.c.id, transmission.c.collectivite_id, sha256.label("sha256")).where(
            sha256.is_not(None),
            _without(TimeStampKind.SEAL, transmission.c.id, sha256),
        ),
        transmission.c.id,
    )


def _unstamped_ar() -> Select[Any]:
    return _oldest(
        select(retour.c.id, retour.c.collectivite_id, retour.c.sha256).where(
            retour.c.kind.in_(_AR),
            retour.c.status.in_(_READ),
            _without(TimeStampKind.AR, retour.c.id, retour.c.sha256),
        ),
        retour.c.id,
    )


def _oldest(statement: Select[Any], by: ColumnElement[int]) -> Select[Any]:
    return statement.order_by(by).limit(bindparam("most", type_=Integer))


_ASK = Statement(
    insert(time_stamp)
    .values(
        {
            name: bindparam(name)
            for name in (
                "kind", "subject_id", "collectivite_id", "sha256", "asked_at", "next_attempt_at"
            )
        }
    )
    .on_conflict_do_nothing(index_elements=["kind", "subject_id", "sha256"])
)  # fmt: skip
_CLAIM = _claiming()
_UNASKED = (
    (TimeStampKind.SEAL, _unsealed()),
    (TimeStampKind.AR, _unstamped_ar()),
)
