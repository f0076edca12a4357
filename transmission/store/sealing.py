"""Secrets under seal (AES-256-GCM), with keys of a file that is in no database and no backup of it.

A line of the file is a key: 32 bytes in Base64. The first one seals; all of them open, so that a
new key is put before the others, what they sealed is sealed again in its time, and they are then
taken away.
"""

import base64
import os
import secrets
from hashlib import sha256
from pathlib import Path

from transmission.ports.webhooks import SealError

KEY_BYTES = 32
_NONCE, _MARK = 12, 4
_VERSION = b"\x01"


class KeyFileSealer:
    """The port ``Sealer``. The file is read at each use; with ``make``, it is made by the first
    seal, readable by its owner alone."""

    def __init__(self, path: Path, *, make: bool = False) -> None:
        self._path = path
        self._make = make

    def seal(self, secret: bytes, about: str) -> bytes:
        """A secret under seal. Raises SealError."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if self._make and not self._path.exists():
            make_key_file(self._path)
        key, *_ = read_keys(self._path)
        nonce = secrets.token_bytes(_NONCE)
        head = _VERSION + _mark(key)
        return head + nonce + AESGCM(key).encrypt(nonce, secret, head + about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret. Raises SealError."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        head, rest = sealed[: 1 + _MARK], sealed[1 + _MARK :]
        for key in read_keys(self._path):
            if head == _VERSION + _mark(key):
                try:
                    return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], head + about.encode())
                except (InvalidTag, ValueError):
                    break
        raise SealError(
            f"Aucune clé du fichier {self._path} n'ouvre un secret conservé. Remettez la clé qui "
            "l'a scellé, ou changez ce secret."
        )


def read_keys(path: Path) -> list[bytes]:
    """The keys of a file, in order; empty lines and those that begin with # are left out.

    Raises SealError, which shows nothing of what the file holds.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise SealError(
            f"La clé des secrets ne peut pas être lue dans {path} ({error.strerror}). "
            "TRANSMISSION_SECRETS_KEY_FILE doit nommer un fichier que ce compte peut lire."
        ) from error
    written = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    keys = [_key(line) for line in written]
    if not keys or None in keys:
        raise SealError(
            f"Le fichier {path} doit contenir des clés, une par ligne : 32 octets en Base64 "
            "(openssl rand -base64 32)."
        )
    return [key for key in keys if key is not None]


def make_key_file(path: Path) -> None:
    """Make a file with one new key, unless another process was first."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()


def _key(line: str) -> bytes | None:
    try:
        key = base64.b64decode(line, validate=True)
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _mark(key: bytes) -> bytes:
    """Tells which key sealed, and nothing of it."""
    return sha256(b"transmission:mark:" + key).digest()[:_MARK]
