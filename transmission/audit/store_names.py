"""Identifiers and names, made again from their elements: ACTES protocol §3.1 to §3.5, §4.1."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

NATURES = {1: "DE", 2: "AR", 3: "AI", 4: "CC", 5: "BF", 6: "AU"}
"""Code of the nature of an act, and its two letters in identifiers."""

_ENVELOPPE = re.compile(
    r"(?P<application>[A-Z]{4})--(?P<siren>[0-9]{9})--(?P<day>[0-9]{8})-(?P<number>[0-9]{1,9})"
)


@dataclass(frozen=True, slots=True)
class Enveloppe:
    """The elements of the name of an envelope sent by an authority."""

    siren: str
    day: str
    number: int


def id_acte_of(departement: str, siren: str, day: date, numero: str, nature: int) -> str:
    """The identifier of an act."""
    written = day.isoformat().replace("-", "")
    return f"{departement}-{siren}-{written}-{numero}-{NATURES.get(nature, '??')}"


def numero_of(id_acte: str) -> str:
    """The number that an identifier bears, empty when it bears none."""
    parts = id_acte.split("-")
    return "-".join(parts[3:-1])


def message_name(id_acte: str, message: str) -> str:
    """The name of the file of a message about an act."""
    return f"{id_acte}-{message}_0.xml"


def document_names(id_acte: str, message: str, pieces: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the documents of a message, in order."""
    return [
        f"{piece['code_type_pj']}-{id_acte}-{message}_{piece['ordre']}.{piece['extension']}"
        for piece in pieces
    ]


def read_enveloppe(name: str) -> Enveloppe | None:
    """The elements of the name of an envelope, None when it is not one."""
    found = _ENVELOPPE.fullmatch(name)
    return found and Enveloppe(found["siren"], found["day"], int(found["number"]))


def is_archive_of(name: str, enveloppe: str) -> bool:
    """Whether an archive is named after its envelope."""
    return re.fullmatch(rf"[A-Z]{{3}}-{re.escape(enveloppe)}\.tar\.gz", name) is not None
