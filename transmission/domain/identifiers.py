"""Identifiers and names of the ACTES protocol: parsed and formatted here, nowhere else.

Strict when building, tolerant when reading: every ``parse`` states what it tolerates.
Source: ACTES protocol §2.3, §3.2 to §3.5, §4.1 to §4.4, §5.6.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Self, TypeAlias

from transmission.domain.errors import IdentifierError

_DEPARTEMENT = re.compile(
    r"(?!020$)(?:0(?:0[1-9]|[1-8][0-9]|9[0-5])|02[AB]|9(?:7[1-8]|8[6-8])|999)"
)
_NUMERO_STRICT = re.compile(r"[A-Z0-9](?:[A-Z0-9_]{0,13}[A-Z0-9])?")
_TYPOLOGIE = re.compile(r"[A-Z0-9_]{5}")
_ID_ACTE = re.compile(
    r"(?P<departement>[0-9]{2}[0-9AB])-(?P<siren>[0-9]{9})-(?P<date>[0-9]{8})"
    r"-(?P<numero>[A-Za-z0-9_-]{1,15})-(?P<nature>[A-Z]{2})"
)
_FICHIER = re.compile(
    r"(?:(?P<typologie>[A-Za-z0-9_]{5})-)?(?P<departement>[0-9]{2}[0-9AB])-(?P<siren>[0-9]{9})"
    r"-(?P<date>[0-9]{8})?-(?P<numero>[^/\\\x00-\x1f]*?)-(?P<nature>[A-Z]{2})?"
    r"-(?P<message>[1-7]-[1-5])_(?P<sequence>[0-9]{1,18})\.(?P<extension>[A-Za-z0-9]+)"
)
_ENVELOPPE = re.compile(
    r"(?P<anomalie>ANO_)?(?P<application>[A-Z]{4})-(?P<info>[A-Za-z0-9_]*)-(?P<emetteur>[A-Za-z0-9]*)"
    r"-(?P<destinataire>[A-Za-z0-9]*)-(?P<date>[0-9]{8})-(?P<numero>[0-9]{1,18})(?:\.xml|\.XML)?"
)
_ARCHIVE = re.compile(r"(?P<trigramme>[A-Za-z]{3})-(?P<enveloppe>.+)\.tar\.gz")
_SERVICE = re.compile(
    r"(?P<genre>PREF|SPREF|SGAR)(?P<departement>[0-9]{2}[0-9AB])(?P<arrondissement>[0-9])?"
)
_NUMERO_LOOSE = re.compile(r"[A-Za-z0-9_]{1,15}")
_MESSAGE_OF_ACTE = re.compile(r"1-[1-3]|2-[12]|[34]-[1-5]|5-1|6-[12]")
_MESSAGE_WITHOUT_ACTE = re.compile(r"1-3|7-[1-3]")
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")
# Flat, plain, and short enough for a ustar header.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class NatureActe(Enum):
    """Nature of an act: code of the schema, abbreviation of file names (ACTES protocol §5.1)."""

    DELIBERATION = (1, "DE", "Délibération", "99_DE")
    REGLEMENTAIRE = (2, "AR", "Acte réglementaire", "99_AR")
    INDIVIDUEL = (3, "AI", "Acte individuel", "99_AI")
    CONTRAT = (4, "CC", "Contrat, convention ou avenant", "99_DC")
    BUDGET = (5, "BF", "Document budgétaire et financier", "99_BU")
    AUTRE = (6, "AU", "Autre", "99_AU")

    def __init__(self, code: int, abrege: str, label: str, typologie: str) -> None:
        self.code = code
        self.abrege = abrege
        self.label = label
        self.typologie_par_defaut = typologie

    @classmethod
    def parse(cls, text: str | int) -> Self:
        """Read a code (1…6, leading zeros allowed) or an abbreviation in any case.

        Raises IdentifierError.
        """
        wanted = str(text).strip().upper()
        for nature in cls:
            if wanted == nature.abrege or re.fullmatch(f"0*{nature.code}", wanted):
                return nature
        choices = ", ".join(f"{nature.abrege} ({nature.label})" for nature in cls)
        raise IdentifierError(f"« {text} » n'est pas une nature d'acte. Choisissez : {choices}.")


class Departement(str):
    """Département code on three characters (``042``, ``02A``, ``974``; ``999`` for tests)."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _DEPARTEMENT.fullmatch(value):
            raise IdentifierError(
                f"« {value} » n'est pas un code de département sur trois caractères "
                "(exemples : 042, 02A, 974)."
            )
        return super().__new__(cls, value)


