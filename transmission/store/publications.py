"""What is on line, and every look at it, in the register."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Row,
    Select,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.publication import PublishedCopy, Verdict
from transmission.domain.transmission import StoredFile
from transmission.ports.publications import DueCopy, Look, NewCopy
from transmission.store.tables import acte, collectivite, piece
from transmission.store.tables_legal import legal_stale, publication_check, published_copy

TRIES = "essais"
"""Name, in the proof of a look, of the number of looks in a row that said nothing."""

_CURRENT = published_copy.c.withdrawn_at.is_(None)


class Publications:
    """Part of the unit of work; see ``transmission.ports.publications`` for the promises."""

    _connection: Connection

    def current_copy(self, acte_id: int) -> PublishedCopy | None:
        locked = select(acte.c.id).where(acte.c.id == acte_id).with_for_update(key_share=True)
        if self._connection.execute(locked).one_or_none() is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        found = select(published_copy).where(published_copy.c.acte_id == acte_id, _CURRENT)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else load_copy(row)

    def add_copy(self, new: NewCopy, author: str, at: datetime) -> int:
        statement = insert(published_copy).values(
            collectivite_id=new.collectivite_id,
            acte_id=new.acte_id,
            date_mise_en_ligne=new.date_mise_en_ligne,
            date_minimum=new.date_minimum,
            address=new.address,
            sha256=new.file and new.file.sha256,
            size=new.file and new.file.size,
            nom_fichier=new.nom_fichier,
            next_check_at=new.next_check_at,
            at=at,
            author=author,
        )
        try:
            row = self._connection.execute(statement.returning(published_copy.c.id)).one()
        except IntegrityError as error:
            raise ConflictError("Cet acte vient d'être mis en ligne par un autre appel.") from error
        return int(row.id)

    def withdraw_copy(self, copy_id: int, reason: str, at: datetime) -> None:
        ended = (
            update(published_copy)
            .where(published_copy.c.id == copy_id, _CURRENT)
            .values(withdrawn_at=at, withdrawn_reason=reason, next_check_at=None)
            .returning(published_copy.c.collectivite_id, published_copy.c.acte_id)
            .cte("ended")
        )
        stale = insert(legal_stale).from_select(
            ["collectivite_id", "acte_id"], select(ended.c.collectivite_id, ended.c.acte_id)
        )
        self._connection.execute(
            update(acte)
            .where(acte.c.id == ended.c.acte_id)
            .values(adresse_publication=None)
            .add_cte(stale.cte("stale"))
        )

    def has_due_copies(self, now: datetime) -> bool:
        due = select(published_copy.c.id).where(_CURRENT, published_copy.c.next_check_at <= now)
        return self._connection.execute(due.limit(1)).one_or_none() is not None

    def claim_copies(self, now: datetime, until: datetime, limit: int) -> Sequence[DueCopy]:
        due = (
            select(published_copy.c.id)
            .where(_CURRENT, published_copy.c.next_check_at <= now)
            .order_by(published_copy.c.next_check_at, published_copy.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claimed = (
            update(published_copy)
            .where(published_copy.c.id == due.c.id)
            .values(next_check_at=until)
            .returning(published_copy)
            .cte("claimed")
        )
        return [_due(row) for row in self._connection.execute(_described(claimed))]

    def put_off_copies(self, copy_ids: Sequence[int], at: datetime) -> None:
        self._connection.execute(
            update(published_copy)
            .where(published_copy.c.id.in_(copy_ids), _CURRENT)
            .values(next_check_at=at)
        )

    def record_look(self, copy_id: int, look: Look, next_check_at: datetime) -> bool:
        planned: dict[str, Any] = {"next_check_at": next_check_at}
        if look.is_first and look.file is not None:
            planned |= {
                "sha256": func.coalesce(published_copy.c.sha256, look.file.sha256),
                "size": func.coalesce(published_copy.c.size, look.file.size),
            }
        seen = self._connection.execute(
            update(published_copy).where(published_copy.c.id == copy_id, _CURRENT).values(planned)
        )
        if seen.rowcount == 0:
            return False
        if look.verdict is not Verdict.INJOIGNABLE:
            self._check_again(copy_id, look.verdict)
        self._connection.execute(
            insert(publication_check).values(
                published_copy_id=copy_id,
                at=look.at,
                outcome=look.verdict.code,
                sha256=look.file and look.file.sha256,
                size=look.file and look.file.size,
                detail=look.detail,
                proof=look.proof | ({TRIES: look.tries} if look.tries else {}),
            )
        )
        return True

    def _check_again(self, copy_id: int, verdict: Verdict) -> None:
        """Have the act of a publication checked, unless all is well and was."""
        told = publication_check.c.outcome != Verdict.INJOIGNABLE.code
        before = last_look(published_copy.c.id, "before", told)
        statement = select(published_copy.c.collectivite_id, published_copy.c.acte_id).where(
            published_copy.c.id == copy_id
        )
        if verdict is Verdict.CONFORME:
            statement = statement.join(before, true()).where(before.c.outcome != verdict.code)
        self._connection.execute(
            insert(legal_stale).from_select(["collectivite_id", "acte_id"], statement)
        )


def load_copy(row: Any) -> PublishedCopy:
    """A publication from its row."""
    return PublishedCopy(
        id=row.id,
        acte_id=row.acte_id,
        collectivite_id=row.collectivite_id,
        date_mise_en_ligne=row.date_mise_en_ligne,
        date_minimum=row.date_minimum,
        address=row.address,
        file=None if row.sha256 is None else StoredFile(row.sha256, row.size),
        nom_fichier=row.nom_fichier,
        at=row.at,
    )


def last_look(copy_id: Any, name: str, *conditions: Any) -> FromClause:
    """The newest look at a publication, among those that fit."""
    return (
        select(publication_check)
        .where(publication_check.c.published_copy_id == copy_id, *conditions)
        .order_by(publication_check.c.id.desc())
        .limit(1)
        .lateral(name)
    )


def _described(claimed: Any) -> Select[Any]:
    """What it takes to look at each, oldest due first."""
    last = last_look(claimed.c.id, "last")
    answered = last_look(claimed.c.id, "answered", publication_check.c.sha256 == claimed.c.sha256)
    tables = (
        claimed.join(collectivite, collectivite.c.id == claimed.c.collectivite_id)
        .join(piece, (piece.c.acte_id == claimed.c.acte_id) & (piece.c.ordre == 1))
        .outerjoin(last, true())
        .outerjoin(answered, true())
    )
    return (
        select(
            claimed,
            collectivite.c.siren,
            collectivite.c.settings["time_zone"].astext.label("time_zone"),
            piece.c.sha256.label("acte_sha256"),
            piece.c.size.label("acte_size"),
            last.c.proof[TRIES].as_integer().label("tries"),
            (answered.c.outcome == Verdict.AUTRE_FICHIER.code).label("is_other"),
        )
        .select_from(tables)
        .order_by(claimed.c.id)
    )


def _due(row: Row[Any]) -> DueCopy:
    return DueCopy(
        copy=load_copy(row),
        siren=row.siren,
        time_zone=row.time_zone,
        acte_file=StoredFile(row.acte_sha256, row.acte_size),
        tries=row.tries or 0,
        is_other=bool(row.is_other),
    )
