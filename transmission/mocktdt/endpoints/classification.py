"""The classification: served as received, asked for again (S²LOW API §4.6, §4.7)."""

from transmission.mocktdt.accounts import Permission
from transmission.mocktdt.answers import Answer, RefusedError, ok_with_ids
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.scenarios import Scenario


def fetch(platform: Platform, request: Request) -> Answer:
    """The XML of the version held for the authority, byte for byte, followed by CR LF."""
    account = platform.allow(request, Permission.WRITE, Permission.CREATE)
    platform.settle()
    held = platform.classifications.held_for(account.siren)
    if held is None:
        raise RefusedError("Aucune classification disponible")
    return Answer(
        held.xml + b"\r\n",
        content_type="text/xml;charset=iso-8859-1",
        headers=(("Content-disposition", 'attachment; filename="classification.xml"'),),
    )


def ask(platform: Platform, request: Request) -> Answer:
    """Open a transaction of type 7: the id to follow until the ministry answers."""
    account = platform.allow(request, Permission.WRITE, Permission.TRANSMIT)
    authority = account.authority
    with platform.lock:
        now = platform.settle()
        held = platform.classifications.held_for(account.siren)
        message = Message(
            f"{authority.departement}-{authority.siren}----7-1_0.xml",
            "7-1",
            None,
            classification_date=held.day.isoformat() if held else "",
        )
        envelope = platform.registry.open_envelope(account.siren, "", b"")
        transaction = platform.registry.open_transaction(envelope, message, Scenario())
        platform.workflow.post(transaction, now)
    return ok_with_ids(str(transaction.id))
