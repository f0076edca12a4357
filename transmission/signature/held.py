"""The certificates that an authority sends with, read from its files: whose they are, their end."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from transmission.domain.collectivite import Collectivite, SigningKey, TdtAccount
from transmission.ports.held_certificates import HeldCertificate, HeldCertificates, HeldEnding
from transmission.signature.errors import SignatureError
from transmission.signature.identities import identity_of

_PEM = b"-----BEGIN "


class CertificateFiles:
    """The port ``CertificateSource`` over the files that the authority's settings name."""

    def held_by(self, owner: Collectivite) -> HeldCertificates:
        """The certificate of the account of the TdT, and that of the signature if there is one.

        Of several signing keys, those that no other takes over from.
        """
        found = list(_of_owner(owner))
        known = tuple(each for each in found if each is not None)
        return HeldCertificates(known, len(known) == len(found))

    def endings(self, owner: Collectivite) -> Sequence[HeldEnding]:
        """The end of every file of the account, of whom it trusts, of the signature.

        A signing key that another takes over from is left out: nothing ends with it.
        """
        # It reads files as is done here.
        from transmission.signature.expiry import held_files

        held, _ = held_files([owner])
        return [
            HeldEnding(each.what, each.validity.end)
            for each in held
            if not each.is_relieved(each.validity.end)
        ]


def certificates_in(content: bytes, passphrase: bytes | None = None) -> list[x509.Certificate]:
    """The certificates of a file (PEM, PKCS#12), none when it cannot be read; the first to end
    comes first. Of several of one name, which a renewal leaves, the last one counts."""
    last: dict[bytes, x509.Certificate] = {}
    with suppress(ValueError, TypeError, x509.InvalidVersion):
        found = _parsed(content, passphrase)
        for each in sorted(found, key=lambda certificate: certificate.not_valid_after_utc):
            last[each.subject.public_bytes()] = each
    return sorted(last.values(), key=lambda certificate: certificate.not_valid_after_utc)


def _parsed(content: bytes, passphrase: bytes | None) -> list[x509.Certificate]:
    if _PEM in content:
        return x509.load_pem_x509_certificates(content)
    opened = load_pkcs12(content, passphrase)
    return [opened.cert.certificate] if opened.cert else []


def _of_owner(owner: Collectivite) -> Iterator[HeldCertificate | None]:
    """Each certificate, None where a file could not be read."""
    label = f"connexion à {owner.tdt.nom}"
    yield _held("tdt", label, _of_account(owner.tdt))
    found = {key: _of_key(key) for key in owner.all_signing_keys}
    for key, certificate in found.items():
        others = [each for another, each in found.items() if each is not None and another != key]
        if certificate is None or not any(_takes_over(each, certificate) for each in others):
            yield _held("signature", "signature", certificate)


def _takes_over(one: x509.Certificate, ended: x509.Certificate) -> bool:
    end = ended.not_valid_after_utc
    return one.not_valid_before_utc <= end < one.not_valid_after_utc


def _held(usage: str, label: str, found: x509.Certificate | None) -> HeldCertificate | None:
    if found is None:
        return None
    return HeldCertificate(usage, label, _subject(found), found.not_valid_after_utc)


def _of_account(account: TdtAccount) -> x509.Certificate | None:
    secret = account.passphrase_file
    with suppress(OSError):
        passphrase = Path(secret).read_bytes().rstrip(b"\r\n") if secret else None
        found = certificates_in(Path(account.certificate_file).read_bytes(), passphrase)
        return found[0] if found else None
    return None


def _of_key(key: SigningKey) -> x509.Certificate | None:
    with suppress(SignatureError):
        return identity_of(key).certificate
    return None


def _subject(certificate: x509.Certificate) -> str:
    with suppress(ValueError):
        return certificate.subject.rfc4514_string()
    return f"numéro de série {certificate.serial_number:x}"
