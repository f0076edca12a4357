"""What the préfecture wrote: listed, fetched, marked as read (S²LOW API §4.16, §4.18, §4.19)."""

from transmission.mocktdt import rights
from transmission.mocktdt.answers import (
    Answer,
    integers_as_strings,
    json_answer,
    redirect,
)
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import ANY_PERMISSION, Platform, intval
from transmission.mocktdt.transactions import LETTER_KINDS, Kind, Transaction


def unread(platform: Platform, request: Request) -> Answer:
    """The authority's letters not marked as read, by id.

    A reply without `type_envoie` is among them, as on the real platform.
    """
    account = platform.identify(request)
    with platform.lock:
        platform.settle()
        letters = [
            _item(transaction)
            for transaction in reversed(platform.registry.of_authority(account.siren))
            if transaction.kind in LETTER_KINDS
            and not transaction.reply_type
            and not transaction.read
        ]
    return json_answer(integers_as_strings(letters) if platform.switches.json_strings else letters)


def mark_as_read(platform: Platform, request: Request) -> Answer:
    """Always ok, even for an unknown id."""
    account = platform.identify(request)
    with platform.lock:
        identifier = intval(request.query.get("transaction_id", ""))
        transaction = platform.registry.transaction(identifier)
        if transaction is not None and transaction.siren == account.siren:
            transaction.read = True
    return json_answer({"result": "ok"})


def get_document(platform: Platform, request: Request) -> Answer:
    """For an act, a line per letter or cancellation; for anything else, where its archive is."""
    platform.allow(request, *ANY_PERMISSION)
    with platform.lock:
        platform.settle()
        transaction = _named(platform, request)
        if transaction.kind is not Kind.ACTE:
            return redirect(f"actes_download_file.php?env={transaction.envelope.id}")
        lines = [_line(platform, each) for each in platform.registry.related(transaction)]
    return Answer("".join(lines).encode("ascii"), content_type="text/plain")


def _named(platform: Platform, request: Request) -> Transaction:
    identifier = request.query.get("id", "")
    if unique_id := request.query.get("unique_id"):
        found = platform.registry.by_unique_id(unique_id)
        identifier = str(found.id) if found else ""
    return rights.named(platform, identifier)


def _line(platform: Platform, transaction: Transaction) -> str:
    replies = platform.registry.related(transaction)
    shown = replies[-1] if replies else transaction
    return f"{transaction.kind}-{shown.status:d}-{shown.id}\n"


def _item(transaction: Transaction) -> dict[str, object]:
    acte = transaction.about
    return {
        "id": transaction.id,
        "type": transaction.kind,
        "related_transaction_id": transaction.target.id if transaction.target else None,
        "number": acte.number if acte else "",
        "unique_id": transaction.message.id_acte,
        "last_status_id": int(transaction.status),
    }
