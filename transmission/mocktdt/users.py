"""POST /users and /account of the management port: accounts of an authority, their rights."""

from typing import TYPE_CHECKING, Any

from transmission.mocktdt.accounts import Permission, Role
from transmission.mocktdt.arguments import ActionError, Arguments, flag_of, text_of

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

_CERTIFICATES = ("shared", "own", "forwarded")


def role_of(arguments: Arguments) -> Role | None:
    """An optional role. Raises ValueError."""
    name = text_of(arguments, "role")
    return None if name is None else Role(name)


def services_of(arguments: Arguments) -> frozenset[str] | None:
    """An optional list of services. Raises ActionError."""
    names = arguments.get("services")
    if names is not None and not isinstance(names, list):
        raise ActionError("services : une liste de noms est attendue")
    return None if names is None else frozenset(str(name) for name in names)


def users(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """`siren`, `login`, `password`, `permission`, `role`, `services`.

    `certificate`: the authority's (`shared`), one of its own (`own`), or the authority's with one
    more in the header (`forwarded`), whose files are then told.
    """
    certificate = arguments.get("certificate", "shared")
    if certificate not in _CERTIFICATES:
        raise ActionError(f"certificate : {' ou '.join(_CERTIFICATES)}")
    try:
        account = mock.add_user(
            str(arguments.get("siren", "")),
            str(arguments.get("login", "")),
            str(arguments.get("password", "")),
            Permission(arguments.get("permission", Permission.WRITE)),
            own_certificate=certificate == "own",
            forwarded=certificate == "forwarded",
        )
        account = mock.platform.accounts.change(
            account.siren,
            login=account.login,
            role=role_of(arguments),
            services=services_of(arguments),
        )
    except ValueError as error:
        raise ActionError(str(error)) from None
    return mock.describe_account(account) | {
        "permission": account.permission,
        "role": account.role,
        "services": sorted(account.services),
    }


def account(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Change the rights of an account."""
    try:
        permission = arguments.get("permission")
        changed = mock.platform.accounts.change(
            str(arguments.get("siren", "")),
            login=text_of(arguments, "login"),
            password=text_of(arguments, "password"),
            permission=None if permission is None else Permission(permission),
            enabled=flag_of(arguments, "enabled"),
            rgs=flag_of(arguments, "rgs"),
            role=role_of(arguments),
            services=services_of(arguments),
        )
    except ValueError as error:
        raise ActionError(str(error)) from None
    return {
        "siren": changed.siren,
        "login": changed.login,
        "permission": changed.permission,
        "enabled": changed.enabled,
        "rgs": changed.rgs,
        "role": changed.role,
        "services": sorted(changed.services),
    }
