"""The signing keys of authorities, loaded once per process."""

from datetime import datetime

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

    A file of a key that changes on disk makes it loaded again.
    """

    def __init__(self) -> None:
        self._loaded: dict[SigningKey, tuple[tuple[float, ...], SigningIdentity]] = {}

    def signer(self, key: SigningKey, at: datetime) -> IdentitySigner:
        """The signer of a key, valid at that instant. Raises SignatureError."""
        source = KeySource.of(key)
        written = _written(source)
        known = self._loaded.get(key)
        if known is None or known[0] != written:
            known = (written, load_identity(source))
            self._loaded[key] = known
        identity = known[1]
        identity.check_validity(at)
        return IdentitySigner(identity)


def _written(source: KeySource) -> tuple[float, ...]:
    paths = (source.path, source.certificate_path, source.passphrase_file)
    return tuple(path.stat().st_mtime for path in paths if path is not None and path.exists())
