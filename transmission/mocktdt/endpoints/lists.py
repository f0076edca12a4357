"""Lists and counts of the whole authority, in JSON (S²LOW API §4.20, §4.21)."""

from datetime import datetime

from transmission.mocktdt import names
from transmission.mocktdt.answers import (
    Answer,
    PhpFatalError,
    integers_as_strings,
    json_answer,
    leaves_as_strings,
)
from transmission.mocktdt.clock import PARIS
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform, intval
from transmission.mocktdt.transactions import LABELS, Transaction

_LIMIT = 100
# The version from which the bounds are on the deposit (S²LOW API §4.20, a guess).
_BOUNDS_ON_DEPOSIT = 6


def list_actes(platform: Platform, request: Request) -> Answer:
    """The transactions now in a status, newest first; every leaf a text. Status 0 by default."""
    account = platform.identify(request)
    status = intval(request.query.get("status_id", ""))
    offset = intval(request.query.get("offset", ""))
    limit = intval(request.query.get("limit", "")) or _LIMIT
    if offset < 0 or limit < 0:
        raise PhpFatalError("the database refuses a negative page")
    first, last = _bound(request, "min_date"), _bound(request, "max_date")
    with platform.lock:
        platform.settle()
        found = [
            _item(transaction)
            for transaction in platform.registry.of_authority(account.siren)
            if transaction.status == status and _within(_dated(platform, transaction), first, last)
        ]
    answer = {
        "status_id": status,
        "authority_id": account.authority_id,
        "offset": offset,
        "limit": limit,
        "transactions": found[offset : offset + limit],
    }
    return json_answer(leaves_as_strings(answer))


def number_actes(platform: Platform, request: Request) -> Answer:
    """How many transactions are now in a status."""
    account = platform.identify(request)
    status = intval(request.query.get("status_id", ""))
    with platform.lock:
        platform.settle()
        transactions = platform.registry.of_authority(account.siren)
        count = sum(transaction.status == status for transaction in transactions)
    told: object = {
        "status_id": status,
        "authority_id": account.authority_id,
        "nb_transactions": count,
    }
    return json_answer(integers_as_strings(told) if platform.switches.json_strings else told)


def actes_status(platform: Platform, request: Request) -> Answer:
    """Every status and its label, −1 first."""
    platform.identify(request)
    return json_answer({str(status): label for status, label in LABELS.items()})


def _item(transaction: Transaction) -> dict[str, object]:
    acte = transaction.about
    return {
        "id": transaction.id,
        "subject": acte.objet if acte else None,
        "number": acte.number if acte else None,
        "date": acte.day.isoformat() if acte else None,
        "nature_descr": names.NATURES[acte.nature].label if acte else None,
        "classification": acte.classification if acte else None,
        "type": transaction.kind,
    }


def _bound(request: Request, name: str) -> datetime | None:
    text = request.query.get(name, "")
    if not text:
        return None
    try:
        bound = datetime.fromisoformat(text)
    except ValueError:
        raise PhpFatalError(f"{name}={text}") from None
    return bound if bound.tzinfo else bound.replace(tzinfo=PARIS)


def _dated(platform: Platform, transaction: Transaction) -> datetime:
    if platform.settings.version >= _BOUNDS_ON_DEPOSIT:
        return transaction.steps[0].at
    return transaction.steps[-1].at


def _within(at: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or at >= first) and (last is None or at <= last)
