"""Nonces: a technical account asks, a person's certificate acts (S²LOW API §2.3)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Nonce:
    login: bytes
    hash: str
    siren: str
    at: datetime


class Nonces:
    """Those younger than five minutes of the virtual clock. Using one does not spend it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._nonces: dict[str, _Nonce] = {}

    def issue(self, value: str, login: bytes, password: bytes, siren: str, now: datetime) -> None:
        """Keep `value` for whoever knows the password and belongs to the authority.

        `login`, `password`: the bytes that were sent, which is what the caller will hash.
        """
        digest = hashlib.sha256(password + b":" + value.encode()).hexdigest()
        with self._lock:
            self._purge(now)
            self._nonces[value] = _Nonce(login, digest, siren, now)

    def siren_of(self, value: str, login: bytes, digest: str, now: datetime) -> str | None:
        """The authority that a valid nonce was given to, None for any other."""
        with self._lock:
            self._purge(now)
            nonce = self._nonces.get(value)
        if nonce is None or (nonce.login, nonce.hash) != (login, digest):
            return None
        return nonce.siren

    def _purge(self, now: datetime) -> None:
        self._nonces = {v: n for v, n in self._nonces.items() if now - n.at <= _LIFE}
