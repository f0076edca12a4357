"""Files of the service, written as they come: a cut is gone on from, the digest is checked."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from transmission.client.bodies import Progress
from transmission.client.errors import DamagedFileError, NoAnswerError, OverloadedError
from transmission.client.transport import Call, Transport

_PARTIAL = 206


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What was written: its SHA-256, which is the one that the service told, and its bytes."""

    sha256: str
    octets: int


class _Received:
    """What came of a file so far, over as many answers as it takes."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._start = target.tell()
        self._digest = hashlib.sha256()
        self.octets = 0
        self.etag = ""

    def begins(self, status: int, headers: Mapping[str, str]) -> "_Received":
        """Go on after what came when the service does, else begin again."""
        if status != _PARTIAL and self.octets:
            self._digest, self.octets = hashlib.sha256(), 0
            self._target.seek(self._start)
            self._target.truncate()
        self.etag = headers.get("ETag", "")
        return self

    def write(self, block: bytes) -> None:
        """Keep a block."""
        self._target.write(block)
        self._digest.update(block)
        self.octets += len(block)

    def whole(self) -> Downloaded:
        """What was received, once its digest is checked. Raises DamagedFileError."""
        found = Downloaded(self._digest.hexdigest(), self.octets)
        if self.etag.strip('"') != found.sha256:
            raise DamagedFileError(
                "Le fichier reçu n'est pas celui que le service annonce (empreinte différente). "
                "Redemandez-le ; si cela revient, prévenez l'administrateur du service."
            )
        return found


def download(
    transport: Transport, path: str, target: BinaryIO, progress: Progress | None
) -> Downloaded:
    """Write a file of the service into ``target``, which can be sought.

    Raises ClientError, DamagedFileError among others: what is in ``target`` is then of no use.
    """
    received = _Received(target)
    call = Call("GET", path, progress=progress)
    tried = 0
    while True:
        tried += 1
        try:
            transport.attempt(_next(call, received), received.begins)
            return received.whole()
        except (OverloadedError, NoAnswerError) as error:
            if not transport.may_try_again(call, tried, error):
                raise


def _next(call: Call, received: _Received) -> Call:
    """The call for what is missing, of this very file alone."""
    if not received.octets:
        return call
    wanted = {"Range": f"bytes={received.octets}-", "If-Range": received.etag}
    return replace(call, headers=wanted)
