"""What the lines of the journal are called, beside the labels of the lifecycle."""

from transmission.domain.lifecycle import Event

EVENTS = {event.code: event.label for event in Event} | {
    "accepted": "Prise en charge",
    "published": "Mise en ligne constatée",
    "unpublished": "Retiré de la mise en ligne",
    "certified": "Certificat de caractère exécutoire délivré",
    "dossier_made": "Dossier de preuve établi",
    "event_recorded": "Événement saisi par une personne",
    "event_retracted": "Saisie retirée par une personne",
    "facts_declared": "Faits déclarés par une personne",
    "document_infecte": "Document infecté reçu de l'État : conservé, remis à personne",
    "late_outcome": "Réponse tardive du TdT, notée sans effet",
    "task_failed": "Une tâche du service a échoué",
    "courrier_received": "Courrier de la préfecture reçu",
    "retour_attached": "Retour rattaché par une personne",
    "retour_received": "Retour reçu, pas encore lu",
    "retour_set_aside": "Retour classé sans suite par une personne",
}


def event_label(code: str) -> str:
    """Label of a code of the journal; an unknown one is shown as it is."""
    return EVENTS.get(code, code)
