"""Why an exchange failed, in French, from the chain of causes of an exception."""

import socket
import ssl
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from transmission.domain.texte import printable

_CUT = "la connexion a été coupée"
_UNEXPECTED_EOF = "UNEXPECTED_EOF_WHILE_READING"
_EXCERPT = 300

_Words: TypeAlias = tuple[tuple[tuple[type[BaseException], ...], str], ...]


def reason(error: BaseException) -> str:
    """What happened, without a final stop; the detail of a refused certificate is kept."""
    chain = list(_causes(error))
    for kinds, words in _words():
        for cause in chain:
            if isinstance(cause, kinds):
                if getattr(cause, "reason", None) == _UNEXPECTED_EOF:
                    # Older Pythons raise a plain SSLError for it.
                    return _CUT
                detail = getattr(cause, "verify_message", "").rstrip(".")
                return f"{words} : {detail}" if detail else words
    raise AssertionError  # pragma: no cover


def excerpt(text: bytes) -> str:
    """The beginning of what a server said, on one line that can be shown."""
    shown = " ".join(printable(text.decode("utf-8", "replace")).split())
    return shown if len(shown) <= _EXCERPT else f"{shown[: _EXCERPT - 1]}…"


@cache
def _words() -> _Words:
    """First line that fits any link of the chain of causes, most telling first."""
    # Here, so that the many commands which call nobody do not pay for it.
    from http.client import HTTPException, IncompleteRead
    from smtplib import SMTPServerDisconnected

    from requests import exceptions as requests
    from urllib3 import exceptions as urllib3

    return (
        ((socket.gaierror, urllib3.NameResolutionError), "le nom du serveur est introuvable (DNS)"),
        ((ssl.SSLCertVerificationError,), "le certificat du serveur est refusé"),
        ((ConnectionRefusedError,), "le serveur refuse la connexion"),
        ((TimeoutError, urllib3.TimeoutError), "le serveur n'a pas répondu à temps"),
        ((ssl.SSLEOFError, ConnectionError, IncompleteRead, urllib3.IncompleteRead), _CUT),
        ((ssl.SSLError,), "la liaison chiffrée a échoué (TLS)"),
        ((urllib3.NewConnectionError,), "le serveur est injoignable"),
        ((requests.InvalidURL, UnicodeError), "l'adresse est mal formée"),
        ((HTTPException, urllib3.ProtocolError), "la réponse du serveur est incompréhensible"),
        ((SMTPServerDisconnected,), _CUT),
        ((BaseException,), "l'échange a échoué"),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left = [error]
    while left:
        cause = left.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        nested = (cause.__cause__, cause.__context__, *cause.args)
        left += [each for each in nested if isinstance(each, BaseException)]
