"""The acts of a sitting in one request."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from transmission.client.answers import LotRemis
from transmission.client.bodies import FilePart, FormBody, Progress
from transmission.client.decoding import decoded
from transmission.client.operations import asks
from transmission.client.transport import Call, Transport


class Batches:
    """``POST /lots``."""

    _transport: Transport
    _new_key: Callable[[], str]

    @asks("POST", "/lots")
    def deposit_batch(
        self,
        manifeste: dict[str, Any],
        files: Sequence[Path],
        *,
        essai: bool = False,
        progress: Progress | None = None,
    ) -> LotRemis:
        """Hand over the acts that a manifest names, with their files: each by itself, and once
        however often the same manifest is given (docs/intake.md).

        What is refused of some acts is in the answer. Raises InvalidError when nothing of the
        manifest can be told, ClientError, OSError.
        """
        parts = [FilePart("fichiers", path, path.name) for path in files]
        body = FormBody("manifeste", manifeste, parts, f"transmission-{self._new_key()}")
        query = {"dry_run": "1"} if essai else {}
        answer = self._transport.call(Call("POST", "/lots", query, body=body, progress=progress))
        return decoded(LotRemis, answer.json())
