"""What is on line of an act, whether it is still there as published, and when to look again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from transmission.domain.coded import Coded
from transmission.domain.transmission import StoredFile

MARGIN = timedelta(days=15)
"""How long a publication is looked at every day after its two months (PU-4)."""

DAILY = timedelta(days=1)
SELDOM = timedelta(days=30)
RETRY = tuple(timedelta(minutes=length) for length in (15, 60, 180, 360, 720))
"""Waits after each look in a row that said nothing."""

UNREACHABLE_MAX = len(RETRY) + 1
"""Looks in a row without an answer, over about a day, after which a publication is absent."""


class Verdict(Coded):
    """What a look at a publication found: code kept, label shown."""

    CONFORME = ("conforme", "Conforme : le fichier publié répond, avec la même empreinte")
    CHANGE = ("change", "Changé : l'adresse donne un autre fichier que celui qui a été publié")
    ABSENT = ("absent", "Absent : l'adresse ne donne plus rien")
    INJOIGNABLE = ("injoignable", "Injoignable : le site n'a pas répondu, rien n'est établi")
    AUTRE_FICHIER = ("autre_fichier", "Autre fichier : ni l'acte remis, ni sa copie tamponnée")
    PAGE_HTML = ("page_html", "Page : l'adresse donne une page, et non le fichier de l'acte")
    ENDOMMAGE = ("endommage", "Endommagé : le fichier conservé par le service a changé")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCopy:
    """What the public may read of an act since a civil day: it never changes, it is withdrawn.

    ``nom_fichier`` is the name of the file that our register serves, None for an ``address``
    outside. ``file`` is the content published, None while an outside address has not answered for
    the first time. ``date_minimum`` is the day through which it stays at least (CGCT R. 2131-1 I
    al. 2; PU-4).
    """

    id: int
    acte_id: int
    collectivite_id: int
    date_mise_en_ligne: date
    date_minimum: date
    address: str | None
    file: StoredFile | None
    nom_fichier: str | None
    at: datetime

    @property
    def is_served(self) -> bool:
        """Whether our register serves it."""
        return self.nom_fichier is not None


def next_look(
    verdict: Verdict, tries: int, now: datetime, today: date, date_minimum: date
) -> datetime:
    """When to look again, after a look at ``now`` (aware), on the authority's day ``today``.

    Every day through the two months and ``MARGIN``, then every ``SELDOM``; sooner, at first, after
    ``tries`` looks in a row that said nothing.
    """
    if verdict is Verdict.INJOIGNABLE and tries <= len(RETRY):
        return now + RETRY[max(tries, 1) - 1]
    return now + (DAILY if today <= date_minimum + MARGIN else SELDOM)
