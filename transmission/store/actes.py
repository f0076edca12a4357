"""Acts, their pieces and their idempotency keys in the register."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    bindparam,
    column,
    false,
    func,
    insert,
    literal,
    select,
    true,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.exc import IntegrityError

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.identifiers import IdActe, NatureActe, NumeroInterne
from transmission.domain.legal.echeances import transmission_limit
from transmission.domain.lifecycle import State
from transmission.domain.transmission import AdoptedActe, Author
from transmission.ports import KnownActe
from transmission.store.rows import PIECE, dump_piece, load_acte, load_pieces, nature_of
from transmission.store.statements import Reading, Statement, given
from transmission.store.tables import (
    acte,
    idempotency,
    journal,
    outbox,
    piece,
    transmission,
)


class Actes:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def known_actes(self, wanted: AdoptedActe, key: str | None) -> Sequence[KnownActe]:
        values = {
            "authority": wanted.collectivite_id,
            "numero": wanted.numero_interne,
            "idempotency_key": key,
        }
        return [
            KnownActe(row.id, row.fingerprint, nature_of(row.nature), row.date_decision, row.by_key)
            for row in _KNOWN.rows(self._connection, values)
        ]

    def add_acte(
        self,
        added: AdoptedActe,
        id_acte: IdActe,
        author: Author,
        at: datetime,
        key: str | None,
        next_attempt_at: datetime,
    ) -> tuple[int, int]:
        values = {
            "collectivite_id": added.collectivite_id,
            "numero_interne": added.numero_interne,
            "date_decision": added.date_decision,
            "nature": added.nature.code,
            "matiere": str(added.matiere),
            "objet": added.objet,
            "date_classification": added.date_classification,
            "document_papier": added.document_papier,
            "fingerprint": added.fingerprint,
            "at": at,
            "author": author.name,
            "reason": author.reason,
            "idempotency_key": key,
            "pieces": [dump_piece(item) for item in added.pieces],
            "id_acte": str(id_acte),
            "next_attempt_at": next_attempt_at,
            "date_limite": transmission_limit(added.nature, added.date_decision),
            "details": {"fingerprint": added.fingerprint},
        }
        try:
            row = _ADD.one(self._connection, values)
        except IntegrityError as error:
            raise ConflictError(
                f"L'acte {added.numero_interne} vient d'être remis par un autre appel."
            ) from error
        return row.acte_id, row.transmission_id

    def acte(self, acte_id: int) -> AdoptedActe:
        row = _ONE.first(self._connection, {"wanted": acte_id})
        if row is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        return load_acte(row, load_pieces(row.pieces))

    def find_acte(
        self, authority_id: int, numero: NumeroInterne, nature: NatureActe | None, day: date | None
    ) -> Sequence[int]:
        found = union(
            select(acte.c.id).where(
                acte.c.collectivite_id == authority_id, acte.c.numero_interne == numero
            ),
            select(transmission.c.acte_id).where(
                transmission.c.collectivite_id == authority_id,
                func.split_part(transmission.c.id_acte, "-", 4) == numero,
            ),
        ).subquery()
        statement = (
            select(acte.c.id).join(found, found.c.id == acte.c.id).order_by(acte.c.id.desc())
        )
        if nature is not None:
            statement = statement.where(acte.c.nature == nature.code)
        if day is not None:
            statement = statement.where(acte.c.date_decision == day)
        return list(self._connection.execute(statement).scalars())

    def set_publication(
        self,
        acte_id: int,
        day: date,
        address: str | None,
        author: Author,
        at: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        row = self._connection.execute(
            update(acte)
            .where(acte.c.id == acte_id)
            .values(date_mise_en_ligne=day, adresse_publication=address)
            .returning(acte.c.collectivite_id)
        ).one()
        self._connection.execute(
            insert(journal).values(
                collectivite_id=row.collectivite_id,
                acte_id=acte_id,
                at=at,
                event="published",
                author=author.name,
                reason=author.reason,
                details={
                    "date_mise_en_ligne": day.isoformat(),
                    "adresse": address,
                    **(details or {}),
                },
            )
        )

    def publication(self, acte_id: int) -> date | None:
        statement = select(acte.c.date_mise_en_ligne).where(acte.c.id == acte_id)
        day: date | None = self._connection.execute(statement).scalar_one()
        return day


_AUTHORITY = bindparam("authority", type_=BigInteger)
_NUMERO = bindparam("numero", type_=Text)


def _knowing() -> Reading:
    """By key, by the number adopted, by the number sent: three indexes, one round trip."""
    keyed = idempotency.c.key == bindparam("idempotency_key", type_=Text)
    found = union_all(
        select(idempotency.c.acte_id, true().label("keyed")).where(
            idempotency.c.collectivite_id == _AUTHORITY, keyed
        ),
        select(acte.c.id, false()).where(
            acte.c.collectivite_id == _AUTHORITY, acte.c.numero_interne == _NUMERO
        ),
        select(transmission.c.acte_id, false()).where(
            transmission.c.collectivite_id == _AUTHORITY,
            func.split_part(transmission.c.id_acte, "-", 4) == _NUMERO,
        ),
    ).subquery()
    once = (
        select(found.c.acte_id, func.bool_or(found.c.keyed).label("by_key"))
        .group_by(found.c.acte_id)
        .subquery()
    )
    return Reading(
        select(acte.c.id, acte.c.fingerprint, acte.c.nature, acte.c.date_decision, once.c.by_key)
        .join(once, once.c.acte_id == acte.c.id)
        .order_by(acte.c.id.desc())
    )


def _adding() -> Statement:
    """The act, its files, its key, its sending, the journal and the bell: all of it, or nothing."""
    own = (
        "collectivite_id", "numero_interne", "date_decision", "nature", "matiere", "objet",
        "date_classification", "document_papier", "fingerprint",
    )  # fmt: skip
    added = (
        insert(acte)
        .values(
            {name: bindparam(name, type_=acte.c[name].type) for name in own}
            | {"accepted_at": bindparam("at", type_=acte.c.accepted_at.type)}
            | {"accepted_by": bindparam("author", type_=Text)}
        )
        .returning(acte.c.id)
        .cte("added")
    )
    names = [each.name for each in piece.c if each.name not in ("id", "acte_id")]
    files = (
        func.jsonb_to_recordset(bindparam("pieces", type_=JSONB))
        .table_valued(*(column(name, piece.c[name].type) for name in names))
        .render_derived(with_types=True)
    )
    pieces = insert(piece).from_select(
        ["acte_id", *names], select(added.c.id, *(files.c[name] for name in names))
    )
    key = given(idempotency.c.key, "idempotency_key")
    keyed = insert(idempotency).from_select(
        ["collectivite_id", "key", "acte_id", "fingerprint", "at"],
        select(
            given(acte.c.collectivite_id), key, added.c.id, given(acte.c.fingerprint),
            given(idempotency.c.at),
        ).where(key.is_not(None)),
    )  # fmt: skip
    opened = (
        insert(transmission)
        .from_select(
            [
                "acte_id", "collectivite_id", "state", "state_since", "next_attempt_at",
                "waiting_for", "id_acte", "date_classification", "date_limite",
            ],
            select(
                added.c.id,
                given(acte.c.collectivite_id),
                literal(State.ACCEPTED.code),
                given(transmission.c.state_since, "at"),
                given(transmission.c.next_attempt_at),
                literal("la préparation de l'enveloppe"),
                given(transmission.c.id_acte),
                given(acte.c.date_classification),
                given(transmission.c.date_limite),
            ),
        )
        .returning(transmission.c.id, transmission.c.acte_id)
        .cte("opened")
    )  # fmt: skip
    written = insert(journal).from_select(
        [
            "collectivite_id", "acte_id", "transmission_id", "at", "event", "target", "author",
            "reason", "details",
        ],
        select(
            given(acte.c.collectivite_id),
            opened.c.acte_id,
            opened.c.id,
            given(journal.c.at),
            literal("accepted"),
            literal(State.ACCEPTED.code),
            given(journal.c.author),
            given(journal.c.reason),
            given(journal.c.details),
        ),
    )  # fmt: skip
    bell = insert(outbox).values(
        task="send", subject=bindparam("collectivite_id", type_=BigInteger)
    )
    statement = select(opened.c.acte_id, opened.c.id.label("transmission_id"))
    for name, part in (("p", pieces), ("k", keyed), ("j", written), ("b", bell)):
        statement = statement.add_cte(part.cte(name))
    return Statement(statement)


def _reading() -> Reading:
    columns = [piece.c[name] for name in PIECE]
    pieces = (
        select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(*columns), piece.c.ordre)))
        .where(piece.c.acte_id == acte.c.id)
        .scalar_subquery()
    )
    return Reading(select(acte, pieces.label("pieces")).where(acte.c.id == bindparam("wanted")))


_KNOWN = _knowing()
_ADD = _adding()
_ONE = _reading()
