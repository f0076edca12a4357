"""The seal that an authority puts on its PDFs before they are sent (PAdES, ETSI EN 319 142-1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from transmission.domain.errors import TransmissionError
from transmission.ports.time_stamps import NotStamped, Stamped

StampDigest: TypeAlias = Callable[[bytes], Stamped | NotStamped]
"""Asks for a time stamp over a SHA-256 digest (32 bytes)."""


class UnsealablePdfError(TransmissionError):
    """A PDF cannot take a seal, or not without harm to what it bears; its text says why (French,
    without a capital nor a final stop). It is then sent as it came."""


@dataclass(frozen=True, slots=True)
class PdfSealing:
    """``level`` reached, ``B-B`` or ``B-T``; ``reason`` why no higher (French, no final stop)."""

    level: str
    reason: str | None = None
