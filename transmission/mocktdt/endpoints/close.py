"""actes_transac_close.php: validated, refused or sent to archiving (S²LOW API §4.24)."""

import calendar
from datetime import date, datetime

from transmission.mocktdt import rights
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.answers import Answer, RefusedError, escaped
from transmission.mocktdt.clock import civil_day
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform, intval
from transmission.mocktdt.transactions import Kind, Status, Step, Transaction

_CHOICES = {
    "valid": Status.VALIDATED,
    "invalid": Status.REJECTED,
    "sae": Status.AWAITING_ARCHIVING,
}
_FROM = frozenset(
    {
        Status.ACKNOWLEDGED,
        Status.VALIDATED,
        Status.REFUSED_BY_ARCHIVES,
        Status.ARCHIVING_FAILED,
        Status.AWAITING_SIGNATURE,
    }
)
_MONTHS = 2


def close(platform: Platform, request: Request) -> Answer:
    """One line for each transaction; OK when at least one was closed.

    Version 4 says OK even when none was: its PHP did not see the difference.
    """
    account = platform.allow(request, Permission.WRITE, Permission.CREATE)
    status = _CHOICES.get(request.text("status"))
    if status is None:
        raise RefusedError("L'état demandé est inconnu")
    with platform.lock:
        now = platform.settle()
        lines = []
        closed = 0
        for identifier in _identifiers(request):
            transaction = platform.registry.transaction(identifier)
            reason = _obstacle(account, transaction, status)
            if not reason and transaction is not None:
                reason = _too_soon(platform, transaction, status, now)
            if transaction is not None and not reason:
                transaction.steps.append(Step(status, now))
                closed += 1
            lines.append(f"{identifier} : {reason or 'transaction fermée'}")
    text = "\n".join(lines) or "Aucune transaction"
    if not closed and platform.switches.strict_close:
        raise RefusedError(text)
    return Answer(b"OK\n" + escaped(text) + b"\n")


def _identifiers(request: Request) -> list[int]:
    every = [*request.arrays.get("liste_id", ()), *filter(None, (request.form.get("id"),))]
    return [intval(text.decode("iso-8859-1")) for text in every]


def archivable(account: Account, transaction: Transaction | None) -> bool:
    """Whether this account may send this transaction to archiving."""
    return not _obstacle(account, transaction, Status.AWAITING_ARCHIVING)


def _obstacle(account: Account, transaction: Transaction | None, status: Status) -> str:
    if transaction is None or not rights.may_change(account, transaction):
        return "transaction inconnue ou accès refusé"
    if transaction.kind is not Kind.ACTE or transaction.status not in _FROM:
        return "cette transaction ne peut pas être fermée"
    if transaction.status is Status.AWAITING_SIGNATURE:
        return "" if status is Status.REJECTED else "l'acte attend sa signature"
    if status is not Status.AWAITING_ARCHIVING and transaction.status is Status.VALIDATED:
        return "l'acte est déjà fermé"
    return ""


def _too_soon(platform: Platform, transaction: Transaction, status: Status, now: datetime) -> str:
    free = status is Status.AWAITING_ARCHIVING or platform.switches.close_at_once
    if free or transaction.status is Status.AWAITING_SIGNATURE:
        return ""
    return "" if _two_months_passed(transaction, now) else "l'accusé a moins de deux mois"


def _two_months_passed(transaction: Transaction, now: datetime) -> bool:
    received = transaction.step_of(Status.ACKNOWLEDGED)
    return received is not None and civil_day(now) >= _months_after(civil_day(received.at))


def _months_after(day: date) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + _MONTHS, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
