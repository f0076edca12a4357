"""When the certificates that authorities send with end, file by file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from transmission.domain.collectivite import Collectivite, SigningKey, TdtAccount
from transmission.signature.errors import SignatureError
from transmission.signature.held import certificates_in
from transmission.signature.keys import KeySource, load_identity


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when something can be used."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of certificates: what it serves to (French), and for whom."""

    what: str
    path: str
    owner: Collectivite
    validity: Validity


def held_files(
    authorities: Sequence[Collectivite],
) -> tuple[Sequence[HeldFile], Mapping[str, Sequence[str]]]:
    """Every file that can be read; and why the others of keys cannot (French), with their owners.

    A file of an account that cannot be read is told by whoever needs it: it is left out.
    """
    refusals: dict[str, list[str]] = {}
    held = [
        *chain.from_iterable(_of_account(each) for each in authorities),
        *_of_keys(authorities, refusals),
    ]
    return held, refusals


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


def _of_keys(
    authorities: Sequence[Collectivite], refusals: dict[str, list[str]]
) -> Iterator[HeldFile]:
    keys: dict[SigningKey, list[Collectivite]] = {}
    for owner in authorities:
        if owner.signing_key is not None:
            keys.setdefault(owner.signing_key, []).append(owner)
    for key, owners in keys.items():
        try:
            signs = load_identity(KeySource.of(key)).certificate
        except SignatureError as error:
            refusals.setdefault(str(error), []).extend(each.nom for each in owners)
            continue
        validity = Validity(signs.not_valid_before_utc, signs.not_valid_after_utc)
        for owner in owners:
            yield HeldFile("Le certificat de signature", key.key_file, owner, validity)
