"""What the State sends to an authority that deposits directly: one business message each."""

from dataclasses import dataclass
from datetime import datetime

from transmission.mocktdt.transactions import Envelope, Transaction


@dataclass(frozen=True, slots=True)
class Retour:
    """A message to mail at `at` (aware), under `name`.

    `envelope`: the authority's own, whose addresses are written to. `about`: what is answered, or
    the letter itself. `code`: `1-2`…, empty for an AnomalieEnveloppe, which travels alone.
    `documents`: names and contents.
    """

    envelope: Envelope
    name: str
    xml: bytes
    at: datetime
    about: Transaction | None = None
    code: str = ""
    documents: tuple[tuple[str, bytes], ...] = ()
