"""The bytes of a deposit at the ministry, and what its status comes to: pure functions, no I/O."""

from transmission.domain.outcomes import Accepted, InDoubt, Outcome, Refused, Unavailable
from transmission.ports import Parcel
from transmission.tdt.ministere.errors import NOT_TAKEN, OK, TOO_LARGE
from transmission.tdt.multipart import FilePart, Multipart

_ARCHIVE_MIME = "application/gzip"


def deposit_form(parcel: Parcel) -> Multipart:
    """The archive alone, in a field that bears its own name (ACTES protocol §8)."""
    name = parcel.archive_name
    archive = FilePart(name, name, _ARCHIVE_MIME, parcel.archive_size, parcel.open_archive)
    return Multipart(parcel.archive_sha256, [], [archive])


def deposit_outcome(status: int, parcel: Parcel) -> Outcome:
    """What an HTTP status says of a deposit; its body says nothing (ACTES protocol §8).

    200 is delivered, not accepted: only the AR accepts. The archive's name is then the reference.
    """
    if status == OK:
        return Accepted(parcel.archive_name)
    if status in NOT_TAKEN:
        return Unavailable(NOT_TAKEN[status])
    if status == TOO_LARGE:
        return Refused("l'envoi dépasse la taille que le ministère accepte (HTTP 413)")
    return InDoubt(f"le ministère a répondu par un code HTTP {status}")
