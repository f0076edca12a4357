"""actes_transac_create.php: an act field by field, refused in the order of S²LOW API §4.8."""

import re
from dataclasses import dataclass
from datetime import date

from transmission.mocktdt import names, rights
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.answers import Answer, PhpFatalError, RefusedError, ok_with_ids
from transmission.mocktdt.archive import HostileArchiveError, read_archive
from transmission.mocktdt.building import Act, build_archive
from transmission.mocktdt.deposit import Deposit, number_used_text, recorded, take_in
from transmission.mocktdt.endpoints.create_files import PostedFile, posted_files
from transmission.mocktdt.endpoints.submit import RGS_TEXT
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.outgoing import envelope_stem
from transmission.mocktdt.parcel import UnreadableParcelError, read_parcel
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import Reception
from transmission.mocktdt.transactions import Status

_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MAX_SUBJECT = 499
_MAX_NOTIFIED = 1_023
_SIX = 6
_NO_MESSAGE = "Le message métier ne peut pas être généré"


@dataclass(frozen=True, slots=True)
class _Form:
    """The text fields, as far as PHP could read them."""

    nature: str
    classification: tuple[str, ...]
    number: str
    day: date | None
    subject: str
    notified: str

    def id_actes(self, account: Account) -> list[str]:
        """The identifiant unique that the act would have, when it can be told."""
        nature = names.nature_of(self.nature)
        if nature is None or self.day is None:
            return []
        authority = account.authority
        return [
            names.id_acte(
                authority.departement, authority.siren, self.day, self.number, nature.code
            )
        ]

    def faults(self) -> list[str]:
        """One line per field that the recording refuses (error 23)."""
        lines = []
        if len(self.classification) < 2:
            lines.append("Les niveaux 1 et 2 de la classification sont obligatoires")
        if not all(code.isdecimal() for code in self.classification):
            lines.append("Classification : un nombre entier est attendu")
        if not self.nature:
            lines.append("Nature de l'acte : champ obligatoire")
        elif names.nature_of(self.nature) is None:
            lines.append("Nature de l'acte : valeur incorrecte")
        if self.day is None:
            lines.append("Date de la décision : champ obligatoire")
        if not self.subject:
            lines.append("Objet : champ obligatoire")
        elif len(self.subject) > _MAX_SUBJECT:
            lines.append(f"Objet : {_MAX_SUBJECT} caractères au plus")
        if len(self.notified) > _MAX_NOTIFIED:
            lines.append(f"Adresses à prévenir : {_MAX_NOTIFIED} caractères au plus")
        return lines


def create(platform: Platform, request: Request) -> Answer:
    """Build the archive of an act, take it in, answer the id of its transaction."""
    _check_size_of_post(platform, request)
    account = rights.agent(platform, request, Permission.WRITE, Permission.CREATE)
    signing = platform.switches.must_signed and bool(request.form.get("must_signed"))
    if platform.switches.rgs_check and not account.rgs and not signing:
        raise RefusedError(RGS_TEXT)
    main = request.files.get("acte_pdf_file")
    reception = Reception(
        at=request.at.isoformat(),
        kind="create",
        siren=account.siren,
        name=request.posted_name(main) if main else "",
        sha256=main.sha256 if main else "",
        size=main.size if main else 0,
    )
    with recorded(platform, reception):
        form = _form(request, fatal=platform.switches.fatal_classification)
        reception.id_actes = form.id_actes(account)
        _check_form(platform, request, account, form)
        files = posted_files(request, form.nature, form.classification)
        deposit = _deposit(platform, request, account, form, files, signing=signing)
        (transaction,), fault = take_in(platform, request, deposit, reception)
        transaction.envelope.owner = account.id
        transaction.notified = form.notified
    return ok_with_ids(str(transaction.id), fault=fault)


def _check_size_of_post(platform: Platform, request: Request) -> None:
    limits = platform.settings.limits
    if request.has_no_body:
        raise RefusedError(f"Taille totale trop importante (maximum {limits.archive} octets)")
    if sum(1 for _ in request.every_file()) > limits.files_per_request:
        raise RefusedError(f"Trop de fichiers (maximum {limits.files_per_request})")


