"""POST /switches and /sae of the management port: the platform's own settings, its archiving."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from transmission.mocktdt.actions import described, named_transaction
from transmission.mocktdt.arguments import ActionError, Arguments, flag_of, number_of
from transmission.mocktdt.switches import SwitchError
from transmission.mocktdt.transactions import Kind, Status, Step

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

# What the archiving system, or the platform's own workers, can do to an act.
_SAE = (
    Status.DEPOSITED_IN_ARCHIVES,
    Status.ARCHIVED,
    Status.REFUSED_BY_ARCHIVES,
    Status.DESTROYED,
    Status.ARCHIVING_FAILED,
    Status.FILES_UNAVAILABLE,
)


def switches(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Turn switches on or off, and tell them all."""
    platform = mock.platform
    changes = {name: flag_of(arguments, name) for name in arguments}
    try:
        with platform.lock:
            platform.switches = platform.switches.changed(
                {name: bool(on) for name, on in changes.items()}
            )
            return asdict(platform.switches)
    except SwitchError as error:
        raise ActionError(str(error)) from None


def sae(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Play the archiving system on an act, whatever its status; 16 destroys its files."""
    platform = mock.platform
    wanted = int(number_of(arguments, "status"))
    if wanted not in _SAE:
        raise ActionError(f"status : {', '.join(str(int(status)) for status in _SAE)}")
    with platform.lock:
        now = platform.settle()
        transaction = named_transaction(platform, arguments)
        if transaction.kind is not Kind.ACTE:
            raise ActionError("seul un acte est archivé")
        transaction.steps.append(Step(Status(wanted), now))
        if wanted == Status.DESTROYED and transaction.envelope.archive is not None:
            transaction.envelope.archive.unlink(missing_ok=True)
            transaction.envelope.archive = None
        return described(transaction)
