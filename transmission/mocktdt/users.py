"""POST /users of the management port: one more account of an authority."""

from typing import TYPE_CHECKING, Any

from transmission.mocktdt.accounts import Permission
from transmission.mocktdt.arguments import ActionError, Arguments

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

_CERTIFICATES = ("shared", "own")


def users(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """`siren`, `login`, `password`; `certificate`: the authority's own one (`shared`) or `own`."""
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
        )
    except ValueError as error:
        raise ActionError(str(error)) from None
    return mock.describe_account(account) | {"permission": account.permission}
