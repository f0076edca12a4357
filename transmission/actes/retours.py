"""What the State sends, among all the messages: one door for what comes from outside.

Source: ACTES protocol §2.2, §6, §7.
"""

from transmission.actes.forms import UnreadableRetourError
from transmission.actes.messages import open_message, read_root
from transmission.domain.retours import ReadRetour, Retour

__all__ = ["UnreadableRetourError", "read_retour"]


def read_retour(raw: bytes) -> ReadRetour:
    """Read one business message sent by the State, or the anomaly of an envelope.

    Dates are civil dates as written, a time zone being dropped and noted. Raises
    UnreadableRetourError, and nothing else.
    """
    root, kind, notes = open_message(raw)
    if issubclass(kind.type, Retour):
        retour = read_root(root, kind, notes)
        if isinstance(retour, Retour):
            return ReadRetour(retour, tuple(notes))
    raise UnreadableRetourError(f"« {kind.root} » n'est pas un message de retour de l'État.")
