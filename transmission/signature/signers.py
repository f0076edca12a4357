"""The signing keys of authorities, loaded once per process."""

from datetime import datetime
from pathlib import Path

from transmission.domain.collectivite import SigningKey
from transmission.signature.cms import sign_detached, to_pem
from transmission.signature.keys import KeySource, SigningIdentity, load_identity


class IdentitySigner:
    """The port ``Signer`` over a loaded identity."""

    def __init__(self, identity: SigningIdentity) -> None:
        self._identity = identity

    def sign(self, digest: bytes, signing_time: datetime) -> bytes:
        """Detached CMS (DER) over a SHA-256 digest."""
        return sign_detached(self._identity, digest, signing_time=signing_time)

    def sign_as_text(self, digest: bytes, signing_time: datetime) -> str:
        """Same, as PEM text."""
        return to_pem(self.sign(digest, signing_time))


class SignerCache:
    """The port ``SignerSource``: loading an RSA key costs forty milliseconds, so only once.

    A key file that changes on disk is loaded again.
    """

    def __init__(self) -> None:
        self._loaded: dict[tuple[SigningKey, float], SigningIdentity] = {}

    def signer(self, key: SigningKey, at: datetime) -> IdentitySigner:
        """The signer of a key, valid at that instant. Raises SignatureError."""
        entry = (key, _modified(Path(key.key_file)))
        identity = self._loaded.get(entry)
        if identity is None:
            identity = load_identity(_source(key))
            self._loaded[entry] = identity
        identity.check_validity(at)
        return IdentitySigner(identity)


def _source(key: SigningKey) -> KeySource:
    return KeySource(
        Path(key.key_file),
        Path(key.certificate_file) if key.certificate_file else None,
        Path(key.passphrase_file) if key.passphrase_file else None,
    )


def _modified(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
