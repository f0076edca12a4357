"""The tokens of programs: kept by the digest of their secret, never deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.access import Scope, Token
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.transmission import Author
from transmission.ports.access import NewToken
from transmission.store.statements import Reading
from transmission.store.tables import collectivite, journal
from transmission.store.tables_access import token

_SCOPES = {scope.code: scope for scope in Scope}
_OWNED = select(
    token.c.id,
    token.c.collectivite_id,
    collectivite.c.siren,
    token.c.name,
    token.c.scopes,
    token.c.created_at,
    token.c.created_by,
    token.c.expires_at,
    token.c.revoked_at,
    token.c.revoked_by,
    token.c.revoked_reason,
    token.c.last_used_at,
).join_from(token, collectivite)
# Of every call: nothing of it is locked.
_BY_DIGEST = Reading(_OWNED.where(token.c.digest == bindparam("wanted")))


class Tokens:
    """Part of the unit of work; see ``transmission.ports.access`` for the promises."""

    _connection: Connection

    def add_token(self, new: NewToken, author: Author, at: datetime) -> int:
        self._free_name(new, at)
        added = (
            upsert(token)
            .values(
                collectivite_id=new.collectivite_id,
                name=new.name,
                digest=new.digest,
                scopes=_codes(new.scopes),
                created_at=at,
                created_by=author.name,
                expires_at=new.expires_at,
            )
            .on_conflict_do_nothing(
                index_elements=["collectivite_id", "name"], index_where=token.c.bears_name
            )
            .returning(token.c.id)
        )
        row = self._connection.execute(added).one_or_none()
        if row is None:
            raise ConflictError(
                f"Un jeton « {new.name} » est déjà en service. Donnez un autre nom, ou révoquez-le."
            )
        self._tell_of_token("token_created", _load(self._kept(row.id)), author, at)
        return int(row.id)

    def token_by_digest(self, digest: str) -> Token | None:
        row = _BY_DIGEST.first(self._connection, {"wanted": digest})
        return None if row is None else _load(row)

    def use_token(self, token_id: int, at: datetime, unless_since: datetime) -> None:
        last = token.c.last_used_at
        unheld = (
            select(token.c.id)
            .where(token.c.id == token_id, or_(last.is_(None), last <= unless_since))
            .with_for_update(skip_locked=True, key_share=True)
            .scalar_subquery()
        )
        self._connection.execute(update(token).where(token.c.id == unheld).values(last_used_at=at))

    def revoke_token(self, authority_id: int, name: str, author: Author, at: datetime) -> Token:
        revoked = (
            update(token)
            .where(
                token.c.collectivite_id == authority_id, token.c.name == name, token.c.bears_name
            )
            .values(
                bears_name=False,
                revoked_at=at,
                revoked_by=author.name,
                revoked_reason=author.reason,
            )
            .returning(token.c.id)
        )
        row = self._connection.execute(revoked).one_or_none()
        if row is None:
            raise NotFoundError(
                f"Aucun jeton « {name} » n'est en service pour cette collectivité. "
                "« transmission token list » les liste."
            )
        ended = _load(self._kept(row.id))
        self._tell_of_token("token_revoked", ended, author, at)
        return ended

    def tokens(self, authority_id: int) -> Sequence[Token]:
        rows = self._connection.execute(
            _OWNED.where(token.c.collectivite_id == authority_id).order_by(token.c.id.desc())
        )
        return list(map(_load, rows))

    def _free_name(self, new: NewToken, at: datetime) -> None:
        self._connection.execute(
            update(token)
            .where(
                token.c.collectivite_id == new.collectivite_id,
                token.c.name == new.name,
                token.c.bears_name,
                token.c.expires_at <= at,
            )
            .values(bears_name=False)
        )

    def _kept(self, token_id: int) -> Any:
        return self._connection.execute(_OWNED.where(token.c.id == token_id)).one()

    def _tell_of_token(self, event: str, about: Token, author: Author, at: datetime) -> None:
        details = {
            "jeton": about.id,
            "nom": about.name,
            "portees": _codes(about.scopes),
            "expire": about.expires_at and about.expires_at.isoformat(),
        }
        self._connection.execute(
            insert(journal).values(
                collectivite_id=about.collectivite_id,
                at=at,
                event=event,
                author=author.name,
                reason=author.reason,
                details=details,
            )
        )


def _codes(scopes: frozenset[Scope]) -> list[str]:
    return sorted(scope.code for scope in scopes)


def _load(row: Any) -> Token:
    # A scope that a later version of the program wrote is left aside: it allows nothing here.
    scopes = frozenset(_SCOPES[code] for code in row.scopes if code in _SCOPES)
    return Token(**{**row._asdict(), "scopes": scopes})
