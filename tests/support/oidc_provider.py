"""A provider of OpenID Connect for a test: right by default, and as wrong as the test wants."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.support.web_server import Request, WebServer
from transmission.outbound.jose import ALGORITHMS
from transmission.ports.oidc import Departure, Homecoming

CLIENT_ID, SECRET = "console:1", "un secret de 32 caractères & plus"
BACK = "https://console.example/connexion/oidc/retour"
ACCESS_TOKEN = "acces.1234"
Claims = dict[str, Any]
Page = Callable[[Request], None]


def key_for(algorithm: str, kid: str) -> Key:
    """A new key that signs by an algorithm."""
    named = {"kid": kid, "use": "sig"}
    match ALGORITHMS.get(algorithm):
        case "RSA":
            return RSAKey.generate_key(2048, named)
        case "EC":
            return ECKey.generate_key("P-256", named)
        case _:
            return OKPKey.generate_key("Ed25519", named)


def signed(claims: Claims, key: Key, algorithm: str, **header: Any) -> str:
    """A token; the header names the key unless told otherwise."""
    head = {"alg": algorithm, "kid": key.kid, **header}
    content = json.dumps({name: value for name, value in head.items() if value is not None})
    return raw_signed(content.encode(), json.dumps(claims).encode(), key, algorithm)


def raw_signed(header: bytes, payload: bytes, key: Key, algorithm: str) -> str:
    """A token of any bytes, well signed."""
    content = f"{encoded(header)}.{encoded(payload)}"
    signature = jws.JWSRegistry.algorithms[algorithm].sign(content.encode(), key)
    return f"{content}.{encoded(signature)}"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def published(*keys: Key) -> bytes:
    """A set of public keys."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def half_hash(access_token: str, algorithm: str) -> str:
    digest = hashlib.sha512 if algorithm in ("EdDSA", "Ed25519") else hashlib.sha256
    whole = digest(access_token.encode()).digest()
    return encoded(whole[: len(whole) // 2])


@dataclass
class Errand:
    """What a departure asked of the provider."""

    state: str
    nonce: str
    challenge: str
    back: str
    asked: dict[str, str]


def errand_of(departure: Departure) -> Errand:
    asked = {name: one for name, (one,) in parse_qs(urlsplit(departure.address).query).items()}
    return Errand(
        asked["state"], asked["nonce"], asked["code_challenge"], asked["redirect_uri"], asked
    )


@dataclass
class Provider:
    """Plays on a web server; what it says is changed before it is asked."""

    web: WebServer
    at: datetime
    key: Key = field(default_factory=lambda: key_for("RS256", "k1"))
    algorithm: str = "RS256"
    description: Claims = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    userinfo_signed: bool = False
    answer: Claims = field(default_factory=dict)
    header: Claims = field(default_factory=dict)
    errands: dict[str, Errand] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.web.pages |= {
            "/.well-known/openid-configuration": lambda one: one.says(self.described()),
            "/jwks": lambda one: one.says(published(self.key)),
            "/token": self._token,
            "/userinfo": self._userinfo,
        }

    @property
    def issuer(self) -> str:
        return self.web.url("")

    def described(self) -> bytes:
        doors = {
            "issuer": self.issuer,
            "authorization_endpoint": self.web.url("/authorize"),
            "token_endpoint": self.web.url("/token"),
            "jwks_uri": self.web.url("/jwks"),
            "userinfo_endpoint": self.web.url("/userinfo"),
            "end_session_endpoint": self.web.url("/logout"),
        }
        return json.dumps(_without_none(doors | self.description)).encode()

    def sends_back(self, departure: Departure, code: str = "code-1") -> Homecoming:
        """The person agrees: what their browser brings back."""
        errand = errand_of(departure)
        self.errands[code] = errand
        return Homecoming(ticket=departure.ticket, state=errand.state, code=code)

    def id_token(self, errand: Errand) -> str:
        now = int(self.at.timestamp())
        usual = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "agent-7",
            "iat": now,
            "exp": now + 300,
            "nonce": errand.nonce,
            "at_hash": half_hash(ACCESS_TOKEN, self.algorithm),
        }
        claims = _without_none(usual | self.claims)
        return signed(claims, self.key, self.algorithm, **self.header)

    def asked_for(self, path: str) -> int:
        """How often a page was asked for."""
        return sum(each.path == path for each in self.web.asked)

    def _token(self, one: Request) -> None:
        asked = self.web.asked[-1]
        form = {name: given[0] for name, given in parse_qs(asked.body.decode()).items()}
        errand = self.errands.pop(form["code"], None)
        basic = base64.b64encode(f"{quote_plus(CLIENT_ID)}:{quote_plus(SECRET)}".encode()).decode()
        challenge = encoded(hashlib.sha256(form["code_verifier"].encode()).digest())
        in_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, SECRET)
        if asked.headers.get("authorization") != f"Basic {basic}" and not in_form:
            one.says(b'{"error": "invalid_client"}', 401)
        elif errand is None or (form["redirect_uri"], challenge) != (errand.back, errand.challenge):
            one.says(b'{"error": "invalid_grant"}', 400)
        else:
            usual = {"access_token": ACCESS_TOKEN, "token_type": "Bearer"}
            token = {"id_token": self.id_token(errand)}
            one.says(json.dumps(_without_none(usual | token | self.answer)).encode())

    def _userinfo(self, one: Request) -> None:
        if self.web.asked[-1].headers["authorization"] != f"Bearer {ACCESS_TOKEN}":
            one.says(b"{}", 401)
            return
        usual = {"sub": "agent-7", "email": "agent@saint-exemple.example", "email_verified": True}
        claims = _without_none(usual | self.userinfo)
        if self.userinfo_signed:
            content = signed(claims, self.key, self.algorithm).encode()
            one.says(content, Content_Type="application/jwt; charset=utf-8")
        else:
            one.says(json.dumps(claims).encode(), Content_Type="application/json")


def _without_none(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None}


def later(at: datetime, **length: float) -> datetime:
    return at + timedelta(**length)


@contextmanager
def provider_mock(**people: Claims) -> Iterator[str]:
    """The issuer of oidc-provider-mock, a program that others wrote, in a process of its own."""
    users = [
        f"--user-claims={json.dumps({'sub': sub, **claims})}" for sub, claims in people.items()
    ]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port=0", *users]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _issuer(process)
        finally:
            process.terminate()
            # Emptied, so that it never waits for us.
            process.communicate(timeout=20)


def _issuer(process: "subprocess.Popen[str]") -> str:
    said = []
    for line in process.stderr or ():
        said.append(line)
        if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
            return found[1]
    raise AssertionError("".join(said))
