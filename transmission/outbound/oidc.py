"""Login of people by a provider of OpenID Connect: code flow, PKCE, state and nonce.

Everything that the provider or the browser sends is held to be hostile until it is proved.
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

from transmission.domain.accounts import Identity
from transmission.domain.mail_addresses import is_mail_address
from transmission.outbound.http import NoAnswerError, Timeouts
from transmission.outbound.jose import NotBelievedError, read_object
from transmission.outbound.oidc_claims import Expected, check_id_token, check_userinfo
from transmission.outbound.oidc_metadata import Doors, Metadata, Wire
from transmission.outbound.oidc_ticket import LASTS, Ticket, sealed, unsealed
from transmission.outbound.reasons import excerpt
from transmission.outbound.trust import UnusableFileError, read_text
from transmission.ports.oidc import Declined, Departure, Homecoming, Identified
from transmission.ports.outbound import Unavailable

SECRET_MIN = 16
"""Characters of our secret at the provider: tickets are sealed by a key that follows from it."""

_SECRET_BYTES = 32
_CODE = re.compile(r"[\x20-\x7e]{1,2048}")
_ACCESS_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,32768}")
_AGAIN = "Recommencez la connexion depuis la console."
_TELL = "Prévenez l'administrateur du service en lui donnant cette phrase et l'heure."
_BUSY = ("server_error", "temporarily_unavailable")
_UNNAMED = ("sub", "email")
"""Claims by which no account is looked up by its login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What the settings say of the provider, and of ourselves there.

    The secret is read from its file at each use; ``login_claim`` ties a subject to an account at
    its first coming (see docs/oidc.md); ``ca_file`` holds the only authorities trusted, those
    of the machine when absent.
    """

    issuer: str
    client_id: str
    secret_file: Path
    name: str
    scopes: tuple[str, ...] = ("openid", "email")
    login_claim: str = "sub"
    acr_values: tuple[str, ...] = ()
    ca_file: Path | None = None


class OidcProvider:
    """The port ``IdentityProvider``. ``randomness`` gives so many unpredictable bytes."""

    def __init__(
        self,
        client: Client,
        randomness: Callable[[int], bytes],
        timeouts: Timeouts = Timeouts(connect=5, read=10, body=10),  # noqa: B008 - frozen
    ) -> None:
        self._client, self._randomness = client, randomness
        self._wire = Wire(client.ca_file, timeouts)
        self._metadata = Metadata(client.issuer, self._wire)

    @property
    def name(self) -> str:
        return self._client.name

    @property
    def issuer(self) -> str:
        return self._client.issuer

    def begin(self, back: str, path: str, at: datetime) -> Departure | Unavailable:
        """A new errand of a browser: its state, nonce and verifier are drawn here (RFC 7636)."""
        ticket = Ticket(
            state=self._drawn(), nonce=self._drawn(), verifier=self._drawn(), back=back, path=path
        )
        try:
            doors = self._metadata.doors(at)
            kept = sealed(ticket, self._secret(), at)
        except (NoAnswerError, NotBelievedError, UnusableFileError) as error:
            return Unavailable(str(error))
        return Departure(self._asking(doors, ticket), kept)

    def finish(self, brought: Homecoming, at: datetime) -> Identified | Declined | Unavailable:
        """Nothing is asked of the provider for a browser that did not leave from here."""
        try:
            ticket = unsealed(brought.ticket, self._secret(), at)
            if ticket is None or not _belongs(brought, ticket):
                return Declined(
                    "Ce retour ne correspond à aucune connexion commencée dans ce navigateur, ou "
                    f"elle l'a été il y a plus de {LASTS.seconds // 60} minutes.",
                    _AGAIN,
                )
            doors = self._metadata.doors(at)
            return self._refusal(brought, doors) or self._identified(brought, ticket, doors, at)
        except NotBelievedError as error:
            reason = f"La réponse de {self.name} n'est pas valable : {error}."
            return Declined(reason, _TELL, suspect=True)
        except (NoAnswerError, UnusableFileError) as error:
            return Unavailable(str(error))

    def farewell(self, id_token: str, back: str, at: datetime) -> str | None:
        """Where the session at the provider ends (OpenID Connect RP-Initiated Logout)."""
        try:
            door = self._metadata.doors(at).logout
        except (NoAnswerError, NotBelievedError, UnusableFileError):
            return None
        if door is None:
            return None
        asking = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return _with(door, {"id_token_hint": id_token, **asking} if id_token else asking)

    def trouble(self, at: datetime) -> str | None:
        """Reads the secret, the description of the provider and its keys; those kept serve."""
        try:
            self._secret()
            self._metadata.check(at)
        except (NoAnswerError, NotBelievedError, UnusableFileError) as error:
            return str(error)
        return None

    def _asking(self, doors: Doors, ticket: Ticket) -> str:
        from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]
            create_s256_code_challenge,
        )

        asking = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": ticket.back,
            "scope": " ".join(self._client.scopes),
            "state": ticket.state,
            "nonce": ticket.nonce,
            "code_challenge": create_s256_code_challenge(ticket.verifier),
            "code_challenge_method": "S256",
        }
        if self._client.acr_values:
            asking["acr_values"] = " ".join(self._client.acr_values)
        return _with(doors.authorization, asking)

    def _refusal(self, brought: Homecoming, doors: Doors) -> Declined | Unavailable | None:
        """What the address itself says against this return."""
        issuer = self._client.issuer
        if (brought.issuer or doors.names_itself) and brought.issuer != issuer:
            raise NotBelievedError("ce retour vient d'un autre fournisseur (iss)")
        if brought.error == "access_denied":
            return Declined(
                f"{self.name} dit que vous avez refusé, ou que l'accès vous est refusé : personne "
                "n'est connecté.",
                "Recommencez la connexion, ou identifiez-vous autrement.",
            )
        told = excerpt(brought.error.encode("utf-8", "replace"))
        if brought.error in _BUSY:
            return Unavailable(f"il répond « {told} »")
        if brought.error:
            return Declined(f"{self.name} refuse la connexion (« {told} »).", _TELL)
        if not _CODE.fullmatch(brought.code):
            return Declined("Ce retour ne dit pas qui vous êtes : son code manque.", _AGAIN)
        return None

    def _identified(
        self, brought: Homecoming, ticket: Ticket, doors: Doors, at: datetime
    ) -> Identified | Declined:
        reply = self._redeemed(brought.code, ticket, doors)
        if isinstance(reply, Declined):
            return reply
        access_token, id_token = reply
        expected = Expected(
            issuer=self._client.issuer,
            client_id=self._client.client_id,
            nonce=ticket.nonce,
            acr_values=self._client.acr_values,
        )
        algorithm, claims = self._metadata.opened(id_token, at)
        subject = check_id_token(claims, algorithm, access_token, expected, at)
        told = [claims]
        if doors.userinfo is not None:
            told.insert(0, self._userinfo(doors.userinfo, access_token, subject, expected, at))
        return Identified(
            identity=Identity(self._client.issuer, subject),
            email=self._email(told),
            login=self._login(told),
            id_token=id_token,
            path=ticket.path,
        )

    def _redeemed(self, code: str, ticket: Ticket, doors: Doors) -> tuple[str, str] | Declined:
        """The access token and the ID token that a code is worth (RFC 6749 §4.1.3)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": ticket.back,
            "code_verifier": ticket.verifier,
        }
        headers = {"Accept": "application/json"}
        if doors.secret_in_form:
            form |= {"client_id": self._client.client_id, "client_secret": self._secret()}
        else:
            headers["Authorization"] = self._basic()
        reply = self._wire.post(doors.token, urlencode(form).encode("ascii"), **headers)
        if reply.status == 400 and reply.error() == "invalid_grant":
            return Declined(f"{self.name} ne reconnaît plus ce retour : il a déjà servi.", _AGAIN)
        if reply.status != 200:
            raise NoAnswerError(f"il refuse d'échanger le code ({reply.status} {reply.error()})")
        return _tokens(read_object(reply.content, "la réponse qui porte les jetons"))

    def _userinfo(
        self, door: str, access_token: str, subject: str, expected: Expected, at: datetime
    ) -> dict[str, Any]:
        """What userinfo says, as an object or as a signed token (OpenID Connect Core §5.3.2)."""
        reply = self._wire.get(
            door, Accept="application/json, application/jwt", Authorization=f"Bearer {access_token}"
        )
        if reply.status != 200:
            raise NoAnswerError(f"userinfo répond {reply.status}")
        signed = reply.kind == "application/jwt"
        if signed:
            token = reply.content.decode("ascii", "replace").strip()
            _, claims = self._metadata.opened(token, at)
        else:
            claims = read_object(reply.content, "la réponse de userinfo")
        check_userinfo(claims, subject, expected, at, signed=signed)
        return claims

    def _email(self, told: Sequence[Mapping[str, Any]]) -> str | None:
        """The address, if whoever gives it says that it is theirs, or says nothing of that and the
        settings believe it all the same."""
        giving = _giving(told, "email")
        written, verified = giving.get("email"), giving.get("email_verified")
        silent = verified is None and self._client.login_claim == "email"
        if not (verified is True or silent) or not isinstance(written, str):
            return None
        return written if is_mail_address(written) else None

    def _login(self, told: Sequence[Mapping[str, Any]]) -> str | None:
        claim = self._client.login_claim
        written = None if claim in _UNNAMED else _giving(told, claim).get(claim)
        return written if isinstance(written, str) and written else None

    def _drawn(self) -> str:
        return base64.urlsafe_b64encode(self._randomness(_SECRET_BYTES)).rstrip(b"=").decode()

    def _secret(self) -> str:
        secret = read_text(self._client.secret_file).strip()
        if len(secret) < SECRET_MIN:
            raise UnusableFileError(
                f"le fichier {self._client.secret_file} contient un secret de moins de "
                f"{SECRET_MIN} caractères"
            )
        return secret

    def _basic(self) -> str:
        # Quoted first, then joined (RFC 6749 §2.3.1).
        pair = f"{quote_plus(self._client.client_id)}:{quote_plus(self._secret())}"
        return f"Basic {base64.b64encode(pair.encode('ascii')).decode('ascii')}"


def _giving(told: Sequence[Mapping[str, Any]], claim: str) -> Mapping[str, Any]:
    """The first of userinfo and the ID token that gives a claim: what one says of it is not held
    for the other."""
    return next((each for each in told if claim in each), {})


def _belongs(brought: Homecoming, ticket: Ticket) -> bool:
    if brought.error and not brought.state:
        # Some providers leave it out of a refusal, which lets nobody in.
        return True
    given = brought.state.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(given, ticket.state.encode("ascii"))


def _tokens(said: Mapping[str, Any]) -> tuple[str, str]:
    access_token, id_token, kind = (
        said.get(name) for name in ("access_token", "id_token", "token_type")
    )
    if not isinstance(access_token, str) or not _ACCESS_TOKEN.fullmatch(access_token):
        raise NotBelievedError("la réponse ne porte pas de jeton d'accès")
    if not isinstance(id_token, str):
        raise NotBelievedError("la réponse ne porte pas de jeton d'identité (scope « openid »)")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NotBelievedError("le jeton d'accès n'est pas du type « Bearer »")
    return access_token, id_token


def _with(address: str, asked: Mapping[str, str]) -> str:
    """An address with more in its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
