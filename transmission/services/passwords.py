"""Passwords: kept by Argon2id, compared at the same cost whoever is named."""

from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from transmission.domain.errors import TransmissionError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# Each takes 64 MiB for a twentieth of a second: a crowd of strangers must not take the machine.
_AT_ONCE = BoundedSemaphore(2)
_PATIENCE_SECONDS = 5


class CrowdedError(TransmissionError):
    """Too many passwords are being compared at this moment."""


def hashed(password: str) -> str:
    """The Argon2id hash of a password, with its parameters and its own salt (RFC 9106 §4).

    Raises CrowdedError.
    """
    with _Turn():
        return _hasher().hash(_bytes(password))


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is that of a hash; without one it costs as much, and is False.

    Raises CrowdedError.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    nobody = _nobody()
    with _Turn():
        try:
            found = _hasher().verify(kept or nobody, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return found and kept is not None


def is_dated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


class _Turn:
    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
            raise CrowdedError(
                "Trop de personnes se connectent en ce moment. Recommencez dans une minute."
            )

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()


@cache
def _hasher() -> "PasswordHasher":
    # Imported by those who compare passwords; the default is RFC 9106's second recommendation.
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(b"the password of nobody")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
