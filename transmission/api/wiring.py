"""The API over the composition root."""

import shutil
import tempfile
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from fastapi import FastAPI
from sqlalchemy import Engine

from transmission.api.app import create_app
from transmission.api.rates import Rates
from transmission.bootstrap import Container
from transmission.domain.access import Access
from transmission.domain.transmission import Author
from transmission.served import LOOPBACK, proven, stamped
from transmission.services.tokens import authenticate
from transmission.services.toolbox import Toolbox

_ABANDONED = timedelta(days=1)
"""No request lasts that long."""


class WiredApi:
    """The port ``ApiContainer``."""

    def __init__(
        self,
        engine: Engine,
        tools: Toolbox,
        names: Collection[str],
        rates: Rates | None = None,
        incoming: Path | None = None,
    ) -> None:
        self._engine = engine
        self._tools = tools
        self._names = names
        self._rates = rates or Rates()
        self._incoming = incoming or Path(tempfile.gettempdir())

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def tools(self) -> Toolbox:
        return self._tools

    @property
    def incoming(self) -> Path:
        return self._incoming

    @property
    def hosts(self) -> Collection[str]:
        return LOOPBACK | set(self._names)

    @property
    def rates(self) -> Rates:
        return self._rates

    def authenticate(self, secret: str) -> Access:
        """Who holds a secret. Raises AccessDeniedError."""
        return authenticate(self._tools, secret)

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF, from its beginning, in a nameless file which the caller closes."""
        return stamped(self._tools, acte_id, self._incoming)

    def proven(self, acte_id: int, author: Author) -> tuple[BinaryIO, str]:
        """The dossier de preuve, from its beginning, in a nameless file; its name."""
        return proven(self._tools, acte_id, author, self._incoming)


def api_of(container: Container) -> FastAPI:
    """The API of an installation."""
    set_to = container.settings
    rates = Rates(set_to.api_rate, set_to.api_failures, set_to.api_uploads)
    incoming = set_to.documents_folder() / "depots"
    _make_ready(incoming, container.tools.clock.now() - _ABANDONED)
    return create_app(
        WiredApi(container.engine, container.tools, set_to.web_names, rates, incoming)
    )


def _make_ready(incoming: Path, before: datetime) -> None:
    """Make the folder of what comes in, and empty it of what processes that were killed left."""
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in incoming.iterdir():
        if left.lstat().st_mtime < before.timestamp():
            shutil.rmtree(left, ignore_errors=True)
