"""Acts that go to the archiving system, SAE (S²LOW API §4.25, §4.26)."""

import json
from dataclasses import replace

from transmission.mocktdt import rights
from transmission.mocktdt.accounts import Account, Permission, Role
from transmission.mocktdt.answers import (
    Answer,
    RefusedError,
    escaped,
    json_answer,
    page,
    redirect,
)
from transmission.mocktdt.endpoints.close import archivable
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform, intval
from transmission.mocktdt.transactions import Kind, Status, Step

_WEB_PAGE = "/modules/actes/index.php"
_MAX_URL = 1_023
_ARCHIVISTS = frozenset({Role.ARCHIVIST, Role.ADMIN})
_FROM = frozenset(
    {
        Status.ACKNOWLEDGED,
        Status.VALIDATED,
        Status.DEPOSITED_IN_ARCHIVES,
        Status.REFUSED_BY_ARCHIVES,
    }
)
_TO = frozenset(
    {
        Status.DEPOSITED_IN_ARCHIVES,
        Status.ARCHIVED,
        Status.REFUSED_BY_ARCHIVES,
        Status.AWAITING_ARCHIVING,
        Status.ARCHIVING_FAILED,
    }
)


class _MalformedPayloadError(Exception):
    """The body lacks one of the two integers."""


def sae_status(platform: Platform, request: Request) -> Answer:
    """`{"status":"ok"}`, or 400 and `{"error": …}`. POST only; a form or JSON."""
    if request.method != "POST":
        return page("405 Method Not Allowed", 405)
    account = platform.identify(request)
    try:
        identifier, status = (_integer(request, n) for n in ("transaction_id", "status_id"))
    except _MalformedPayloadError:
        return _told(422, error="transaction_id et status_id : un entier est attendu")
    try:
        _move(platform, account, identifier, status)
    except RefusedError as refusal:
        return _told(400, error=str(refusal))
    return _told(200, status="ok")


def archiver(platform: Platform, request: Request) -> Answer:
    """The web page's button: to 19, or nothing; a 302 in any case."""
    account = rights.agent(platform, request, Permission.WRITE, Permission.CREATE)
    with platform.lock:
        now = platform.settle()
        transaction = platform.registry.transaction(_posted_id(request))
        if transaction is not None and archivable(account, transaction):
            transaction.steps.append(Step(Status.AWAITING_ARCHIVING, now))
    return redirect(_WEB_PAGE)


def set_archive_url(platform: Platform, request: Request) -> Answer:
    """Where the act is kept, for the bordereau (ACTES protocol §12.1)."""
    account = rights.agent(platform, request, Permission.WRITE, Permission.CREATE)
    url = request.text("url")
    with platform.lock:
        platform.settle()
        transaction = platform.registry.transaction(_posted_id(request))
        if transaction is None or transaction.kind is not Kind.ACTE:
            raise RefusedError("Transaction introuvable")
        if not rights.may_change(account, transaction):
            raise RefusedError("Accès refusé")
        if not url or len(url) > _MAX_URL:
            raise RefusedError(f"URL d'archivage : de 1 à {_MAX_URL} caractères")
        transaction.archive_url = url
    return Answer(b"OK\n" + escaped("L'URL d'archivage est enregistrée") + b"\n")


def _told(code: int, **value: str) -> Answer:
    # A route of the framework, which says what it sends, unlike the scripts.
    return replace(json_answer(value), status=code, content_type="application/json")


def _move(platform: Platform, account: Account, identifier: int, status: int) -> None:
    if account.role not in _ARCHIVISTS:
        raise RefusedError("Seul un archiviste peut changer l'état d'archivage")
    with platform.lock:
        now = platform.settle()
        transaction = platform.registry.transaction(identifier)
        if transaction is None:
            raise RefusedError(f"La transaction {identifier} n'existe pas")
        if transaction.siren != account.siren:
            raise RefusedError("La transaction est celle d'une autre collectivité")
        if status not in _TO:
            raise RefusedError(f"L'état {status} ne peut pas être demandé")
        if transaction.status not in _FROM:
            raise RefusedError(f"L'état {transaction.status:d} ne peut pas être quitté")
        if transaction.status == status:
            raise RefusedError(f"La transaction est déjà dans l'état {status}")
        transaction.steps.append(Step(Status(status), now))


def _integer(request: Request, name: str) -> int:
    value = _payload(request).get(name)
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 10:
        return int(value)
    if type(value) is int:
        return value
    raise _MalformedPayloadError


def _payload(request: Request) -> dict[str, object]:
    if request.json is None:
        return {name: value.decode("iso-8859-1") for name, value in request.form.items()}
    try:
        payload = json.loads(request.json)
    except ValueError:
        raise _MalformedPayloadError from None
    if not isinstance(payload, dict):
        raise _MalformedPayloadError
    return payload


def _posted_id(request: Request) -> int:
    return intval(request.form.get("id", b"").decode("iso-8859-1"))