class Siren(str):
    """SIREN: nine digits whose Luhn key is right."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        digits = value.replace(" ", "")
        if not re.fullmatch(r"[0-9]{9}", digits):
            raise IdentifierError(f"« {value} » n'est pas un SIREN : il faut neuf chiffres.")
        if _luhn(digits) != 0:
            raise IdentifierError(
                f"« {value} » n'est pas un SIREN : sa clé de contrôle est fausse. "
                "Vérifiez qu'aucun chiffre n'a été oublié ou interverti."
            )
        return super().__new__(cls, digits)


class NumeroInterne(str):
    """Act number as emitted: 1 to 15 capitals, digits or ``_``, neither first nor last ``_``."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not _NUMERO_STRICT.fullmatch(value):
            raise IdentifierError(
                f"« {value} » ne peut pas servir de numéro d'acte : 1 à 15 lettres capitales, "
                "chiffres ou soulignés, en commençant et finissant par une lettre ou un chiffre."
            )
        return super().__new__(cls, value)


def proposed_numero(text: str) -> str | None:
    """The nearest acceptable act number to what a person typed, or None.

    Never applied in silence: it is only shown (``2023-02-001`` → ``2023_02_001``).
    """
    candidate = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
    return candidate if _NUMERO_STRICT.fullmatch(candidate) else None


