"""The files of a transaction: listed, downloaded, stamped (S²LOW API §4.11 to §4.14)."""

from collections.abc import Iterator
from pathlib import Path

from transmission.mocktdt import rights
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.answers import (
    Answer,
    RefusedError,
    header_text,
    integers_as_strings,
    json_answer,
    raw_text,
    redirect,
)
from transmission.mocktdt.archive import member_chunks
from transmission.mocktdt.bordereau import bordereau_pdf
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import ANY_PERMISSION, Platform, intval
from transmission.mocktdt.stamp import stamped_pdf
from transmission.mocktdt.transactions import UNDER_WAY, Status, StoredFile, Transaction

_PIECE = 65_536


def files_list(platform: Platform, request: Request) -> Answer:
    """Index 0 the XML, index 1 the act, then the annexes in order.

    `unique_id` is read as an integer, so that it never finds what it names.
    """
    account = rights.agent(platform, request, *ANY_PERMISSION)
    identifier = request.query.get("unique_id") or request.query.get("transaction", "")
    with platform.lock:
        platform.settle()
        transaction = rights.followed(platform, account, identifier)
        if all(step.status in UNDER_WAY for step in transaction.steps):
            raise RefusedError("Cette transaction n'a pas encore d'acquittement")
    items: object = [_item(file) for file in transaction.files]
    return json_answer(integers_as_strings(items) if platform.switches.json_strings else items)


def download(platform: Platform, request: Request) -> Answer:
    """One file (`file`), stamped or not, or the whole archive (`env`)."""
    account = platform.allow(request, *ANY_PERMISSION)
    platform.settle()
    if request.query.get("type") == "batch":
        raise RefusedError("Lot introuvable")
    if request.query.get("file"):
        return _file(platform, account, request)
    return _archive(platform, account, request)


def bordereau(platform: Platform, request: Request) -> Answer:
    """A PDF about a transaction, whatever its status."""
    account = platform.allow(request, *ANY_PERMISSION)
    with platform.lock:
        platform.settle()
        transaction = rights.viewed(platform, account, request.query.get("trans_id", ""))
        content = bordereau_pdf(transaction, account)
    return Answer(
        content,
        content_type="application/pdf",
        headers=(("Content-Disposition", 'inline; filename="acquittement.pdf"'),),
    )


def tampon(platform: Platform, request: Request) -> Answer:
    """302 to the stamped copy of the first PDF; nothing when there is none. Deprecated."""
    account = platform.allow(request, Permission.WRITE)
    with platform.lock:
        platform.settle()
        identifier = request.query.get("transaction", "")
        if unique_id := request.query.get("unique_id"):
            found = platform.registry.by_unique_id(unique_id)
            identifier = str(found.id) if found else ""
        elif not identifier.isdecimal():
            # The one refusal without KO (S²LOW API §4.14).
            text = "Le numéro de transaction n'est pas un nombre"
            return Answer(raw_text(text, latin=platform.switches.latin_texts))
        transaction = rights.followed(platform, account, identifier, archivists=False)
        if transaction.step_of(Status.ACKNOWLEDGED) is None:
            raise RefusedError("Cette transaction n'a pas encore d'acquittement")
    pdfs = (file for file in transaction.files if file.posted_filename.endswith("pdf"))
    first = next(pdfs, None)
    if first is None:
        return Answer()
    # The script writes more than one space after the colon.
    return redirect(f"  actes_download_file.php?file={first.id}&tampon=true")


def _item(file: StoredFile) -> dict[str, object]:
    return {
        "id": file.id,
        "name": file.name,
        "posted_filename": file.posted_filename,
        "mimetype": file.mimetype,
        "size": file.size,
        "sign": file.sign,
        "code_pj": file.code_pj,
    }


def _file(platform: Platform, account: Account, request: Request) -> Answer:
    found = platform.registry.file(intval(request.query["file"]))
    if found is None or not rights.may_view(platform, account, found[0]):
        raise RefusedError("Fichier inconnu")
    transaction, file = found
    if transaction.envelope.archive is None:
        raise RefusedError("Fichier indisponible")
    stamped = request.query.get("tampon") and file.mimetype == "application/pdf"
    if stamped and not platform.switches.stamp_failure:
        return _stamped(transaction, file, request.query.get("date_affichage", ""))
    return Answer(
        content_type=file.mimetype,
        headers=(_attachment(platform, f'"{file.posted_filename or file.name}"'),),
        chunks=member_chunks(transaction.envelope.archive, file.name),
        length=file.size,
    )


def _stamped(transaction: Transaction, file: StoredFile, published: str) -> Answer:
    return Answer(
        stamped_pdf(transaction, file, published),
        content_type="application/pdf",
        headers=(("Content-Disposition", f"attachment; filename={file.name}"),),
    )


def _archive(platform: Platform, account: Account, request: Request) -> Answer:
    envelope = platform.registry.envelope(intval(request.query.get("env", "")))
    shown = envelope is not None and any(
        rights.may_view(platform, account, transaction) for transaction in envelope.transactions
    )
    if not shown or envelope is None or envelope.archive is None:
        raise RefusedError("Enveloppe inconnue")
    return Answer(
        content_type="application/x-gzip",
        headers=(_attachment(platform, f'"{envelope.archive_name}"'),),
        chunks=_pieces(envelope.archive),
        length=envelope.archive.stat().st_size,
    )


def _attachment(platform: Platform, name: str) -> tuple[str, str]:
    latin = platform.switches.latin_texts
    return ("Content-disposition", header_text(f"attachment; filename={name}", latin=latin))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
