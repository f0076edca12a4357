"""What whoever checks evidence needs of cryptography: each answer is a fact, or a refusal with its
reason. Nothing here reads a clock, a network or a register."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from transmission.domain.errors import TransmissionError


class UnsoundError(TransmissionError):
    """A signature or a time stamp proves nothing of what it is shown with; its text says why."""


class Trust(Enum):
    """Whether a certificate leads to a root that was given, at the moment of its use."""

    TRUSTED = ("approuve", "approuvé")
    UNTRUSTED = ("refuse", "refusé")
    UNKNOWN = ("inconnu", "on ne sait pas")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class SoundSignature:
    """A signature that holds for the bytes it was shown with.

    ``signer`` is the subject of its certificate (RFC 4514), ``certificate`` its DER;
    ``signing_time`` the signer's claim, aware UTC; ``trust`` is judged at that moment and ``why``
    says what could not be established (French, empty when trusted).
    """

    signer: str
    certificate: bytes
    signing_time: datetime | None
    trust: Trust
    why: str


@dataclass(frozen=True, slots=True)
class SoundTimeStamp:
    """A time stamp that holds for a digest: ``at`` is its aware UTC instant; the rest as above."""

    at: datetime
    tsa: str
    certificate: bytes
    trust: Trust
    why: str


class ProofChecker(Protocol):
    """Checks what others signed, with the roots that it was made with."""

    def cms(self, signature: bytes, digest: bytes) -> SoundSignature:
        """A detached CMS (DER or PEM) over a SHA-256 digest. Raises UnsoundError."""
        ...

    def xades(self, signature: bytes, digests: Mapping[str, bytes]) -> SoundSignature:
        """A detached XAdES whose references are names, each with the SHA-256 digest of its bytes.

        Every name given must be referenced, and no other. Raises UnsoundError, which names each
        that differs.
        """
        ...

    def time_stamp(self, token: bytes, digest: bytes) -> SoundTimeStamp:
        """An RFC 3161 TimeStampToken (DER) over a SHA-256 digest. Raises UnsoundError."""
        ...
