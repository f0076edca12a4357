"""What each person wants to be told by e-mail: what they chose, else what is usual for their roles.

Only those who may read the acts of an authority are told of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from transmission.domain.accounts import Account
from transmission.domain.notifications import Kind, Pace
from transmission.domain.people import Right, Role

Wishes = Mapping[Kind, Pace]

NONE_CHOSEN: Wishes = MappingProxyType({})

_LOOKED_AT_DAILY = frozenset({Kind.ECHEANCE, Kind.CERTIFICAT})
_USUAL: Mapping[Role, Wishes] = {
    Role.AGENT: {
        Kind.COURRIER: Pace.AT_ONCE,
        Kind.ANOMALIE: Pace.AT_ONCE,
        Kind.ECHEANCE: Pace.DAILY,
        Kind.AR: Pace.DAILY,
    },
    Role.OPERATOR: {
        Kind.BLOQUE: Pace.AT_ONCE,
        Kind.INCERTAIN: Pace.AT_ONCE,
        Kind.ANOMALIE: Pace.AT_ONCE,
        Kind.CERTIFICAT: Pace.DAILY,
    },
    Role.ADMINISTRATOR: {Kind.CERTIFICAT: Pace.DAILY},
}


def paces_of(kind: Kind) -> Sequence[Pace]:
    """The paces that may be chosen, the soonest first: limits and ends are looked at daily."""
    return [each for each in Pace if kind not in _LOOKED_AT_DAILY or each is not Pace.AT_ONCE]


def usual_pace(roles: Iterable[Role], kind: Kind) -> Pace:
    """The pace of whoever has these roles and chose nothing: the soonest of them."""
    order = list(Pace)
    found = (_USUAL.get(role, NONE_CHOSEN).get(kind, Pace.NEVER) for role in roles)
    return min(found, key=order.index, default=Pace.NEVER)


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who may be told, and what they chose; the rest is usual."""

    account: Account
    chosen: Wishes = field(default_factory=lambda: NONE_CHOSEN)

    def is_reached_about(self, siren: str) -> bool:
        """Whether they may be told of an authority at all."""
        account = self.account
        return (
            account.email is not None
            and account.disabled_at is None
            and account.person.may(Right.READ, siren)
        )

    def pace(self, kind: Kind, siren: str) -> Pace:
        """How soon they want to be told of a kind in an authority."""
        if not self.is_reached_about(siren):
            return Pace.NEVER
        roles = {each.role for each in self.account.grants if each.siren in (None, siren)}
        return self.chosen.get(kind) or usual_pace(roles, kind)

    def hears(self, siren: str) -> bool:
        """Whether they want something of what happens in an authority."""
        told = (kind for kind in Kind if kind is not Kind.ECHEANCE)
        return any(self.pace(kind, siren) is not Pace.NEVER for kind in told)

    @property
    def shown(self) -> Wishes:
        """The pace of every kind, as they see and change it: that of all their roles together."""
        roles = {each.role for each in self.account.grants}
        return {kind: self.chosen.get(kind) or usual_pace(roles, kind) for kind in Kind}

    def after(self, wanted: Wishes) -> Wishes:
        """What is chosen once these are wanted: what is usual follows the roles, and is not."""
        roles = {each.role for each in self.account.grants}
        every = {**self.chosen, **wanted}
        return {kind: pace for kind, pace in every.items() if pace is not usual_pace(roles, kind)}
