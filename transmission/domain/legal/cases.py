"""One act with all that the clock reads of it, and the digest that tells whether that changed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from transmission.domain.legal import horloge
from transmission.domain.legal.declaration import Declaration
from transmission.domain.legal.evenements import LegalEvent
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.settings import LegalSettings
from transmission.domain.legal.sujets import LegalActe, LegalAuthority

RULES_VERSION = 1
"""Number of the rules: to be raised whenever the same inputs may give another answer.

Acts read under a smaller number are read again, and every day that moves is reported.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalCase:
    """An act of the register as the clock reads it; ``acte`` holds what was declared of it."""

    acte_id: int
    collectivite_id: int
    numero: str
    time_zone: str
    acte: LegalActe
    owner: LegalAuthority
    events: tuple[LegalEvent, ...]
    settings: LegalSettings
    declaration: Declaration

    def read(self, today: date, hypothetical: Sequence[LegalEvent] = ()) -> Reading:
        """What the clock says on ``today``, were those events known too."""
        events = (*self.events, *hypothetical)
        return horloge.read(self.acte, self.owner, events, self.settings, today)

    def inputs(self) -> str:
        """Digest (64 hexadecimal digits) of all that is read, the day apart.

        What has its default is left out: a fact that a later version may state changes nothing.
        """
        read = _plain([self.acte, self.owner, self.settings, self.events])
        told = json.dumps(read, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.compare and not _is_default(field, getattr(value, field.name))
        }
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else _atom(value)


def _atom(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _is_default(field: Any, value: Any) -> bool:
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return field.default is not MISSING and bool(value == field.default)
