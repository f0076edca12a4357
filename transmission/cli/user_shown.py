"""Accounts and sessions as the command line shows them: to people, or to programs."""

from typing import TYPE_CHECKING, Any

from transmission.domain.people import Grant

if TYPE_CHECKING:
    from transmission.domain.accounts import Account, Session

_ZONE = "Europe/Paris"


def show_account(account: "Account") -> None:
    """Who it is, and what they may do."""
    from transmission.cli.facts import Facts, show
    from transmission.console.words import moment

    facts: Facts = {
        "Nom": account.name,
        "Courriel": account.email or "aucun",
        "Rôles": " ; ".join(map(label, account.grants)) or "aucun : ce compte ne permet rien",
        "Mot de passe": (
            f"choisi le {moment(account.password_at, _ZONE)}" if account.password_at else "aucun"
        ),
        "Créé": f"{moment(account.created_at, _ZONE)}, par {account.created_by}",
    }
    if account.identity is not None:
        facts["Fournisseur d'identité"] = account.identity.issuer
    if account.disabled_at is not None:
        facts["Désactivé"] = f"{moment(account.disabled_at, _ZONE)}, par {account.disabled_by}"
        facts["Motif"] = account.disabled_reason or ""
    show(f"Compte « {account.login} »", facts)


def show_session(session: "Session") -> None:
    """From where somebody came."""
    from transmission.cli.facts import show
    from transmission.console.words import moment

    facts = {
        "Depuis": session.address or "adresse inconnue",
        "Navigateur": session.browser or "inconnu",
        "Par": session.way.label,
        "Ouverte": moment(session.created_at, _ZONE),
        "Utilisée": moment(session.last_seen_at, _ZONE),
    }
    show(f"Session n° {session.id}", facts)


def label(grant: Grant) -> str:
    """A role and where it is held."""
    return f"{grant.role.code} ({grant.siren or 'toutes les collectivités'})"


def account_told(account: "Account", **more: Any) -> dict[str, Any]:
    """An account as a document, with what a command adds to it."""
    return {
        "identifiant": account.login,
        "nom": account.name,
        "courriel": account.email,
        "langue": account.language,
        "roles": [{"role": each.role.code, "siren": each.siren} for each in account.grants],
        "mot_de_passe": account.password_at is not None,
        "fournisseur": account.identity.issuer if account.identity else None,
        "cree_le": account.created_at,
        "cree_par": account.created_by,
        "desactive_le": account.disabled_at,
        "desactive_par": account.disabled_by,
        "motif": account.disabled_reason,
        **more,
    }


def session_told(session: "Session") -> dict[str, Any]:
    """A session as a document."""
    return {
        "id": session.id,
        "voie": session.way.code,
        "adresse": session.address,
        "navigateur": session.browser,
        "ouverte_le": session.created_at,
        "utilisee_le": session.last_seen_at,
        "expire_le": session.expires_at,
    }
