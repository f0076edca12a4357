"""The préfet's request for suspension: its ten days, what it suspends, until when (§5, §15.3).

The automatic effect needs a receipt: where none is known nothing says until when it lasts. An
order of the judge ends it; one that suspends the act leaves it suspended until a later order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.mots import until
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.periods import plain_days
from transmission.domain.legal.sujets import Categorie
from transmission.domain.legal.suspension import (
    AutomaticSuspension,
    automatic_suspension,
    ruling_expected,
)

_URBANISME, _MARCHES, _DSP = 2, (1, 1), (1, 2)
_CATEGORIES = {
    Categorie.MARCHE,
    Categorie.MARCHE_PARTENARIAT,
    Categorie.DSP,
    Categorie.AUTORISATION_URBANISME,
    Categorie.PLU,
    Categorie.SCOT,
}
_ELEVEN = 11


@dataclass(frozen=True, slots=True)
class Suspensions:
    """``automatic`` is what the filing alone does, None where it does nothing or none is known;
    ``ruled`` the first order after it; ``ordered`` the order that suspends, ``lifted`` its end."""

    filed: LegalEvent | None = None
    automatic: AutomaticSuspension | None = None
    ruled: LegalEvent | None = None
    ordered: LegalEvent | None = None
    lifted: LegalEvent | None = None

    def suspends(self, today: date) -> bool:
        """Whether the act is suspended on ``today``, by the filing alone or by the judge."""
        if self.ordered is not None and self.ordered.received <= today:
            return self.lifted is None or today < self.lifted.received
        if self.automatic is None:
            return False
        return self.automatic.suspends(today, self.ruled.received if self.ruled else None)


def is_of_the_matter(dossier: Dossier) -> bool:
    """Whether the act is of urbanism, of the marchés or a délégation de service public (DF-9)."""
    levels = dossier.acte.matiere.niveaux
    stated = dossier.acte.categorie in _CATEGORIES
    return stated or levels[0] == _URBANISME or levels[:2] in (_MARCHES, _DSP)


def suspensions_of(dossier: Dossier) -> Suspensions:
    """Follow the requests and the orders of an act (DF-8, DF-9)."""
    filed = dossier.first(EventKind.SUSPENSION)
    orders = dossier.of(EventKind.ORDONNANCE, EventKind.SUSPENSION_PRONONCEE)
    ordered = dossier.first(EventKind.SUSPENSION_PRONONCEE)
    lifted = next((each for each in orders if ordered and _ends(each, ordered)), None)
    if filed is None:
        return Suspensions(ordered=ordered, lifted=lifted)
    ruled = next((each for each in orders if each.received >= filed.sent), None)
    return Suspensions(filed, _automatic(dossier, filed), ruled, ordered, lifted)


def _ends(order: LegalEvent, ordered: LegalEvent) -> bool:
    return order.kind is EventKind.ORDONNANCE and order.received > ordered.received


def _automatic(dossier: Dossier, filed: LegalEvent) -> AutomaticSuspension | None:
    received = dossier.received
    if received is None or not dossier.portee.must_transmit or not is_of_the_matter(dossier):
        return None
    franc = dossier.settings.suspension_10d_franc
    found = automatic_suspension(received, filed.sent, dossier.owner.calendrier, franc=franc)
    return found if found.automatic else None


def suspension_dates(dossier: Dossier, suspensions: Suspensions) -> Iterator[LegalDate]:
    """The ten days, the end of the automatic suspension, and the order awaited."""
    if is_of_the_matter(dossier) and dossier.portee.must_transmit:
        yield _ten_days(dossier)
    filed = suspensions.filed
    if filed is None:
        return
    if suspensions.automatic is not None:
        yield _resumes(suspensions.automatic, suspensions)
    elif is_of_the_matter(dossier) and dossier.received is None and dossier.portee.must_transmit:
        because = f"{dossier.no_receipt}, et la suspension se compte depuis elle"
        yield unknown(DateName.REPRISE.code, DateKind.STATUS, "DF-9", because)
    if suspensions.ruled is None:
        yield _ruling(filed)


def _ten_days(dossier: Dossier) -> LegalDate:
    name, kind, received = DateName.SUSPENSION_AUTOMATIQUE.code, DateKind.LAST_DAY, dossier.received
    if received is None:
        awaits = "la réception en préfecture"
        return unknown(name, kind, "DF-9", dossier.no_receipt, awaits=awaits)
    franc, calendrier = dossier.settings.suspension_10d_franc, dossier.owner.calendrier
    last, other = (
        automatic_suspension(received, received, calendrier, franc=each).last_day
        for each in (franc, not franc)
    )
    why = f"si ces dix jours {'ne sont pas' if franc else 'sont'} francs (C-10)"
    return LegalDate(
        name=name,
        kind=kind,
        rule="DF-9",
        day=last,
        explanation=_ten_days_story(received, last, franc=franc),
        inputs=(("Réception en préfecture", received),),
        calendrier=calendrier if franc else None,
        settings=settings_read(dossier.settings, "suspension_10d_franc"),
        alternative=Alternative(other, why) if other != last else None,
    )


def _ten_days_story(received: date, last: date, *, franc: bool) -> str:
    days = "dix jours francs" if franc else "dix jours"
    end = until(last, plain_days(received, _ELEVEN) if franc else last)
    return (
        "Acte d'urbanisme, de marché ou de délégation de service public reçu le "
        f"{long_date(received)} : une demande de suspension déposée par le préfet dans les {days}, "
        f"{end}, le suspend par elle-même."
    )


def _resumes(automatic: AutomaticSuspension, suspensions: Suspensions) -> LegalDate:
    name, kind, ruled = DateName.REPRISE.code, DateKind.STATUS, suspensions.ruled
    head = f"Demande de suspension déposée le {long_date(automatic.filed)} dans les dix jours"
    inputs: tuple[tuple[str, date], ...] = (("Demande de suspension", automatic.filed),)
    if ruled is None or ruled.received >= automatic.resumes:
        return _month_over(automatic, head, inputs, waits=ruled is None)
    inputs = (*inputs, ("Ordonnance", ruled.received))
    ordered = ruled.kind is EventKind.SUSPENSION_PRONONCEE
    if ordered and suspensions.lifted is None:
        because = f"le juge a suspendu l'acte le {long_date(ruled.received)}"
        return unknown(name, kind, "DF-8", because, inputs=inputs, awaits="la suite du juge")
    end = suspensions.lifted if ordered and suspensions.lifted else ruled
    return LegalDate(
        name=name,
        kind=kind,
        rule="DF-8" if ordered else "DF-9",
        day=end.received,
        explanation=f"{head} : l'acte est suspendu jusqu'à l'ordonnance du "
        f"{long_date(end.received)}, lue comme mettant fin à la suspension.",
        inputs=inputs,
        provisional=not ordered,
        warnings=() if ordered else (_ORDER_TO_READ,),
    )


_ORDER_TO_READ = (
    "L'ordonnance est lue comme mettant fin à la suspension : si elle suspend l'acte, déclarez-la "
    "comme telle."
)


def _month_over(
    automatic: AutomaticSuspension,
    head: str,
    inputs: tuple[tuple[str, date], ...],
    *,
    waits: bool,
) -> LegalDate:
    literal = automatic.resumes_literal
    why = "si le mois se compte de la réception de l'acte, comme le texte le dit à la lettre (C-11)"
    return LegalDate(
        name=DateName.REPRISE.code,
        kind=DateKind.STATUS,
        rule="DF-9",
        day=automatic.resumes,
        explanation=(
            f"{head} : l'acte est suspendu dès ce jour ; faute d'ordonnance dans le mois de la "
            f"demande, il redevient exécutoire le {long_date(automatic.resumes)}."
        ),
        inputs=inputs,
        provisional=waits,
        alternative=Alternative(literal, why) if literal != automatic.resumes else None,
        awaits="l'ordonnance du juge" if waits else None,
    )


def _ruling(filed: LegalEvent) -> LegalDate:
    day = ruling_expected(filed.sent)
    return LegalDate(
        name=DateName.ORDONNANCE_ATTENDUE.code,
        kind=DateKind.STATUS,
        rule="DF-8",
        day=day,
        explanation=(
            f"Demande de suspension déposée le {long_date(filed.sent)} : le juge statue dans le "
            f"mois, soit au {long_date(day)}. Passé ce jour, son silence ne décide rien."
        ),
        inputs=(("Demande de suspension", filed.sent),),
        awaits="l'ordonnance du juge",
    )
