"""Who a person is when they come: roles, for one authority each or for the whole installation.

Roles add up and none includes another's rights by rank: whoever keeps accounts need not be able to
send an act, and whoever audits can change nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum


class Right(Enum):
    """What a person may do; the label is French, and ends « Il y faut le droit de … »."""

    READ = "lire les actes"
    HAND_OVER = "remettre des actes"
    FOLLOW = "répondre, publier, déclarer et annuler"
    UNBLOCK = "débloquer ce qui attend un opérateur"
    ADMINISTER = "administrer les comptes et les réglages"
    AUDIT = "lire les journaux d'accès"

    @property
    def label(self) -> str:
        return self.value


class Role(Enum):
    """What a person is in an authority: the code is kept, the label is French."""

    READER = ("lecteur", "Lecteur", {Right.READ})
    AGENT = ("agent", "Agent", {Right.READ, Right.HAND_OVER, Right.FOLLOW})
    OPERATOR = ("operateur", "Opérateur", {Right.READ, Right.FOLLOW, Right.UNBLOCK})
    ADMINISTRATOR = ("administrateur", "Administrateur", {Right.READ, Right.ADMINISTER})
    AUDITOR = ("auditeur", "Auditeur", {Right.READ, Right.AUDIT})

    def __init__(self, code: str, label: str, rights: Collection[Right]) -> None:
        self.code = code
        self.label = label
        self.rights = frozenset(rights)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, in the authority of a SIREN or, with None, in every one."""

    role: Role
    siren: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who came, as named in the journal, and what was granted to them."""

    id: int
    name: str
    grants: tuple[Grant, ...]

    def may(self, right: Right, siren: str | None) -> bool:
        """Whether they have a right in an authority; None is what belongs to all of them."""
        return any(
            right in grant.role.rights and grant.siren in (None, siren) for grant in self.grants
        )

    def somewhere(self, right: Right) -> bool:
        """Whether they have a right in some authority at least."""
        return any(right in grant.role.rights for grant in self.grants)

    def sirens(self, right: Right = Right.READ) -> frozenset[str] | None:
        """The authorities where they have a right, None for every one."""
        if self.may(right, None):
            return None
        return frozenset(
            grant.siren for grant in self.grants if grant.siren and right in grant.role.rights
        )
