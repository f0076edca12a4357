"""Who a program is when it calls: a token, whose secret nobody keeps, and what it allows.

A secret is ``tdt_`` and 32 random bytes in base64url, 47 characters in all. Only its SHA-256 is
kept: so long a secret cannot be guessed from it, and a slow digest would protect nothing more.
"""

import hashlib
import re
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from transmission.domain.errors import Problem, RefusedError, TransmissionError
from transmission.domain.texte import printable

SECRET_BYTES = 32
"""Random bytes in a secret."""

NAME_MAX = 60
"""Characters in the name of a token."""

_PREFIX = "tdt_"
_SECRET = re.compile(r"tdt_[A-Za-z0-9_-]{43}", re.ASCII)


class Scope(Enum):
    """What a token allows; the code is kept, ``word`` is what the command line reads."""

    DEPOSIT = ("actes:deposer", "Remettre des actes")
    READ = ("actes:lire", "Lire les actes, leurs fichiers et leurs dates")
    ACT = ("actes:agir", "Répondre, annuler, publier")
    WEBHOOKS = ("webhooks:gerer", "Faire prévenir des logiciels : webhooks et leurs secrets")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label

    @property
    def word(self) -> str:
        """The end of the code: ``deposer``."""
        return self.code.partition(":")[2]


class Standing(Enum):
    """What a token is worth at an instant; the label is French."""

    LIVING = "en service"
    EXPIRED = "expiré"
    REVOKED = "révoqué"

    @property
    def label(self) -> str:
        return self.value


class AccessDeniedError(TransmissionError):
    """No living token has that secret; one text for all the reasons, so that none is told."""

    def __init__(self) -> None:
        super().__init__(
            "Ce jeton n'est pas valable : il est inconnu, expiré ou révoqué. "
            "Demandez-en un autre à l'administrateur du service."
        )


@dataclass(frozen=True, slots=True)
class Access:
    """The program that calls, known by its token: it sees one authority only."""

    name: str
    token_id: int
    collectivite_id: int
    siren: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept, without its secret. Instants are aware UTC.

    It is worth nothing from ``expires_at`` on, that very instant included; None is never.
    ``last_used_at`` may be a minute late.
    """

    id: int
    collectivite_id: int
    siren: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None
    last_used_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """What it is worth at an aware instant."""
        if self.revoked_at is not None:
            return Standing.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return Standing.EXPIRED
        return Standing.LIVING

    def access(self) -> Access:
        """What whoever holds it may do, whatever its standing."""
        return Access(self.name, self.id, self.collectivite_id, self.siren, self.scopes)


def counting(every: Iterable[Token], now: datetime) -> Iterator[Token]:
    """Those that nobody revoked, less those that expired and whose name another one took."""
    named = set()
    for each in sorted(every, key=lambda token: token.id, reverse=True):
        if each.standing(now) is not Standing.REVOKED and each.name not in named:
            yield each
        named.add(each.name)


def secret_of(drawn: bytes) -> str:
    """The secret that 32 random bytes make. Raises ValueError for fewer or more."""
    if len(drawn) != SECRET_BYTES:
        raise ValueError(f"a secret takes {SECRET_BYTES} bytes")
    return _PREFIX + urlsafe_b64encode(drawn).rstrip(b"=").decode()


def digest_of(secret: str) -> str:
    """SHA-256 of a secret, in lower-case hexadecimal; of its text, so that each has one writing.

    Raises AccessDeniedError for any text that is not a secret.
    """
    if not _SECRET.fullmatch(secret):
        raise AccessDeniedError
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def token_name(text: str) -> str:
    """The name of a token as it is kept: composed accents, single spaces.

    People read it in lists and in the journal. Raises RefusedError, which never repeats a secret
    given in the place of a name.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if name.startswith(_PREFIX):
        raise _refused(f"Le nom d'un jeton ne commence pas par « {_PREFIX} », comme un secret.")
    if not 0 < len(name) <= NAME_MAX or printable(name) != name:
        raise _refused(f"« {printable(name[:NAME_MAX])} » ne peut pas nommer un jeton.")
    return name


def _refused(message: str) -> RefusedError:
    remedy = f"Nommez le logiciel qui s'en sert, en 1 à {NAME_MAX} caractères imprimables."
    return RefusedError([Problem("nom", "nom_jeton", message, remedy)])
