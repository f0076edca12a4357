"""When an act may be executed, and when it takes effect (legal clock §3)."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Effect:
    """``executoire`` is None while a formality is missing.

    ``retroactive`` when the act states a date before it could have force: it then takes effect when
    it becomes executory, unless a person decides otherwise (EX-3).
    """

    executoire: date | None
    prend_effet: date | None
    retroactive: bool = False


def executory_from(
    *,
    transmissible: bool,
    received: date | None,
    publicity: date | None,
    posted_in_urgency: date | None = None,
    effect: date | None = None,
    next_day: bool = False,
) -> Effect:
    """The later of publicity and, for an act that must be transmitted, of its receipt.

    ``publicity`` is the ``date_publicite`` of the act (PU-6); ``next_day`` reads CRPA L. 221-2 for
    a regulation: the day after its publicity (C-12). A posting in urgency gives force, and opens no
    appeal (EX-2, PU-3). Police orders and delegated decisions have no other rule (UR-6), nor has an
    express permit (C. urb. L. 424-7; UR-1). Source: CGCT L. 2131-1, L. 3131-1, L. 4141-1; EX-1 to
    EX-3.
    """
    seen = [day for day in (publicity, posted_in_urgency) if day is not None]
    if not seen or (transmissible and received is None):
        return Effect(None, None)
    public = min(seen) + timedelta(days=1 if next_day else 0)
    day = max(public, received) if transmissible and received else public
    if effect is None:
        return Effect(day, day)
    return Effect(day, max(day, effect), retroactive=effect < day)


def tacit_executory_from(acquired: date, effect: date | None = None) -> Effect:
    """A tacit urban authorisation has force the day that it is acquired, untransmitted.

    Source: C. urb. L. 424-8; EX-6, UR-2.
    """
    return executory_from(transmissible=False, received=None, publicity=acquired, effect=effect)


def may_be_certified(effect: Effect, today: date) -> bool:
    """Whether the executive may certify, on ``today``, that the act has force.

    Refused while a formality is missing. Source: CGCT L. 2131-1 I al. 2, L. 4141-1 I; EX-4.
    """
    return effect.executoire is not None and today >= effect.executoire


@dataclass(frozen=True, slots=True)
class Signature:
    """``unlawful`` when the délibération was not received before; ``imprudent`` when it had no
    force yet, though received."""

    unlawful: bool
    imprudent: bool


def contract_signature(signed: date, received: date | None, executory: date | None) -> Signature:
    """Whether a contract was signed too early for the délibération that authorises it.

    ``received`` and ``executory`` are those of the délibération. A later transmission does not cure
    it. Source: CE avis Sect. 10 June 1996 n° 176873; CE 10 December 2010 n° 336638; EX-5.
    """
    return Signature(
        unlawful=received is None or signed < received,
        imprudent=executory is None or signed < executory,
    )
