"""Acts that wait for a person (17) are posted by that person (S²LOW API §4.23)."""

from transmission.mocktdt import rights
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.answers import Answer, RefusedError, escaped, redirect
from transmission.mocktdt.endpoints.submit import RGS_TEXT
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.transactions import Status

_WEB_PAGE = "/modules/actes/index.php"


def confirm_api(platform: Platform, request: Request) -> Answer:
    """302 to `url_return`, where `%%ERROR%%` and `%%MESSAGE%%` are replaced, the latter raw."""
    platform.identify(request)
    error, message = "0", ""
    try:
        _post(platform, _person(platform, request), request.query.get("id", ""))
    except RefusedError as refusal:
        error, message = "1", str(refusal)
    target = _return(request).replace("%%ERROR%%", error).replace("%%MESSAGE%%", message)
    return redirect(target)


def confirm_multi(platform: Platform, request: Request) -> Answer:
    """302 to `url_return` unchanged; what cannot be posted is skipped silently."""
    account = _person(platform, request)
    one = request.query.get("id")
    for identifier in (*request.query_arrays.get("id", ()), *((one,) if one else ())):
        try:
            _post(platform, account, identifier)
        except RefusedError:
            continue
    return redirect(_return(request))


def confirm(platform: Platform, request: Request) -> Answer:
    """The same from a form: `OK` and a text; every refusal is a page."""
    account = _person(platform, request)
    _post(platform, account, request.form.get("id", b"").decode("iso-8859-1"))
    if not request.wants_api:
        return redirect(_WEB_PAGE)
    return Answer(b"OK\n" + escaped("La transaction a été postée") + b"\n")


def _person(platform: Platform, request: Request) -> Account:
    account = platform.allow(request, Permission.WRITE, Permission.TRANSMIT)
    if platform.switches.rgs_check and not account.rgs:
        raise RefusedError(RGS_TEXT)
    return account


def _post(platform: Platform, account: Account, identifier: str) -> None:
    with platform.lock:
        now = platform.settle()
        transaction = rights.viewed(platform, account, identifier)
        if transaction.status is not Status.AWAITING_POST:
            raise RefusedError("La transaction n'est pas en attente d'être postée")
        platform.workflow.post(transaction, now)


def _return(request: Request) -> str:
    return request.query.get("url_return") or _WEB_PAGE
