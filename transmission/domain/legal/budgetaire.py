"""Budgets: until when they are voted, and the periods of their control (legal clock §7).

Every day of the préfet or of the chambre régionale des comptes (CRC) is plain, and carried to a
working day; the periods of the CRC run from its receipt of all the documents (CGCT R. 1612-8).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.periods import add_months, plain_days, roll


@dataclass(frozen=True, slots=True)
class VoteLimit:
    """``last`` is the last day by practice; ``safe`` reads « before » strictly (C-13)."""

    last: date
    safe: date


def budget_vote_limit(
    year: int, *, renewal: bool, settled_last_year: bool = False, information: date | None = None
) -> VoteLimit:
    """Vote of the budget of a year: by 15 April, by 30 April when the assembly is renewed.

    By 1 June, or 15 June, when the préfet settled the budget of the year before (L. 1612-9);
    ``information`` is the day on which the State gave what it owed on 31 March: fifteen days more.
    Source: CGCT L. 1612-2, L. 1612-9; BU-1.
    """
    usual, renewed = ((6, 1), (6, 15)) if settled_last_year else ((4, 15), (4, 30))
    last = date(year, *(renewed if renewal else usual))
    if information is not None:
        last = max(last, plain_days(information, 15))
    return VoteLimit(last, last - timedelta(days=1))


def crc_opinion_limit(referred: date, calendrier: Calendrier) -> date:
    """Last day for the opinion of the CRC: one month from the complete referral.

    So for a budget not voted (CGCT L. 1612-2; BU-1), a compulsory expenditure (L. 1612-15; BU-3),
    a deficit and the budget that follows (L. 1612-14; BU-4), accounts voted down (L. 1612-12;
    BU-5).
    """
    return roll(add_months(referred, 1), calendrier)


def settlement_limit(opinion: date, calendrier: Calendrier) -> date:
    """Last day for the préfet to settle a budget: 20 days from the opinion (R. 1612-11; BU-1)."""
    return roll(plain_days(opinion, 20), calendrier)


def referral_limit(received: date, calendrier: Calendrier) -> date:
    """Last day for the préfet to refer an unbalanced budget, from its receipt.

    It runs beside the déféré, which neither moves (BU-7). Source: CGCT L. 1612-5; BU-2.
    """
    return roll(plain_days(received, 30), calendrier)


def proposals_limit(referred: date, calendrier: Calendrier) -> date:
    """Last day for the proposals of the CRC on it (CGCT L. 1612-5; BU-2)."""
    return roll(plain_days(referred, 30), calendrier)


def new_vote_limit(communicated: date) -> date:
    """Last day for the new délibération, a duty of the authority (CGCT L. 1612-5; BU-2)."""
    return add_months(communicated, 1)


def new_vote_sending_limit(voted: date) -> date:
    """Last day to send it to the préfet and to the CRC (CGCT R. 1612-22; BU-2)."""
    return plain_days(voted, 8)


def opinion_limit(received_by_crc: date, calendrier: Calendrier) -> date:
    """Last day for the opinion of the CRC on it (CGCT R. 1612-23; BU-2)."""
    return roll(plain_days(received_by_crc, 15), calendrier)


def inscription_limit(notice: date) -> date:
    """Last day to enter a compulsory expenditure after the notice of the CRC.

    One month, a duty of the authority. Source: CGCT L. 1612-15; BU-3.
    """
    return add_months(notice, 1)


def payment_limit(notice: date, *, large: bool) -> date:
    """Last day to order the payment of a compulsory sum, after the notice of the préfet.

    One month; two when it is ``large``, five per cent of the operating section or more. Source:
    CGCT L. 1612-16; BU-3.
    """
    return add_months(notice, 2 if large else 1)


def is_excessive(deficit_cents: int, receipts_cents: int, *, commune_under_20_000: bool) -> bool:
    """Whether the deficit of the accounts calls for the CRC.

    Ten per cent of the operating receipts in a commune of fewer than 20,000 inhabitants, five per
    cent in any other authority. Source: CGCT L. 1612-14; BU-4.
    """
    share = 10 if commune_under_20_000 else 20
    return deficit_cents * share >= receipts_cents


def accounts_referral_from(due: date) -> date:
    """First day on which accounts not transmitted by ``due`` may be referred (L. 1612-13; BU-5)."""
    return due + timedelta(days=1)


def first_budget_limit(created: date) -> date:
    """Last day for the first budget of a new authority, its own duty (CGCT L. 1612-3; BU-6)."""
    return add_months(created, 3)
