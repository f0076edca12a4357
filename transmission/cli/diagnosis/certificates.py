"""Certificates that end: those of the accounts, of the trusted authorities, of the signing keys.

A file that cannot be read is told by whoever needs it: the TdT's check, or the signing key's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, warning, wrong
from transmission.console.words import day, duration
from transmission.domain.collectivite import Collectivite, SigningKey, TdtAccount
from transmission.signature.errors import SignatureError
from transmission.signature.held import certificates_in
from transmission.signature.keys import KeySource, load_identity

_URGENT, _SOON, _FORESEEN = timedelta(days=7), timedelta(days=30), timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when something can be used."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Held:
    """A file of certificates: what it serves to, and for whom."""

    what: str
    path: str
    owner: str
    validity: Validity


def certificates(authorities: Sequence[Collectivite], now: datetime) -> Iterator[Finding]:
    """What ends soon, has ended or has not begun; one finding for each file."""
    refusals: dict[str, list[str]] = {}
    held = [
        *chain.from_iterable(_of_account(each) for each in authorities),
        *_of_keys(authorities, refusals),
    ]
    for refusal, owners in refusals.items():
        yield wrong(Subject.CERTIFICATES, f"{listed(owners)} : {refusal}")
    judged = list(_judged(held, now))
    if held and not judged and not refusals:
        first = min(each.validity.end for each in held)
        yield fine(
            Subject.CERTIFICATES, f"Le premier qui expire vaut jusqu'au {day(first.date())}."
        )
    yield from judged


def validity_of(content: bytes, passphrase: bytes | None = None) -> Validity | None:
    """When all that a file (PEM, PKCS#12) holds can be used; None when it cannot be read.

    Of several certificates of one name, which a renewal leaves, the last one counts.
    """
    found = certificates_in(content, passphrase)
    if not found:
        return None
    return Validity(max(each.not_valid_before_utc for each in found), found[0].not_valid_after_utc)


def _of_account(owner: Collectivite) -> Iterator[_Held]:
    account = owner.tdt
    for what, path, secret in _files(account):
        validity = _read(path, secret)
        if validity is not None:
            yield _Held(what, path, owner.nom, validity)


def _files(account: TdtAccount) -> Iterator[tuple[str, str, str | None]]:
    mine = f"Le certificat du compte chez {account.nom}"
    yield mine, account.certificate_file, account.passphrase_file
    yield f"Une autorité de confiance pour {account.nom}", account.ca_file, None
    if account.mailbox is not None:
        yield "Une autorité de confiance pour la messagerie", account.mailbox.ca_file, None


def _read(path: str, secret: str | None) -> Validity | None:
    try:
        passphrase = Path(secret).read_bytes().rstrip(b"\r\n") if secret else None
        return validity_of(Path(path).read_bytes(), passphrase)
    except OSError:
        return None


def _of_keys(
    authorities: Sequence[Collectivite], refusals: dict[str, list[str]]
) -> Iterator[_Held]:
    keys: dict[SigningKey, list[str]] = {}
    for owner in authorities:
        if owner.signing_key is not None:
            keys.setdefault(owner.signing_key, []).append(owner.nom)
    for key, owners in keys.items():
        try:
            signs = load_identity(KeySource.of(key)).certificate
        except SignatureError as error:
            refusals.setdefault(str(error), []).extend(owners)
            continue
        validity = Validity(signs.not_valid_before_utc, signs.not_valid_after_utc)
        for owner_nom in owners:
            yield _Held("Le certificat de signature", key.key_file, owner_nom, validity)


def _judged(held: Iterable[_Held], now: datetime) -> Iterator[Finding]:
    by_file: dict[tuple[str, str], list[_Held]] = {}
    for each in held:
        by_file.setdefault((each.what, each.path), []).append(each)
    for same in sorted(by_file.values(), key=lambda same: same[0].validity.end):
        owners = listed(each.owner for each in same)
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
