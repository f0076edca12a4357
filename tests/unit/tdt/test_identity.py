"""Certificates, keys and passwords of an account, good and bad."""

import base64
import ssl
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from transmission.domain.collectivite import Mailbox
from transmission.ports import TdtConfigurationError
from transmission.tdt.http import NoAnswerError, NotSentError
from transmission.tdt.identity import authorization, client_context, mailbox_password, pin_of

FORMS = {
    "two PEM files": {},
    "one PEM file": {"certificate_file": "both.pem", "key_file": None},
    "encrypted PEM": {"key_file": "client-encrypted.key", "passphrase_file": "passphrase"},
    "PKCS#12": {
        "certificate_file": "client.p12",
        "key_file": None,
        "passphrase_file": "passphrase",
    },
}


def with_files(account: Any, pki: Any, files: dict[str, str | None]) -> Any:
    return replace(account, **{k: v and pki.file(v) for k, v in files.items()})


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS.keys())
def test_a_client_certificate_is_presented_whatever_its_form(
    account: Any, pki: Any, server: Any, open_link: Any, steps: Any, files: dict[str, str | None]
) -> None:
    server.steps = [steps.says(b"bienvenue")]
    link = open_link(server.url, account=with_files(account, pki, files))
    assert link.get("/", {}).body == b"bienvenue"


def test_a_pkcs12_leaves_nothing_on_the_disk(
    account: Any, pki: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[tuple[int, bytes]] = []

    class Spy(ssl.SSLContext):
        def load_cert_chain(self, *args: Any, **kwargs: Any) -> None:
            (file,) = tmp_path.iterdir()
            seen.append((file.stat().st_mode & 0o777, file.read_bytes()))
            super().load_cert_chain(*args, **kwargs)

    monkeypatch.setattr("transmission.tdt.identity._VigilantContext", Spy)
    client_context(with_files(account, pki, FORMS["PKCS#12"]))
    ((mode, content),) = seen
    assert mode == 0o600
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert b"BEGIN PRIVATE KEY" not in content
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"certificate_file": "absent.pem"}, "absent.pem : ce fichier n'existe pas"),
        ({"key_file": "absent.key"}, "absent.key : ce fichier n'existe pas"),
        ({"ca_file": "absent-ca.pem"}, "absent-ca.pem : ce fichier n'existe pas"),
        ({"passphrase_file": "absent"}, "la phrase secrète de la clé"),
        ({"certificate_file": "."}, "il n'est pas lisible"),
        ({"ca_file": "empty"}, "ne contient aucun certificat d'autorité"),
        ({"ca_file": "client.key"}, "ne contient aucun certificat d'autorité"),
        ({"key_file": "other.key"}, "clé d'un autre certificat"),
        ({"key_file": "client-encrypted.key"}, "phrase secrète fausse"),
        (
            {"key_file": "client-encrypted.key", "passphrase_file": "wrong-passphrase"},
            "phrase secrète fausse",
        ),
        (
            {
                "certificate_file": "client.p12",
                "key_file": None,
                "passphrase_file": "wrong-passphrase",
            },
            "phrase secrète fausse",
        ),
        (
            {
                "certificate_file": "certificate-only.p12",
                "key_file": None,
                "passphrase_file": "passphrase",
            },
            "client",
        ),
        ({"certificate_file": "empty", "key_file": None}, "format inconnu"),
    ],
)
def test_a_wrong_file_is_named_with_what_to_do(
    account: Any, pki: Any, files: dict[str, str | None], words: str
) -> None:
    if words == "client":
        words = "certificate-only.p12"
    with pytest.raises(TdtConfigurationError, match="TdT des essais") as caught:
        client_context(with_files(account, pki, files))
    assert words in str(caught.value)
    assert "phrase secrète\n" not in str(caught.value)


def test_a_context_asks_for_everything(account: Any) -> None:
    context = client_context(account)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}


def test_a_login_goes_in_utf_8_with_the_password_of_its_file(account: Any, pki: Any) -> None:
    header = authorization(replace(account, login="régie", password_file=pki.file("password")))
    assert header is not None
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "régie:mot de passe é"


def test_an_account_without_login_sends_none(account: Any) -> None:
    assert authorization(account) is None


@pytest.mark.parametrize("half", [{"login": "régie"}, {"password_file": "/x"}])
def test_half_a_login_is_refused(account: Any, half: dict[str, str]) -> None:
    with pytest.raises(TdtConfigurationError, match="que l'un des deux"):
        authorization(replace(account, **half))


def test_the_password_of_a_mailbox_is_one_line_in_utf_8(account: Any, pki: Any) -> None:
    mailbox = Mailbox("courriel.example", "retours", pki.file("password"), pki.file("ca.pem"))
    assert mailbox_password(account, mailbox) == "mot de passe é"


def test_a_mailbox_password_in_another_encoding_is_told_and_not_repeated(
    account: Any, pki: Any, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_bytes("sésame".encode("iso-8859-1"))
    mailbox = Mailbox("courriel.example", "retours", str(file), pki.file("ca.pem"))
    with pytest.raises(TdtConfigurationError, match="UTF-8") as caught:
        mailbox_password(account, mailbox)
    assert caught.value.__cause__ is None
    assert "same" not in str(caught.value)


def pin(pki: Any) -> str:
    certificate = load_pem_x509_certificate(Path(pki.file("server.pem")).read_bytes())
    return pin_of(certificate.public_bytes(Encoding.DER))


@pytest.mark.parametrize("place", [0, 1])
def test_a_server_has_any_one_of_the_keys_that_are_pinned(
    account: Any, pki: Any, server: Any, open_link: Any, steps: Any, place: int
) -> None:
    """The one of today and the next one overlap while it changes."""
    pins = [pin(pki), "0" * 64]
    server.steps = [steps.says(b"bienvenue")]
    link = open_link(server.url, account=replace(account, pins=(pins[place], pins[1 - place])))
    assert link.get("/", {}).body == b"bienvenue"


def test_nothing_is_sent_to_a_server_whose_key_is_not_pinned(
    account: Any, pki: Any, server: Any, open_link: Any, steps: Any
) -> None:
    server.steps = [steps.says(b"bienvenue")]
    link = open_link(server.url, account=replace(account, pins=("0" * 64,)))
    with pytest.raises(
        NoAnswerError, match=f"sa clé .{pin(pki)}. n'est pas.*Appelez TdT des essais"
    ):
        link.get("/", {})
    assert server.requests == []
    with pytest.raises(NotSentError, match="épinglées"):
        link.handshake()


def test_a_pin_that_is_no_digest_is_named(account: Any) -> None:
    with pytest.raises(TdtConfigurationError, match="« abc », dans les « pins » de TdT des essais"):
        client_context(replace(account, pins=("0" * 64, "abc")))
