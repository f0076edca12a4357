"""Coming in: by a password or by a link that serves once; staying in; leaving.

Whoever guesses waits longer and longer, by login and by address, and is never locked out for ever.
A login that nobody has answers the same, at the same cost.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.domain.accounts import (
    SECRET_BYTES,
    Account,
    Origin,
    Purpose,
    Session,
    Way,
    digest_of,
    folded_login,
    form_key,
    kept_digest,
    require_password,
    secret_of,
    spoken_language,
    wait_after,
)
from transmission.domain.errors import Problem, RefusedError, TransmissionError
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.ports.people import Attempts, NewSession
from transmission.services.passwords import hashed, is_dated, is_password
from transmission.services.toolbox import Toolbox

SEEN_EVERY = timedelta(minutes=1)
"""How often it is written at most that a session is used."""

FORGOTTEN_AFTER = timedelta(hours=1)
"""Failures older than that no longer slow anybody."""

KNOWN_FOR = timedelta(days=90)
"""How long a place from which a person came stays known: who guesses elsewhere delays them not."""

FREE_FOR_ADDRESS = 20
"""Failures that an address has besides those of one login: many people may share it."""

Randomness = Callable[[int], bytes]
"""So many unpredictable bytes (``secrets.token_bytes``)."""


class LoginRefusedError(TransmissionError):
    """Nobody comes in this way; the text is the same for a wrong login and a wrong password."""

    def __init__(self, message: str = "L'identifiant ou le mot de passe n'est pas le bon.") -> None:
        super().__init__(message)


class LoginDelayedError(LoginRefusedError):
    """Too many failures: the next try is looked at after ``seconds``."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, -(-int(wait / timedelta(milliseconds=1)) // 1000))
        super().__init__(
            f"Trop d'essais ont échoué. Attendez {_told(self.seconds)}, puis recommencez. Rien "
            "n'est bloqué pour toujours ; si vous avez oublié votre mot de passe, demandez un "
            "lien à l'administrateur du service."
        )


