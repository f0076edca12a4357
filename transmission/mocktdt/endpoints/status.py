"""Where a transaction stands, and its AR (S²LOW API §4.9, §4.10, §4.15)."""

from transmission.mocktdt import xmlio
from transmission.mocktdt.accounts import Permission
from transmission.mocktdt.answers import Answer, RefusedError, ok_echo, ok_with_ids
from transmission.mocktdt.deposit import cancellable
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.platform import ANY_PERMISSION, Platform, intval
from transmission.mocktdt.scenarios import Scenario
from transmission.mocktdt.templating import fill
from transmission.mocktdt.transactions import Status, Transaction


def get_status(platform: Platform, request: Request) -> Answer:
    """`OK`, the status, then the XML of that status and, for −1, its text in ISO-8859-1."""
    account = platform.allow(request, Permission.WRITE)
    with platform.lock:
        platform.settle()
        identifier = request.query.get("transaction", "")
        if unique_id := request.query.get("unique_id"):
            found = platform.registry.by_unique_id(unique_id)
            identifier = str(found.id) if found else ""
        step = platform.visible(account, identifier).steps[-1]
    content = b"%d\n" % step.status + step.xml
    if step.status is Status.ERROR:
        content += step.text.encode("iso-8859-1", "replace")
    return ok_echo(content)


def get_ar_acte(platform: Platform, request: Request) -> Answer:
    """The AR alone; 200 and nothing at all when there is none."""
    account = platform.allow(request, *ANY_PERMISSION)
    with platform.lock:
        platform.settle()
        transaction = platform.visible(account, request.query.get("id", ""))
        step = transaction.step_of(Status.ACKNOWLEDGED)
    return Answer(step.xml if step else b"", content_type="application/xml")


def cancel(platform: Platform, request: Request) -> Answer:
    """Ask for the cancellation of an act: the id of a transaction of its own."""
    account = platform.allow(request, Permission.WRITE, Permission.TRANSMIT)
    identifier = intval(request.form.get("id", b"").decode("iso-8859-1"))
    with platform.lock:
        now = platform.settle()
        target = cancellable(platform, account, platform.registry.transaction(identifier))
        transaction = _open_cancellation(platform, target)
        platform.workflow.post(transaction, now)
    return ok_with_ids(str(transaction.id))


def _open_cancellation(platform: Platform, target: Transaction) -> Transaction:
    stem = target.message.id_acte
    xml = fill("annulation.xml", id_acte=xmlio.text(stem)).encode("iso-8859-1")
    if xmlio.violation(xmlio.parse(xml)):
        raise RefusedError("Le message d'annulation ne peut pas être généré")
    envelope = platform.registry.open_envelope(target.siren, "", xml)
    message = Message(f"{stem}-6-1_0.xml", "6-1", None, id_acte=stem)
    return platform.registry.open_transaction(envelope, message, Scenario(), target=target)
