"""A client of the service for programs in Python: see docs/api.md.

It uses requests and the standard library, and nothing else of this project.
"""

from transmission.client.client import Client
from transmission.client.depositing import Depot, Piece
from transmission.client.downloads import Downloaded
from transmission.client.errors import (
    AddressError,
    BadRequestError,
    ClientError,
    ConflictError,
    DamagedFileError,
    InvalidError,
    NoAnswerError,
    NotYetError,
    OverloadedError,
    Probleme,
    RefusedByServiceError,
    ScopeError,
    ServiceFailedError,
    TokenRefusedError,
    UnknownError,
    UnreadableAnswerError,
)
from transmission.client.reading import Filtres
from transmission.client.transport import Patience
from transmission.client.uploads import Televersement

__all__ = [
    "Client",
    "Depot",
    "Filtres",
    "Piece",
    "Patience",
    "Downloaded",
    "Televersement",
    "ClientError",
    "AddressError",
    "NoAnswerError",
    "UnreadableAnswerError",
    "DamagedFileError",
    "RefusedByServiceError",
    "BadRequestError",
    "TokenRefusedError",
    "ScopeError",
    "UnknownError",
    "ConflictError",
    "NotYetError",
    "InvalidError",
    "OverloadedError",
    "ServiceFailedError",
    "Probleme",
]
