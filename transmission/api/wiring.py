"""The API over the composition root."""

import tempfile
from collections.abc import Collection
from typing import BinaryIO, cast

from fastapi import FastAPI
from sqlalchemy import Engine

from transmission.api.app import create_app
from transmission.api.container import LOOPBACK
from transmission.bootstrap import Container
from transmission.clock import Clock
from transmission.domain.access import Access
from transmission.domain.transmission import Author
from transmission.ports import DocumentStore
from transmission.services.accept import Deposit, Rehearsal, TakenInCharge, accept, rehearse
from transmission.services.stamp import stamp
from transmission.services.tokens import authenticate
from transmission.services.toolbox import Toolbox


class WiredApi:
    """The port ``ApiContainer``."""

    def __init__(self, engine: Engine, tools: Toolbox, names: Collection[str]) -> None:
        self._engine = engine
        self._tools = tools
        self._names = names

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def documents(self) -> DocumentStore:
        return self._tools.documents

    @property
    def clock(self) -> Clock:
        return self._tools.clock

    @property
    def hosts(self) -> Collection[str]:
        return LOOPBACK | set(self._names)

    def authenticate(self, secret: str) -> Access:
        """Who holds a secret. Raises AccessDeniedError."""
        return authenticate(self._tools, secret)

    def accept(self, siren: str, deposit: Deposit, author: Author) -> TakenInCharge:
        """Take an act in charge. Raises as the service."""
        return accept(self._tools, siren, deposit, author)

    def rehearse(self, siren: str, deposit: Deposit) -> Rehearsal:
        """The same, storing nothing."""
        return rehearse(self._tools, siren, deposit)

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF, from its beginning, in a file without a name."""
        written = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes
        try:
            stamp(self._tools, acte_id, written)
        except BaseException:
            written.close()
            raise
        written.seek(0)
        return written


def api_of(container: Container) -> FastAPI:
    """The API of an installation."""
    return create_app(WiredApi(container.engine, container.tools, container.settings.web_names))
