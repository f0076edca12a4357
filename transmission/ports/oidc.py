"""What the services ask of a provider of OpenID Connect, which says who a person is.

Nothing here ever raises for what the other side does: each call comes to an outcome.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.accounts import Identity
from transmission.ports.outbound import Unavailable


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser goes to say who its person is.

    ``ticket`` is sealed text that this browser alone keeps, and gives back when it returns.
    """

    address: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Homecoming:
    """What a browser brings back: its ticket, and what the provider wrote in the address
    (RFC 6749 §4.1.2, RFC 9207). Empty for what is not there; nothing of it is believed."""

    ticket: str = ""
    state: str = ""
    code: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A person as the provider vouches for them.

    ``email`` is None unless it may be believed; ``login`` is what the settings look an account up
    by, when that is neither the subject nor the address. ``id_token`` is shown to the provider at
    the logout; ``path`` is what :meth:`IdentityProvider.begin` was given.
    """

    identity: Identity
    email: str | None
    login: str | None
    id_token: str
    path: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Nobody is known by this return; French, the reason and what to do, a sentence or two each.

    ``suspect`` when somebody may have forged it, or the provider does not keep to the protocol.
    """

    reason: str
    remedy: str
    suspect: bool = False


class IdentityProvider(Protocol):
    """The provider of the settings."""

    @property
    def name(self) -> str:
        """What people know it as."""
        ...

    @property
    def issuer(self) -> str:
        """What it names itself."""
        ...

    def begin(self, back: str, path: str, at: datetime) -> Departure | Unavailable:
        """Send a browser to the provider at ``at`` (aware instant).

        ``back`` is the address where the provider sends it back to, ``path`` what it comes for.
        """
        ...

    def finish(self, brought: Homecoming, at: datetime) -> Identified | Declined | Unavailable:
        """Who came back at ``at``."""
        ...

    def farewell(self, id_token: str, back: str, at: datetime) -> str | None:
        """Where a browser ends its session at the provider, which then sends it to ``back``; None
        when the provider offers no such place, or does not answer."""
        ...

    def trouble(self, at: datetime) -> str | None:
        """Why nobody could log in now, None when all is well: French, without a final stop."""
        ...
