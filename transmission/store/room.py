"""How much room a disk must keep for documents."""

from enum import Enum

LEAST = 2_000_000_000
"""Bytes under which a folder of documents is nearly full."""

LEAST_TEMPORARY = 500_000_000
"""The same of where archives are written before they are kept."""

SCANT = 0.1
"""Share of a disk under which its room is worth a thought."""


class Room(Enum):
    """How much is left."""

    ENOUGH = "enough"
    SCANT = "scant"
    NEARLY_NONE = "nearly none"


def room_of(free: int, total: int, least: int = LEAST) -> Room:
    """What the free bytes of a disk are worth."""
    if free < least:
        return Room.NEARLY_NONE
    return Room.SCANT if free < SCANT * total else Room.ENOUGH
