"""What was asked and answered under a key, so that a request that comes twice acts once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from transmission.ports.calls import Call
from transmission.store.tables_uploads import api_call


class Calls:
    """Part of the unit of work; see ``transmission.ports.calls`` for the promises."""

    _connection: Connection

    def begin_call(
        self, collectivite_id: int, key: str, asked: str, at: datetime, dead_before: datetime
    ) -> Call | None:
        begun = insert(api_call).values(
            collectivite_id=collectivite_id, key=key, asked=asked, at=at
        )
        taken = begun.on_conflict_do_update(
            index_elements=[api_call.c.collectivite_id, api_call.c.key],
            set_={"at": at},
            where=and_(
                api_call.c.status.is_(None),
                api_call.c.at < dead_before,
                api_call.c.asked == asked,
            ),
        ).returning(api_call.c.key)
        held = select(api_call).where(_is(collectivite_id, key))
        while True:
            if self._connection.execute(taken).one_or_none() is not None:
                return None
            row = self._connection.execute(held).one_or_none()
            # None for a key that was given up between the two.
            if row is not None:
                return Call(row.asked, row.at, row.status, row.answer)

    def end_call(self, collectivite_id: int, key: str, status: int, answer: dict[str, Any]) -> None:
        self._connection.execute(
            update(api_call).where(_is(collectivite_id, key)).values(status=status, answer=answer)
        )

    def drop_call(self, collectivite_id: int, key: str) -> None:
        self._connection.execute(
            delete(api_call).where(_is(collectivite_id, key), api_call.c.status.is_(None))
        )

    def forget_calls(self, before: datetime) -> int:
        return self._connection.execute(delete(api_call).where(api_call.c.at < before)).rowcount


def _is(collectivite_id: int, key: str) -> Any:
    return and_(api_call.c.collectivite_id == collectivite_id, api_call.c.key == key)
