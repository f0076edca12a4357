"""Checks evidence that others signed: what holds, who signed it, whether they can be trusted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.ports.proof import SoundSignature, SoundTimeStamp, Trust, UnsoundError
from transmission.signature.errors import InvalidSignatureError
from transmission.signature.keys import subject_of
from transmission.signature.time_stamp import verify_time_stamp
from transmission.signature.trust import judge
from transmission.signature.verification import verify_detached
from transmission.signature.xades import verify_files


class EvidenceChecker:
    """The port ``ProofChecker``, with the roots to trust and what is known of revocations (DER)."""

    def __init__(
        self, roots: Sequence[x509.Certificate], revocations: Sequence[bytes] = ()
    ) -> None:
        self._roots = roots
        self._revocations = revocations

    def cms(self, signature: bytes, digest: bytes) -> SoundSignature:
        """A detached CMS (DER or PEM) over a SHA-256 digest. Raises UnsoundError."""
        try:
            held = verify_detached(signature, digest)
        except InvalidSignatureError as error:
            raise UnsoundError(str(error)) from error
        return self._sound(held.certificate, held.included, held.signing_time)

    def xades(self, signature: bytes, digests: Mapping[str, bytes]) -> SoundSignature:
        """A detached XAdES over files by their SHA-256 digests. Raises UnsoundError."""
        try:
            held = verify_files(signature, digests)
        except InvalidSignatureError as error:
            raise UnsoundError(str(error)) from error
        return self._sound(held.certificate, held.chain, held.signing_time)

    def time_stamp(self, token: bytes, digest: bytes) -> SoundTimeStamp:
        """An RFC 3161 TimeStampToken (DER) over a SHA-256 digest. Raises UnsoundError."""
        return verify_time_stamp(token, digest, self._roots)

    def _sound(
        self,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        signing_time: datetime | None,
    ) -> SoundSignature:
        trust, why = self._judged(certificate, chain, signing_time)
        encoded = certificate.public_bytes(Encoding.DER)
        return SoundSignature(subject_of(certificate), encoded, signing_time, trust, why)

    def _judged(
        self,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        signing_time: datetime | None,
    ) -> tuple[Trust, str]:
        if signing_time is None:
            return Trust.UNKNOWN, "la signature ne dit pas quand elle a été faite"
        return judge(certificate, chain, self._roots, signing_time, self._revocations)
