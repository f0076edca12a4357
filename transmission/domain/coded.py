"""Enumerations whose members are kept, and written in addresses, under a code of their own."""

from enum import Enum
from typing import Self


class Coded(Enum):
    """An enumeration of which every member has a ``code``, set by its own constructor."""

    code: str

    @classmethod
    def of(cls, code: str) -> Self:
        """The member kept under a code. Raises ValueError for an unknown one."""
        for member in cls:
            if member.code == code:
                return member
        raise ValueError(f"unknown {cls.__name__.lower()} {code!r}")
