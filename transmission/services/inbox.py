"""Take in what the State sent by itself: bytes first, then the TdT is told, reading later."""

import tempfile

from transmission.domain.errors import TransmissionError
from transmission.domain.outcomes import CannotTell
from transmission.domain.transmission import StoredFile
from transmission.killpoints import reach
from transmission.ports import Arrived, InboxItem, TdtConnector
from transmission.services.toolbox import Toolbox


class InboxUnavailableError(TransmissionError):
    """The inbox, or something in it, could not be taken; what was not taken stays there."""


def inbox(tools: Toolbox, authority_id: int) -> None:
    """Keep everything that waits in the inbox of an authority; the TdT forgets it only after.

    An item that cannot be taken keeps none of the others waiting. Raises InboxUnavailableError,
    TdtConfigurationError.
    """
    tools.answer("inbox", authority_id)
    with tools.register() as unit:
        account = unit.authority(authority_id).collectivite.tdt
    connector = tools.tdts.connector(account)
    items = connector.inbox()
    if isinstance(items, CannotTell):
        raise InboxUnavailableError(f"{account.nom} n'a pas donné son courrier ({items.reason}).")
    refused = [no.reason for item in items if (no := _take(tools, connector, authority_id, item))]
    if refused:
        raise InboxUnavailableError(
            f"{account.nom} n'a pas donné {len(refused)} envoi(s) de l'État, qui y restent : "
            f"{refused[0]}."
        )


def _take(
    tools: Toolbox, connector: TdtConnector, authority_id: int, item: InboxItem
) -> CannotTell | None:
    file = _fetched(tools, connector, item)
    if isinstance(file, CannotTell):
        return file
    reach("inbox.bytes_kept")
    arrived = Arrived(
        collectivite_id=authority_id,
        file=file,
        source=f"inbox:{item.key}",
        at=tools.clock.now(),
        container=True,
        reference=item.reference,
    )
    with tools.register() as unit:
        retour_id = unit.add_retour(arrived)
        if retour_id is not None:
            unit.ring("apply", retour_id)
        unit.commit()
    reach("inbox.committed")
    return connector.confirm(item)


def _fetched(tools: Toolbox, connector: TdtConnector, item: InboxItem) -> StoredFile | CannotTell:
    with tempfile.TemporaryFile() as target:
        no = connector.fetch(item, target)
        if no is not None:
            return no
        target.seek(0)
        return tools.documents.put(target)
