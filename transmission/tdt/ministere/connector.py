"""The ministry as a TdT: deposits by HTTPS, everything else by mail (ACTES protocol §8)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from transmission.domain.outcomes import CannotTell, Finding, InDoubt, Unavailable
from transmission.ports import Capabilities, Collected, Exchange, InboxItem, Parcel
from transmission.tdt.http import HttpsLink, NoAnswerError, NotSentError
from transmission.tdt.imap import ImapMailbox
from transmission.tdt.ministere import CAPABILITIES, ENVELOPPE, wire

_SILENT = CannotTell(
    "le ministère ne peut pas être interrogé : sa réponse viendra par courriel, ou une personne "
    "décidera"
)


class MinistereConnector:
    """An authority that is its own transmitter; ``path`` is that of the deposit on the link."""

    def __init__(self, link: HttpsLink, path: str, mailbox: ImapMailbox) -> None:
        self._link = link
        self._path = path
        self._mailbox = mailbox

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[ENVELOPPE]

    @property
    def told_at(self) -> datetime | None:
        return self._link.told_at

    def check(self) -> CannotTell | None:
        """None when the deposit's server and the mailbox both let us in; nothing is deposited."""
        try:
            self._link.handshake()
        except NotSentError as error:
            return CannotTell(f"adresse de dépôt du ministère : {error}")
        return self._mailbox.check()

    def submit(self, parcel: Parcel) -> Exchange:
        """Deposit a parcel once; never raises for what the ministry does.

        Its reference is the name of the archive.
        """
        form = wire.deposit_form(parcel)
        request = (
            f"POST {self._link.url(self._path)}\nbody: {len(form)} bytes\n"
            f"archive {parcel.archive_name}: {parcel.archive_size} bytes, "
            f"sha256 {parcel.archive_sha256}\n"
        )
        # No small question is known that could go first: after a rest, the handshake of a new
        # connection is all that comes before the parcel. With TLS 1.2 it tells that a certificate
        # is refused, which costs a wait; TLS 1.3 tells it once the parcel has begun to leave, and
        # that is a doubt.
        try:
            answer = self._link.post(self._path, form, parcel.is_late)
        except NotSentError as error:
            return Exchange(Unavailable(str(error)), request)
        except NoAnswerError as error:
            return Exchange(InDoubt(str(error)), request, error.received)
        return Exchange(wire.deposit_outcome(answer.status, parcel), request, answer.raw)

    def find(self, parcel: Parcel) -> Finding:  # noqa: ARG002
        """Always CannotTell: the ministry cannot be asked."""
        return _SILENT

    def collect(self, reference: str) -> Collected | CannotTell:  # noqa: ARG002
        """Always CannotTell: the answer comes by the inbox."""
        return _SILENT

    def waiting(self) -> Mapping[str, Collected] | CannotTell:
        """Always CannotTell."""
        return _SILENT

    def inbox(self) -> Sequence[InboxItem] | CannotTell:
        """Mails of the mailbox, oldest first, at most 200."""
        return self._mailbox.inbox()

    def fetch(self, item: InboxItem, target: BinaryIO) -> CannotTell | None:
        """Write the exact bytes of a mail into ``target``. Raises OSError when it refuses."""
        return self._mailbox.fetch(item, target)

    def confirm(self, item: InboxItem) -> CannotTell | None:
        """Remove a mail from the mailbox; one that is gone already is well."""
        return self._mailbox.confirm(item)

    def request_classification(self, parcel: Parcel) -> Exchange:
        """Deposit a 7-1; the 7-2 comes by the inbox."""
        return self.submit(parcel)

    def fetch_classification(self) -> None:
        """None: the ministry holds none to be asked for."""
        return
