"""Tokens of the programs that call: made once, known by a digest, revoked at once."""

from collections.abc import Callable, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from transmission.clock import civil_day
from transmission.domain.access import (
    SECRET_BYTES,
    Access,
    AccessDeniedError,
    Scope,
    Standing,
    Token,
    digest_of,
    secret_of,
    token_name,
)
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.transmission import Author
from transmission.ports.access import NewToken
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox

USE_WRITTEN_EVERY = timedelta(minutes=1)
"""How often the last use of a token is written at most."""

LASTS_AT_MOST = timedelta(days=3653)
"""Ten years: a day beyond is a slip of the pen."""


def create_token(
    tools: Toolbox,
    authority_id: int,
    name: str,
    scopes: Set[Scope],
    expires: date | None,
    author: Author,
    *,
    randomness: Callable[[int], bytes],
) -> str:
    """Make a token for a program of an authority; its secret, which nobody can be told again.

    ``expires`` is the last civil day of the authority on which it serves, None for no end.
    ``randomness`` gives so many unpredictable bytes (``secrets.token_bytes``). Raises RefusedError,
    ConflictError when a living token bears the name, NotFoundError without such an authority.
    """
    secret = secret_of(randomness(SECRET_BYTES))
    now = tools.clock.now()
    with tools.register() as unit:
        zone = unit.authority(authority_id).collectivite.time_zone
        _require_use(scopes, expires, civil_day(now, zone))
        new = NewToken(
            collectivite_id=authority_id,
            name=token_name(name),
            digest=digest_of(secret),
            scopes=frozenset(scopes),
            expires_at=None if expires is None else _end_of(expires, zone),
        )
        unit.add_token(new, author, now)
        unit.commit()
    return secret


def authenticate(tools: Toolbox, secret: str) -> Access:
    """Who calls with a secret, and what it may do; its use is written once a minute at most.

    ``secret`` is any text that came from outside. Raises AccessDeniedError, and nothing else for
    whatever the text may be.
    """
    digest, now = digest_of(secret), tools.clock.now()
    with tools.register() as unit:
        token = unit.token_by_digest(digest)
        if token is None or token.standing(now) is not Standing.LIVING:
            raise AccessDeniedError
        last, seldom = token.last_used_at, now - USE_WRITTEN_EVERY
        if last is None or last <= seldom:
            unit.use_token(token.id, now, seldom)
            unit.commit()
    return token.access()


def revoke_token(tools: Toolbox, authority_id: int, name: str, author: Author) -> Token:
    """End the token that bears a name; it is refused from the next call on, and its name is free.

    Raises RefusedError without a reason, NotFoundError when no token in service bears the name.
    """
    require_reason(author)
    with tools.register() as unit:
        revoked = unit.revoke_token(authority_id, token_name(name), author, tools.clock.now())
        unit.commit()
    return revoked


def list_tokens(tools: Toolbox, authority_id: int) -> Sequence[Token]:
    """Every token of an authority, those that ended included, newest first; never a secret."""
    with tools.register() as unit:
        return unit.tokens(authority_id)


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _require_use(scopes: Set[Scope], expires: date | None, today: date) -> None:
    problems = []
    if not scopes:
        problems.append(
            Problem(
                "portee",
                "portee_absente",
                "Ce jeton ne permettrait rien.",
                f"Donnez au moins une portée : {', '.join(scope.word for scope in Scope)}.",
            )
        )
    if expires is not None and not today <= expires <= today + LASTS_AT_MOST:
        fact = "est déjà passé" if expires < today else "est dans plus de dix ans"
        problems.append(
            Problem(
                "expire",
                "expire_jour",
                f"Le {expires:%d/%m/%Y} {fact}.",
                "Donnez le dernier jour où le jeton doit servir.",
            )
        )
    if problems:
        raise RefusedError(problems)
