"""Coming in by a provider of OpenID Connect: it says who a person is, never what they may do.

An account is tied to a person of the provider once, and known by that from then on. Nobody gets an
account, nor a right, by coming.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transmission.domain.accounts import Account, Identity, Origin, Way, folded_login
from transmission.domain.errors import NotFoundError, Problem, RefusedError
from transmission.domain.texte import printable
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.ports.oidc import Declined, Departure, Homecoming, Identified, IdentityProvider
from transmission.ports.outbound import Unavailable
from transmission.services.decisions import require_reason
from transmission.services.log_in import LoginRefusedError, let_in
from transmission.services.toolbox import Toolbox

BACK = "/connexion/oidc/retour"
"""Where the provider sends browsers back to, after the console's own address."""

_SUBJECT_MAX = 255


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who is in: the secret of their session, what they came for, and what the provider is
    shown when they leave."""

    secret: str
    path: str
    id_token: str


def begin(tools: Toolbox, provider: IdentityProvider, path: str) -> Departure | Unavailable:
    """Send a browser to the provider; ``path`` is where it goes once its person is in."""
    return provider.begin(f"{tools.console_url or ''}{BACK}", path, tools.clock.now())


def finish(
    tools: Toolbox,
    provider: IdentityProvider,
    brought: Homecoming,
    origin: Origin,
    *,
    randomness: Callable[[int], bytes],
) -> Arrival | Declined | Unavailable:
    """Let in whoever the provider vouches for, if an account is theirs."""
    who = provider.finish(brought, tools.clock.now())
    if not isinstance(who, Identified):
        return who
    with tools.register() as unit:
        account = unit.account_by_identity(who.identity) or _tied(tools, unit, provider, who)
        if isinstance(account, Declined):
            return account
        try:
            secret = let_in(tools, unit, account, Way.OIDC, origin, randomness=randomness)
        except LoginRefusedError as error:
            return Declined(f"{provider.name} vous reconnaît, mais personne n'entre.", str(error))
        unit.commit()
    return Arrival(secret, who.path, who.id_token)


def farewell(tools: Toolbox, provider: IdentityProvider, id_token: str) -> str | None:
    """Where a browser ends its session at the provider, None when there is nowhere."""
    back = f"{tools.console_url or ''}/connexion"
    return provider.farewell(id_token, back, tools.clock.now())


def tie(
    tools: Toolbox, provider: IdentityProvider, login: str, subject: str, author: Author
) -> Account:
    """Let a person of the provider, and nobody else of it, come in as an account; its sessions end.

    ``subject`` is what the refusal of their first coming told. Raises NotFoundError for an unknown
    login, RefusedError for a text that names nobody or without a reason, ConflictError when the
    person is somebody else's.
    """
    require_reason(author)
    identity = Identity(provider.issuer, subject_name(subject))
    now = tools.clock.now()
    with tools.register() as unit:
        account = unit.account_by_login(folded_login(login))
        if account is None:
            raise NotFoundError("Aucun compte n'a cet identifiant.")
        unit.bind_identity(account.id, identity, author, now)
        unit.end_sessions(account.id, now)
        unit.commit()
    return account


def subject_name(text: str) -> str:
    """A subject as providers write it (OpenID Connect Core §2). Raises RefusedError."""
    subject = text.strip()
    if not (0 < len(subject) <= _SUBJECT_MAX and subject.isascii() and subject.isprintable()):
        raise RefusedError(
            [
                Problem(
                    "sujet",
                    "sujet_compte",
                    f"« {_shown(subject)} » ne nomme personne chez un fournisseur d'identité.",
                    "Recopiez l'identité que dit la page de refus de sa première connexion.",
                )
            ]
        )
    return subject


def _tied(
    tools: Toolbox, unit: UnitOfWork, provider: IdentityProvider, who: Identified
) -> Account | Declined:
    """The one account that awaits this person, from now on theirs."""
    waiting = _waiting(unit, who)
    if len(waiting) != 1:
        return _nobody(provider, who, len(waiting))
    (account,) = waiting
    # Whoever is no more let in is refused as they are, and ties nothing.
    if account.disabled_at is None:
        author = Author(account.name)
        unit.bind_identity(account.id, who.identity, author, tools.clock.now())
    return account


def _waiting(unit: UnitOfWork, who: Identified) -> Sequence[Account]:
    """Accounts that an administrator made for the address or the login that the provider vouches
    for, and that are tied to nobody."""
    login = folded_login(who.login or "")
    address = (who.email or "").casefold()
    return [
        each
        for each in unit.accounts()
        if each.identity is None
        and (
            (login and each.login == login)
            or (address and (each.email or "").casefold() == address)
        )
    ]


def _nobody(provider: IdentityProvider, who: Identified, found: int) -> Declined:
    fact = (
        f"{found} comptes peuvent être le vôtre, et rien ne dit lequel"
        if found
        else "aucun compte n'est le vôtre dans ce service"
    )
    named = f"identité {_shown(who.identity.subject)} de {_shown(who.identity.issuer)}"
    if who.email:
        named = f"{named}, adresse {_shown(who.email)}"
    return Declined(
        f"{provider.name} vous reconnaît, mais {fact} : personne n'est connecté.",
        f"Demandez un compte à l'administrateur du service, en lui donnant ces mots : « {named} ».",
    )


def _shown(text: str) -> str:
    return printable(text[:_SUBJECT_MAX])
