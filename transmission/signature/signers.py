"""The signing keys of authorities, loaded once per process."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO, BinaryIO

import structlog

from transmission.domain.collectivite import Collectivite, SigningKey
from transmission.ports.pdf_seals import PdfSealing, StampDigest
from transmission.signature.cms import sign_detached, to_pem
from transmission.signature.errors import NoUsableKeyError, SignatureError
from transmission.signature.identities import identity_of, place_of, written_at
from transmission.signature.keys import SigningIdentity
from transmission.signature.own_seal import OwnSeal
from transmission.signature.pades import seal_pdf
from transmission.signature.xades import sign_files


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

    def sign_files(self, digests: Mapping[str, bytes], signing_time: datetime) -> bytes:
        """Detached XAdES over files, given by their SHA-256 digests and names."""
        return sign_files(self._identity, digests, signing_time=signing_time)

    def seal_pdf(
        self, source: BinaryIO, target: IO[bytes], signing_time: datetime, stamp: StampDigest | None
    ) -> PdfSealing:
        """A PDF and its seal (PAdES), written into an empty file."""
        return seal_pdf(self._identity, source, target, signing_time, stamp)


class SignerCache:
    """The port ``SignerSource``: loading an RSA key costs forty milliseconds, so only once.

    A file of a key that changes on disk makes it loaded again.
    """

    def __init__(self, own_seal: OwnSeal) -> None:
        self._loaded: dict[SigningKey, tuple[tuple[float, ...], SigningIdentity]] = {}
        self._own_seal = own_seal

    def signer(self, key: SigningKey, at: datetime) -> IdentitySigner:
        """The signer of a key, valid at that instant. Raises SignatureError."""
        return IdentitySigner(self._valid(key, at))

    def of(self, owner: Collectivite, at: datetime) -> IdentitySigner | None:
        """The signer of an authority, None when it names no key. Raises SignatureError."""
        keys = owner.all_signing_keys
        if not keys:
            return None
        return IdentitySigner(self._that_ends_last(keys, at))

    def own(self, at: datetime) -> IdentitySigner:
        """The signer of what the service seals by itself. Raises SignatureError."""
        return self.signer(self._own_seal.key(at), at)

    def _that_ends_last(self, keys: Sequence[SigningKey], at: datetime) -> SigningIdentity:
        usable: list[SigningIdentity] = []
        refusals: list[SignatureError] = []
        for key in keys:
            try:
                usable.append(self._valid(key, at))
            except SignatureError as error:
                refusals.append(error)
                structlog.get_logger().debug("signing_key_passed_over", key=place_of(key))
        if usable:
            return max(usable, key=lambda each: each.certificate.not_valid_after_utc)
        if len(refusals) == 1:
            raise refusals[0]
        raise NoUsableKeyError(
            "Aucune des clés de signature ne peut servir :\n" + "\n".join(map(str, refusals))
        )

    def _valid(self, key: SigningKey, at: datetime) -> SigningIdentity:
        written = written_at(key)
        known = self._loaded.get(key)
        if known is None or known[0] != written:
            known = (written, identity_of(key))
            self._loaded[key] = known
        identity = known[1]
        identity.check_validity(at)
        return identity
