"""Put an act on line: the day and the place, given by a person; the file, when we serve it."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from transmission.clock import civil_day
from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.publicite import publicity_until
from transmission.domain.personal_names import personal_mentions
from transmission.domain.publication import PublishedCopy
from transmission.domain.transmission import AdoptedActe, Author, StoredFile, Transmission
from transmission.ports import UnitOfWork
from transmission.ports.publications import NewCopy
from transmission.services.stamp import reasons_not_to_stamp, stamp_facts
from transmission.services.toolbox import Toolbox

REPLACED = "Remplacée par une publication plus récente."
_ADDRESS_MAX = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was recorded: the public address, if one is known, and the last day of the minimum.

    ``warnings`` are French sentences for the person who publishes.
    """

    address: str | None
    date_minimum: date
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a person asks."""

    day: date
    address: str | None
    on_register: bool
    individual: bool
    names_checked: bool


@dataclass(frozen=True, slots=True)
class _Subject:
    """The act as it stands, its owner, and the owner's civil day."""

    acte: AdoptedActe
    sent: Transmission
    owner: Collectivite
    current: PublishedCopy | None
    today: date


def publish(
    tools: Toolbox,
    acte_id: int,
    day: date,
    address: str | None,
    author: Author,
    *,
    on_register: bool = False,
    individual: bool = False,
    names_checked: bool = False,
) -> Published:
    """Record the civil date of a mise en ligne (CGCT L. 2131-1), given by a person, and its place.

    ``address`` is that of the file elsewhere. With ``on_register`` our register serves the stamped
    copy from then on; an individual act, only with ``individual`` and a reason of ``author``; one
    that seems to name a person, only with ``names_checked``. What was on line before is withdrawn,
    and kept with the reason. Raises RefusedError with every
    reason, NotFoundError, ConflictError, DamagedDocumentError, PdfError.
    """
    wanted = _Wanted(day, address, on_register, individual, names_checked)
    now = tools.clock.now()
    with tools.register() as unit:
        subject = _checked(unit, acte_id, wanted, author, now)
    mentions = _mentions(tools, subject)
    if wanted.on_register and mentions and not wanted.names_checked:
        raise RefusedError([_naming(mentions)])
    file = _stamped(tools, subject, wanted.day) if wanted.on_register else None
    with tools.register() as unit:
        # What was checked may have changed while the copy was made.
        subject = _checked(unit, acte_id, wanted, author, now)
        copy = _copy(acte_id, subject, wanted, file, now)
        address = _kept(unit, tools.registre_url, subject, copy, author, now)
        unit.commit()
    return Published(
        address=address,
        date_minimum=copy.date_minimum,
        warnings=(
            *_warnings(subject, wanted, address),
            *([_naming(mentions).message] if mentions and not wanted.on_register else ()),
        ),
    )


def _mentions(tools: Toolbox, subject: _Subject) -> tuple[str, ...]:
    """What seems to name a person: in the object, and in the words of an act about one person.

    The words of a délibération name those who sat, and have to.
    """
    acte = subject.acte
    text = acte.objet
    if acte.nature is NatureActe.INDIVIDUEL:
        text += "\n" + tools.texts.text_of(tools.documents.path(acte.pieces[0].file))
    return personal_mentions(text)


def _naming(mentions: tuple[str, ...]) -> Problem:
    said = ", ".join(f"« {each} »" for each in mentions)
    return Problem(
        "noms",
        "noms_de_personnes",
        f"L'acte semble nommer ou décrire une personne ({said}) : ce qui est en ligne est lu par "
        "tous, et les moteurs de recherche le gardent.",
        "Masquez ce qui n'a pas à être public (CRPA L. 312-1-2) et remettez l'acte ; ou, si ces "
        "noms doivent l'être, dites que vous les avez vérifiés (--noms-verifies).",
    )


def _checked(
    unit: UnitOfWork, acte_id: int, wanted: _Wanted, author: Author, now: datetime
) -> _Subject:
    current, acte = unit.current_copy(acte_id), unit.acte(acte_id)
    owner = unit.authority(acte.collectivite_id).collectivite
    sent, today = unit.current_transmission(acte_id), civil_day(now, owner.time_zone)
    subject = _Subject(acte, sent, owner, current, today)
    problems = [*_of_day(subject, wanted), *_of_place(subject, wanted)]
    if wanted.on_register:
        problems += [*reasons_not_to_stamp(acte, sent), *_of_nature(subject, wanted, author)]
    if problems:
        raise RefusedError(problems)
    return subject


def _of_day(subject: _Subject, wanted: _Wanted) -> Iterator[Problem]:
    decided = subject.acte.date_decision
    if not decided <= wanted.day <= subject.today:
        yield Problem(
            "date",
            "date_mise_en_ligne",
            f"Le {wanted.day:%d/%m/%Y} ne peut pas être la date de mise en ligne d'un acte du "
            f"{decided:%d/%m/%Y}.",
            f"Donnez une date entre la décision et aujourd'hui ({subject.today:%d/%m/%Y}).",
        )