@dataclass(frozen=True, slots=True)
class IdActe:
    """Unique identifier of a transmitted act (``IDActe``), ACTES protocol §4.1.

    ``numero_interne`` keeps the case it was read in; compare identifiers with
    :meth:`same_act`, since the State may change the case.
    """

    departement: str
    siren: str
    date_decision: date
    numero_interne: str
    nature: NatureActe

    def __str__(self) -> str:
        return (
            f"{self.departement}-{self.siren}-{compact_date(self.date_decision)}"
            f"-{self.numero_interne}-{self.nature.abrege}"
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an IDActe; tolerates lower case and dashes in the number. Raises IdentifierError."""
        match = _ID_ACTE.fullmatch(text.strip())
        if not match:
            raise IdentifierError(f"« {text} » n'est pas un identifiant d'acte.")
        return cls(
            match["departement"],
            match["siren"],
            parse_compact_date(match["date"]),
            match["numero"],
            NatureActe.parse(match["nature"]),
        )

    def emitted(self) -> str:
        """The identifier as we write it in a message (§2.3, §4.1).

        Raises IdentifierError for one that the schema, or a stricter rule of ours, refuses.
        """
        Departement(self.departement)
        Siren(self.siren)
        if not _NUMERO_LOOSE.fullmatch(self.numero_interne):
            raise IdentifierError(
                f"« {self} » ne peut pas être écrit dans un message : son numéro doit avoir 1 à 15 "
                "lettres, chiffres ou soulignés."
            )
        return str(self)

    def same_act(self, other: "IdActe") -> bool:
        """Whether both name the same act, whatever the case of the number."""
        return str(self).upper() == str(other).upper()

    def stem(self, message: str = "1-1") -> str:
        """Common stem of the files of one message (``042-…-DE-1-1``)."""
        return f"{self}-{message}"

    def printed(self, typologie: str) -> str:
        """The form printed on acts by some TdTs: the file name cut after the number (§4.4)."""
        return f"{typologie}-{str(self).removesuffix('-' + self.nature.abrege)}"


@dataclass(frozen=True, slots=True)
class NomFichier:
    """Name of a business XML or of a document inside an archive (ACTES protocol §3.2).

    Fields are None where the State leaves them empty (classification messages, anomalies).
    """

    typologie: str | None
    departement: str
    siren: str
    date: date | None
    numero_interne: str | None
    nature: NatureActe | None
    message: str
    sequence: int
    extension: str

    def __str__(self) -> str:
        prefix = f"{self.typologie}-" if self.typologie else ""
        day = compact_date(self.date) if self.date else ""
        nature = self.nature.abrege if self.nature else ""
        return (
            f"{prefix}{self.departement}-{self.siren}-{day}-{self.numero_interne or ''}-{nature}"
            f"-{self.message}_{self.sequence}.{self.extension}"
        )

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a name from both of its ends, so that a number may hold dashes.

        Tolerates any number of digits in the sequence, upper-case extensions and empty
        fields. Raises IdentifierError.
        """
        match = _FICHIER.fullmatch(name)
        if not match:
            raise IdentifierError(f"« {name} » n'est pas un nom de fichier du protocole ACTES.")
        return cls(
            match["typologie"],
            match["departement"],
            match["siren"],
            parse_compact_date(match["date"]) if match["date"] else None,
            match["numero"] or None,
            NatureActe.parse(match["nature"]) if match["nature"] else None,
            match["message"],
            int(match["sequence"]),
            match["extension"].lower(),
        )

    @classmethod
    def for_message(cls, id_acte: IdActe, message: str = "1-1", sequence: int = 0) -> Self:
        """Business XML of a message about an act, sent or received (ACTES protocol §3.4, §3.5).

        The authority numbers it 0, the State as it likes. Raises IdentifierError for a code that
        no such message has.
        """
        _require_code(_MESSAGE_OF_ACTE, message)
        return cls(
            None,
            id_acte.departement,
            id_acte.siren,
            id_acte.date_decision,
            id_acte.numero_interne,
            id_acte.nature,
            message,
            sequence,
            "xml",
        )

    @classmethod
    def for_classification(
        cls, departement: str, siren: str, message: str = "7-1", sequence: int = 0
    ) -> Self:
        """Business XML that names no act: a 7-1, 7-2 or 7-3, and most of the 1-3 (§3.2).

        Date, number and nature are empty. Raises IdentifierError for another code.
        """
        _require_code(_MESSAGE_WITHOUT_ACTE, message)
        return cls(None, departement, siren, None, None, None, message, sequence, "xml")

    def document(self, typologie: str | None, sequence: int, extension: str) -> "NomFichier":
        """Name of the ``sequence``-th document of this message; the authority's first is 1.

        ``typologie`` is None in what the State sends (§3.2). Raises IdentifierError.
        """
        if typologie is not None and not _TYPOLOGIE.fullmatch(typologie):
            raise IdentifierError(
                f"« {typologie} » n'est pas un code de typologie : cinq capitales, chiffres ou "
                "soulignés (exemple : 99_DE)."
            )
        if sequence < 0 or not _EXTENSION.fullmatch(extension):
            raise IdentifierError(
                f"« {sequence}.{extension} » ne peut pas finir un nom de fichier."
            )
        return replace(self, typologie=typologie, sequence=sequence, extension=extension)


@dataclass(frozen=True, slots=True)
class IDSGAR:
    """A general secretariat for regional affairs, ``SGAR042`` in names of envelopes."""

    departement: str

    def __str__(self) -> str:
        return f"SGAR{self.departement}"


@dataclass(frozen=True, slots=True)
class IDPref:
    """A préfecture, ``PREF042`` in names of envelopes."""

    departement: str

    def __str__(self) -> str:
        return f"PREF{self.departement}"


@dataclass(frozen=True, slots=True)
class IDSousPref:
    """A sous-préfecture, ``SPREF0422`` in names of envelopes: département, arrondissement."""

    departement: str
    arrondissement: int

    def __str__(self) -> str:
        return f"SPREF{self.departement}{self.arrondissement}"


ServiceEtat: TypeAlias = IDSGAR | IDPref | IDSousPref
"""The three possible senders on the State's side (ACTES protocol §1.1)."""


def parse_service(text: str) -> ServiceEtat:
    """Read ``PREF042``, ``SPREF0422`` or ``SGAR042``. Raises IdentifierError."""
    match = _SERVICE.fullmatch(text)
    if not match or (match["genre"] == "SPREF") is (match["arrondissement"] is None):
        raise IdentifierError(f"« {text} » ne désigne pas un service de l'État.")
    if match["arrondissement"]:
        return IDSousPref(match["departement"], int(match["arrondissement"]))
    return (IDPref if match["genre"] == "PREF" else IDSGAR)(match["departement"])


@dataclass(frozen=True, slots=True)
class NomEnveloppe:
    """Name of an envelope, without trigram nor extension (``EACT--SIREN--YYYYMMDD-N``).

    ``date`` is the day on which the envelope was made, in the authority's civil calendar.
    ``anomalie`` marks the ``ANO_`` names which report the refusal of an envelope of ours.
    """

    application: str
    emetteur: str
    destinataire: str
    date: date
    numero: int
    info: str = ""
    anomalie: bool = False

    def __str__(self) -> str:
        prefix = "ANO_" if self.anomalie else ""
        return (
            f"{prefix}{self.application}-{self.info}-{self.emetteur}-{self.destinataire}"
            f"-{compact_date(self.date)}-{self.numero}"
        )

    @property
    def xml(self) -> str:
        """Name of the envelope's XML file."""
        return f"{self}.xml"

    def archive(self, trigramme: str) -> str:
        """Name of the archive made by the TdT of that trigram."""
        return f"{trigramme}-{self}.tar.gz"

    def refused(self) -> "NomEnveloppe":
        """The envelope that an ``ANO_`` name speaks of."""
        return replace(self, anomalie=False)

    def anomaly(self) -> "NomEnveloppe":
        """The ``ANO_`` name under which the State refuses this envelope (§10, quirk 49)."""
        return replace(self, anomalie=True)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read an envelope or archive name, with or without extension. Raises IdentifierError."""
        archive = _ARCHIVE.fullmatch(name)
        match = _ENVELOPPE.fullmatch(archive["enveloppe"] if archive else name)
        if not match:
            raise IdentifierError(f"« {name} » n'est pas un nom d'enveloppe du protocole ACTES.")
        return cls(
            match["application"],
            match["emetteur"],
            match["destinataire"],
            parse_compact_date(match["date"]),
            int(match["numero"]),
            match["info"],
            anomalie=match["anomalie"] is not None,
        )


def outgoing_enveloppe(application: str, siren: Siren, day: date, numero: int) -> NomEnveloppe:
    """Name of the ``numero``-th envelope (1 to 9999) made by an authority on a civil day.

    Raises IdentifierError past 9999, the limit of the naming grammar (ACTES protocol §3.4).
    """
    if not 1 <= numero <= 9999:
        raise IdentifierError(
            f"Le compteur d'enveloppes du {day:%d/%m/%Y} est épuisé (9999 par jour et par "
            "collectivité). Les envois reprendront demain."
        )
    return NomEnveloppe(application, siren, "", day, numero)


def incoming_enveloppe(
    application: str, service: ServiceEtat, siren: str, day: date, numero: int
) -> NomEnveloppe:
    """Name of an envelope from the State to an authority; its counter has no known bound (§3.4)."""
    return NomEnveloppe(application, str(service), siren, day, numero)


def is_plain_name(name: str) -> bool:
    """Whether a file of that name may be put in an archive: flat, plain, short (§3.1)."""
    return _PLAIN_NAME.fullmatch(name) is not None


def compact_date(day: date) -> str:
    """Write a civil date as ``YYYYMMDD``; ``%Y`` would drop the leading zeros of early years."""
    return day.isoformat().replace("-", "")


def parse_compact_date(text: str) -> date:
    """Read ``YYYYMMDD`` as a civil date. Raises IdentifierError for an impossible day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise IdentifierError(f"« {text} » n'est pas une date du calendrier.") from error


def _require_code(known: re.Pattern[str], message: str) -> None:
    if not known.fullmatch(message):
        raise IdentifierError(f"« {message} » n'est pas le code d'un message de cette sorte.")


def _luhn(digits: str) -> int:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10
