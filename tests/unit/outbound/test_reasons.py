"""Why an exchange failed, for people."""

import smtplib
import socket
import ssl

import pytest

from transmission.outbound.reasons import excerpt, reason


def _caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (socket.gaierror(-2, "x"), "le nom du serveur est introuvable (DNS)"),
        (ConnectionRefusedError(), "le serveur refuse la connexion"),
        (ConnectionResetError(), "la connexion a été coupée"),
        (TimeoutError(), "le serveur n'a pas répondu à temps"),
        (ssl.SSLError(), "la liaison chiffrée a échoué (TLS)"),
        (ssl.SSLEOFError(), "la connexion a été coupée"),
        (OSError(5, "x"), "l'échange a échoué"),
        (smtplib.SMTPServerDisconnected("x"), "la connexion a été coupée"),
        (_caused(smtplib.SMTPServerDisconnected("x"), TimeoutError()),
         "le serveur n'a pas répondu à temps"),
        (OSError(OSError(TimeoutError())), "le serveur n'a pas répondu à temps"),
    ],
)  # fmt: skip
def test_the_most_telling_cause_is_told(error: BaseException, told: str) -> None:
    assert reason(error) == told


def test_causes_that_turn_in_a_circle_come_to_an_end() -> None:
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert reason(first) == "l'échange a échoué"


def test_what_a_server_said_is_cut_and_harmless() -> None:
    assert excerpt(b"  550 \x07 non\r\n merci ") == "550 \ufffd non merci"
    assert excerpt(b"x" * 1_000) == "x" * 299 + "…"
