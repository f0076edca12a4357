"""Authorities and their classifications in the register."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, Row, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.transmission import StoredFile
from transmission.ports import AuthorityRow
from transmission.store.rows import dump_collectivite, load_collectivite
from transmission.store.statements import Reading, Statement
from transmission.store.tables import classification, collectivite

_BY_ID = Reading(select(collectivite).where(collectivite.c.id == bindparam("wanted")))
_BY_SIREN = Reading(select(collectivite).where(collectivite.c.siren == bindparam("wanted")))
_VERSION = bindparam("version", type_=Date)
_CLASSIFICATION = Reading(
    select(classification)
    .where(
        classification.c.collectivite_id == bindparam("authority"),
        or_(_VERSION.is_(None), classification.c.date_classification == _VERSION),
    )
    .order_by(classification.c.date_classification.desc())
    .limit(1)
)


class Authorities:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection
    _authorities: dict[int, AuthorityRow]

    def add_authority(self, added: Collectivite, at: datetime) -> int:
        statement = (
            upsert(collectivite)
            .values(siren=added.siren, settings=dump_collectivite(added), created_at=at)
            .on_conflict_do_nothing(index_elements=["siren"])
            .returning(collectivite.c.id)
        )
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise ConflictError(
                f"La collectivité de SIREN {added.siren} existe déjà. "
                "Utilisez l'option --replace pour changer ses réglages."
            )
        return int(row.id)

    def replace_authority(self, changed: Collectivite) -> None:
        statement = (
            update(collectivite)
            .where(collectivite.c.siren == changed.siren)
            .values(settings=dump_collectivite(changed))
        )
        if self._connection.execute(statement).rowcount == 0:
            raise _unknown(f"de SIREN {changed.siren}")
        self._authorities.clear()

    def authority(self, authority_id: int) -> AuthorityRow:
        # Asked several times in a transaction: it is read once.
        known = self._authorities.get(authority_id)
        if known is None:
            known = self._authorities[authority_id] = self._one(
                _BY_ID, authority_id, f"n° {authority_id}"
            )
        return known

    def authority_by_siren(self, siren: str) -> AuthorityRow:
        return self._one(_BY_SIREN, siren, f"de SIREN {siren}")

    def authorities(self) -> Sequence[AuthorityRow]:
        rows = self._connection.execute(select(collectivite).order_by(collectivite.c.id))
        return [_authority(row) for row in rows]

    def add_classification(
        self, authority_id: int, date_classification: date, file: StoredFile, at: datetime
    ) -> bool:
        statement = (
            upsert(classification)
            .values(
                collectivite_id=authority_id,
                date_classification=date_classification,
                sha256=file.sha256,
                size=file.size,
                received_at=at,
            )
            .on_conflict_do_nothing(index_elements=["collectivite_id", "date_classification"])
            .returning(classification.c.id)
        )
        return self._connection.execute(statement).one_or_none() is not None

    def may_ask_classification(self, authority_id: int, at: datetime, since: datetime) -> bool:
        asked = collectivite.c.classification_asked_at
        taken = self._connection.execute(
            update(collectivite)
            .where(collectivite.c.id == authority_id, or_(asked.is_(None), asked < since))
            .values(classification_asked_at=at)
        )
        return taken.rowcount == 1

    def classification_file(
        self, authority_id: int, version: date | None = None
    ) -> tuple[date, StoredFile] | None:
        row = _CLASSIFICATION.first(
            self._connection, {"authority": authority_id, "version": version}
        )
        return None if row is None else (row.date_classification, StoredFile(row.sha256, row.size))

    def _one(self, statement: Statement, wanted: int | str, named: str) -> AuthorityRow:
        row = statement.first(self._connection, {"wanted": wanted})
        if row is None:
            raise _unknown(named)
        return _authority(row)


def _authority(row: Row[Any]) -> AuthorityRow:
    return AuthorityRow(row.id, load_collectivite(row.siren, row.settings))


def _unknown(named: str) -> NotFoundError:
    return NotFoundError(
        f"Aucune collectivité {named} n'est enregistrée. "
        "Ajoutez-la avec « transmission authority add »."
    )
