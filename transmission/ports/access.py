"""What the services need of the register to know the programs that call: part of the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.access import Scope, Token
from transmission.domain.transmission import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to keep: ``digest`` is the SHA-256 of its secret in lower-case hexadecimal,
    ``expires_at`` an aware instant, None for never."""

    collectivite_id: int
    name: str
    digest: str
    scopes: frozenset[Scope]
    expires_at: datetime | None


class TokenRegister(Protocol):
    """Part of the unit of work."""

    def add_token(self, new: NewToken, author: Author, at: datetime) -> int:
        """Keep a token and tell the journal; its number.

        One that expired gives its name up. Raises ConflictError when a living one bears it.
        """
        ...

    def token_by_digest(self, digest: str) -> Token | None:
        """The token of a digest, whatever its standing."""
        ...

    def use_token(self, token_id: int, at: datetime, unless_since: datetime) -> None:
        """Write that a token is used, unless that was written later than ``unless_since``.

        Waits for nobody: what somebody else holds is left as it is.
        """
        ...

    def revoke_token(self, authority_id: int, name: str, author: Author, at: datetime) -> Token:
        """End the token that bears a name, for good, and tell the journal; the token then.

        Raises NotFoundError when none bears it.
        """
        ...

    def tokens(self, authority_id: int) -> Sequence[Token]:
        """Every token of an authority, those that ended included, newest first."""
        ...
