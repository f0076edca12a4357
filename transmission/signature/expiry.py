"""When the certificates that authorities send with end, file by file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from transmission.domain.collectivite import Collectivite, SigningKey, TdtAccount
from transmission.signature.errors import SignatureError
from transmission.signature.held import certificates_in
from transmission.signature.identities import identity_of, place_of


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when something can be used."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of certificates: what it serves to (French), and for whom.

    ``path`` is the file, or where the key is in hardware; ``others`` are when the other signing
    keys of the same owner can be used.
    """

    what: str
    path: str
    owner: Collectivite
    validity: Validity
    others: tuple[Validity, ...] = ()

    def is_relieved(self, at: datetime) -> bool:
        """Whether another key signs when this one does not: before it begins, once it ended.

        :param at: aware instant from which on it matters.
        """
        moment = at if at < self.validity.begin else max(at, self.validity.end)
        return any(other.begin <= moment < other.end for other in self.others)


@dataclass(frozen=True, slots=True)
class UnusableKey:
    """A signing key that cannot be read: why (French), whose, and whether its owner has another."""

    said: str
    owner: Collectivite
    has_another: bool


def held_files(
    authorities: Sequence[Collectivite],
) -> tuple[Sequence[HeldFile], Sequence[UnusableKey]]:
    """Every file that can be read, and the signing keys that cannot.

    A file of an account that cannot be read is told by whoever needs it: it is left out.
    """
    read: dict[SigningKey, Validity | str] = {}
    for key in chain.from_iterable(each.all_signing_keys for each in authorities):
        if key not in read:
            read[key] = key_validity(key)
    held = [*chain.from_iterable(_of_account(each) for each in authorities)]
    unusable: list[UnusableKey] = []
    for owner in authorities:
        usable = {
            key: found for key in owner.all_signing_keys if isinstance(found := read[key], Validity)
        }
        held += _of_keys(owner, usable)
        unusable += [
            UnusableKey(found, owner, has_another=bool(usable))
            for key in owner.all_signing_keys
            if isinstance(found := read[key], str)
        ]
    return held, unusable


def validity_of(content: bytes, passphrase: bytes | None = None) -> Validity | None:
    """When all that a file (PEM, PKCS#12) holds can be used; None when it cannot be read.

    Of several certificates of one name, which a renewal leaves, the last one counts.
    """
    found = certificates_in(content, passphrase)
    if not found:
        return None
    return Validity(max(each.not_valid_before_utc for each in found), found[0].not_valid_after_utc)


def _of_account(owner: Collectivite) -> Iterator[HeldFile]:
    account = owner.tdt
    for what, path, secret in _files(account):
        validity = _read(path, secret)
        if validity is not None:
            yield HeldFile(what, path, owner, validity)


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


def _of_keys(owner: Collectivite, usable: Mapping[SigningKey, Validity]) -> Iterator[HeldFile]:
    for key, validity in usable.items():
        others = tuple(other for another, other in usable.items() if another != key)
        yield HeldFile("Le certificat de signature", place_of(key), owner, validity, others)


def key_validity(key: SigningKey) -> Validity | str:
    """When a signing key can be used, or why it cannot be read (French)."""
    try:
        certificate = identity_of(key).certificate
    except SignatureError as error:
        return str(error)
    return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
