"""Tokens that end: the program that shows one is refused from then on, and says so to nobody."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning
from transmission.console.words import moment
from transmission.domain.access import Standing, Token, counting
from transmission.domain.collectivite import Collectivite

SOON = timedelta(days=30)
"""How long before its end a token is told of."""


def tokens(
    kept: Sequence[tuple[Collectivite, Sequence[Token]]], now: datetime
) -> Iterator[Finding]:
    """Tokens of authorities that end soon, or have ended and were neither revoked nor replaced.

    Nothing when no token is in service or has ended by itself.
    """
    judged = [_judged(owner, each, now) for owner, every in kept for each in counting(every, now)]
    ending = [said for said in judged if said]
    yield from (warning(Subject.TOKENS, said) for said in ending)
    if judged and not ending:
        yield fine(Subject.TOKENS, f"Aucun n'expire d'ici {SOON.days} jours.")


def _judged(owner: Collectivite, token: Token, now: datetime) -> str | None:
    if token.expires_at is None or token.expires_at - now > SOON:
        return None
    named, at = f"« {token.name} » ({owner.nom})", moment(token.expires_at, owner.time_zone)
    if token.standing(now) is Standing.EXPIRED:
        return (
            f"{named} a expiré le {at} : ce logiciel est refusé. Créez-en un autre (« transmission "
            "token add »), ou révoquez celui-ci s'il ne sert plus."
        )
    return (
        f"{named} expire le {at} : ce logiciel sera refusé. Créez-en un autre, remettez-le au "
        "logiciel, puis révoquez celui-ci (« transmission token »)."
    )
