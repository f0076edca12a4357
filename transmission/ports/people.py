"""What the services need of the register to know the people who come: part of the unit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from transmission.domain.accounts import (
    Account,
    Identity,
    Origin,
    PersonEvent,
    Purpose,
    Session,
    Way,
)
from transmission.domain.people import Role
from transmission.domain.transmission import Author

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A person to keep; ``login`` is in lower case."""

    login: str
    name: str
    email: str | None = None
    language: str = "fr"
    identity: Identity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to keep: ``digest`` is the SHA-256 of its secret in lower-case hexadecimal."""

    digest: str
    person_id: int
    way: Way
    origin: Origin
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures in a row under a key: the last at ``failed_at``, and the next try is looked at from
    ``allowed_at`` on."""

    failures: int
    failed_at: datetime
    allowed_at: datetime


class PersonRegister(Protocol):
    """Part of the unit of work. Instants are aware UTC.

    Every change leaves a row that an auditor reads (:meth:`person_events`).
    """

    def add_account(self, new: NewAccount, author: Author, at: datetime) -> int:
        """Keep a person, who has no role yet; their number.

        Raises ConflictError when the login, or the identity, is somebody's.
        """
        ...

    def account(self, person_id: int) -> Account:
        """Raises NotFoundError."""
        ...

    def account_by_login(self, login: str) -> Account | None:
        """The account of a login in lower case, disabled or not."""
        ...

    def account_by_identity(self, identity: Identity) -> Account | None:
        """The account bound to an identity, disabled or not."""
        ...

    def accounts(self) -> Sequence[Account]:
        """Everybody, those disabled included, by login."""
        ...

    def has_accounts(self) -> bool:
        """Whether anybody was ever let in."""
        ...

    def bind_identity(
        self, person_id: int, identity: Identity, author: Author, at: datetime
    ) -> None:
        """Let a person come by a provider. Raises ConflictError when the identity is another's."""
        ...

    def password_hash(self, person_id: int) -> str | None:
        """The hash with its parameters, None without a password."""
        ...

    def set_password_hash(
        self, person_id: int, password_hash: str, author: Author, at: datetime
    ) -> None: ...

    def set_language(self, person_id: int, language: str, author: Author, at: datetime) -> None:
        """Keep the language in which the console speaks to a person."""
        ...

    def refresh_password_hash(self, person_id: int, old: str, new: str) -> None:
        """Replace the hash of the same password, unless it changed since; tells nobody."""
        ...

    def grant_role(
        self, person_id: int, role: Role, authority_id: int | None, author: Author, at: datetime
    ) -> bool:
        """Give a role, in every authority with None; whether they did not have it."""
        ...

    def revoke_role(
        self, person_id: int, role: Role, authority_id: int | None, author: Author, at: datetime
    ) -> bool:
        """Take a role away; whether they had it, just there."""
        ...

    def disable_account(self, person_id: int, author: Author, at: datetime) -> bool:
        """Let a person in no more; whether they were let in."""
        ...

    def enable_account(self, person_id: int, author: Author, at: datetime) -> bool:
        """Let them in again; whether they were not."""
        ...

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
        """Keep what happened to an account."""
        ...

    def person_events(
        self, sirens: Collection[str] | None = None, person_id: int | None = None, limit: int = 200
    ) -> Sequence[PersonEvent]:
        """The newest events first; those of some authorities alone, unless None."""
        ...

    # sessions
    def open_session(self, new: NewSession, at: datetime) -> int: ...

    def session_by_digest(self, digest: str) -> tuple[Session, Account] | None:
        """A session and its person as they are now, whatever its standing. One statement."""
        ...

    def see_session(self, session_id: int, at: datetime, unless_since: datetime) -> None:
        """Write that a session is used, unless that was written later than ``unless_since``.

        Waits for nobody.
        """
        ...

    def end_sessions(
        self,
        person_id: int,
        at: datetime,
        *,
        only: int | None = None,
        but: int | None = None,
    ) -> int:
        """End a person's sessions: all, ``only`` one, or all ``but`` one; how many were open."""
        ...

    def sessions(self, person_id: int, since: datetime) -> Sequence[Session]:
        """Sessions that are not ended and not expired at ``since``, the last seen first."""
        ...

    # one-time links
    def add_link(
        self,
        digest: str,
        person_id: int,
        purpose: Purpose,
        author: Author,
        at: datetime,
        expires_at: datetime,
    ) -> None:
        """Keep a link; those of the same purpose that it replaces serve no more."""
        ...

    def end_links(self, person_id: int, at: datetime) -> None:
        """Let no link of a person serve any more."""
        ...

    def link_person(self, digest: str, purpose: Purpose, now: datetime) -> int | None:
        """Whose a link is, None when it serves no more."""
        ...

    def use_link(self, digest: str, purpose: Purpose, now: datetime) -> int | None:
        """The same, and it serves no more: of two at once, one alone gets it."""
        ...

    # those who guess
    def came_from(self, login: str, address: str, since: datetime) -> bool:
        """Whether the person of a login opened a session from an address since an instant."""
        ...

    def hold_attempts(self, key: str, at: datetime) -> Attempts:
        """The failures under a key, held until the end of the transaction."""
        ...

    def keep_attempts(self, key: str, kept: Attempts) -> None: ...

    def forgive_attempts(self, key: str) -> None:
        """Forget the failures under a key."""
        ...

    def forget_attempts(self, before: datetime) -> None:
        """Forget what failed last before an instant."""
        ...
