"""What the pages call things, beside the labels of the lifecycle."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from transmission.console.words import day, size
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import NomFichier
from transmission.domain.legal.declaration import LABELS, value_label
from transmission.domain.legal.evenements import EventKind
from transmission.domain.messages import label_of
from transmission.domain.transmission import SERVICE

_KNOWN_EVENTS = {kind.code: kind.label for kind in EventKind}

_OUTCOMES = {
    "Accepted": "Acceptée",
    "Duplicate": "Déjà reçue par le TdT",
    "Refused": "Refusée",
    "Unavailable": "TdT injoignable, rien n'est parti",
    "InDoubt": "Issue inconnue",
}

_KINDS = {"1-2": "Accusé de réception"}

_FIELDS = {
    "adresse": "Adresse",
    "annexes": "Annexes",
    "anomalie": "Anomalie",
    "archive": "Archive",
    "courrier": "Courrier n°",
    "date": "Daté du",
    "date_decision": "Date de la décision",
    "date_executoire": "Exécutoire depuis le",
    "date_minimum": "À garder en ligne jusqu'au",
    "date_mise_en_ligne": "Mise en ligne",
    "date_reception": "Reçu en préfecture le",
    "detail": "Détail",
    "date_envoi": "Envoyé le",
    "date_recu": "Reçu le",
    "differences": "Différences avec l'envoi",
    "document": "Document",
    "erreur": "Erreur",
    "evenement": "Événement",
    "fingerprint": "Empreinte du dépôt",
    "fonction": "Fonction du signataire",
    "id_acte": "Identifiant de télétransmission",
    "interrompue": "Publicité interrompue",
    "issue": "Issue",
    "matiere": "Matière",
    "message": "Message",
    "motif": "Motif",
    "nature": "Nature",
    "nom": "Nom du signataire",
    "nombre_annexes": "Nombre d'annexes",
    "numero_interne": "Numéro de l'acte",
    "objet": "Objet",
    "octets": "Taille",
    "publication": "Publication n°",
    "preuve": "Preuve",
    "reference": "Référence du TdT",
    "refus": "Sans effet",
    "regle": "Règle",
    "reponse": "Réponse n°",
    "retour": "Retour n°",
    "saisie": "Saisie n°",
    "sans_effet": "Sans effet",
    "sha256": "Empreinte SHA-256",
    "tache": "Tâche",
    "tentative": "Tentative",
    "texte": "Texte du TdT",
}


def author_label(name: str) -> str:
    """Who did it: the service itself, or a person or program by the name it gave."""
    return "le service" if name == SERVICE.name else name


def outcome_label(outcome: str | None) -> str:
    """Label of what came of a submission; None while nothing is known."""
    return "Pas encore connue" if outcome is None else _OUTCOMES.get(outcome, outcome)


def retour_label(kind: str | None) -> str:
    """Label of a kind of retour; None before anyone read it."""
    if kind is None:
        return "Pas encore lu"
    label = _KINDS.get(kind, message_label(kind))
    return f"{label} ({kind})" if kind[:1].isdigit() else label


def message_label(code: str) -> str:
    """Label of a message by its code, first letter a capital; other words get the capital alone."""
    try:
        label = label_of(code)
    except KeyError:
        label = code
    return label[:1].upper() + label[1:]


def quarantined_label(kind: str | None, nom_fichier: str | None) -> str:
    """Label of a retour that belongs to nothing: what its own name says it is, if it says it."""
    try:
        return message_label(NomFichier.parse(nom_fichier or "").message)
    except IdentifierError:
        return retour_label(kind)


def field_label(name: str) -> str:
    """Label of a field of an act or of a detail; an unknown one is shown as it is."""
    return _FIELDS.get(name) or LABELS.get(name, name)


def detail_lines(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Label and text of each detail of an event, those that say nothing left out."""
    for name, value in details.items():
        if value not in (None, ""):
            yield field_label(name), _detail_text(name, value)


def _detail_text(name: str, value: Any) -> str:
    if name == "octets" and isinstance(value, int):
        return size(value)
    if name == "issue":
        return outcome_label(str(value))
    if name == "evenement":
        return _KNOWN_EVENTS.get(str(value), str(value))
    if name == "message":
        return message_label(str(value))
    if name == "date" or name.startswith("date_"):
        return _civil(str(value))
    return value_label(name, value) if name in LABELS else str(value)


def _civil(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
