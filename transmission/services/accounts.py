"""The accounts of people: made, given roles, disabled; each decision bears its author.

``within`` says for which authorities whoever decides may administer (SIRENs, None for all of
them). What is beyond answers as if it did not exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from transmission.domain.accounts import (
    FRENCH,
    LINK_LASTS,
    SECRET_BYTES,
    Account,
    Identity,
    PersonEvent,
    Purpose,
    Session,
    folded_login,
    kept_digest,
    login_name,
    mail_address,
    person_name,
    require_password,
    secret_of,
    spoken_language,
)
from transmission.domain.errors import ConflictError, NotFoundError, Problem, RefusedError
from transmission.domain.people import Grant
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.ports.people import NewAccount
from transmission.services.decisions import require_reason
from transmission.services.passwords import hashed
from transmission.services.toolbox import Toolbox

Within = frozenset[str] | None
"""SIRENs of the authorities for which somebody may administer, None for all."""


def create_person(
    tools: Toolbox,
    login: str,
    name: str,
    grants: Sequence[Grant],
    author: Author,
    *,
    email: str = "",
    language: str = FRENCH,
    identity: Identity | None = None,
    within: Within = None,
) -> Account:
    """Keep a person and their roles; they come in once they have a password or an identity.

    Raises RefusedError listing every problem, ConflictError when the login or the identity is
    taken, NotFoundError for an authority that does not exist or is beyond ``within``.
    """
    new = replace(_checked(login, name, email, identity), language=spoken_language(language))
    if within is not None and not grants:
        raise _refused("roles", "Ce compte n'aurait aucun rôle.", "Choisissez au moins un rôle.")
    now = tools.clock.now()
    with tools.register() as unit:
        person_id = unit.add_account(new, author, now)
        for grant in grants:
            unit.grant_role(person_id, grant.role, _place(unit, grant, within), author, now)
        made = unit.account(person_id)
        unit.commit()
    return made


def set_password(tools: Toolbox, login: str, password: str, author: Author) -> Account:
    """Give a person another password; their sessions end.

    Raises NotFoundError, RefusedError for a password that is not acceptable.
    """
    with tools.register() as unit:
        account = _named(unit, login)
    require_password(password, account.login)
    made, now = hashed(password), tools.clock.now()
    with tools.register() as unit:
        unit.set_password_hash(account.id, made, author, now)
        unit.end_sessions(account.id, now)
        unit.commit()
    return account


def password_link(
    tools: Toolbox,
    login: str,
    author: Author,
    *,
    randomness: Callable[[int], bytes],
    purpose: Purpose = Purpose.CHOOSE,
    within: Within = None,
) -> str:
    """The secret of a link that serves once, within a day, to choose a password or to come in.

    Those made before for the same purpose serve no more. Raises NotFoundError, ConflictError for a
    disabled account or one that is also of others.
    """
    secret, now = secret_of(randomness(SECRET_BYTES)), tools.clock.now()
    with tools.register() as unit:
        account = _wholly(_named(unit, login, within), within)
        if account.disabled_at is not None:
            raise ConflictError(f"Le compte « {account.login} » est désactivé : réactivez-le.")
        unit.add_link(kept_digest(secret), account.id, purpose, author, now, now + LINK_LASTS)
        unit.tell_of_person(account.id, "link_made", author, now, details={"usage": purpose.value})
        unit.commit()
    return secret


def grant_role(
    tools: Toolbox, login: str, grant: Grant, author: Author, *, within: Within = None
) -> bool:
    """Give a person a role; whether they did not have it. Raises NotFoundError."""
    with tools.register() as unit:
        account = _named(unit, login, within)
        place = _place(unit, grant, within)
        given = unit.grant_role(account.id, grant.role, place, author, tools.clock.now())
        unit.commit()
    return given


def revoke_role(
    tools: Toolbox, login: str, grant: Grant, author: Author, *, within: Within = None
) -> bool:
    """Take a role away, from the next request on; whether they had it, just there.

    Raises NotFoundError.
    """
    with tools.register() as unit:
        account = _named(unit, login, within)
        place = _place(unit, grant, within)
        taken = unit.revoke_role(account.id, grant.role, place, author, tools.clock.now())
        unit.commit()
    return taken


def disable_person(tools: Toolbox, login: str, author: Author, *, within: Within = None) -> Account:
    """Let a person in no more; their sessions and links end.

    Raises RefusedError without a reason, NotFoundError, ConflictError when they already are, or
    are also of others.
    """
    require_reason(author)
    now = tools.clock.now()
    with tools.register() as unit:
        account = _wholly(_named(unit, login, within), within)
        if not unit.disable_account(account.id, author, now):
            raise ConflictError(f"Le compte « {account.login} » est déjà désactivé.")
        unit.end_sessions(account.id, now)
        unit.end_links(account.id, now)
        unit.commit()
    return account


def enable_person(tools: Toolbox, login: str, author: Author, *, within: Within = None) -> Account:
    """Let a disabled person in again. Raises as :func:`disable_person`."""
    require_reason(author)
    with tools.register() as unit:
        account = _wholly(_named(unit, login, within), within)
        if not unit.enable_account(account.id, author, tools.clock.now()):
            raise ConflictError(f"Le compte « {account.login} » n'est pas désactivé.")
        unit.commit()
    return account


def end_sessions_of(tools: Toolbox, login: str, author: Author, *, within: Within = None) -> int:
    """End every session of a person; how many were open. Raises NotFoundError, ConflictError."""
    now = tools.clock.now()
    with tools.register() as unit:
        account = _wholly(_named(unit, login, within), within)
        ended = unit.end_sessions(account.id, now)
        unit.tell_of_person(
            account.id, "sessions_ended", author, now, details={"nombre": str(ended)}
        )
        unit.commit()
    return ended


def sessions_of(tools: Toolbox, login: str) -> Sequence[Session]:
    """The sessions of a person that still let in. Raises NotFoundError."""
    now = tools.clock.now()
    with tools.register() as unit:
        found = unit.sessions(_named(unit, login).id, now)
    return [each for each in found if each.is_open(now, tools.stay.idle)]


def find_person(tools: Toolbox, login: str, within: Within = None) -> Account:
    """The account of a login. Raises NotFoundError."""
    with tools.register() as unit:
        return _seen(_named(unit, login, within), within)


def list_people(tools: Toolbox, within: Within = None) -> Sequence[Account]:
    """Everybody who may come, or could, for these authorities, by login."""
    with tools.register() as unit:
        found = unit.accounts()
    return [_seen(each, within) for each in found if each.is_of(within)]


def list_events(
    tools: Toolbox, login: str | None = None, within: Within = None, limit: int = 200
) -> Sequence[PersonEvent]:
    """What happened to accounts, the newest first. Raises NotFoundError for an unknown login."""
    with tools.register() as unit:
        about = None if login is None else _named(unit, login, within).id
        return unit.person_events(within, about, limit)


def no_account_yet(tools: Toolbox) -> bool:
    """Whether nobody can come in, for nobody was ever let in."""
    with tools.register() as unit:
        return not unit.has_accounts()


def _checked(login: str, name: str, email: str, identity: Identity | None) -> NewAccount:
    read: list[str | None] = []
    problems: list[Problem] = []
    checks: tuple[tuple[Callable[[str], str | None], str], ...] = (
        (login_name, login),
        (person_name, name),
        (mail_address, email),
    )
    for check, text in checks:
        try:
            read.append(check(text))
        except RefusedError as error:
            problems.extend(error.problems)
    if problems:
        raise RefusedError(problems)
    kept_login, kept_name, address = read
    return NewAccount(
        login=kept_login or "", name=kept_name or "", email=address, identity=identity
    )


def _named(unit: UnitOfWork, login: str, within: Within = None) -> Account:
    account = unit.account_by_login(folded_login(login))
    if account is None or not account.is_of(within):
        raise NotFoundError("Aucun compte n'a cet identifiant.")
    return account


def _wholly(account: Account, within: Within) -> Account:
    """The account, once nobody else has a say in it. Raises ConflictError."""
    if within is not None and not account.sirens <= within:
        raise ConflictError(
            f"Le compte « {account.login} » sert aussi ailleurs : retirez-lui ses rôles ici, ou "
            "demandez à l'administrateur de toutes les collectivités."
        )
    return account


def _seen(account: Account, within: Within) -> Account:
    return account if within is None else account.seen_within(within)


def _place(unit: UnitOfWork, grant: Grant, within: Within) -> int | None:
    """The authority of a grant in the register, None for every one. Raises NotFoundError."""
    if within is not None and (grant.siren is None or grant.siren not in within):
        raise NotFoundError("Aucune collectivité que vous administrez n'a ce SIREN.")
    return None if grant.siren is None else unit.authority_by_siren(grant.siren).id


def _refused(field: str, message: str, remedy: str) -> RefusedError:
    return RefusedError([Problem(field, f"{field}_compte", message, remedy)])