def _of_place(subject: _Subject, wanted: _Wanted) -> Iterator[Problem]:
    if wanted.on_register and wanted.address is not None:
        yield Problem(
            "adresse",
            "registre",
            "Le registre public donne lui-même l'adresse des actes qu'il sert.",
            "Gardez --registre, ou l'adresse.",
        )
    elif wanted.address is not None and not _is_public(wanted.address):
        yield Problem(
            "adresse",
            "adresse",
            f"« {wanted.address[:200]} » n'est pas une adresse que le public peut ouvrir.",
            "Donnez celle du fichier, entière : https://…, sans nom ni mot de passe.",
        )
    if subject.current is not None and subject.current.is_served and not wanted.on_register:
        yield Problem(
            "registre",
            "registre",
            "Le registre public sert déjà cet acte, et ne cesse de le servir que si on le lui dit.",
            "Ajoutez --registre pour le publier de nouveau, ou retirez-le d'abord (--retirer).",
        )


def _is_public(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    whole = address.isprintable() and " " not in address and len(address) <= _ADDRESS_MAX
    return named and whole and parts.scheme in ("https", "http") and "@" not in parts.netloc


def _of_nature(subject: _Subject, wanted: _Wanted, author: Author) -> Iterator[Problem]:
    if subject.acte.nature is not NatureActe.INDIVIDUEL:
        return
    if not wanted.individual:
        yield Problem(
            "nature",
            "PU-6",
            "Un acte individuel se notifie à l'intéressé et ne se met pas en ligne, sauf texte "
            "contraire (CGCT L. 2131-1 II) : il peut contenir des données personnelles.",
            "Si un texte le demande, ajoutez --individuel, avec un motif.",
        )
    elif not author.reason:
        yield Problem(
            "motif", "PU-6", "Publier un acte individuel demande un motif.", "Ajoutez --motif."
        )


def _stamped(tools: Toolbox, subject: _Subject, day: date) -> StoredFile:
    """The stamped copy, kept: it bears the date of mise en ligne (CGCT R. 2131-1 I)."""
    facts = stamp_facts(subject.owner, subject.acte, subject.sent, day)
    with tempfile.TemporaryFile() as target:
        tools.stamper.stamp(tools.documents.path(subject.acte.pieces[0].file), target, facts)
        target.seek(0)
        return tools.documents.put(target)


def _copy(
    acte_id: int, subject: _Subject, wanted: _Wanted, file: StoredFile | None, now: datetime
) -> NewCopy:
    printed = subject.sent.id_acte.printed(subject.acte.pieces[0].code_type_pj)
    return NewCopy(
        acte_id=acte_id,
        collectivite_id=subject.acte.collectivite_id,
        date_mise_en_ligne=wanted.day,
        date_minimum=publicity_until(wanted.day),
        address=wanted.address,
        file=file,
        nom_fichier=f"{printed}.pdf" if wanted.on_register else None,
        next_check_at=now if wanted.on_register or wanted.address else None,
    )


def _kept(
    unit: UnitOfWork,
    registre_url: str | None,
    subject: _Subject,
    copy: NewCopy,
    author: Author,
    now: datetime,
) -> str | None:
    """Keep the publication, unless it is the very one that is served; its public address."""
    current = subject.current
    if current is not None and _is_same(current, copy):
        copy_id = current.id
    else:
        if current is not None:
            unit.withdraw_copy(current.id, author.reason or REPLACED, now)
        copy_id = unit.add_copy(copy, author.name, now)
    address, details = copy.address, {}
    if copy.nom_fichier is not None and copy.file is not None:
        address = registre_url and acte_address(registre_url, subject.owner.siren, copy_id)
        details = {"publication": copy_id, "sha256": copy.file.sha256}
    unit.set_publication(copy.acte_id, copy.date_mise_en_ligne, address, author, now, details)
    return address


def acte_address(registre_url: str, siren: str, copy_id: int) -> str:
    """Address of the page of a publication on our register; the file's adds ``.pdf`` to it."""
    return f"{registre_url.rstrip('/')}/{siren}/actes/{copy_id}"


def _is_same(current: PublishedCopy, copy: NewCopy) -> bool:
    # An address outside is taken anew: what answers there becomes the content published.
    return (
        current.is_served
        and (current.nom_fichier, current.file) == (copy.nom_fichier, copy.file)
        and current.date_mise_en_ligne == copy.date_mise_en_ligne
    )


def _warnings(subject: _Subject, wanted: _Wanted, address: str | None) -> Iterator[str]:
    if subject.acte.nature is NatureActe.INDIVIDUEL:
        yield (
            "Cet acte est individuel : c'est sa notification à l'intéressé qui le rend public "
            "(CGCT L. 2131-1 II), et il peut contenir des données personnelles."
        )
    if wanted.on_register and wanted.day < subject.today and subject.current is None:
        yield (
            "Le registre ne sert cet acte que depuis aujourd'hui : gardez la preuve qu'il était en "
            f"ligne ailleurs depuis le {wanted.day:%d/%m/%Y}."
        )
    if wanted.on_register and address is None:
        yield (
            "L'adresse publique du registre n'est pas connue du service : réglez "
            "TRANSMISSION_REGISTER_PUBLIC_URL."
        )
