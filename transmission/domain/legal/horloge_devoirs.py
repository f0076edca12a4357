"""What the authority has to do by a day, and until when it may withdraw its act (§4, §9, §11).

What nobody declared is read on the safe side, which is here the sooner day: without a date of
signature that of the decision counts, provisionally.
"""

from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, unknown
from transmission.domain.legal.echeances import (
    Due,
    notification_report_due,
    own_duty,
    transmission_due,
)
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.horloge_budget import budget_transmission, is_budget
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_echeance import duty, sending, sending_without_limit
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.publicite import list_due
from transmission.domain.legal.retrait import Withdrawn, withdrawal
from transmission.domain.legal.sujets import ActeKind, AuthorityKind

_NATURES = {
    ActeKind.INDIVIDUEL: NatureActe.INDIVIDUEL,
    ActeKind.CONTRAT: NatureActe.CONTRAT,
}
_WITH_LISTS = (
    AuthorityKind.COMMUNE,
    AuthorityKind.EPCI_FISCALITE_PROPRE,
    AuthorityKind.SYNDICAT_COMMUNES,
    AuthorityKind.SYNDICAT_MIXTE_FERME,
)
_NO_SIGNATURE = "La date de signature reste à déclarer : celle de la décision en tient lieu."
_TACIT = "Une autorisation tacite n'a pas de signature : le jour où elle est acquise en tient lieu."
_IF_INDIVIDUAL = (
    "si l'acte est une décision individuelle, à transmettre dans les quinze jours (DT-1)"
)
_AT_ONCE = (
    "Aucun texte ne fixe de délai pour transmettre cet acte, qui n'a pas de force avant d'être "
    "reçu."
)
_PERMIT_NOT_DECLARED = (
    "La matière seule dit que l'acte est une autorisation d'urbanisme : le délai le plus court est "
    "retenu. Reste à déclarer."
)


def signed_on(dossier: Dossier) -> tuple[date, tuple[str, ...]]:
    """Day of the signature, and what makes it doubtful (French): the decision stands for it."""
    acte = dossier.acte
    if acte.tacite:
        return acte.date_decision, (_TACIT,)
    known = [day for day in (acte.date_signature, acte.marche.date_signature) if day is not None]
    return (min(known), ()) if known else (acte.date_decision, (_NO_SIGNATURE,))


def transmission_date(dossier: Dossier) -> LegalDate | None:
    """Until when the act is transmitted; None when it need not be (DT-1 to DT-6)."""
    if not dossier.portee.must_transmit:
        return None
    if is_budget(dossier):
        return budget_transmission(dossier)
    kind = dossier.publicity.kind
    due = _due(dossier, kind)
    if due is None:
        return _without_limit(dossier)
    signed, doubts = signed_on(dossier)
    return sending(
        dossier,
        due,
        f"{_what(dossier, kind, signed, doubts)} : à transmettre dans les quinze jours",
        (("Date de la décision" if doubts else "Signature", signed),),
        doubts,
    )


def _due(dossier: Dossier, kind: ActeKind | None) -> Due | None:
    nature = _NATURES.get(kind) if kind else None
    if nature is None:
        return None
    signed, _ = signed_on(dossier)
    return transmission_due(nature, signed, dossier.owner.calendrier, dossier.settings)


def _without_limit(dossier: Dossier) -> LegalDate:
    found = sending_without_limit(dossier, _AT_ONCE)
    due = None if dossier.publicity.kind else _due(dossier, ActeKind.INDIVIDUEL)
    return replace(found, alternative=Alternative(due.safe, _IF_INDIVIDUAL) if due else None)


def _what(dossier: Dossier, kind: ActeKind | None, signed: date, doubts: tuple[str, ...]) -> str:
    if dossier.acte.tacite:
        return f"Autorisation tacite acquise le {long_date(signed)}"
    head = "Contrat" if kind is ActeKind.CONTRAT else "Décision individuelle"
    if doubts:
        return f"{head} du {long_date(signed)}"
    return f"{head} {'signé' if kind is ActeKind.CONTRAT else 'signée'} le {long_date(signed)}"


def notification_report(dossier: Dossier) -> LegalDate | None:
    """Until when the préfet is told of the notification of a contract (DT-2)."""
    if dossier.publicity.kind is not ActeKind.CONTRAT or not dossier.portee.must_transmit:
        return None
    name, notified = DateName.NOTIFICATION_PREFET, dossier.first(EventKind.NOTIFICATION)
    if notified is None:
        because, awaits = "aucune notification n'est connue", "la notification"
        return unknown(name.code, DateKind.DUE, "DT-2", because, awaits=awaits)
    day = notified.received
    return duty(
        dossier,
        name,
        notification_report_due(day, dossier.owner.calendrier, dossier.settings),
        f"Contrat notifié le {long_date(day)} : le préfet en est informé dans les quinze jours",
        (("Notification", day),),
        awaits="l'information du préfet",
    )


def list_date(dossier: Dossier) -> LegalDate | None:
    """Until when the list of the délibérations is posted and online (PU-5)."""
    if dossier.acte.nature is not NatureActe.DELIBERATION:
        return None
    met = dossier.acte.date_decision
    calendrier, settings = dossier.owner.calendrier, dossier.settings
    known = dossier.owner.kind in _WITH_LISTS
    return duty(
        dossier,
        DateName.LISTE_DELIBERATIONS,
        own_duty("PU-5", list_due(met), calendrier, settings),
        f"Séance du {long_date(met)} : la liste des délibérations est affichée, et mise en ligne "
        "s'il existe un site, dans la semaine",
        (("Séance", met),),
        warnings=() if known else ("Le texte lu est celui des communes et des EPCI.",),
        awaits="l'affichage et la mise en ligne de la liste",
    )


def withdrawal_date(dossier: Dossier) -> LegalDate | None:
    """Until when the author may withdraw an unlawful act; None for a contract (WD-1 to WD-3)."""
    if dossier.publicity.kind is ActeKind.CONTRAT:
        return None
    what, acte = _withdrawn(dossier), dossier.acte
    by_signature = what is Withdrawn.CREATES_RIGHTS and not dossier.voted
    start, doubts = signed_on(dossier) if by_signature else (acte.date_decision, ())
    if dossier.is_permit and not acte.tacite and acte.urban_decision is None:
        doubts = (_PERMIT_NOT_DECLARED,)
    due = withdrawal(what, start, dossier.owner.calendrier, dossier.settings)
    return duty(
        dossier,
        DateName.RETRAIT,
        due,
        f"Acte du {long_date(start)} : son auteur peut le retirer, s'il est illégal, dans les "
        f"{'trois' if what is Withdrawn.PERMIT else 'quatre'} mois",
        (("Signature" if by_signature and not doubts else "Date de la décision", start),),
        kind=DateKind.LAST_DAY,
        warnings=_withdrawn_late(dossier, due),
        doubts=doubts,
    )


def _withdrawn(dossier: Dossier) -> Withdrawn:
    if dossier.is_permit:
        return Withdrawn.PERMIT
    rights = dossier.acte.creates_rights
    individual = dossier.publicity.kind is ActeKind.INDIVIDUEL
    creates = individual if rights is None else rights
    return Withdrawn.CREATES_RIGHTS if creates else Withdrawn.REGULATION


def _withdrawn_late(dossier: Dossier, due: Due) -> tuple[str, ...]:
    done = dossier.first(EventKind.RETRAIT)
    if done is None or done.sent <= due.day:
        return ()
    return (f"Retrait du {long_date(done.sent)} : il est venu après le dernier jour.",)
