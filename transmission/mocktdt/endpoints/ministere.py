"""POST /ministere/depot: an authority that is its own transmitter deposits (ACTES protocol §8)."""

from transmission.mocktdt.accounts import Account
from transmission.mocktdt.answers import Answer, RefusedError, page
from transmission.mocktdt.deposit import recorded
from transmission.mocktdt.direct import Arrival, take_in
from transmission.mocktdt.identification import basic_of
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.multipart import UploadedFile
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import MINISTRY, Reception


def deposit(platform: Platform, request: Request) -> Answer:
    """Take an archive in: 200 says that it was delivered, and nothing of what is inside."""
    if platform.postman is None:
        return page("404 Not Found", 404)
    if request.method != "POST":
        return page("405 Method Not Allowed", 405)
    account = _account(platform, request)
    archive = _archive(request)
    if archive is None:
        return page("400 Bad Request", 400)
    name, upload = archive
    reception = Reception(
        at=request.at.isoformat(),
        kind=MINISTRY,
        siren=account.siren,
        name=name,
        sha256=upload.sha256,
        size=upload.size,
    )
    with recorded(platform, reception):
        fault = take_in(platform, request, Arrival(account, name, upload), reception)
    platform.postman.bell.set()
    answer = page("Dépôt reçu (ministère fictif)")
    return Answer(answer.body, fault=fault)


def _account(platform: Platform, request: Request) -> Account:
    """By the certificate, and by a password where the account has one."""
    query = request.query
    offered = basic_of(request, latin=False) or (query.get("user", ""), query.get("password", ""))
    for account in platform.accounts.holding(request.certificate_hash):
        known = not account.password or (account.login, account.password) == offered
        if account.enabled and known:
            return account
    raise RefusedError("Aucun compte ouvert ne correspond au certificat présenté")


def _archive(request: Request) -> tuple[str, UploadedFile] | None:
    """The one file, under the name of its field; or `file`, named by `filename` or `name`."""
    if len(request.files) != 1 or request.file_arrays:
        return None
    ((name, upload),) = request.files.items()
    if name == "file":
        told = request.form.get("filename") or request.form.get("name") or upload.filename
        name = told.decode("iso-8859-1")
    return name, upload
