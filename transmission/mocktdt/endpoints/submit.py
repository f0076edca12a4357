"""actes_transac_submit.php: an envelope that the caller made himself (S²LOW API §4.26)."""

from transmission.mocktdt import names, rights
from transmission.mocktdt.accounts import Account, Idcl, Permission
from transmission.mocktdt.answers import Answer, RefusedError, ok_with_ids
from transmission.mocktdt.archive import HostileArchiveError, read_archive
from transmission.mocktdt.deposit import Deposit, recorded, take_in
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.multipart import UploadedFile
from transmission.mocktdt.parcel import UnreadableParcelError, read_parcel
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import Reception

RGS_TEXT = "Un certificat RGS est nécessaire pour télétransmettre<br/>Certificat non reconnu"


def submit(platform: Platform, request: Request) -> Answer:
    """Take in a tar.gz; answer the number of transactions, then their ids."""
    account = rights.agent(platform, request, Permission.WRITE, Permission.CREATE)
    if platform.switches.rgs_check and not account.rgs:
        raise RefusedError(RGS_TEXT)
    upload = request.files.get("enveloppe")
    if upload is None or not upload.filename:
        raise RefusedError("Aucune enveloppe n'a été envoyée")
    name = upload.filename.decode("iso-8859-1")
    reception = Reception(
        at=request.at.isoformat(),
        kind="submit",
        siren=account.siren,
        name=name,
        sha256=upload.sha256,
        size=upload.size,
    )
    with recorded(platform, reception):
        deposit = _deposit(platform, account, name, upload)
        transactions, fault = take_in(platform, request, deposit, reception)
    for transaction in transactions:
        transaction.envelope.owner = account.id
    ids = [str(transaction.id) for transaction in transactions]
    return ok_with_ids(str(len(ids)), *ids, fault=fault)


def _deposit(platform: Platform, account: Account, name: str, upload: UploadedFile) -> Deposit:
    if not upload.size:
        raise RefusedError(f"Le fichier {name} est vide")
    limit = platform.settings.limits.archive
    if upload.size > limit:
        raise RefusedError(f"L'archive dépasse la taille maximale ({limit} octets)")
    envelope_name = _envelope_name(platform, account, name)
    try:
        members = read_archive(upload.path)
        parcel = read_parcel(members, envelope_name)
    except (HostileArchiveError, UnreadableParcelError) as error:
        raise RefusedError(f"Archive {name} refusée : {error}") from None
    _check_idcl(account, parcel.idcl)
    return Deposit(account, parcel, members, upload.path, name)


def _envelope_name(platform: Platform, account: Account, name: str) -> str:
    parts = names.archive_name(name)
    if parts is None or parts.destinataire:
        raise RefusedError(f"Le nom de l'archive {name} n'est pas conforme")
    settings = platform.settings
    if (parts.trigram, parts.quadrigram) != (settings.trigram, settings.quadrigram):
        raise RefusedError(
            f"L'archive {name} doit commencer par {settings.trigram}-{settings.quadrigram}"
        )
    if parts.emetteur != account.siren:
        raise RefusedError(f"Le SIREN de l'archive {name} n'est pas celui de la collectivité")
    return parts.envelope


def _check_idcl(account: Account, idcl: Idcl) -> None:
    if idcl != account.authority.idcl:
        raise RefusedError(
            "Le SIREN, la nature, le département ou l'arrondissement de l'enveloppe "
            "ne sont pas ceux de la collectivité"
        )
