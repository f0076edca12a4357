"""A program that asked to be told of events: where it is, what it wants, how its calls are signed.

A secret is ``whsec_`` and random bytes in Base64 (Standard Webhooks 1.0, « Signature scheme »).
"""

import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.domain.cloud_events import PREFIX, EventType
from transmission.domain.coded import Coded
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.texte import printable

SECRET_BYTES = 32
"""Random bytes in a secret made by the service."""

NAME_MAX = 60
"""Characters in the name of a subscription."""

URL_MAX = 2000
"""Characters in its address."""

OVERLAP = timedelta(hours=24)
"""How long a former secret signs beside the new one, unless said otherwise."""

OVERLAP_MAX = timedelta(days=30)

_PREFIX = "whsec_"
_ACCEPTED_BYTES = range(24, 65)
_KNOWN = {kind.code: kind for kind in EventType}


class WebhookState(Coded):
    """Where a subscription stands: code stored, label shown."""

    ACTIVE = ("active", "en service")
    PAUSED = ("paused", "en pause")
    DISABLED = ("disabled", "arrêté")
    ENDED = ("ended", "supprimé")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A subscription of a program, without its secret. Instants are aware UTC.

    ``types`` are full types of events, none for all of them. ``sequence`` is the number of the last
    event written for it. ``failing_since`` is the first failure after which nothing was delivered,
    ``rests_until`` the instant before which it is not called again. A former secret signs too until
    ``overlap_until``.
    """

    id: int
    collectivite_id: int
    siren: str
    name: str
    url: str
    types: tuple[str, ...]
    state: WebhookState
    state_since: datetime
    created_at: datetime
    created_by: str
    secret_since: datetime
    state_reason: str | None = None
    sequence: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    last_success_at: datetime | None = None
    overlap_until: datetime | None = None

    def wants(self, kind: EventType) -> bool:
        """Whether it is to be told of a type of events."""
        return not self.types or kind.code in self.types


def webhook_secret(drawn: bytes) -> str:
    """The secret that 32 random bytes make. Raises ValueError for fewer or more."""
    if len(drawn) != SECRET_BYTES:
        raise ValueError(f"a secret takes {SECRET_BYTES} bytes")
    return _PREFIX + b64encode(drawn).decode("ascii")


def secret_bytes(text: str) -> bytes:
    """The 24 to 64 bytes of a secret. Raises ValueError for any other text, without showing it."""
    try:
        secret = b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(_PREFIX) or len(secret) not in _ACCEPTED_BYTES:
        raise ValueError("no secret of a webhook")
    return secret


def name_problems(text: str) -> tuple[str, list[Problem]]:
    """The name of a subscription as it is kept (composed accents, single spaces), and its faults.

    A secret given in its place is never repeated.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    remedy = f"Nommez le logiciel appelé, en 1 à {NAME_MAX} caractères imprimables."
    if name.startswith(_PREFIX):
        message = f"Le nom d'un webhook ne commence pas par « {_PREFIX} », comme un secret."
        return "", [Problem("nom", "nom_webhook", message, remedy)]
    if not 0 < len(name) <= NAME_MAX or printable(name) != name:
        message = f"« {printable(name[:NAME_MAX])} » ne peut pas nommer un webhook."
        return name, [Problem("nom", "nom_webhook", message, remedy)]
    return name, []


def type_problems(given: Iterable[str]) -> tuple[tuple[str, ...], list[Problem]]:
    """Types of events in the order of the catalogue, each once, and those that do not exist.

    ``acte.recu`` stands for ``fr.transmission.acte.recu``.
    """
    wanted = {each if each.startswith(PREFIX) else PREFIX + each for each in given}
    unknown = sorted(wanted - _KNOWN.keys())
    problems = [
        Problem(
            "types",
            "type_inconnu",
            f"Le type d'événement « {printable(each[:80])} » n'existe pas.",
            "Choisissez parmi : " + ", ".join(_short(kind) for kind in EventType) + ".",
        )
        for each in unknown[:1]
    ]
    return tuple(code for code in _KNOWN if code in wanted), problems


def overlap_of(hours: float) -> timedelta:
    """How long both secrets sign, from hours. Raises RefusedError outside 0 to 720."""
    if not 0 <= hours <= OVERLAP_MAX / timedelta(hours=1):
        raise RefusedError(
            [
                Problem(
                    "recouvrement",
                    "recouvrement_duree",
                    "Les deux secrets ne peuvent pas signer ensemble aussi longtemps.",
                    "Donnez de 0 à 720 heures.",
                )
            ]
        )
    return timedelta(hours=hours)


def raise_if(problems: Sequence[Problem]) -> None:
    """Raises RefusedError with all of them, if there is any."""
    if problems:
        raise RefusedError(list(problems))


def _short(kind: EventType) -> str:
    return kind.code.removeprefix(PREFIX)
