"""Letters of the préfecture under their acts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.errors import NotFoundError
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE, ANSWERS
from transmission.domain.transmission import KeptCourrier, StoredFile
from transmission.ports import NewCourrier
from transmission.store.tables import courrier, retour, transmission

_OVER = (State.REJECTED, State.CANCELLED)
_ANSWERED_LETTERS = tuple(letter for letter, answers in ANSWERS.items() if answers)
_ANSWERS = tuple(answer for answers in ANSWERS.values() for answer in answers)


class Courriers:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def add_courrier(self, new: NewCourrier) -> int | None:
        statement = (
            upsert(courrier)
            .values(asdict(new))
            .on_conflict_do_nothing(index_elements=["acte_id", "message", "fingerprint"])
            .returning(courrier.c.id)
        )
        added: int | None = self._connection.execute(statement).scalar_one_or_none()
        return added

    def courrier(self, courrier_id: int) -> KeptCourrier:
        row = self._connection.execute(letters().where(courrier.c.id == courrier_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucun courrier n° {courrier_id} n'est enregistré.")
        return load_courrier(row)

    def courriers_of(self, acte_id: int) -> Sequence[KeptCourrier]:
        rows = self._connection.execute(
            letters().where(courrier.c.acte_id == acte_id).order_by(courrier.c.id)
        )
        return [load_courrier(row) for row in rows]

    def settle_courriers(self, most: int) -> int:
        """Mark up to ``most`` letters that want no answer any more; how many were."""
        wanting = wants_answer()
        held = (
            select(courrier.c.id)
            .where(is_unsettled(), ~wanting)
            .order_by(courrier.c.id)
            .limit(most)
            .with_for_update(key_share=True, skip_locked=True)
        )
        ids = self._connection.execute(held).scalars().all()
        # Judged again once they are held: an answer refused meanwhile is seen by this statement,
        # one refused after it waits for us, then takes the mark away.
        marked = update(courrier).where(courrier.c.id.in_(ids), ~wanting).values(settled=True)
        return self._connection.execute(marked).rowcount


def is_unsettled() -> ColumnElement[bool]:
    """Whether a letter is not marked as wanting nothing: every one that waits is among these."""
    return ~courrier.c.settled


def wants_answer() -> ColumnElement[bool]:
    """Whether a letter may be answered and no answer stands.

    One about a cancelled act waits for nothing.
    """
    return and_(courrier.c.message.in_(_ANSWERED_LETTERS), ~_is_answered(), ~_is_cancelled())


def letters() -> Select[Any]:
    """Letters, each with the bytes of its message."""
    return select(courrier, retour.c.sha256, retour.c.size).join(
        retour, courrier.c.retour_id == retour.c.id
    )


def load_courrier(row: Row[Any]) -> KeptCourrier:
    """A letter from a row of :func:`letters`."""
    return KeptCourrier(
        id=row.id,
        acte_id=row.acte_id,
        collectivite_id=row.collectivite_id,
        message=row.message,
        date_courrier=row.date_courrier,
        texte=row.texte,
        reference=row.reference,
        received_at=row.received_at,
        retour_id=row.retour_id,
        file=StoredFile(row.sha256, row.size),
    )


# « OFFSET 0 »: looked for under each letter, by an index. Turned into a join, or into a table made
# beforehand, the same question is asked of everything that was ever sent.


def _is_answered() -> ColumnElement[bool]:
    return (
        select(transmission.c.id)
        .where(
            transmission.c.courrier_id == courrier.c.id,
            transmission.c.message.in_(_ANSWERS),
            transmission.c.state.not_in([state.code for state in _OVER]),
        )
        .offset(0)
        .exists()
    )


def _is_cancelled() -> ColumnElement[bool]:
    # An act withdrawn before it left, then sent again, has no letter of before.
    return (
        select(transmission.c.id)
        .where(
            transmission.c.acte_id == courrier.c.acte_id,
            transmission.c.message == ACTE,
            transmission.c.state == State.CANCELLED.code,
        )
        .offset(0)
        .exists()
    )
