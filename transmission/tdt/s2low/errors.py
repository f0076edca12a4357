"""What S²LOW says of a transaction by number, and what it may fail to say."""

from transmission.domain.errors import TransmissionError
from transmission.ports import Situation

ERREUR = -1
"""Status of what the TdT or the ministry refused (S²LOW API §3.3)."""
STATUTS_OF_A_LETTER = frozenset({7, 8, 21})
"""Those of a letter of the préfecture which stands for itself; a reply has any other (§3.2)."""


class UndecidedError(TransmissionError):
    """The TdT's answer, or its silence, decides nothing; the text says why in French."""


# Status of what was sent → what it means for us, label of the platform (S²LOW API §3.2). The ones
# which follow an AR are ANSWERED: the AR exists even when get_status no longer carries it.
STATUTS: dict[int, tuple[Situation, str]] = {
    0: (Situation.ANSWERED, "annulé"),
    1: (Situation.WAITING, "posté"),
    2: (Situation.WAITING, "en attente de transmission"),
    3: (Situation.DELIVERED, "transmis"),
    4: (Situation.ANSWERED, "acquittement reçu"),
    5: (Situation.ANSWERED, "validé"),
    6: (Situation.ANSWERED, "refusé par un utilisateur de la plateforme"),
    7: (Situation.UNKNOWN, "document reçu"),
    8: (Situation.UNKNOWN, "acquittement envoyé"),
    9: (Situation.UNKNOWN, "document envoyé"),
    10: (Situation.UNKNOWN, "refus d'envoi"),
    11: (Situation.UNKNOWN, "acquittement de document reçu"),
    12: (Situation.ANSWERED, "envoyé au SAE"),
    13: (Situation.ANSWERED, "archivé par le SAE"),
    14: (Situation.ANSWERED, "erreur lors de l'archivage"),
    15: (Situation.ANSWERED, "reçu par le SAE"),
    16: (Situation.ANSWERED, "détruit"),
    17: (
        Situation.WAITING,
        "en attente d'être posté : un agent doit le confirmer sur la plateforme",
    ),
    18: (Situation.WAITING, "en attente d'être signé : un agent doit le signer sur la plateforme"),
    19: (Situation.ANSWERED, "en attente de transmission au SAE"),
    20: (Situation.ANSWERED, "erreur lors de l'envoi au SAE"),
    21: (Situation.UNKNOWN, "document reçu (pas d'AR)"),
    22: (Situation.ANSWERED, "fichiers indisponibles pour l'envoi au SAE"),
}


def statut_in_french(code: int) -> str:
    """``statut 3 : transmis``; tolerates any number."""
    _, label = STATUTS.get(code, (Situation.UNKNOWN, "inconnu de ce connecteur"))
    return f"statut {code} : {label}"
