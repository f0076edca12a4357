"""The console over the composition root."""

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO

from fastapi import FastAPI
from sqlalchemy import Engine

from transmission.bootstrap import Container
from transmission.clock import Clock
from transmission.console.app import create_app
from transmission.console.cookies import SESSION
from transmission.console.visitor import Visit
from transmission.domain.transmission import Author
from transmission.ports import DocumentStore
from transmission.served import LOOPBACK, proven, stamped
from transmission.services.log_in import Known, recognise
from transmission.services.toolbox import Toolbox


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

    @property
    def tools(self) -> Toolbox:
        return self._container.tools

    @property
    def folders(self) -> Mapping[str, Path]:
        settings = self._container.settings
        kept = {"documents": settings.documents_folder()} if settings.documents == "disk" else {}
        return {**kept, "fichiers temporaires": Path(tempfile.gettempdir())}

    @property
    def served_as_https(self) -> bool:
        return (self._container.settings.console_url or "").startswith("https:")

    def visit(self, cookies: Mapping[str, str]) -> Visit | None:
        """Who comes with the secret of a session."""
        known = recognise(self.tools, cookies.get(SESSION, ""))
        return None if known is None else _visit_of(known)

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF, from its beginning, in a file without a name."""
        return stamped(self._container.tools, acte_id)

    def proven(self, acte_id: int, author: Author) -> tuple[BinaryIO, str]:
        """The dossier de preuve, from its beginning, in a file without a name; its name."""
        return proven(self._container.tools, acte_id, author)


def _visit_of(known: Known) -> Visit:
    return Visit(known.account.person, known.form_key, known.account.language)


def console_of(container: Container) -> FastAPI:
    """The console of an installation."""
    return create_app(WiredConsole(container))
