"""The page of the management port: what was received, and the hands of the ministry."""

import html
from datetime import datetime
from typing import TYPE_CHECKING

from transmission.mocktdt.clock import PARIS
from transmission.mocktdt.parcel import Acte
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.templating import fill
from transmission.mocktdt.transactions import (
    KIND_LABELS,
    LABELS,
    LETTER_KINDS,
    Kind,
    Status,
    Transaction,
)

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

_SHOWN = 200
_NONE = "<p>Aucun acte reçu pour l'instant : déposez-en un, puis actualisez.</p>"
_ONLY_IN_3 = " disabled title=\"Une anomalie ne compte qu'à l'état 3\""
_ONLY_AFTER_AR = ' disabled title="La préfecture n\'écrit que sur un acte accusé"'


def overview(mock: "MockTdt") -> bytes:
    """An HTML page of the latest acts, newest first, each with its forms."""
    platform = mock.platform
    now = platform.settle()
    with platform.lock:
        every = platform.registry.every()
        acts = [(t, t.acte) for t in every if t.acte is not None]
        shown = [_act(platform, t, acte) for t, acte in acts[-_SHOWN:][::-1]]
    totals = platform.record.totals()
    return fill(
        "page.html",
        url=html.escape(mock.url),
        now=_local(now),
        instant=now.replace(microsecond=0).isoformat(),
        receptions=str(totals["receptions"]),
        accepted=str(totals["accepted"]),
        acts="\n".join(shown) or _NONE,
        others=f"{len(every)} transactions en tout, {len(acts)} actes, {len(shown)} affichés."
        + _mails(platform),
    ).encode()


def refusal(text: str) -> bytes:
    """A page that says why a form was not obeyed."""
    return (
        '<!DOCTYPE html><html lang="fr"><meta charset="utf-8"><title>mock-tdt</title>'
        f'<p>{html.escape(text)}</p><p><a href="/">Retour</a></p></html>'
    ).encode()


def _act(platform: Platform, transaction: Transaction, acte: Acte) -> str:
    step = transaction.steps[-1]
    related = [_related(platform, each) for each in platform.registry.related(transaction)]
    return fill(
        "page_acte.html",
        id=str(transaction.id),
        number=html.escape(acte.number),
        objet=html.escape(acte.objet),
        siren=transaction.siren,
        route="dépôt direct · " if transaction.envelope.direct else "",
        id_acte=html.escape(transaction.message.id_acte),
        status=str(int(step.status)),
        tone=_tone(transaction),
        label=html.escape(LABELS[step.status]),
        since=_local(step.at),
        text=html.escape(f": {step.text}" if step.text else ""),
        anomaly="" if transaction.status is Status.SENT else _ONLY_IN_3,
        letters="" if transaction.unique_id else _ONLY_AFTER_AR,
        related=f"<ul>{''.join(related)}</ul>" if related else "",
    )


def _mails(platform: Platform) -> str:
    if platform.postman is None:
        return ""
    totals, next_mail = platform.postman.totals(), platform.postman.waiting()
    waiting = totals["written"] - totals["delivered"]
    text = f" {totals['written']} courriels du ministère, dont {waiting} à distribuer"
    error = f" ({next_mail.error})" if next_mail and next_mail.error else ""
    return html.escape(f"{text}{error}.")


def _related(platform: Platform, transaction: Transaction) -> str:
    replies = "".join(_related(platform, each) for each in platform.registry.related(transaction))
    status = f"{transaction.status:d} {LABELS[transaction.status]}"
    return (
        f"<li>{_name(transaction)}, n° {transaction.id} : "
        f'<span class="status {_tone(transaction)}">{html.escape(status)}</span>'
        f"{f'<ul>{replies}</ul>' if replies else ''}</li>"
    )


def _name(transaction: Transaction) -> str:
    name = html.escape(KIND_LABELS[transaction.kind])
    reply = transaction.kind in LETTER_KINDS and transaction.letter is None
    return f"réponse ({name})" if reply else name


def _tone(transaction: Transaction) -> str:
    if transaction.status is Status.ERROR:
        return "ko"
    if transaction.letter is not None:
        return "letter"
    acknowledged = transaction.status in (Status.ACKNOWLEDGED, Status.VALIDATED)
    return "ok" if acknowledged and transaction.kind is not Kind.ANNULATION else ""


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(PARIS):%d/%m/%Y %H:%M:%S}"
