"""POST /mails of the management port: how the State mails its retours."""

from typing import TYPE_CHECKING, Any

from transmission.mocktdt.arguments import ActionError, Arguments

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt


def mails(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """`grouped`: whether the retours of an authority due together share one mail."""
    platform = mock.platform
    if platform.postman is None:
        raise ActionError("aucune boîte aux lettres : démarrez avec --mailbox-host")
    grouped = arguments.get("grouped")
    if not isinstance(grouped, bool):
        raise ActionError("grouped : true ou false est attendu")
    platform.settle()
    platform.postman.grouped = grouped
    return {"grouped": grouped}
