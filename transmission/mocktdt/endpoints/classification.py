"""The classification: served as received, asked for again (S²LOW API §4.6, §4.7)."""

from datetime import datetime

from transmission.mocktdt import rights
from transmission.mocktdt.accounts import Account, Permission
from transmission.mocktdt.answers import Answer, RefusedError, ok_with_ids
from transmission.mocktdt.clock import civil_day
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.scenarios import Scenario
from transmission.mocktdt.transactions import UNDER_WAY, Kind


def fetch(platform: Platform, request: Request) -> Answer:
    """The XML of the version held for the authority, byte for byte, followed by CR LF."""
    account = rights.agent(platform, request, Permission.WRITE, Permission.CREATE)
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
    account = rights.agent(platform, request, Permission.WRITE, Permission.TRANSMIT)
    authority = account.authority
    with platform.lock:
        now = platform.settle()
        if platform.switches.one_classification_request and _asked_today(platform, account, now):
            raise RefusedError("Une demande de classification est déjà en cours aujourd'hui")
        held = platform.classifications.held_for(account.siren)
        message = Message(
            f"{authority.departement}-{authority.siren}----7-1_0.xml",
            "7-1",
            None,
            classification_date=held.day.isoformat() if held else "",
        )
        envelope = platform.registry.open_envelope(account.siren, "", b"")
        envelope.owner = account.id
        transaction = platform.registry.open_transaction(envelope, message, Scenario())
        platform.workflow.post(transaction, now)
    return ok_with_ids(str(transaction.id))


def _asked_today(platform: Platform, account: Account, now: datetime) -> bool:
    return any(
        other.kind is Kind.CLASSIFICATION
        and other.status in UNDER_WAY
        and civil_day(other.steps[0].at) == civil_day(now)
        for other in platform.registry.of_authority(account.siren)
    )
