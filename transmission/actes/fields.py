"""Reading one field of a message: text, number or civil date; absent and unreadable are None.

Elements are found by namespace, never by prefix. Source: ACTES protocol §1.2, §1.3.
"""

import re
from datetime import date

from lxml import etree

from transmission.actes.schema import ACTES

_DATE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_TRUE = frozenset({"O", "1", "TRUE"})


def child(element: etree._Element, name: str) -> etree._Element | None:
    """First child of that local name in the ACTES namespace."""
    return element.find(f"{{{ACTES}}}{name}")


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """All children of that local name in the ACTES namespace, in order."""
    return element.findall(f"{{{ACTES}}}{name}")


def child_text(element: etree._Element | None, name: str) -> str | None:
    """Trimmed text of a child, markup inside it ignored; None when absent or blank."""
    found = None if element is None else child(element, name)
    return None if found is None else ("".join(found.itertext()).strip() or None)


def attribute(element: etree._Element, name: str) -> str | None:
    """Trimmed value of an attribute of the ACTES namespace; None when it is absent or blank."""
    return (element.get(f"{{{ACTES}}}{name}") or "").strip() or None


def integer(text: str | None) -> int | None:
    """A number of at most nine digits, leading zeros and sign allowed; None for anything else."""
    return int(text) if text and _INTEGER.fullmatch(text) else None


def civil_date(text: str | None) -> date | None:
    """The date part of an ``xsd:date``, whatever its time zone; None for anything else."""
    match = _DATE.fullmatch(text or "")
    try:
        return date.fromisoformat(match["day"]) if match else None
    except ValueError:
        return None


def has_time_zone(text: str | None) -> bool:
    """Whether an ``xsd:date`` carries a time zone, which the protocol never uses."""
    match = _DATE.fullmatch(text or "")
    return match is not None and match["zone"] is not None


def yes(text: str | None) -> bool:
    """``DocumentPapier`` as seen in real messages: ``O``, ``1`` and ``true`` say yes (§2.4)."""
    return (text or "").upper() in _TRUE
