"""How often programs may call, counted in the memory of one process, on a clock that never jumps.

Several processes count each for itself: an installation lets through as many times more. A secret
has 256 random bits, so the limit on refused ones protects the register from the load of looking for
them, not the secrets from being guessed.
"""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

from limits import parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from transmission.api.problems import RefusalError, too_many

MOST = 10_000
"""Callers counted at once; beyond, whoever came first is forgotten."""

_SOON = 5
"""Seconds after which a body may be tried again."""


class Counters(Storage):
    """Where ``limits`` counts the calls of a window: at most ``most`` keys, on a clock in seconds.

    Every key lasts as long as the others, so that the first to come are the first to end.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: nothing here can be away."""
        return ()

    def __len__(self) -> int:
        return len(self._counted)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a call; the window of a key begins with its first."""
        if self.get(key):
            ends, count = self._counted[key]
        else:
            self._make_room()
            ends, count = self._clock() + expiry, 0
        self._counted[key] = ends, count + amount
        return count + amount

    def get(self, key: str) -> int:
        """Calls in the window of a key; an ended one is forgotten."""
        ends, count = self._counted.get(key, (0.0, 0))
        if count and ends <= self._clock():
            del self._counted[key]
            return 0
        return count

    def get_expiry(self, key: str) -> float:
        """When, on the clock, the window of a key ends; now for an unknown key."""
        return self._counted[key][0] if self.get(key) else self._clock()

    def check(self) -> bool:
        """It is always there."""
        return True

    def reset(self) -> int:
        """Forget everything; how many keys that was."""
        forgotten = len(self._counted)
        self._counted.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget a key."""
        self._counted.pop(key, None)

    def _make_room(self) -> None:
        now = self._clock()
        while self._counted:
            ends, _ = next(iter(self._counted.values()))
            if ends > now and len(self._counted) < self._most:
                return
            self._counted.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller of one limit: calls, and whole seconds until it is whole again."""

    policy: str
    most: int
    window: int
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As programs read it (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.most};w={self.window}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.seconds}',
        }


class Limit:
    """So many calls in a window (``600/minute``) for each caller."""

    def __init__(self, policy: str, written: str, clock: Callable[[], float]) -> None:
        self._policy = policy
        self._clock = clock
        self._item = parse(written)
        self.counters = Counters(clock, MOST)
        self._limiter = FixedWindowRateLimiter(self.counters)

    def is_spent(self, caller: str) -> bool:
        """Whether one more call would be one too many."""
        return not self._limiter.test(self._item, caller)

    def count(self, caller: str) -> bool:
        """Count a call; False when it is one too many."""
        return self._limiter.hit(self._item, caller)

    def allowance(self, caller: str) -> Allowance:
        """What is left to a caller."""
        ends, left = self._limiter.get_window_stats(self._item, caller)
        window = self._item.get_expiry()
        # A sum of floats may be a little more than its parts.
        seconds = min(ceil(ends - self._clock()) or window, window)
        return Allowance(self._policy, self._item.amount, window, left, seconds)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls: the digest of the secret it shows, and the address that answers for it."""

    secret: str
    address: str


def caller(secret: str, address: str) -> Caller:
    """Who shows a secret from an address; a network of IPv6 (/64) counts as one address."""
    return Caller(hashlib.sha256(secret.encode()).hexdigest(), _counted_as(address))


class Rates:
    """The limits of one process: calls of a token, refused tokens of an address, bodies at once.

    A token that came in from here before is not held up by what others of its address do wrong.
    """

    def __init__(
        self,
        calls: str = "600/minute",
        failures: str = "30/minute",
        uploads: int = 8,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._calls = Limit("jeton", calls, clock)
        self._failures = Limit("refus", failures, clock)
        self._uploads = uploads
        self._sending: Counter[str] = Counter()
        self._known: OrderedDict[str, None] = OrderedDict()

    def check(self, who: Caller) -> None:
        """Before the register is asked. Raises RefusalError (429)."""
        if who.secret not in self._known and self._failures.is_spent(who.address):
            raise _too_often(
                self._failures.allowance(who.address),
                "Trop de jetons refusés sont venus de votre adresse.",
            )
        if self._calls.is_spent(who.secret):
            raise self._too_many_calls(who)

    def refused(self, who: Caller) -> None:
        """The secret is none of a living token."""
        self._known.pop(who.secret, None)
        self._failures.count(who.address)

    def came(self, who: Caller) -> Allowance:
        """The secret is that of a living token; what is left to it. Raises RefusalError (429)."""
        self._known[who.secret] = None
        self._known.move_to_end(who.secret)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        if not self._calls.count(who.secret):
            raise self._too_many_calls(who)
        return self._calls.allowance(who.secret)

    @contextmanager
    def sending(self, who: Caller) -> Iterator[None]:
        """While a body comes and is answered. Raises RefusalError (429)."""
        if self._sending[who.secret] >= self._uploads:
            raise too_many(
                f"Ce jeton a déjà {self._uploads} envois en cours : attendez la fin de l'un d'eux.",
                _SOON,
                {},
            )
        self._sending[who.secret] += 1
        try:
            yield
        finally:
            self._sending[who.secret] -= 1
            if not self._sending[who.secret]:
                del self._sending[who.secret]

    def _too_many_calls(self, who: Caller) -> RefusalError:
        allowance = self._calls.allowance(who.secret)
        return _too_often(allowance, f"Ce jeton a fait plus de {allowance.most} demandes.")


def _too_often(allowance: Allowance, fact: str) -> RefusalError:
    wait = allowance.seconds
    return too_many(f"{fact} Réessayez dans {wait} s.", wait, allowance.headers())


def _counted_as(address: str) -> str:
    try:
        place = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(place, IPv6Address):
        return str(place)
    if place.ipv4_mapped:
        return str(place.ipv4_mapped)
    # Whoever has one address of a /64 has them all.
    return str(IPv6Address(int(place) >> 64 << 64))
