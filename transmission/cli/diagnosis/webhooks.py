"""Programs that are to be told of events: who takes nothing, and whether secrets can be opened."""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.domain.webhooks import WebhookState
from transmission.ports.webhooks import SealError
from transmission.store.queries.webhooks import TroubledWebhook
from transmission.store.sealing import read_keys

PATIENCE = timedelta(hours=1)
"""How long a program may take nothing before it is told of."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def webhooks(troubled: Sequence[TroubledWebhook], key_file: Path) -> Iterator[Finding]:
    """Programs that take nothing or were stopped, and the key that seals their secrets.

    To be asked when there is a subscription: without any, no key is needed.
    """
    for each in troubled:
        yield warning(Subject.WEBHOOKS, _said(each))
    try:
        read_keys(key_file)
    except SealError as error:
        yield wrong(Subject.WEBHOOKS, f"Aucun logiciel ne peut être prévenu. {error}")
        return
    status = key_file.stat()
    # What another account lends, as container engines do, is closed as that account sees fit.
    if status.st_uid == os.getuid() and status.st_mode & _OTHERS:
        yield warning(
            Subject.WEBHOOKS,
            f"D'autres comptes peuvent lire {key_file}, qui ouvre les secrets : « chmod 600 "
            f"{key_file} ».",
        )
    elif not troubled:
        yield fine(Subject.WEBHOOKS, "Tous les logiciels prennent ce qui leur est dit.")


def _said(one: TroubledWebhook) -> str:
    named = f"« {one.name} » ({one.collectivite})"
    if one.state is WebhookState.DISABLED:
        return (
            f"{named} n'est plus appelé : {one.reason}. Réparez le logiciel, essayez-le "
            "(« transmission webhook test »), puis reprenez-le (« transmission webhook resume »)."
        )
    return (
        f"{named} ne prend rien depuis le {one.since:%d/%m/%Y} : « transmission webhook log » dit "
        "pourquoi. Ce qu'il n'a pas pris attend."
    )