class LinkSpentError(TransmissionError):
    """A link serves no more, or never did."""

    def __init__(self) -> None:
        super().__init__(
            "Ce lien ne sert plus : il a déjà servi, il a été remplacé, ou plus de 24 heures ont "
            "passé. Demandez-en un autre à l'administrateur du service."
        )


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is in: their session, their account as it is now, and what their forms give
    back."""

    session: Session
    account: Account
    form_key: str


def log_in(
    tools: Toolbox, login: str, password: str, origin: Origin, *, randomness: Randomness
) -> str:
    """The secret of a new session.

    Raises LoginRefusedError, LoginDelayedError, CrowdedError.
    """
    login = folded_login(login)
    keys = _count(tools, login, origin)
    with tools.register() as unit:
        account = unit.account_by_login(login)
        kept = None if account is None else unit.password_hash(account.id)
    if not is_password(kept, password) or account is None or kept is None:
        _tell_failure(tools, account, origin)
        raise LoginRefusedError
    fresh = hashed(password) if is_dated(kept) else None
    with tools.register() as unit:
        if fresh is not None:
            unit.refresh_password_hash(account.id, kept, fresh)
        secret = let_in(tools, unit, account, Way.PASSWORD, origin, randomness=randomness)
        _forgive(unit, keys, tools.clock.now())
        unit.commit()
    return secret


def let_in(
    tools: Toolbox,
    unit: UnitOfWork,
    account: Account,
    way: Way,
    origin: Origin,
    *,
    randomness: Randomness,
) -> str:
    """Open a session for a person who proved who they are; its secret. The caller commits.

    Raises LoginRefusedError for a disabled account.
    """
    if account.disabled_at is not None:
        raise LoginRefusedError(
            "Ce compte est désactivé. Adressez-vous à l'administrateur du service."
        )
    now, secret = tools.clock.now(), secret_of(randomness(SECRET_BYTES))
    new = NewSession(
        digest=kept_digest(secret),
        person_id=account.id,
        way=way,
        origin=origin,
        expires_at=now + tools.stay.longest,
    )
    unit.open_session(new, now)
    unit.tell_of_person(
        account.id, "logged_in", _as(account), now, details={**_from(origin), "par": way.code}
    )
    return secret


def recognise(tools: Toolbox, secret: str) -> Known | None:
    """Who is in with the secret of a session, None for nobody: any text that came from outside.

    One reading; that it is used is written once a minute at most.
    """
    digest, now = digest_of(secret), tools.clock.now()
    if digest is None:
        return None
    with tools.register() as unit:
        found = unit.session_by_digest(digest)
        if found is None:
            return None
        session, account = found
        if account.disabled_at is not None or not session.is_open(now, tools.stay.idle):
            return None
        if session.last_seen_at <= now - SEEN_EVERY:
            unit.see_session(session.id, now, now - SEEN_EVERY)
            unit.commit()
    return Known(session, account, form_key(secret))


def log_out(tools: Toolbox, secret: str) -> None:
    """End the session of a secret, if it is one."""
    digest, now = digest_of(secret), tools.clock.now()
    if digest is None:
        return
    with tools.register() as unit:
        found = unit.session_by_digest(digest)
        if found is None or found[0].ended_at is not None:
            return
        session, account = found
        unit.end_sessions(account.id, now, only=session.id)
        unit.tell_of_person(account.id, "logged_out", _as(account), now)
        unit.commit()


def enter_by_link(tools: Toolbox, link: str, origin: Origin, *, randomness: Randomness) -> str:
    """The secret of a new session, for a link that lets in. Raises LinkSpentError,
    LoginRefusedError."""
    with tools.register() as unit:
        person_id = unit.use_link(_link_digest(link), Purpose.ENTER, tools.clock.now())
        if person_id is None:
            raise LinkSpentError
        account = unit.account(person_id)
        secret = let_in(tools, unit, account, Way.LINK, origin, randomness=randomness)
        unit.commit()
    return secret


def whose_link(tools: Toolbox, link: str) -> Account:
    """Whose password a link lets choose; it still serves after that. Raises LinkSpentError."""
    with tools.register() as unit:
        person_id = unit.link_person(_link_digest(link), Purpose.CHOOSE, tools.clock.now())
        if person_id is None:
            raise LinkSpentError
        return unit.account(person_id)


def choose_password(
    tools: Toolbox, link: str, password: str, origin: Origin, *, randomness: Randomness
) -> str:
    """Choose a password by a link, which then serves no more; the secret of a new session, the
    others end.

    Raises LinkSpentError, LoginRefusedError, CrowdedError, RefusedError for a password that is not
    acceptable: the link then still serves.
    """
    require_password(password, whose_link(tools, link).login)
    made, now = hashed(password), tools.clock.now()
    with tools.register() as unit:
        person_id = unit.use_link(_link_digest(link), Purpose.CHOOSE, now)
        if person_id is None:
            raise LinkSpentError
        account = unit.account(person_id)
        unit.set_password_hash(account.id, made, _as(account), now)
        unit.end_sessions(account.id, now)
        secret = let_in(tools, unit, account, Way.LINK, origin, randomness=randomness)
        unit.commit()
    return secret


def change_password(
    tools: Toolbox, known: Known, current: str, password: str, origin: Origin
) -> None:
    """Choose another password, knowing the current one; the other sessions end.

    Raises RefusedError with what is wrong in which field, LoginDelayedError, CrowdedError.
    """
    account = known.account
    require_password(password, account.login)
    keys = _count(tools, account.login, origin)
    with tools.register() as unit:
        kept = unit.password_hash(account.id)
    if not is_password(kept, current):
        _tell_failure(tools, account, origin)
        raise RefusedError(
            [
                Problem(
                    "actuel",
                    "actuel_compte",
                    "Ce n'est pas votre mot de passe actuel.",
                    "Tapez-le de nouveau, ou demandez un lien à l'administrateur.",
                )
            ]
        )
    made, now = hashed(password), tools.clock.now()
    with tools.register() as unit:
        unit.set_password_hash(account.id, made, _as(account), now)
        unit.end_sessions(account.id, now, but=known.session.id)
        _forgive(unit, keys, now)
        unit.commit()


def choose_language(tools: Toolbox, known: Known, language: str) -> None:
    """Choose the language of one's console, a code of ``LANGUAGES``. Raises RefusedError."""
    kept = spoken_language(language)
    if kept != known.account.language:
        with tools.register() as unit:
            unit.set_language(known.account.id, kept, _as(known.account), tools.clock.now())
            unit.commit()


