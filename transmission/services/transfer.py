"""Hand acts over to the public archives: one package, its slip, and what they answer."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from shutil import copyfileobj
from typing import BinaryIO, cast

from transmission.actes.seda import (
    CONTENT,
    MANIFEST,
    TransferHead,
    TransferUnit,
    read_reply,
    write_manifest,
)
from transmission.domain.errors import ConflictError, Problem, RefusedError, TransmissionError
from transmission.domain.identifiers import NatureActe
from transmission.domain.transmission import Author, StoredFile
from transmission.ports.archiving import ActeToTransfer, Transfer, TransferredActe
from transmission.services.dossier import make_dossier
from transmission.services.files import kept
from transmission.services.toolbox import Toolbox

ACTES_MAX = 10_000
"""Acts of one package: what an archives' system takes at once, and a person can follow."""

_STRIDE = 1 << 18
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """Which acts to hand over: those received by the préfecture on ``until`` (a civil day) or
    before; ``again``, those that were handed over before too."""

    authority_id: int
    until: date
    agreement: str
    archival_agency: str
    appraisal_rule: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """An act that could not be put in the package, and why (French)."""

    id_acte: str
    why: str


@dataclass(frozen=True, slots=True)
class MadeTransfer:
    """What was written; ``left`` are to be handed over again once they are mended."""

    transfer: Transfer
    left: tuple[Left, ...]


Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Package:
    archive: zipfile.ZipFile
    units: list[TransferUnit] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def transfer(
    tools: Toolbox,
    asked: TransferAsked,
    author: Author,
    target: BinaryIO,
    progress: Progress = lambda _done, _total: None,
) -> MadeTransfer:
    """Write a package (ZIP: a slip of SEDA 2.1 and a dossier de preuve an act) into ``target``.

    Written down before the first byte, and after the last: a package that was cut is never told as
    made. An act whose dossier cannot be made is left out, and told. Raises RefusedError when there
    is nothing to hand over, OSError.
    """
    with tools.register() as unit:
        wanted = unit.actes_to_transfer(
            asked.authority_id, asked.until, again=asked.again, limit=ACTES_MAX
        )
        if not wanted:
            raise RefusedError([_nothing(asked.until)])
        opened = unit.open_transfer(asked.authority_id, author, tools.clock.now())
        siren = unit.authority(asked.authority_id).collectivite.siren
        unit.commit()
    counted = _Counted(target)
    with zipfile.ZipFile(cast(BinaryIO, counted), "w", allowZip64=True) as archive:
        package = _Package(archive)
        for rank, acte in enumerate(wanted, start=1):
            _add(tools, package, acte, author)
            progress(rank, len(wanted))
        _add_manifest(package, _head(asked, opened, siren))
    actes = [
        TransferredActe(each.acte_id, each.name, each.sha512, each.size) for each in package.units
    ]
    with tools.register() as unit:
        unit.close_transfer(opened.id, counted.file, actes)
        unit.commit()
        made = unit.transfer(asked.authority_id, opened.identifier)
    return MadeTransfer(made, tuple(package.left))


def _nothing(until: date) -> Problem:
    return Problem(
        "jusqu_au",
        "rien_a_verser",
        f"Aucun acte reçu en préfecture jusqu'au {until:%d/%m/%Y} ne reste à verser.",
        "Donnez un autre jour, ou versez de nouveau ce qui l'a été (--encore).",
    )


def _head(asked: TransferAsked, opened: Transfer, siren: str) -> TransferHead:
    return TransferHead(
        identifier=opened.identifier,
        at=opened.at,
        comment=f"Actes reçus en préfecture jusqu'au {asked.until:%d/%m/%Y}",
        agreement=asked.agreement,
        archival_agency=asked.archival_agency,
        transferring_agency=siren,
        originating_agency=siren,
        appraisal_rule=asked.appraisal_rule,
    )


def _add(tools: Toolbox, package: _Package, acte: ActeToTransfer, author: Author) -> None:
    with tempfile.TemporaryFile() as made:
        try:
            name = make_dossier(tools, acte.id, author, made).name
        except TransmissionError as error:
            package.left.append(Left(acte.id_acte, str(error)))
            return
        size = made.tell() if made.seek(0, io.SEEK_END) else 0
        made.seek(0)
        digest = hashlib.file_digest(made, "sha512").hexdigest()
        made.seek(0)
        # By number of act: two dossiers may bear one name, an act being sent twice.
        name = f"{acte.id}-{name}"
        with package.archive.open(_entry(f"{CONTENT}/{name}", size), "w") as member:
            copyfileobj(made, member, _STRIDE)
    package.units.append(
        TransferUnit(
            acte_id=acte.id,
            id_acte=acte.id_acte,
            title=acte.objet,
            document_type=NatureActe.parse(acte.nature).label,
            name=name,
            sha512=digest,
            size=size,
            date_decision=acte.date_decision,
            date_reception=acte.date_reception,
        )
    )


def _add_manifest(package: _Package, head: TransferHead) -> None:
    with package.archive.open(_entry(MANIFEST, None), "w") as member:
        write_manifest(cast(BinaryIO, member), head, package.units)


def _entry(name: str, size: int | None) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o600 << 16
    entry.file_size = size or 0
    return entry


class _Counted:
    """A target that knows the digest of what it was given; it cannot be sought."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def file(self) -> StoredFile:
        return StoredFile(self._digest.hexdigest(), self._size)

    def write(self, block: bytes) -> int:
        self._digest.update(block)
        self._size += len(block)
        return self._target.write(block)

    def flush(self) -> None:
        self._target.flush()


def answer(
    tools: Toolbox, authority_id: int, identifier: str, content: bytes, author: Author
) -> Transfer:
    """Keep what the archives answered to a transfer (``ArchiveTransferReply``).

    Kept as received, with what it says. Raises NotFoundError, ArchiveReplyError,
    ConflictError when another answer was kept.
    """
    with tools.register() as unit:
        asked = unit.transfer(authority_id, identifier)
        (reply,) = kept(tools, unit, content)
        told = read_reply(content, identifier)
        now = tools.clock.now()
        if not unit.answer_transfer(
            asked.id, reply, told.code, author, now, accepted=told.accepted
        ):
            raise ConflictError(f"Une réponse au versement « {identifier} » est déjà enregistrée.")
        unit.commit()
        return unit.transfer(authority_id, identifier)
