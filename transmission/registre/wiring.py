"""The public register over the composition root."""

from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import FastAPI
from sqlalchemy import Engine

from transmission.bootstrap import Container
from transmission.ports import DocumentStore
from transmission.registre.app import create_app
from transmission.served import LOOPBACK


class WiredRegistre:
    """The port ``RegistreContainer``."""

    def __init__(self, container: Container) -> None:
        self._container = container

    @property
    def engine(self) -> Engine:
        return self._container.engine

    @property
    def documents(self) -> DocumentStore:
        return self._container.tools.documents

    @property
    def hosts(self) -> Collection[str]:
        """Those of the settings, that of the public address, and loopback."""
        public = urlsplit(self.public_url or "").hostname
        named = {name.lower() for name in self._container.settings.register_names}
        return LOOPBACK | named | ({public} if public else set())

    @property
    def public_url(self) -> str | None:
        return self._container.tools.registre_url


def registre_of(container: Container) -> FastAPI:
    """The public register of an installation."""
    return create_app(WiredRegistre(container))
