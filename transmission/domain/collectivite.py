"""The local authority: who sends, through which TdT, and how its papers are numbered."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from transmission.domain.identifiers import Departement, Siren

_EMAIL = re.compile(
    r"[_a-zA-Z0-9-]+(\.[_a-zA-Z0-9-]+)*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*\.[a-zA-Z]{2,6}"
)


class Calendrier(Enum):
    """Calendars of public holidays (legal clock HO-1 to HO-3)."""

    NATIONAL = "FR"
    ALSACE_MOSELLE = "FR-AM"
    ALSACE_MOSELLE_TEMPLE = "FR-AM-T"
    GUADELOUPE = "FR-971"
    MARTINIQUE = "FR-972"
    GUYANE = "FR-973"
    REUNION = "FR-974"
    MAYOTTE = "FR-976"
    SAINT_BARTHELEMY = "FR-BL"
    SAINT_MARTIN = "FR-MF"


class PublicityMode(Enum):
    """How an authority makes its acts public: code kept, label shown (CGCT L. 2131-1 III and IV).

    GPU is the national site of plans, which no authority chooses: the law names it for a PLU or a
    SCoT (UR-5). The posting of a permit on its site is an AFFICHAGE (UR-3).
    """

    ELECTRONIQUE = ("electronique", "Mise en ligne")
    AFFICHAGE = ("affichage", "Affichage")
    PAPIER = ("papier", "Publication sur papier")
    GPU = ("gpu", "Publication sur le Géoportail de l'urbanisme")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Referent:
    """Whom the State may call about an envelope; a function, rarely a person's name."""

    nom: str | None = None
    telephone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the State answers an authority that is its own transmitter, read over IMAP with TLS.

    ``ca_file`` holds the only authorities trusted for the mail server.
    """

    host: str
    user: str
    password_file: str
    ca_file: str
    port: int = 993
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class TransmissionWindow:
    """Hours of the authority's day between which only so many bytes may be sent each hour.

    ``start_hour`` (0 to 23) is included, ``end_hour`` (1 to 24) is not. Outside of every window
    nothing bounds (ACTES protocol §8).
    """

    start_hour: int
    end_hour: int
    bytes_per_hour: int


@dataclass(frozen=True, slots=True)
class TdtAccount:
    """How an authority reaches its TdT. Paths are read on the machine that sends.

    ``connector`` names an entry of the registry; ``mode`` is ``enveloppe`` (ready-made archive)
    or ``champs`` (field by field); ``ca_file`` holds the only authorities trusted for the server.
    ``mailbox`` and ``windows`` are those of the direct route to the ministry. ``pins`` are the
    SHA-256 (hexadecimal) of the public keys, one of which the server must prove to have; any
    certificate that leads to ``ca_file`` will do without them.
    """

    connector: str
    nom: str
    base_url: str
    certificate_file: str
    key_file: str | None
    passphrase_file: str | None
    ca_file: str
    login: str | None = None
    password_file: str | None = None
    mode: str = "enveloppe"
    trigramme: str = "SLO"
    application: str = "EACT"
    mailbox: Mailbox | None = None
    windows: tuple[TransmissionWindow, ...] = ()
    pins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Where a key that signs for an authority is: in a file, or in hardware (PKCS#11).

    ``key_file`` is a PKCS#12, or a PEM with the private key; ``certificate_file`` adds
    certificates that it does not hold. In hardware, ``module_file`` is the maker's library,
    ``token`` the label of the token, and the key is the one of that ``key_label``, of that
    ``key_id`` (hexadecimal), or of both; ``pin_file`` holds the PIN.
    """

    key_file: str | None = None
    certificate_file: str | None = None
    passphrase_file: str | None = None
    module_file: str | None = None
    token: str | None = None
    key_label: str | None = None
    key_id: str | None = None
    pin_file: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A program to tell of the limits that come; ``secret_file`` signs what it is told."""

    url: str
    secret_file: str


@dataclass(frozen=True, slots=True)
class LegalOptions:
    """What the legal clock must be told of an authority, and what it tells of its limits.

    ``publicity`` lists the modes chosen by délibération, each with the civil day from which the
    choice has force; ``telematics_from`` is the first day of the convention with the préfet.
    ``profile`` is ``prudent`` or ``strict``, and ``settings`` the contested points read otherwise,
    each as (name, value) in texts (legal clock §14). ``rappels_jours`` are the days before a limit
    on which it is recalled.
    """

    population: int | None = None
    publicity: tuple[tuple[date, PublicityMode], ...] = ()
    telematics_from: date | None = None
    date_commune_nouvelle: date | None = None
    profile: str = "prudent"
    settings: tuple[tuple[str, str], ...] = ()
    rappels_jours: tuple[int, ...] = (7, 2)
    rappels_courriels: tuple[str, ...] = ()
    rappels_webhooks: tuple[Webhook, ...] = ()


@dataclass(frozen=True, slots=True)
class Collectivite:
    """A local authority, immutable in its SIREN.

    ``nature`` is the two-digit code of ACTES protocol §5.5 (31 = commune); ``time_zone`` an IANA
    name: the authority's civil day is computed there. ``numero_template`` turns a printed number
    into an act number (``D{year}{seq:05d}10``), None when numbers are typed as they are.
    ``stamp_corner`` is one of ``top-right``, ``top-left``, ``bottom-right``, ``bottom-left``.
    ``signing_keys`` are other keys, for one to take over from another; ``seal_format`` is the form
    of the seal of archives, ``cades`` or ``xades``.
    ``seals_pdf`` is ``non``, ``b`` or ``t`` (PAdES-B-B or B-T, ETSI EN 319 142-1): a sealed copy of
    each PDF is what is sent. With ``signature_exigee`` an act whose PDF bears no signature found
    valid is held.
    """

    siren: Siren
    departement: Departement
    arrondissement: int
    nature: str
    nom: str
    adresses_retour: tuple[str, ...]
    tdt: TdtAccount
    referent: Referent = field(default_factory=Referent)
    time_zone: str = "Europe/Paris"
    calendrier: Calendrier = Calendrier.NATIONAL
    numero_template: str | None = None
    signing_key: SigningKey | None = None
    signs_documents: bool = False
    stamp_corner: str = "top-right"
    signing_keys: tuple[SigningKey, ...] = ()
    seal_format: str = "cades"
    seals_pdf: str = "non"
    signature_exigee: bool = False
    droit: LegalOptions = field(default_factory=LegalOptions)

    @property
    def all_signing_keys(self) -> tuple[SigningKey, ...]:
        """``signing_key``, then ``signing_keys``, none twice."""
        alone = (self.signing_key,) if self.signing_key else ()
        return tuple(dict.fromkeys((*alone, *self.signing_keys)))


def is_schema_email(address: str) -> bool:
    """Whether the schema's ``Email`` type takes an address (no ``+``, short top level, §2.3)."""
    return _EMAIL.fullmatch(address) is not None
