"""Publicity since 1 July 2022: how, from which day, how long, what follows a meeting (§9)."""

from collections.abc import Iterable
from datetime import date

from transmission.domain.legal.periods import add_months, plain_days
from transmission.domain.legal.sujets import AuthorityKind, LegalAuthority, PublicityMode

PUBLICITY_REFORM = date(2022, 7, 1)
"""Before that day other texts applied, of which nothing is said here (ord. n° 2021-1310)."""

_SMALL_COMMUNE = 3_500
_FREE_WHATEVER_THEIR_SIZE = (
    AuthorityKind.ETABLISSEMENT_COMMUNAL,
    AuthorityKind.SYNDICAT_COMMUNES,
    AuthorityKind.SYNDICAT_MIXTE_FERME,
)


def chooses_its_mode(authority: LegalAuthority, day: date) -> bool | None:
    """Whether an authority may choose another mode than the electronic one; None: not known.

    Communes of fewer than 3,500 inhabitants, or just merged, and syndicats and établissements
    whatever their size. Source: CGCT L. 2131-1 IV, R. 2131-1 II, L. 5211-3; PU-1, PU-2.
    """
    if authority.kind is AuthorityKind.INCONNUE:
        return None
    if authority.kind is not AuthorityKind.COMMUNE:
        return authority.kind in _FREE_WHATEVER_THEIR_SIZE
    merged = authority.date_commune_nouvelle
    if merged is not None and day <= merged_commune_keeps_until(merged):
        return True
    return None if authority.population is None else authority.population < _SMALL_COMMUNE


def publicity_mode(authority: LegalAuthority, day: date) -> PublicityMode | None:
    """The mode that makes an act public on ``day``; None when it is not known.

    The last option taken by then, by an authority that may choose; else the electronic mode.
    Nothing is said of a day before 1 July 2022. Source: CGCT L. 2131-1 III and IV, R. 2131-1 II;
    PU-1, PU-2.
    """
    if day < PUBLICITY_REFORM:
        return None
    taken = [option for option in authority.publicity if option[0] <= day]
    free = chooses_its_mode(authority, day)
    if not taken or free is False:
        return PublicityMode.ELECTRONIQUE
    return max(taken, key=lambda option: option[0])[1] if free else None


def merged_commune_keeps_until(order_published: date) -> date:
    """Last day of the choice of communes that pass 3,500 inhabitants by their merger.

    Six months from the order that creates the commune nouvelle. Source: CGCT L. 2131-1 IV; PU-2.
    """
    return add_months(order_published, 6)


def is_public(
    used: PublicityMode, chosen: PublicityMode | None, *, whole_text: bool = True
) -> bool | None:
    """Whether a publication counts: the whole text, online or in the chosen mode.

    ``chosen`` is that of ``publicity_mode``; None there, None here: not known. Online always
    counts. A posting in urgency is another event (PU-3). Source: CGCT L. 2131-1 III to V; PU-1,
    PU-2.
    """
    if chosen is None:
        return None
    return whole_text and used in (chosen, PublicityMode.ELECTRONIQUE)


def publicity_date(
    *, individual: bool, notified: date | None, published: Iterable[date]
) -> date | None:
    """The ``date_publicite`` of an act: its notification, or its first valid publication.

    Source: CGCT L. 2131-1 II and III; CE 27 March 2020 n° 435277; PU-6, EX-1, TP-1.
    """
    return notified if individual else min(published, default=None)


def publicity_until(published: date) -> date:
    """Day through which an act stays public at least (CGCT R. 2131-1 I al. 2; PU-4)."""
    return add_months(published, 2)


def publicity_interrupted(published: date, removed: date | None) -> bool:
    """Whether an act was removed within the two months that it must stay public (PU-4, TP-1)."""
    return removed is not None and removed <= publicity_until(published)


def list_due(meeting: date) -> date:
    """Last day to post the list of the délibérations and put it online (L. 2121-25; PU-5)."""
    return plain_days(meeting, 7)


def minutes_due(settled: date) -> date:
    """Last day to put the minutes online, from the meeting that settled them (L. 2121-15; PU-5)."""
    return plain_days(settled, 7)


def members_told_by(meeting: date) -> date:
    """Last day for an EPCI to send its list and minutes to councillors who are not its members.

    Source: CGCT L. 5211-40-2; PU-5.
    """
    return add_months(meeting, 1)
