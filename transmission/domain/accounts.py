"""The accounts of people: what they log in with, what is kept of it, how long they stay in."""

import hashlib
import re
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.mail_addresses import is_mail_address
from transmission.domain.people import Grant, Person
from transmission.domain.texte import printable

NAME_MAX = 100
"""Characters in the name of a person."""

PASSWORD_MIN, PASSWORD_BYTES = 12, 1024
"""Fewest characters, and most bytes in UTF-8, of a password."""

SECRET_BYTES = 32
"""Random bytes of a session and of a link."""

LINK_LASTS = timedelta(hours=24)

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_FREE_TRIES = 4
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)


class Way(Enum):
    """How a person came in; the code is kept, the label is French."""

    PASSWORD = ("password", "mot de passe")
    LINK = ("link", "lien à usage unique")
    OIDC = ("oidc", "fournisseur d'identité")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


FRENCH = "fr"
LANGUAGES = {FRENCH: "Français", "en": "English"}
"""Codes of the languages of the console (ISO 639-1), each named in itself."""


class Purpose(Enum):
    """What a one-time link is for; the value is kept."""

    CHOOSE = "choose"
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is at a provider of OpenID Connect: its issuer, and their ``sub`` there."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person as they are kept, without any secret. Instants are aware UTC."""

    id: int
    login: str
    name: str
    email: str | None = None
    language: str = "fr"
    grants: tuple[Grant, ...] = ()
    formerly: frozenset[str] = frozenset()
    """SIRENs of the authorities where they had a role that was taken away."""
    password_at: datetime | None = None
    """When the password was chosen, None without one."""
    identity: Identity | None = None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None
    disabled_by: str | None = None
    disabled_reason: str | None = None

    @property
    def person(self) -> Person:
        """Who they are once they came in."""
        return Person(self.id, self.name, self.grants)

    @property
    def sirens(self) -> frozenset[str]:
        """Authorities where they have a role; ``*`` for every one."""
        return frozenset(grant.siren or "*" for grant in self.grants)

    def is_of(self, within: frozenset[str] | None) -> bool:
        """Whether whoever administers some authorities (None: all) knows of them: they have a role
        there, or had one."""
        return within is None or bool(within & (self.sirens | self.formerly))

    def seen_within(self, within: frozenset[str]) -> "Account":
        """The account as those who administer some authorities see it."""
        grants = tuple(grant for grant in self.grants if grant.siren in within)
        return replace(self, grants=grants, formerly=self.formerly & within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person's coming, kept without its secret. ``last_seen_at`` may be a minute late."""

    id: int
    person_id: int
    way: Way
    address: str | None
    browser: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def is_open(self, now: datetime, idle: timedelta) -> bool:
        """Whether it still lets in, ``idle`` being how long it may rest."""
        return self.ended_at is None and now < min(self.expires_at, self.last_seen_at + idle)


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a session rests at most without being used, and lasts at most in all."""

    idle: timedelta = timedelta(hours=8)
    longest: timedelta = timedelta(hours=12)


USUAL_STAY = Stay()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody comes from, as the connection and the browser say: shown, never believed."""

    address: str | None = None
    browser: str | None = None


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """A change of an account, or a coming, as an auditor reads it; ``siren`` where it is of one
    authority."""

    id: int
    at: datetime
    person_id: int
    login: str
    siren: str | None
    event: str
    author: str
    reason: str | None
    details: dict[str, str]


def secret_of(drawn: bytes) -> str:
    """The secret that 32 random bytes make. Raises ValueError for fewer or more."""
    if len(drawn) != SECRET_BYTES:
        raise ValueError(f"a secret takes {SECRET_BYTES} bytes")
    return urlsafe_b64encode(drawn).rstrip(b"=").decode()


def kept_digest(secret: str) -> str:
    """SHA-256 of a secret of ours, in lower-case hexadecimal."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def digest_of(text: str) -> str | None:
    """The digest of what came from outside, None for any text that is not a secret."""
    return kept_digest(text) if _SECRET.fullmatch(text) else None


def form_key(secret: str) -> str:
    """What the forms of a session give back: follows from its secret, which it does not tell."""
    return hashlib.sha256(b"form:" + secret.encode("ascii")).hexdigest()


def folded_login(text: str) -> str:
    """A login as it is looked for: in lower case, whatever was typed."""
    return unicodedata.normalize("NFC", text).strip().lower()


def login_name(text: str) -> str:
    """A login as it is kept. Raises RefusedError."""
    login = folded_login(text)
    if not _LOGIN.fullmatch(login):
        raise _refused(
            "identifiant",
            f"« {printable(login[:NAME_MAX])} » ne peut pas servir d'identifiant.",
            "Il a 2 à 100 caractères : lettres sans accents, chiffres, point, tiret, souligné, + "
            "et @. Une adresse de courriel convient.",
        )
    return login


def person_name(text: str) -> str:
    """A name as the journal shows it: composed accents, single spaces. Raises RefusedError."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 0 < len(name) <= NAME_MAX or printable(name) != name:
        raise _refused(
            "nom",
            f"« {printable(name[:NAME_MAX])} » ne peut pas nommer une personne.",
            f"Écrivez son nom ou sa fonction, en 1 à {NAME_MAX} caractères imprimables.",
        )
    return name


def mail_address(text: str) -> str | None:
    """An address as it is kept, None for none. Raises RefusedError."""
    address = text.strip()
    if not address:
        return None
    if not is_mail_address(address):
        raise _refused(
            "courriel",
            f"« {printable(address[:NAME_MAX])} » n'est pas une adresse de courriel.",
            "Écrivez-la seule, par exemple actes@example.org, ou laissez le champ vide.",
        )
    return address


def spoken_language(code: str) -> str:
    """A language of the console. Raises RefusedError."""
    if code in LANGUAGES:
        return code
    raise _refused(
        "langue",
        f"« {printable(code[:NAME_MAX])} » n'est pas une langue de la console.",
        f"Choisissez parmi : {', '.join(LANGUAGES)}.",
    )


def require_password(password: str, login: str) -> None:
    """Raises RefusedError for a password too short or too long, or that is the login.

    Nothing is asked of its composition: length is what resists (NIST SP 800-63B, CNIL 2022-100).
    The refusal never repeats what was typed.
    """
    if len(password) < PASSWORD_MIN:
        raise _refused(
            "mot_de_passe",
            "Ce mot de passe est trop court.",
            f"Il en faut {PASSWORD_MIN} caractères au moins ; quelques mots suffisent.",
        )
    if len(password.encode("utf-8", "surrogatepass")) > PASSWORD_BYTES:
        raise _refused(
            "mot_de_passe",
            "Ce mot de passe est trop long.",
            f"Il a {PASSWORD_BYTES} octets au plus.",
        )
    if folded_login(password) == login:
        raise _refused(
            "mot_de_passe",
            "Ce mot de passe est l'identifiant.",
            "Choisissez-en un que l'identifiant ne donne pas.",
        )


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: nothing at first, then twice as long each
    time, never more than a quarter of an hour."""
    beyond = failures - _FREE_TRIES
    if beyond <= 0:
        return timedelta(0)
    return min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(beyond - 1, 20)))


def _refused(field: str, message: str, remedy: str) -> RefusedError:
    return RefusedError([Problem(field, f"{field}_compte", message, remedy)])
