"""Where the service is, whom to believe that it is there, and the secret that is shown to it."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from transmission.client.errors import AddressError


class _VigilantContext(ssl.SSLContext):
    """A context whose sockets tell the proper end of a stream from a cut."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """A socket that raises where the other end left without saying so."""
        return super().wrap_socket(*args, **{**kwargs, "suppress_ragged_eofs": False})


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 at least, host names checked; the authorities of a PEM file alone, or those of the
    machine without one. Raises AddressError."""
    context = _VigilantContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    if ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ValueError):
        raise AddressError(
            f"{ca_file} ne peut être lu ou ne contient aucun certificat d'autorité (PEM)."
        ) from None
    return context


def usable_address(address: str) -> str:
    """The address of a service without its last ``/`` and its ``/api/v1``.

    Raises AddressError: the token must not travel in clear, nor an address carry a secret.
    """
    found = urlsplit(address.strip())
    try:
        port_is_right = found.port is None or found.port > 0
    except ValueError:
        port_is_right = False
    bare = not (found.username or found.password or found.query or found.fragment)
    if found.scheme not in ("http", "https") or not (found.hostname and port_is_right and bare):
        raise AddressError(
            "L'adresse du service doit être de la forme https://actes.example.org, sans compte ni "
            "paramètre."
        )
    if found.scheme == "http" and not _is_loopback(found.hostname):
        raise AddressError(
            f"http://{found.hostname} : le jeton voyagerait en clair. Donnez une adresse en https."
        )
    return f"{found.scheme}://{found.netloc}{found.path.rstrip('/').removesuffix('/api/v1')}"


def read_token(file: Path) -> str:
    """The token of a file, without the spaces around it. Raises AddressError, which tells nothing
    of what the file holds."""
    try:
        token = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise AddressError(f"Le jeton de {file} ne peut être lu ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise AddressError(f"{file} ne contient pas un jeton.") from None
    return usable_token(token, f"{file} ne contient pas un jeton.")


def usable_token(token: str, refused: str = "Ce texte n'est pas un jeton.") -> str:
    """A token that can be put in a header. Raises AddressError, without the token."""
    if not token or not all("!" <= character <= "~" for character in token):
        raise AddressError(refused)
    return token


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
