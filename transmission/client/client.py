"""The service as a program sees it: one method for each operation of ``/api/v1``."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from transmission.client.acting import Acts
from transmission.client.batches import Batches
from transmission.client.depositing import Deposits
from transmission.client.reading import Reads
from transmission.client.transport import USUAL, Patience, Transport
from transmission.client.trust import read_token
from transmission.client.uploads import Uploads
from transmission.client.webhooks import Hooks


class Client(Reads, Deposits, Uploads, Batches, Acts, Hooks):
    """One service, in the name of one token, which no text of this object shows.

    ``address`` is that of the service, as ``https://actes.example.org``; in clear it is refused but
    for this machine. ``ca_file`` (PEM) holds the only authorities trusted for it. ``pause`` and
    ``new_key`` are how one waits between two tries and how a key of idempotence is made. Raises
    AddressError. Not to be shared between threads.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        ca_file: Path | None = None,
        patience: Patience = USUAL,
        pause: Callable[[float], None] = time.sleep,
        new_key: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._transport = Transport(address, token, ca_file, patience, pause)
        self._new_key = new_key

    @classmethod
    def from_token_file(
        cls,
        address: str,
        token_file: Path,
        *,
        ca_file: Path | None = None,
        patience: Patience = USUAL,
    ) -> "Client":
        """A client whose token is read from a file. Raises AddressError."""
        return cls(address, read_token(token_file), ca_file=ca_file, patience=patience)

    @property
    def address(self) -> str:
        """Where the service is, without a last ``/``."""
        return self._transport.address

    def close(self) -> None:
        """End the connections; the client may still be used, and then connects again."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.address!r})"
