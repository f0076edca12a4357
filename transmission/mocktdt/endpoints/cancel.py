"""actes_transac_cancel.php: an act taken back, by a transaction of its own (S²LOW API §4.15)."""

from transmission.mocktdt import rights, xmlio
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.answers import Answer, RefusedError, ok_with_ids
from transmission.mocktdt.deposit import cancellable
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.outgoing import Outgoing, send
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.platform import Platform, intval
from transmission.mocktdt.scenarios import Subject
from transmission.mocktdt.templating import fill
from transmission.mocktdt.transactions import Transaction


def cancel(platform: Platform, request: Request) -> Answer:
    """Ask for the cancellation of an act: the id of a transaction of its own."""
    account = rights.agent(platform, request, Permission.WRITE, Permission.TRANSMIT)
    identifier = intval(request.form.get("id", b"").decode("iso-8859-1"))
    with platform.lock:
        now = platform.settle()
        target = cancellable(platform, account, platform.registry.transaction(identifier))
        if not rights.may_change(account, target):
            raise RefusedError("Accès refusé")
        transaction = send(platform, request, _cancellation(platform, account, target), now)
        transaction.envelope.owner = account.id
    return ok_with_ids(str(transaction.id))


def _cancellation(platform: Platform, account: Account, target: Transaction) -> Outgoing:
    stem = target.message.id_acte
    number = target.acte.number if target.acte else ""
    return Outgoing(
        account.authority,
        Message(f"{stem}-6-1_0.xml", "6-1", None, id_acte=stem),
        fill("annulation.xml", id_acte=xmlio.text(stem)).encode("iso-8859-1"),
        target,
        platform.scenarios.choose(account.siren, number, Subject.CANCELLATION),
    )
