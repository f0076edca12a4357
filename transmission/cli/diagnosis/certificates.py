"""Certificates that end: those of the accounts, of the trusted authorities, of the signing keys.

A file that cannot be read is told by whoever needs it: the TdT's check, or the signing key's.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, warning, wrong
from transmission.console.words import day, duration
from transmission.domain.collectivite import Collectivite, SigningKey
from transmission.signature.expiry import (
    HeldFile,
    UnusableKey,
    Validity,
    held_files,
    key_validity,
)
from transmission.signature.identities import place_of

_URGENT, _SOON, _FORESEEN = timedelta(days=7), timedelta(days=30), timedelta(days=60)


def certificates(authorities: Sequence[Collectivite], now: datetime) -> Iterator[Finding]:
    """What ends soon, has ended or has not begun; one finding for each file."""
    held, unusable = held_files(authorities)
    yield from _unusable(unusable)
    judged = list(_judged(held, now))
    if held and not judged and not unusable:
        first = min(each.validity.end for each in held)
        yield fine(
            Subject.CERTIFICATES, f"Le premier qui expire vaut jusqu'au {day(first.date())}."
        )
    yield from judged


def own_seal(key: SigningKey | None, now: datetime) -> Iterator[Finding]:
    """The end of the key by which the service seals when an authority has none."""
    if key is None:
        return
    validity = key_validity(key)
    if isinstance(validity, str):
        yield wrong(Subject.CERTIFICATES, f"Cachet du service : {validity}")
    else:
        yield from _judgement(f"Le cachet du service ({place_of(key)})", validity, now)


def _unusable(keys: Iterable[UnusableKey]) -> Iterator[Finding]:
    owners: dict[tuple[str, bool], list[str]] = {}
    for each in keys:
        owners.setdefault((each.said, each.has_another), []).append(each.owner.nom)
    for (said, has_another), names in owners.items():
        told = warning if has_another else wrong
        yield told(Subject.CERTIFICATES, f"{listed(names)} : {said}")


def _judged(held: Iterable[HeldFile], now: datetime) -> Iterator[Finding]:
    by_file: dict[tuple[str, str, bool], list[HeldFile]] = {}
    for each in held:
        known = (each.what, each.path, each.is_relieved(now))
        by_file.setdefault(known, []).append(each)
    for (_, _, relieved), same in sorted(by_file.items(), key=lambda each: each[1][0].validity.end):
        owners = listed(each.owner.nom for each in same)
        what = f"{same[0].what} ({owners}, fichier {same[0].path})"
        judge = _relieved if relieved else _judgement
        yield from judge(what, same[0].validity, now)


def _relieved(what: str, validity: Validity, now: datetime) -> Iterator[Finding]:
    """A signing key beside another that works: nothing stops with it, so it is no alarm."""
    end = day(validity.end.date())
    if now < validity.begin:
        begin = day(validity.begin.date())
        said = f"{what} attend le {begin} : une autre clé signe d'ici là."
    elif validity.end <= now:
        said = f"{what} a expiré le {end}, une autre clé signe : retirez-le de la description."
    elif validity.end - now <= _FORESEEN:
        said = f"{what} expire le {end} : une autre clé prendra la suite."
    else:
        return
    yield fine(Subject.CERTIFICATES, said)


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
