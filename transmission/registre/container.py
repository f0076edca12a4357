"""What the public register needs from the composition root, said without naming who provides it."""

from collections.abc import Collection
from typing import Protocol

from sqlalchemy import Engine

from transmission.ports import DocumentStore

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class RegistreContainer(Protocol):
    """Everything the public pages rest on. They only read."""

    @property
    def engine(self) -> Engine: ...

    @property
    def documents(self) -> DocumentStore: ...

    @property
    def hosts(self) -> Collection[str]:
        """Names, without port, under which the public reaches the register."""
        ...

    @property
    def public_url(self) -> str | None:
        """Address under which it does, without its last ``/``; None when nobody said it."""
        ...
