"""What the API needs from the composition root, said without naming who provides it."""

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy import Engine

from transmission.api.rates import Rates
from transmission.domain.access import Access
from transmission.domain.transmission import Author
from transmission.services.toolbox import Toolbox


class ApiContainer(Protocol):
    """Everything the API rests on."""

    @property
    def engine(self) -> Engine: ...

    @property
    def tools(self) -> Toolbox:
        """What the services work with."""
        ...

    @property
    def incoming(self) -> Path:
        """Folder of what is being received, beside the documents."""
        ...

    @property
    def hosts(self) -> Collection[str]:
        """Names, without port, under which programs reach the API."""
        ...

    @property
    def rates(self) -> Rates:
        """How often programs may call this process."""
        ...

    def authenticate(self, secret: str) -> Access:
        """Who holds a secret. Raises AccessDeniedError."""
        ...

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF of an act, from its beginning, to be read then closed.

        Raises TransmissionError before the AR, NotFoundError for an unknown act.
        """
        ...

    def proven(self, acte_id: int, author: Author) -> tuple[BinaryIO, str]:
        """The dossier de preuve of an act, from its beginning, to be read then closed; its name.

        Raises NotFoundError for an unknown act.
        """
        ...
