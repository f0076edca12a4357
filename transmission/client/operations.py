"""What each method of the client asks of the service, so that none is forgotten."""

from collections.abc import Callable
from typing import TypeVar

_Method = TypeVar("_Method", bound=Callable[..., object])

OPERATIONS: dict[tuple[str, str], str] = {}
"""Verb and path below ``/api/v1``, as its OpenAPI document writes it → name of the method."""


def asks(verb: str, path: str) -> Callable[[_Method], _Method]:
    """Say which operation of the API a method is."""

    def marked(method: _Method) -> _Method:
        OPERATIONS[verb, path] = method.__name__
        return method

    return marked
