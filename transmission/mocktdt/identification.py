"""Who is calling: certificate, then nonce, session, or login and password (S²LOW API §2.2)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from transmission.mocktdt.accounts import Account, Accounts
from transmission.mocktdt.answers import DisabledAccountError, IdentificationError
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.nonces import Nonces
from transmission.mocktdt.sessions import Sessions
from transmission.mocktdt.switches import Switches

_SIX = 6
_LOGIN_PAGE = "/login.php"

Holders = tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Identification:
    """What the platform knows of those who call."""

    accounts: Accounts
    nonces: Nonces
    sessions: Sessions
    switches: Switches
    version: int

    def of(self, request: Request, now: datetime) -> Account:
        """The caller's account. Raises IdentificationError, DisabledAccountError."""
        account = self._account(request, now)
        if not account.enabled:
            raise DisabledAccountError("Échec de l'authentification : le compte est désactivé")
        self.sessions.remember(request.session, account.id, now)
        return account

    def _account(self, request: Request, now: datetime) -> Account:
        holders = self._holders(request)
        basic = basic_of(request, latin=self.switches.latin_logins)
        if request.query.get("nounce"):
            found = self._of_nonce(request, holders, now)
            if found is not None and not (self.version >= _SIX and basic):
                return found
            if self.version >= _SIX:
                raise self._bad_credentials()
        if (known := self._of_session(request, holders, now)) is not None:
            return known
        if not holders:
            raise IdentificationError("Aucun compte ne correspond au certificat présenté")
        if basic is not None:
            return self._with_password(holders, *basic)
        if len(holders) > 1:
            suffix = "?error=multiple_accounts" if self.version >= _SIX else ""
            raise IdentificationError("La connexion n'a pas pu être établie", _LOGIN_PAGE + suffix)
        return holders[0]

    def _holders(self, request: Request) -> Holders:
        """The accounts of the certificate; with the forwarded one, until v5 (S²LOW API §2.4)."""
        holders = self.accounts.holding(request.certificate_hash)
        if not self.switches.forwarded_certificates:
            return holders
        return tuple(holder for holder in holders if holder.forwarded == request.forwarded)

    def _of_nonce(self, request: Request, holders: Holders, now: datetime) -> Account | None:
        query = request.query
        siren = self.nonces.siren_of(
            query["nounce"],
            _bytes_of_query(query.get("login", "")),
            query.get("hash", ""),
            now,
        )
        return next((holder for holder in holders if holder.siren == siren), None)

    def _of_session(self, request: Request, holders: Holders, now: datetime) -> Account | None:
        """Whom the cookie names; someone else's closes the door, whatever the Basic header."""
        named = self.sessions.account_of(request.session, now)
        if named is None or not self.switches.session_trap:
            return None
        found = next((holder for holder in holders if holder.id == named), None)
        if found is None:
            raise IdentificationError("La session est celle d'un autre utilisateur")
        return found

    def _with_password(self, holders: Holders, login: str, password: str) -> Account:
        if len(holders) == 1 and not holders[0].password:
            # The account that the mock opens for an authority asks for no password.
            return holders[0]
        for holder in holders:
            if (holder.login, holder.password) == (login, password) and password:
                return holder
        raise self._bad_credentials()

    def _bad_credentials(self) -> IdentificationError:
        suffix = "?error=bad_credentials" if self.version >= _SIX else ""
        return IdentificationError("Login ou mot de passe incorrect", _LOGIN_PAGE + suffix)


def raw_basic_of(request: Request) -> tuple[bytes, bytes] | None:
    """The bytes of login and password of the Basic header, if there is one that can be read."""
    scheme, _, encoded = request.authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    login, separator, password = pair.partition(b":")
    return (login, password) if separator else None


def basic_of(request: Request, *, latin: bool) -> tuple[str, str] | None:
    """The same as text, UTF-8 unless `latin`."""
    raw = raw_basic_of(request)
    charset = "iso-8859-1" if latin else "utf-8"
    return (raw[0].decode(charset, "replace"), raw[1].decode(charset, "replace")) if raw else None


def _bytes_of_query(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
