"""What a browser keeps for us while its person is at the provider: sealed, and for a short time."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What was drawn for one errand (OpenID Connect Core §3.1.2.1, RFC 7636), the address of the
    return, and what the browser came for."""

    state: str
    nonce: str
    verifier: str
    back: str
    path: str


def sealed(ticket: Ticket, secret: str, at: datetime) -> str:
    """A ticket that only who has the secret can read or make, as ASCII."""
    written = {name: getattr(ticket, name) for name in Ticket.__slots__}
    content = json.dumps(written).encode("ascii")
    return _seal(secret).encrypt_at_time(content, int(at.timestamp())).decode("ascii")


def unsealed(text: str, secret: str, at: datetime) -> Ticket | None:
    """A ticket, None for one that is too old at ``at`` or was not sealed by this secret."""
    try:
        content = _seal(secret).decrypt_at_time(
            text.encode("ascii"), LASTS.seconds, int(at.timestamp())
        )
    except (InvalidToken, UnicodeEncodeError):
        return None
    return Ticket(**json.loads(content))


def _seal(secret: str) -> Fernet:
    # The same on every machine of an installation, with nothing more to share than the secret.
    derived = HKDF(SHA256(), 32, None, b"transmission: ticket of OpenID Connect")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))
