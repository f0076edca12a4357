"""actes_transac_reponse_create.php: the answer to a letter of the préfecture (S²LOW API §4.17)."""

from collections.abc import Iterator

from transmission.mocktdt import letters, rights
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.analysis import ANNEX_TYPES, detected_type
from transmission.mocktdt.answers import (
    Answer,
    RefusedError,
    TypologyMissingError,
    ok_with_ids,
    raw_text,
)
from transmission.mocktdt.deposit import recorded
from transmission.mocktdt.endpoints.create_files import PostedFile, posted_file, typology_faults
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.multipart import UploadedFile
from transmission.mocktdt.outgoing import Outgoing, send
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import Document, Reception, Sent
from transmission.mocktdt.scenarios import Subject
from transmission.mocktdt.transactions import StoredFile, Transaction

_TYPES = {extension: mimetype for mimetype, extension in ANNEX_TYPES.items()}
_EDGE = 1_024


def reply(platform: Platform, request: Request) -> Answer:
    """Open a transaction of the letter's type. With `api` in the query, another dialect."""
    account = rights.agent(platform, request, Permission.WRITE, Permission.CREATE)
    main = request.files.get("acte_pdf_file")
    reception = Reception(
        at=request.at.isoformat(),
        kind="reply",
        siren=account.siren,
        name=_raw_name(main) if main else "",
        sha256=main.sha256 if main else "",
        size=main.size if main else 0,
    )
    with recorded(platform, reception):
        transaction = _taken_in(platform, request, account, reception)
    reception.accepted, reception.answer = True, "OK"
    reception.transactions = [transaction.id]
    if request.query.get("api") == "1" and platform.switches.reply_dialect:
        text = f"OK : id généré : {transaction.id}\n"
        content = raw_text(text, latin=platform.switches.latin_texts)
        return Answer(content, content_type="text/plain")
    return ok_with_ids(str(transaction.id))


def _taken_in(
    platform: Platform, request: Request, account: Account, reception: Reception
) -> Transaction:
    identifier = request.form.get("id", b"").decode("iso-8859-1")
    with platform.lock:
        now = platform.settle()
        letter = rights.viewed(platform, account, identifier)
        files = _files(request)
        reception.documents = [_described(file) for file in files]
        outgoing = _outgoing(platform, request, account, letter, files)
        sent = outgoing.message
        reception.messages = [Sent(sent.code, sent.file_name, sent.id_acte)]
        return send(platform, request, outgoing, now)


def _files(request: Request) -> list[PostedFile]:
    """The main file, then the others. Wrong types are all told at once, then missing codes."""
    typology = request.text("type_acte")
    main = request.files.get("acte_pdf_file")
    if not typology:
        raise TypologyMissingError("La typologie du fichier principal est absente")
    if main is None or not main.size:
        raise RefusedError("Le fichier principal n'a pas été envoyé")
    files = [posted_file(main, _raw_name(main), typology, request.files.get("acte_pdf_file_sign"))]
    files.extend(_attachments(request))
    if refused := [fault for file in files for fault in _faults(file)]:
        raise RefusedError("\n".join(refused))
    for file in files:
        if not file.typology:
            raise TypologyMissingError(f"La typologie du fichier {file.posted_name} est absente")
    return files


def _attachments(request: Request) -> Iterator[PostedFile]:
    typologies = request.arrays.get("type_pj", [])
    signatures = request.file_arrays.get("acte_attachments_sign", [])
    for rank, upload in enumerate(request.file_arrays.get("acte_attachments", ())):
        name = _raw_name(upload)
        if not upload.size:
            raise RefusedError(f"Le fichier {name} est vide ou absent")
        typology = typologies[rank].decode("iso-8859-1") if rank < len(typologies) else ""
        signature = signatures[rank] if rank < len(signatures) else None
        yield posted_file(upload, name, typology, signature)


def _faults(file: PostedFile) -> list[str]:
    faults = typology_faults(file) if file.typology else []
    if not file.extension:
        faults.append(f"{file.posted_name} : type de fichier non autorisé")
    return faults


def _outgoing(
    platform: Platform,
    request: Request,
    account: Account,
    received: Transaction,
    files: list[PostedFile],
) -> Outgoing:
    type_envoie = request.text("type_envoie")
    code = letters.reply_code(received.kind, type_envoie)
    if received.letter is None or code is None or received.about is None:
        raise RefusedError("Le message métier ne peut pas être généré")
    id_acte = received.message.id_acte
    stem = f"{id_acte}-{code}"
    file_names = [f"{f.typology}-{stem}_{n}.{f.extension}" for n, f in enumerate(files, start=1)]
    stored = [(f.path, _stored(f, name)) for f, name in zip(files, file_names, strict=True)]
    return Outgoing(
        account.authority,
        Message(f"{stem}_0.xml", code, None, id_acte=id_acte),
        letters.outgoing_message(code, id_acte, received.letter, file_names),
        received,
        platform.scenarios.choose(account.siren, received.about.number, Subject.REPLY),
        files=stored,
        reply_type=type_envoie,
        faults=tuple(fault for file in files for fault in _broken(file)),
    )


def _stored(file: PostedFile, name: str) -> StoredFile:
    return StoredFile(
        name,
        file.posted_name,
        _TYPES[file.extension],
        file.path.stat().st_size,
        file.signature,
        file.typology,
    )


def _broken(file: PostedFile) -> Iterator[str]:
    content = file.path.read_bytes()
    if detected_type(content) == "application/pdf" and b"%%EOF" not in content[-_EDGE:]:
        yield f"{file.posted_name} : PDF corrompu"


def _described(file: PostedFile) -> Document:
    return Document(file.posted_name, file.sha256, file.path.stat().st_size)


def _raw_name(upload: UploadedFile) -> str:
    # Taken as sent, unlike in create (S²LOW API §1.4).
    return upload.filename.decode("utf-8", "replace")
