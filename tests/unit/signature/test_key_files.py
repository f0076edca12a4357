"""What a file of keys holds is read, or refused without a word of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.signature.errors import KeyFileError, PassphraseError
from transmission.signature.key_files import Secret, read_certificates, read_key, read_passphrase


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_certificate_is_read_in_both_forms(
    authority: Any, tmp_path: Path, encoding: Encoding
) -> None:
    path = tmp_path / "certificate"
    path.write_bytes(authority.root.public_bytes(encoding))
    assert read_certificates(path) == [authority.root]


def test_a_key_and_the_certificates_beside_it_are_read(
    signer: Callable[[str], Any], tmp_path: Path
) -> None:
    made, path = signer("p-256"), tmp_path / "together.pem"
    path.write_bytes(made.key_file.read_bytes() + made.certificate_file.read_bytes())
    key, certificates = read_key(path, None)
    assert key.private_numbers() == made.identity.private_key.private_numbers()  # type: ignore[attr-defined]
    assert certificates == [made.identity.certificate]


def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(KeyFileError) as refused:
        read_key(path, None)
    assert "c2VjcmV0" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_passphrase_is_a_line_that_no_repr_shows(tmp_path: Path) -> None:
    path = tmp_path / "phrase"
    path.write_bytes("clé secrète\r\n".encode())
    read = read_passphrase(path)
    assert read == Secret("clé secrète".encode())
    assert "secr" not in repr(read)
    with pytest.raises(PassphraseError, match="illisible"):
        read_passphrase(tmp_path / "absent")
