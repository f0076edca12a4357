"""Whom an outside call trusts."""

import ssl
from pathlib import Path
from typing import Any

from transmission.domain.errors import TransmissionError


class UnusableFileError(TransmissionError):
    """A file of the settings cannot be used; the text is a French reason, without a final stop."""


class _VigilantContext(ssl.SSLContext):
    """A context whose sockets tell the proper end of a stream from a cut."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        # By default Python takes a connection cut without farewell for the end of the answer: a
        # file of unknown length would then be shorter than the real one, unseen.
        return super().wrap_socket(*args, **{**kwargs, "suppress_ragged_eofs": False})


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 at least, host names checked; trusts the authorities of a PEM file alone, or those of
    the machine without one. Raises UnusableFileError."""
    context = _VigilantContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Some builds of Python ask OpenSSL to hide such cuts too.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    if ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return context
    try:
        context.load_verify_locations(cadata=_read(ca_file).decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise UnusableFileError(
            f"le fichier {ca_file} ne contient aucun certificat d'autorité lisible (PEM)"
        ) from error
    return context


def read_text(file: Path) -> str:
    """Content of a small file of the settings, without its last line feed.

    Raises UnusableFileError, which never holds the content.
    """
    try:
        return _read(file).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        # Not chained: that error holds the content, which may be a secret.
        raise UnusableFileError(f"le fichier {file} n'est pas un texte en UTF-8") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnusableFileError(
            f"le fichier {file} ne peut pas être lu ({error.strerror})"
        ) from error
