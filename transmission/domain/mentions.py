"""What happened to an act, in the words of an e-mail: a true sentence, and what may be done."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from transmission.domain.cloud_events import EventType, FindingChange, Happened, JournalLine
from transmission.domain.french_dates import long_date
from transmission.domain.legal.checks_delai import ACCUSE_ABSENT
from transmission.domain.notifications import KINDS, Kind, Mention

_T = EventType
_LETTERS = {
    "2-1": ("Courrier de la préfecture", "Lisez-le ; on y répond depuis la page de l'acte."),
    "3-1": (
        "Demande de pièces complémentaires",
        "Envoyez les pièces, ou refusez, depuis la page de l'acte : se taire finit par refuser.",
    ),
    "4-1": (
        "Lettre d'observations",
        "Répondez, ou rejetez, depuis la page de l'acte : se taire finit par rejeter.",
    ),
    "5-1": ("Déféré au tribunal administratif", "Prévenez sans attendre le service juridique."),
}
_OTHER_LETTER = ("Message de la préfecture", "Lisez-le sur la page de l'acte.")

# Where no day is known.
_RECEIVED = {
    _T.ACTE_RECU: ("Reçu en préfecture le {}", "Accusé de réception de la préfecture"),
    _T.REPONSE_RECUE: (
        "Réponse reçue en préfecture le {}",
        "Accusé de réception de la réponse",
    ),
    _T.ACTE_ANNULE: (
        "Transmission annulée, annulation reçue en préfecture le {}",
        "Retiré avant tout envoi",
    ),
}
_UNBLOCK = "La page de l'acte dit ce qui manque ; un opérateur relance l'envoi ou l'abandonne."
_WAIT = (
    "Rien n'est renvoyé à l'aveugle : le service cherche ce que le TdT en a. S'il ne peut le "
    "savoir, un opérateur tranche depuis la page de l'acte."
)
_SAID = {
    _T.ACTE_ANOMALIE: (
        "Rejeté (anomalie) le {}",
        "Lisez l'anomalie sur la page de l'acte, corrigez, puis renvoyez-le.",
    ),
    _T.ACTE_ANNULATION_REFUSEE: (
        "Demande d'annulation sans effet le {}, l'acte reste transmis",
        "La page de l'acte dit pourquoi.",
    ),
    _T.REPONSE_ANOMALIE: (
        "Réponse rejetée (anomalie) le {}",
        "Lisez l'anomalie sur la page de l'acte, puis répondez de nouveau.",
    ),
    _T.ACTE_EN_ATTENTE: ("Envoi mis en attente d'un opérateur le {}", _UNBLOCK),
    _T.ANNULATION_EN_ATTENTE: (
        "Demande d'annulation mise en attente d'un opérateur le {}",
        _UNBLOCK,
    ),
    _T.REPONSE_EN_ATTENTE: ("Réponse mise en attente d'un opérateur le {}", _UNBLOCK),
    _T.ACTE_INCERTAIN: ("Envoi coupé le {}, son issue n'est pas connue", _WAIT),
    _T.ANNULATION_INCERTAINE: (
        "Demande d'annulation coupée le {}, son issue n'est pas connue",
        _WAIT,
    ),
    _T.REPONSE_INCERTAINE: ("Envoi de la réponse coupé le {}, son issue n'est pas connue", _WAIT),
}


def mention_of(happened: Happened, time_zone: str) -> Mention | None:
    """What people are told of an event, without the object of its act; None for what concerns
    programs alone.

    A day of reception is that of the AR; the moment of anything else is the authority's.
    """
    if isinstance(happened, FindingChange):
        return _stuck(happened, time_zone)
    type_ = happened.type
    kind = None if type_ is None else KINDS.get(type_)
    if type_ is None or kind is None:
        return None
    what, todo = _words(type_, happened, time_zone)
    return _mention(f"journal:{happened.id}", kind, happened, what, todo)


def _stuck(change: FindingChange, time_zone: str) -> Mention | None:
    """What was sent and stays without an answer, far longer than usual."""
    if not change.opened or change.check != ACCUSE_ABSENT.code:
        return None
    what = f"Envoyé, et toujours sans accusé de réception le {_moment(change.at, time_zone)}"
    todo = "C'est bien plus long que d'habitude : demandez au TdT s'il l'a remis."
    return _mention(f"constat:{change.id}", Kind.BLOQUE, change, what, todo)


def _mention(key: str, kind: Kind, happened: Happened, what: str, todo: str) -> Mention:
    acte = happened.acte
    return Mention(
        key=key,
        kind=kind,
        at=happened.at,
        what=what,
        todo=todo,
        acte_id=None if acte is None else acte.id,
        numero=None if acte is None else acte.numero_interne,
    )


def _words(type_: EventType, line: JournalLine, time_zone: str) -> tuple[str, str]:
    if type_ is EventType.COURRIER_RECU:
        named, todo = _LETTERS.get(str(line.details.get("message")), _OTHER_LETTER)
        day = _day(line.details.get("date"))
        return (f"{named} du {long_date(day)}" if day else named), todo
    if type_ in _RECEIVED:
        dated, undated = _RECEIVED[type_]
        day = _day(line.told().get("date_reception"))
        return (dated.format(long_date(day)) if day else undated), ""
    what, todo = _SAID[type_]
    return what.format(_moment(line.at, time_zone)), todo


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def _moment(at: datetime, time_zone: str) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{long_date(local.date())} à {local.hour} h {local.minute:02d}"


def ending_mention(what: str, day: date, todo: str, key: str, at: datetime) -> Mention:
    """What people are told of something that ends, or ended, on a civil day; ``what`` names it and
    says which of the two."""
    return Mention(
        key=key,
        kind=Kind.CERTIFICAT,
        at=at,
        what=f"{what} le {long_date(day)}",
        todo=todo,
    )
