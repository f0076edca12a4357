"""What the services need to know of the certificates that an authority sends with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.collectivite import Collectivite


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate in a file of an authority.

    ``usage`` is a stable code, ``label`` its French words, ``subject`` what it says of itself.
    ``not_after`` is aware UTC.
    """

    usage: str
    label: str
    subject: str
    not_after: datetime


@dataclass(frozen=True, slots=True)
class HeldCertificates:
    """Those that could be read; ``whole`` when all could."""

    certificates: tuple[HeldCertificate, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class HeldEnding:
    """When something in a file of an authority ends: ``what`` names it (French, capitalised)."""

    what: str
    not_after: datetime


class CertificateSource(Protocol):
    """Reads the certificates of authorities where the service has them."""

    def held_by(self, owner: Collectivite) -> HeldCertificates:
        """Those of an authority, as they are now. Never raises for what a file holds or lacks."""
        ...

    def endings(self, owner: Collectivite) -> Sequence[HeldEnding]:
        """When those of an authority end, and those of whom it trusts; what cannot be read is left
        out."""
        ...
