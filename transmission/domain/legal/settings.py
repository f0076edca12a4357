"""What is contested in the law, and the reading that an authority has chosen (legal clock §14).

Every default is the cautious reading: a period of the State is shown longer rather than shorter, a
duty of the authority sooner rather than later.
"""

from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from transmission.domain.legal.periods import Carry, MonthEnd


class ArDate(Enum):
    """Which date starts the clock (C-3)."""

    AR = "ar"
    SENT = "sent"


class Timeliness(Enum):
    """When a letter of the préfet is in time (C-4)."""

    DISPATCH = "dispatch"
    RECEIPT = "receipt"


class AnnulationEffect(Enum):
    """What the annulation of a transmission does to its receipt (C-17)."""

    VOID = "void"
    INFORMATIVE = "informative"


class PartialPieces(Enum):
    """What a part of the documents asked for does to the period (C-18)."""

    NOT_RESTART = "not_restart"
    RESTART = "restart"


class MarketThresholdDate(Enum):
    """Which date chooses the threshold of a contract (TR-6)."""

    CONSULTATION = "consultation"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class LegalSettings:
    """One reading of the contested points; each field names its point.

    C-11 and C-13 have no field, both values being given; C-15 is the calendar of the court.
    """

    franc_deferre: bool = True  # C-1
    month_end_rule: MonthEnd = MonthEnd.CLIP_THEN_PLUS_ONE  # C-2
    ar_date_source: ArDate = ArDate.AR  # C-3
    gracieux_timeliness: Timeliness = Timeliness.DISPATCH  # C-4
    late_pieces_restart: bool = True  # C-5
    pieces_after_lo: bool = True  # C-6
    second_gracieux_extends: bool = False  # C-7
    urba_lo_extends: bool = True  # C-8
    r4213_blocks_expiry: bool = False  # C-9
    suspension_10d_franc: bool = True  # C-10
    reglement_next_day: bool = False  # C-12
    roll_own_obligations: Carry = Carry.BACKWARD  # C-14
    plu_month_plus_one: bool = True  # C-16
    annulation_effect: AnnulationEffect = AnnulationEffect.VOID  # C-17
    partial_pieces: PartialPieces = PartialPieces.NOT_RESTART  # C-18
    renonciation_ends_clock: bool = False  # C-19
    lo_is_gracieux: bool = True  # DF-3
    repeat_requests: bool = True  # DF-2
    retransmission_restarts: bool = False  # EL-6
    market_threshold_date: MarketThresholdDate = MarketThresholdDate.CONSULTATION  # TR-6


PRUDENT = LegalSettings()
"""The profile to use."""

STRICT = replace(
    PRUDENT,
    late_pieces_restart=False,
    pieces_after_lo=False,
    urba_lo_extends=False,
    suspension_10d_franc=False,
)
"""For lawyers who plead lateness; never to declare an act safe."""

PROFILES = {"prudent": PRUDENT, "strict": STRICT}


def changed(settings: LegalSettings) -> dict[str, Any]:
    """What differs from the prudent profile, by name."""
    names = [field.name for field in fields(LegalSettings)]
    return {
        name: getattr(settings, name)
        for name in names
        if getattr(settings, name) != getattr(PRUDENT, name)
    }
