"""Which machines a call may reach: names are resolved once, judged, and that very answer is used.

A name that answers one address to the judge and another to the caller (DNS rebinding) gains
nothing: there is one resolution.
"""

import ipaddress
import socket
from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeAlias

from transmission.domain.errors import TransmissionError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolved: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddressError(TransmissionError):
    """A call would reach a machine that it must not; the text is a French reason."""


class Reach(Enum):
    """Where a call may go: French words for what is asked of every address of a name."""

    ANYWHERE = "quelle qu'elle soit"
    PUBLIC = "publique"
    LOOPBACK = "de cette machine même"


def resolve(host: str, port: int, reach: Reach) -> Sequence[Resolved]:
    """Addresses of a host, all of them within reach.

    Raises ForbiddenAddressError when one is not, OSError when the name has none, UnicodeError.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, where in found:
        if not _is_within(ipaddress.ip_address(where[0]), reach):
            raise ForbiddenAddressError(
                f"« {host} » a pour adresse {where[0]}, qui n'est pas une adresse {reach.value}"
            )
    return found


def _is_within(address: Address, reach: Reach) -> bool:
    real = _carried(address)
    match reach:
        case Reach.ANYWHERE:
            return True
        case Reach.LOOPBACK:
            return real.is_loopback
        case Reach.PUBLIC:
            local = isinstance(real, ipaddress.IPv6Address) and real.is_site_local
            return real.is_global and not real.is_multicast and not local


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, or itself (RFC 4291, 6052, 3056)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
