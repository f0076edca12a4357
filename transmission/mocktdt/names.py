"""The grammar of names and numbers, as the platform reads and writes them (ACTES protocol §3)."""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Nature:
    """A nature of act: its abbreviation in identifiers, its label (ACTES protocol §5.1)."""

    code: int
    abbreviation: str
    label: str


NATURES = {
    nature.code: nature
    for nature in (
        Nature(1, "DE", "Délibérations"),
        Nature(2, "AR", "Actes réglementaires"),
        Nature(3, "AI", "Actes individuels"),
        Nature(4, "CC", "Contrats, conventions et avenants"),
        Nature(5, "BF", "Documents budgétaires et financiers"),
        Nature(6, "AU", "Autres"),
    )
}


def nature_of(text: str) -> Nature | None:
    """The nature whose code is written `text`, leading zeros allowed."""
    digits = text.strip().lstrip("0")
    return NATURES.get(int(digits)) if digits in {"1", "2", "3", "4", "5", "6"} else None


NUMERO_INTERNE = re.compile(r"([A-Z0-9][A-Z0-9_]{0,13})?[A-Z0-9]")
TYPOLOGY = re.compile(r"[A-Z0-9_]{5}")
_ARCHIVE = re.compile(
    r"(?P<itc>[A-Za-z]{3})-(?P<appli>[A-Z]{4})-(?P<info>[^-]*)-(?P<emetteur>[^-]*)"
    r"-(?P<dest>[^-]*)-(?P<date>[0-9]{8})-(?P<num>[0-9]{1,4})\.tar\.gz"
)
_BUSINESS = re.compile(
    r"(?:(?P<typology>[A-Z0-9_]{5})-)?(?P<dept>[0-9]{2}[0-9AB])-(?P<siren>[0-9]{9})"
    r"-(?P<date>[0-9]{8})?-(?P<number>.*?)-(?P<nature>[A-Z]{2})?-(?P<msg>[1-7]-[1-5])"
    r"_(?P<seq>[0-9]+)\.(?P<ext>[A-Za-z0-9]+)"
)


@dataclass(frozen=True, slots=True)
class ArchiveName:
    """`TTT-EACT--SIREN--YYYYMMDD-N.tar.gz` taken apart (ACTES protocol §3.2)."""

    trigram: str
    quadrigram: str
    emetteur: str
    destinataire: str
    envelope: str


@dataclass(frozen=True, slots=True)
class FileName:
    """The name of a file inside the archive, taken apart."""

    typology: str
    siren: str
    number: str
    message: str
    extension: str


def archive_name(name: str) -> ArchiveName | None:
    """`name` read as an outgoing archive's, None when it is not one."""
    found = _ARCHIVE.fullmatch(name)
    if found is None or parsed_day(found["date"]) is None:
        return None
    envelope = name[len("TTT-") : -len(".tar.gz")] + ".xml"
    return ArchiveName(found["itc"], found["appli"], found["emetteur"], found["dest"], envelope)


def file_name(name: str) -> FileName | None:
    """`name` read as a message's or a document's, None when it is neither."""
    found = _BUSINESS.fullmatch(name)
    if found is None:
        return None
    return FileName(
        found["typology"] or "",
        found["siren"],
        found["number"],
        found["msg"],
        found["ext"].lower(),
    )


def id_acte(departement: str, siren: str, day: date, number: str, nature: int) -> str:
    """The identifiant unique of an act (ACTES protocol §4.1). `nature`: one of NATURES."""
    return f"{departement}-{siren}-{day:%Y%m%d}-{number}-{NATURES[nature].abbreviation}"


def parsed_day(text: str) -> date | None:
    """A civil date written `YYYYMMDD` or `YYYY-MM-DD`, None for anything else."""
    try:
        return date.fromisoformat(text.strip()) if len(text.strip()) in (8, 10) else None
    except ValueError:
        return None