def _form(request: Request, *, fatal: bool) -> _Form:
    classification: list[str] = []
    for level in range(1, 6):
        code = request.text(f"classif{level}").strip()
        if fatal and code and not code.isdecimal():
            # S²LOW dies of an uncaught exception here since 5.0.8.
            raise PhpFatalError(f"classif{level}={code}")
        if not code:
            break
        classification.append(code)
    return _Form(
        nature=request.text("nature_code").strip(),
        classification=tuple(classification),
        number=request.text("number"),
        day=_day(request.text("decision_date")),
        subject=request.text("subject"),
        notified=_notified(request),
    )


def _notified(request: Request) -> str:
    if request.text("show_broadcast_email") != "on":
        return ""
    addresses = (raw.decode("iso-8859-1") for raw in request.arrays.get("broadcast_email", ()))
    return ", ".join(filter(None, addresses))


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _check_form(platform: Platform, request: Request, account: Account, form: _Form) -> None:
    if not names.NUMERO_INTERNE.fullmatch(form.number):
        raise RefusedError("Le numéro de l'acte ne respecte pas le format attendu")
    if form.day is not None and form.day > platform.clock.today():
        raise RefusedError("La date de la décision est dans le futur")
    batch = request.text("batchfile")
    if batch and not batch.isdecimal():
        raise RefusedError("L'identifiant du lot n'est pas un entier")
    if platform.settings.version >= _SIX:
        _check_sum_of_files(platform, request)
    if batch:
        raise RefusedError("Lot introuvable")
    with platform.lock:
        if platform.registry.number_used(account.siren, form.number):
            raise RefusedError(number_used_text(form.number))


def _check_sum_of_files(platform: Platform, request: Request) -> None:
    limit = platform.settings.limits.archive
    if sum(file.size for file in request.every_file()) > limit:
        raise RefusedError(f"Les fichiers dépassent la taille maximale ({limit} octets)")


def _deposit(
    platform: Platform,
    request: Request,
    account: Account,
    form: _Form,
    files: list[PostedFile],
    *,
    signing: bool,
) -> Deposit:
    settings = platform.settings
    act = _act(platform, request, account, form, files)
    envelope = envelope_stem(platform, account.authority)
    archive = request.spool.new_path()
    build_archive(act, f"{envelope}.xml", archive)
    if archive.stat().st_size > settings.limits.archive:
        raise RefusedError(f"L'archive dépasse {settings.limits.archive} octets")
    if faults := form.faults():
        raise RefusedError("\n".join(faults))
    try:
        members = read_archive(archive)
        parcel = read_parcel(members, f"{envelope}.xml")
    except (HostileArchiveError, UnreadableParcelError) as error:
        raise RefusedError(f"{_NO_MESSAGE} : {error}") from None
    return Deposit(
        account=account,
        parcel=parcel,
        members=members,
        archive=archive,
        archive_name=f"{settings.trigram}-{envelope}.tar.gz",
        status=_first_status(request, account, signing=signing),
        posted={act.file_name(rank): file.posted_name for rank, file in enumerate(files)},
        signatures={act.file_name(rank): file.signature for rank, file in enumerate(files)},
    )


def _act(
    platform: Platform, request: Request, account: Account, form: _Form, files: list[PostedFile]
) -> Act:
    held = platform.classifications.held_for(account.siren)
    if held is None:
        raise RefusedError(_NO_MESSAGE)
    return Act(
        authority=account.authority,
        nature=form.nature,
        classification=form.classification,
        number=form.number,
        day=form.day,
        objet=form.subject,
        classification_date=held.day,
        paper=request.truthy("document_papier"),
        files=files,
    )


def _first_status(request: Request, account: Account, *, signing: bool) -> Status:
    if account.permission is Permission.CREATE or request.truthy("en_attente"):
        return Status.AWAITING_POST
    return Status.AWAITING_SIGNATURE if signing else Status.POSTED
