"""The accounts of people: never deleted, and each change leaves a row of its own."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.accounts import Account, Identity, PersonEvent
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.ports.people import NOTHING, NewAccount
from transmission.store.tables import collectivite
from transmission.store.tables_people import person, person_event, person_role

_ROLES = {role.code: role for role in Role}


def grants_column() -> ScalarSelect[Any]:
    """The roles of the person of the row: a JSON list of ``[role, siren or null, living]``, or
    NULL."""
    living = person_role.c.revoked_at.is_(None)
    pair = func.jsonb_build_array(person_role.c.role, collectivite.c.siren, living)
    return (
        select(func.jsonb_agg(pair))
        .select_from(person_role.outerjoin(collectivite))
        .where(person_role.c.person_id == person.c.id)
        .correlate(person)
        .scalar_subquery()
    )


ACCOUNT = (
    person.c.id,
    person.c.login,
    person.c.name,
    person.c.email,
    person.c.language,
    person.c.password_at,
    person.c.oidc_issuer,
    person.c.oidc_subject,
    person.c.created_at,
    person.c.created_by,
    person.c.disabled_at,
    person.c.disabled_by,
    person.c.disabled_reason,
    grants_column().label("grants"),
)
"""What an account is read from (:func:`load_account`)."""


class People:
    """Part of the unit of work; see ``transmission.ports.people`` for the promises."""

    _connection: Connection

    def add_account(self, new: NewAccount, author: Author, at: datetime) -> int:
        issuer, subject = _both(new.identity)
        added = (
            upsert(person)
            .values(
                login=new.login,
                name=new.name,
                email=new.email,
                language=new.language,
                oidc_issuer=issuer,
                oidc_subject=subject,
                created_at=at,
                created_by=author.name,
            )
            .on_conflict_do_nothing()
            .returning(person.c.id)
        )
        row = self._connection.execute(added).one_or_none()
        if row is None:
            raise ConflictError(
                f"Un compte « {new.login} » existe déjà, ou son identité est celle d'un autre. "
                "Choisissez un autre identifiant."
            )
        self.tell_of_person(row.id, "account_created", author, at, details={"nom": new.name})
        return int(row.id)

    def account(self, person_id: int) -> Account:
        row = self._connection.execute(select(*ACCOUNT).where(person.c.id == person_id)).first()
        if row is None:
            raise NotFoundError("Aucun compte n'a ce numéro.")
        return load_account(row)

    def account_by_login(self, login: str) -> Account | None:
        row = self._connection.execute(select(*ACCOUNT).where(person.c.login == login)).first()
        return None if row is None else load_account(row)

    def account_by_identity(self, identity: Identity) -> Account | None:
        theirs = select(*ACCOUNT).where(
            person.c.oidc_issuer == identity.issuer, person.c.oidc_subject == identity.subject
        )
        row = self._connection.execute(theirs).first()
        return None if row is None else load_account(row)

    def accounts(self) -> Sequence[Account]:
        rows = self._connection.execute(select(*ACCOUNT).order_by(person.c.login))
        return list(map(load_account, rows))

    def has_accounts(self) -> bool:
        return self._connection.execute(select(person.c.id).limit(1)).first() is not None

    def bind_identity(
        self, person_id: int, identity: Identity, author: Author, at: datetime
    ) -> None:
        another = self.account_by_identity(identity)
        if another is not None and another.id != person_id:
            raise ConflictError(f"Cette identité est déjà celle du compte « {another.login} ».")
        values = {"oidc_issuer": identity.issuer, "oidc_subject": identity.subject}
        self._change(person_id, values)
        self.tell_of_person(
            person_id, "identity_bound", author, at, details={"fournisseur": identity.issuer}
        )

    def password_hash(self, person_id: int) -> str | None:
        found = select(person.c.password_hash).where(person.c.id == person_id)
        return self._connection.execute(found).scalar_one_or_none()

    def set_password_hash(
        self, person_id: int, password_hash: str, author: Author, at: datetime
    ) -> None:
        self._change(person_id, {"password_hash": password_hash, "password_at": at})
        self.tell_of_person(person_id, "password_changed", author, at)

    def set_language(self, person_id: int, language: str, author: Author, at: datetime) -> None:
        self._change(person_id, {"language": language})
        self.tell_of_person(person_id, "language_chosen", author, at, details={"langue": language})

    def refresh_password_hash(self, person_id: int, old: str, new: str) -> None:
        same = (person.c.id == person_id, person.c.password_hash == old)
        self._connection.execute(update(person).where(*same).values(password_hash=new))

    def grant_role(
        self, person_id: int, role: Role, authority_id: int | None, author: Author, at: datetime
    ) -> bool:
        added = (
            upsert(person_role)
            .values(
                person_id=person_id,
                role=role.code,
                collectivite_id=authority_id,
                granted_at=at,
                granted_by=author.name,
            )
            .on_conflict_do_nothing()
            .returning(person_role.c.id)
        )
        if self._connection.execute(added).one_or_none() is None:
            return False
        self.tell_of_person(
            person_id,
            "role_granted",
            author,
            at,
            authority_id=authority_id,
            details={"role": role.code},
        )
        return True

    def revoke_role(
        self, person_id: int, role: Role, authority_id: int | None, author: Author, at: datetime
    ) -> bool:
        theirs = (
            person_role.c.person_id == person_id,
            person_role.c.role == role.code,
            person_role.c.collectivite_id.is_not_distinct_from(authority_id),
            person_role.c.revoked_at.is_(None),
        )
        ended = update(person_role).where(*theirs).values(revoked_at=at, revoked_by=author.name)
        if not self._connection.execute(ended).rowcount:
            return False
        self.tell_of_person(
            person_id,
            "role_revoked",
            author,
            at,
            authority_id=authority_id,
            details={"role": role.code},
        )
        return True

    def disable_account(self, person_id: int, author: Author, at: datetime) -> bool:
        living = (person.c.id == person_id, person.c.disabled_at.is_(None))
        values = {
            "disabled_at": at,
            "disabled_by": author.name,
            "disabled_reason": author.reason,
        }
        if not self._connection.execute(update(person).where(*living).values(values)).rowcount:
            return False
        self.tell_of_person(person_id, "account_disabled", author, at)
        return True

    def enable_account(self, person_id: int, author: Author, at: datetime) -> bool:
        ended = (person.c.id == person_id, person.c.disabled_at.is_not(None))
        values = {"disabled_at": None, "disabled_by": None, "disabled_reason": None}
        if not self._connection.execute(update(person).where(*ended).values(values)).rowcount:
            return False
        self.tell_of_person(person_id, "account_enabled", author, at)
        return True

    def tell_of_person(
        self,
        person_id: int,
        event: str,
        author: Author,
        at: datetime,
        *,
        authority_id: int | None = None,
        details: Mapping[str, str] = NOTHING,
    ) -> None:
        self._connection.execute(
            insert(person_event).values(
                person_id=person_id,
                collectivite_id=authority_id,
                at=at,
                event=event,
                author=author.name,
                reason=author.reason,
                details=dict(details),
            )
        )

    def person_events(
        self, sirens: Collection[str] | None = None, person_id: int | None = None, limit: int = 200
    ) -> Sequence[PersonEvent]:
        found = (
            select(
                person_event.c.id,
                person_event.c.at,
                person_event.c.person_id,
                person.c.login,
                collectivite.c.siren,
                person_event.c.event,
                person_event.c.author,
                person_event.c.reason,
                person_event.c.details,
            )
            .select_from(person_event.join(person).outerjoin(collectivite))
            .order_by(person_event.c.id.desc())
            .limit(limit)
        )
        if person_id is not None:
            found = found.where(person_event.c.person_id == person_id)
        if sirens is not None:
            # What is of no authority is told of those who belong to these alone.
            found = found.where(
                or_(
                    collectivite.c.siren.in_(sirens),
                    collectivite.c.id.is_(None) & _belongs_to(sirens),
                )
            )
        return [PersonEvent(**row._asdict()) for row in self._connection.execute(found)]

    def _change(self, person_id: int, values: dict[str, Any]) -> None:
        changed = update(person).where(person.c.id == person_id).values(values)
        if not self._connection.execute(changed).rowcount:
            raise NotFoundError("Aucun compte n'a ce numéro.")


def _belongs_to(sirens: Collection[str]) -> Any:
    own = collectivite.alias()
    roles = (
        select(person_role.c.id)
        .select_from(person_role.outerjoin(own, own.c.id == person_role.c.collectivite_id))
        .where(person_role.c.person_id == person.c.id)
        .correlate(person)
    )
    elsewhere = or_(own.c.siren.is_(None), own.c.siren.not_in(sirens))
    return roles.exists() & ~roles.where(elsewhere).exists()


def load_account(row: Any) -> Account:
    """The account of a row of ``ACCOUNT``; a role of a later version allows nothing here."""
    values = {column.key: getattr(row, column.key) for column in ACCOUNT}
    issuer, subject = values.pop("oidc_issuer"), values.pop("oidc_subject")
    roles = values["grants"] or ()
    grants = [Grant(_ROLES[code], siren) for code, siren, on in roles if on and code in _ROLES]
    values["grants"] = tuple(sorted(grants, key=lambda each: (each.siren or "", each.role.code)))
    values["formerly"] = frozenset(siren for _, siren, on in roles if siren and not on)
    return Account(**values, identity=Identity(issuer, subject) if issuer else None)


def _both(identity: Identity | None) -> tuple[str | None, str | None]:
    return (None, None) if identity is None else (identity.issuer, identity.subject)