def my_sessions(tools: Toolbox, known: Known) -> Sequence[Session]:
    """The sessions of a person that still let in, the last used first."""
    now = tools.clock.now()
    with tools.register() as unit:
        found = unit.sessions(known.account.id, now)
    return [each for each in found if each.is_open(now, tools.stay.idle)]


def end_my_sessions(tools: Toolbox, known: Known, only: int | None = None) -> int:
    """End one of a person's sessions, or all of them but the one they use; how many were open."""
    now, mine = tools.clock.now(), known.account
    with tools.register() as unit:
        but = known.session.id if only is None else None
        ended = unit.end_sessions(mine.id, now, only=only, but=but)
        unit.tell_of_person(
            mine.id, "sessions_ended", _as(mine), now, details={"nombre": str(ended)}
        )
        unit.commit()
    return ended


def _count(tools: Toolbox, login: str, origin: Origin) -> Sequence[str]:
    """Count a try as a failure before it is looked at, so that many at once gain nothing.

    Raises LoginDelayedError; else the keys to forgive if it succeeds.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        keys = _keys(unit, login, origin, now)
        held = {key: _recent(unit.hold_attempts(key, now), now) for key in keys}
        wait = max(each.allowed_at - now for each in held.values())
        if wait > timedelta(0):
            raise LoginDelayedError(wait)
        for key, each in held.items():
            failures = each.failures + 1
            free = FREE_FOR_ADDRESS if key.startswith("address:") else 0
            unit.keep_attempts(key, Attempts(failures, now, now + wait_after(failures - free)))
        unit.commit()
    return keys


def _keys(unit: UnitOfWork, login: str, origin: Origin, now: datetime) -> Sequence[str]:
    where = origin.address or "?"
    known = unit.came_from(login, where, now - KNOWN_FOR)
    who = f"login:{_hash(f'{login} {where}' if known else login)}"
    return sorted((who, f"address:{_hash(where)}"))


def _recent(held: Attempts, now: datetime) -> Attempts:
    return held if held.failed_at > now - FORGOTTEN_AFTER else Attempts(0, now, now)


def _forgive(unit: UnitOfWork, keys: Sequence[str], now: datetime) -> None:
    for key in keys:
        if key.startswith("login:"):
            unit.forgive_attempts(key)
            continue
        # A guess that succeeds among many makes an address no better: one try is given back.
        held = unit.hold_attempts(key, now)
        unit.keep_attempts(key, Attempts(max(0, held.failures - 1), held.failed_at, now))
    unit.forget_attempts(now - 2 * FORGOTTEN_AFTER)


def _tell_failure(tools: Toolbox, account: Account | None, origin: Origin) -> None:
    if account is None:
        return
    now = tools.clock.now()
    with tools.register() as unit:
        stranger = Author("personne non reconnue")
        unit.tell_of_person(account.id, "login_failed", stranger, now, details=_from(origin))
        unit.commit()


def _as(account: Account) -> Author:
    return Author(account.name)


def _from(origin: Origin) -> dict[str, str]:
    return {"adresse": origin.address} if origin.address else {}


def _link_digest(link: str) -> str:
    digest = digest_of(link)
    if digest is None:
        raise LinkSpentError
    return digest


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _told(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
