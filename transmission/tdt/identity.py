"""How an account proves who it is, and whom it trusts: certificate, key, authorities, password."""

import base64
import hashlib
import re
import secrets
import ssl
import tempfile
from pathlib import Path
from typing import Any

from transmission.domain.collectivite import Mailbox, TdtAccount
from transmission.ports import TdtConfigurationError

_PEM_MARK = b"-----BEGIN "
_PIN = re.compile(r"[0-9a-f]{64}", re.ASCII)


class _VigilantContext(ssl.SSLContext):
    """A context whose sockets tell the proper end of a stream from a cut, and whose servers have
    one of the keys that were pinned, if any was."""

    pinned_for: TdtAccount | None = None

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        # By default Python takes a connection cut without farewell for the end of the answer: an
        # answer of unknown length could then be cut short (« OK 47 » for « OK 4711 ») unseen.
        made = super().wrap_socket(*args, **{**kwargs, "suppress_ragged_eofs": False})
        if self.pinned_for is not None:
            # The handshake is over, and not one byte of ours has left.
            try:
                _require_pinned(made, self.pinned_for)
            except BaseException:
                made.close()
                raise
        return made


def _require_pinned(server: ssl.SSLSocket, account: TdtAccount) -> None:
    shown = pin_of(server.getpeercert(binary_form=True) or b"")
    if shown not in account.pins:
        refusal = ssl.SSLCertVerificationError("the key is not pinned")
        refusal.verify_message = (
            f"sa clé ({shown}) n'est pas de celles qui sont épinglées. Rien n'est parti. Appelez "
            f"{account.nom} à un numéro connu d'avance ; si cette clé est bien la sienne, ajoutez-"
            "la aux « pins » de la collectivité"
        )
        raise refusal


def pin_of(certificate: bytes) -> str:
    """SHA-256 (hexadecimal) of the public key of a certificate (DER), as RFC 7469 §2.4 takes it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()


def client_context(account: TdtAccount) -> ssl.SSLContext:
    """The TLS context of an account: TLS 1.2 at least, only its own authorities trusted.

    The key is PEM (passphrase in a file), or within a PKCS#12. Loading an RSA key costs 40 ms:
    keep the context. Raises TdtConfigurationError naming the file at fault.
    """
    context = _trusting_only(account, account.ca_file)
    _present(context, account)
    if account.pins:
        _require_pins(account)
        context.pinned_for = account
    return context


def _require_pins(account: TdtAccount) -> None:
    wrong = [each for each in account.pins if not _PIN.fullmatch(each)]
    if wrong:
        raise TdtConfigurationError(
            f"« {wrong[0]} », dans les « pins » de {account.nom}, n'est pas l'empreinte d'une clé "
            ": il faut un SHA-256 en 64 chiffres hexadécimaux minuscules."
        )


def mailbox_context(account: TdtAccount, mailbox: Mailbox) -> ssl.SSLContext:
    """The TLS context of an account's mailbox: TLS 1.2 at least, only its own authorities trusted.

    Raises TdtConfigurationError naming the file at fault.
    """
    return _trusting_only(account, mailbox.ca_file)


def mailbox_password(account: TdtAccount, mailbox: Mailbox) -> str:
    """The password of an account's mailbox. Raises TdtConfigurationError."""
    password = _secret(account, mailbox.password_file, "le mot de passe de la boîte aux lettres")
    try:
        return password.decode("utf-8")
    except UnicodeDecodeError:
        # Not chained: that error holds the password.
        raise TdtConfigurationError(
            f"Le mot de passe de la boîte aux lettres de {account.nom}, dans "
            f"{mailbox.password_file}, n'est pas en UTF-8. Enregistrez ce fichier ainsi."
        ) from None


def authorization(account: TdtAccount) -> str | None:
    """The ``Authorization`` header of an account with a login, in UTF-8 (S²LOW API §1.4, §2.2).

    Raises TdtConfigurationError when only one of login and password is given.
    """
    if account.login is None and account.password_file is None:
        return None
    if account.login is None or account.password_file is None:
        raise TdtConfigurationError(
            f"Le compte de {account.nom} n'a que l'un des deux : identifiant, fichier du mot de "
            "passe. Donnez les deux, ou aucun si le certificat suffit."
        )
    password = _secret(account, account.password_file, "le mot de passe")
    pair = account.login.encode() + b":" + password
    return "Basic " + base64.b64encode(pair).decode("ascii")


def _trusting_only(account: TdtAccount, ca_file: str) -> _VigilantContext:
    context = _VigilantContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Some builds of Python ask OpenSSL to hide such cuts too.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    content = _read(account, ca_file, "le certificat des autorités du serveur")
    try:
        context.load_verify_locations(cadata=content.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise TdtConfigurationError(
            f"Le fichier {ca_file} ne contient aucun certificat d'autorité lisible pour "
            f"{account.nom}. Mettez-y, au format PEM, la chaîne qui a signé le certificat du "
            "serveur."
        ) from error
    return context


def _present(context: ssl.SSLContext, account: TdtAccount) -> None:
    content = _read(account, account.certificate_file, "le certificat du compte")
    if account.key_file is not None:
        _read(account, account.key_file, "la clé du certificat")
    passphrase = b""
    if account.passphrase_file is not None:
        passphrase = _secret(account, account.passphrase_file, "la phrase secrète de la clé")
    try:
        if _PEM_MARK in content:
            # A function, even for an empty passphrase: OpenSSL would ask the terminal otherwise.
            files = account.certificate_file, account.key_file
            context.load_cert_chain(*files, password=lambda: passphrase)
        else:
            _load_pkcs12(context, content, passphrase or None)
    except (OSError, ValueError) as error:
        raise TdtConfigurationError(
            f"Le certificat {account.certificate_file} de {account.nom} n'a pas pu être chargé "
            f"avec {account.key_file or 'sa clé'} : phrase secrète fausse, clé d'un autre "
            "certificat, ou format inconnu (PEM et PKCS#12 sont acceptés). Vérifiez ces fichiers."
        ) from error


def _load_pkcs12(context: ssl.SSLContext, content: bytes, passphrase: bytes | None) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        pkcs12,
    )

    key, certificate, chain = pkcs12.load_key_and_certificates(content, passphrase)
    if key is None or certificate is None:
        raise ValueError("no key or no certificate in the PKCS#12")
    # The ssl module only reads files. This one is private, lives a few milliseconds, and its key
    # is encrypted under a passphrase that exists in memory only: were the process killed in
    # between, what stays on the disk opens nothing.
    passing = secrets.token_hex(32).encode("ascii")
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passing))
        )
        for each in (certificate, *chain):
            file.write(each.public_bytes(Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name, password=passing)


def _secret(account: TdtAccount, path: str, what: str) -> bytes:
    return _read(account, path, what).rstrip(b"\r\n")


def _read(account: TdtAccount, path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        why = {
            FileNotFoundError: "ce fichier n'existe pas",
            PermissionError: "le service n'a pas le droit de le lire",
        }.get(type(error), "il n'est pas lisible")
        raise TdtConfigurationError(
            f"Impossible de lire {what} de {account.nom} dans {path} : {why}. Corrigez le chemin "
            "ou les droits de ce fichier sur la machine qui envoie."
        ) from error
