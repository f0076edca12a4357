"""Who may see and change whose transactions (S²LOW API §2.6). The platform's lock is held."""

from transmission.mocktdt.accounts import Account, Permission, Role
from transmission.mocktdt.answers import RefusedError
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform, intval
from transmission.mocktdt.transactions import Transaction

_ABOVE = frozenset({Role.SUPER_ADMIN, Role.GROUP_ADMIN})
_WHOLE_AUTHORITY = frozenset({Role.ADMIN, Role.ARCHIVIST})


def agent(platform: Platform, request: Request, *permissions: Permission) -> Account:
    """The caller's account, when it has one of these permissions and works for its authority.

    Those who administer the platform are refused. Raises as `Platform.allow`. No lock needed.
    """
    account = platform.allow(request, *permissions)
    if account.role in _ABOVE:
        raise RefusedError("Accès refusé")
    return account


def viewed(platform: Platform, account: Account, identifier: str) -> Transaction:
    """A transaction that the "view" rule shows to the account. Raises RefusedError."""
    transaction = named(platform, identifier)
    if not may_view(platform, account, transaction):
        raise RefusedError("Accès refusé")
    return transaction


def followed(
    platform: Platform, account: Account, identifier: str, *, archivists: bool = True
) -> Transaction:
    """A transaction whose status the account may ask for: its own, or as administrator.

    Colleagues of a service may view, not follow. Raises RefusedError.
    """
    transaction = named(platform, identifier)
    archivist = archivists and account.role is Role.ARCHIVIST
    if transaction.siren == account.siren and (archivist or may_change(account, transaction)):
        return transaction
    raise RefusedError("Accès refusé")


def may_view(platform: Platform, account: Account, transaction: Transaction) -> bool:
    """The "view" rule: super-administrator, owner, ADM or ARCH of the authority, colleague."""
    if account.role is Role.SUPER_ADMIN:
        return not transaction.envelope.direct
    if transaction.siren != account.siren or transaction.envelope.direct:
        return False
    if account.role in _WHOLE_AUTHORITY or may_change(account, transaction):
        return True
    owner = platform.accounts.of_id(transaction.owner)
    return owner is not None and bool(owner.services & account.services)


def may_change(account: Account, transaction: Transaction) -> bool:
    """Whether it is the account's own, or the account is ADM of the authority.

    What nobody posted belongs to the whole authority.
    """
    if transaction.siren != account.siren or transaction.envelope.direct:
        return False
    return account.role is Role.ADMIN or transaction.owner in (0, account.id)


def named(platform: Platform, identifier: str) -> Transaction:
    """The transaction of this id, if the platform knows it. Raises RefusedError."""
    transaction = platform.registry.transaction(intval(identifier))
    if transaction is None or transaction.envelope.direct:
        raise RefusedError("Numéro de transaction invalide")
    return transaction
