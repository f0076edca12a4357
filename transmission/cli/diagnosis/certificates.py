"""Certificates that end: those of the accounts, of the trusted authorities, of the signing keys.

A file that cannot be read is told by whoever needs it: the TdT's check, or the signing key's.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, warning, wrong
from transmission.console.words import day, duration
from transmission.domain.collectivite import Collectivite
from transmission.signature.expiry import HeldFile, Validity, held_files

_URGENT, _SOON, _FORESEEN = timedelta(days=7), timedelta(days=30), timedelta(days=60)


def certificates(authorities: Sequence[Collectivite], now: datetime) -> Iterator[Finding]:
    """What ends soon, has ended or has not begun; one finding for each file."""
    held, refusals = held_files(authorities)
    for refusal, owners in refusals.items():
        yield wrong(Subject.CERTIFICATES, f"{listed(owners)} : {refusal}")
    judged = list(_judged(held, now))
    if held and not judged and not refusals:
        first = min(each.validity.end for each in held)
        yield fine(
            Subject.CERTIFICATES, f"Le premier qui expire vaut jusqu'au {day(first.date())}."
        )
    yield from judged


def _judged(held: Iterable[HeldFile], now: datetime) -> Iterator[Finding]:
    by_file: dict[tuple[str, str], list[HeldFile]] = {}
    for each in held:
        by_file.setdefault((each.what, each.path), []).append(each)
    for same in sorted(by_file.values(), key=lambda same: same[0].validity.end):
        owners = listed(each.owner.nom for each in same)
        what = f"{same[0].what} ({owners}, fichier {same[0].path})"
        yield from _judgement(what, same[0].validity, now)


def _judgement(what: str, validity: Validity, now: datetime) -> Iterator[Finding]:
    end, left = day(validity.end.date()), validity.end - now
    mend = "puis remplacez ce fichier sous le même nom"
    if now < validity.begin:
        begin = day(validity.begin.date())
        said = f"{what} ne vaut qu'à partir du {begin} : remettez d'ici là le précédent."
        yield wrong(Subject.CERTIFICATES, said)
    elif left <= timedelta(0):
        said = f"{what} a expiré le {end} : obtenez-en un autre, {mend}."
        yield wrong(Subject.CERTIFICATES, said)
    elif left <= _URGENT:
        said = f"{what} expire le {end}, dans {duration(left)} : remplacez-le aujourd'hui."
        yield wrong(Subject.CERTIFICATES, said)
    elif left <= _SOON:
        said = f"{what} expire le {end} : demandez maintenant son renouvellement, {mend}."
        yield warning(Subject.CERTIFICATES, said)
    elif left <= _FORESEEN:
        said = f"{what} expire le {end} : prévoyez son renouvellement."
        yield warning(Subject.CERTIFICATES, said)
