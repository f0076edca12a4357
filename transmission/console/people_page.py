"""Accounts as administrators and auditors read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from transmission.domain.accounts import Account, PersonEvent
from transmission.domain.people import Grant, Role

EVERYWHERE = "*"
"""What stands for every authority in a form."""

_EVENTS = {
    "account_created": "Compte créé",
    "account_disabled": "Compte désactivé",
    "account_enabled": "Compte réactivé",
    "identity_bound": "Identité d'un fournisseur liée",
    "language_chosen": "Langue choisie",
    "link_made": "Lien à usage unique créé",
    "logged_in": "Entrée",
    "logged_out": "Sortie",
    "login_failed": "Entrée refusée",
    "password_changed": "Mot de passe changé",
    "email_changed": "Adresse de courriel changée",
    "wishes_changed": "Annonces par courriel choisies",
    "mail_tried": "Courriel d'essai demandé",
    "role_granted": "Rôle donné",
    "role_revoked": "Rôle retiré",
    "sessions_ended": "Sessions fermées",
}
_ROLES = {role.code: role for role in Role}


@dataclass(frozen=True, slots=True)
class NamedGrant:
    """A role where it holds; ``value`` is what a form says of it."""

    role: Role
    where: str
    value: str


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in the list."""

    account: Account
    roles: Sequence[NamedGrant]

    @property
    def url(self) -> str:
        """Its own page."""
        return f"/comptes/{quote(self.account.login, safe='')}"

    @property
    def standing(self) -> str:
        """Whether they may come in, and how."""
        if self.account.disabled_at is not None:
            return "désactivé"
        if not self.account.password_at and not self.account.identity:
            return "n'a pas encore choisi de mot de passe"
        return "en service" if self.roles else "sans rôle"


@dataclass(frozen=True, slots=True)
class EventLine:
    """A change of an account, or a coming."""

    event: PersonEvent

    @property
    def label(self) -> str:
        """What happened; the code of what this program does not know."""
        return _EVENTS.get(self.event.event, self.event.event)

    @property
    def details(self) -> str:
        """What is to be known of it besides."""
        told = dict(self.event.details)
        if "role" in told:
            told["role"] = role_label(told["role"])
        if self.event.siren:
            told["SIREN"] = self.event.siren
        elif "role" in told:
            told["où"] = "toutes les collectivités"
        return " ; ".join(f"{name} : {value}" for name, value in told.items())


def named_grants(account: Account, names: Mapping[str, str]) -> Sequence[NamedGrant]:
    """The roles of an account with the names of the authorities, by SIREN."""
    return tuple(
        NamedGrant(
            each.role,
            names.get(each.siren, each.siren) if each.siren else "toutes les collectivités",
            f"{each.role.code}@{each.siren or EVERYWHERE}",
        )
        for each in account.grants
    )


def read_grant(text: str) -> Grant | None:
    """The role that a form says, ``code@siren`` or ``code@*``; None for anything else."""
    code, _, where = text.partition("@")
    role = _ROLES.get(code)
    if role is None or not where:
        return None
    return Grant(role, None if where == EVERYWHERE else where)


def role_label(code: str) -> str:
    """What a role is, by its code; an unknown one is shown as it is."""
    return _ROLES[code].label if code in _ROLES else code
