"""Who is calling: certificate, then nonce or login and password (S²LOW API §2.2)."""

import base64
import binascii
from datetime import datetime

from transmission.mocktdt.accounts import Account, Accounts
from transmission.mocktdt.answers import IdentificationError, RefusedError
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.nonces import Nonces

_SIX = 6
_LOGIN_PAGE = "/login.php"


def identified(
    accounts: Accounts, nonces: Nonces, request: Request, now: datetime, version: int
) -> Account:
    """The caller's account. Raises IdentificationError, and RefusedError when it is disabled."""
    account = _account(accounts, nonces, request, now, version)
    if not account.enabled:
        raise RefusedError("Échec de l'authentification : le compte est désactivé")
    return account


def basic_of(request: Request) -> tuple[str, str] | None:
    """Login and password of the Basic header, if there is one that can be read."""
    scheme, _, encoded = request.authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
    login, separator, password = pair.partition(":")
    return (login, password) if separator else None


def _account(
    accounts: Accounts, nonces: Nonces, request: Request, now: datetime, version: int
) -> Account:
    holders = accounts.holding(request.certificate_hash)
    if not holders:
        raise IdentificationError("Aucun compte ne correspond au certificat présenté")
    basic, value = basic_of(request), request.query.get("nounce")
    if value:
        query = request.query
        siren = nonces.siren_of(value, query.get("login", ""), query.get("hash", ""), now)
        found = next((holder for holder in holders if holder.siren == siren), None)
        if found is not None and not (version >= _SIX and basic):
            return found
        if version >= _SIX:
            raise _bad_credentials(version)
    if basic is not None:
        return _with_password(holders, *basic, version)
    if len(holders) > 1:
        suffix = "?error=multiple_accounts" if version >= _SIX else ""
        raise IdentificationError("La connexion n'a pas pu être établie", _LOGIN_PAGE + suffix)
    return holders[0]


def _with_password(
    holders: tuple[Account, ...], login: str, password: str, version: int
) -> Account:
    if len(holders) == 1 and not holders[0].password:
        # The account that the mock opens for an authority asks for no password.
        return holders[0]
    for holder in holders:
        if (holder.login, holder.password) == (login, password) and password:
            return holder
    raise _bad_credentials(version)


def _bad_credentials(version: int) -> IdentificationError:
    suffix = "?error=bad_credentials" if version >= _SIX else ""
    return IdentificationError("Login ou mot de passe incorrect", _LOGIN_PAGE + suffix)
