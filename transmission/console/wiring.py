"""The console over the composition root."""

import tempfile
from collections.abc import Collection
from typing import BinaryIO, cast

from fastapi import FastAPI
from sqlalchemy import Engine

from transmission.bootstrap import Container
from transmission.clock import Clock
from transmission.console.app import create_app
from transmission.console.container import LOOPBACK
from transmission.ports import DocumentStore
from transmission.services.stamp import stamp


class WiredConsole:
    """The port ``ConsoleContainer``."""

    def __init__(self, container: Container) -> None:
        self._container = container

    @property
    def engine(self) -> Engine:
        return self._container.engine

    @property
    def documents(self) -> DocumentStore:
        return self._container.tools.documents

    @property
    def clock(self) -> Clock:
        return self._container.tools.clock

    @property
    def hosts(self) -> Collection[str]:
        return LOOPBACK | set(self._container.settings.web_names)

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF, from its beginning, in a file without a name."""
        written = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes
        try:
            stamp(self._container.tools, acte_id, written)
        except BaseException:
            written.close()
            raise
        written.seek(0)
        return written


def console_of(container: Container) -> FastAPI:
    """The console of an installation."""
    return create_app(WiredConsole(container))
