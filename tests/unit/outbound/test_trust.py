"""Whom an outside call trusts, and small files of the settings."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from transmission.outbound.trust import UnusableFileError, read_text, trusting


def test_a_file_of_authorities_replaces_those_of_the_machine(pki: Any) -> None:
    context = trusting(pki.ca)
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_without_a_file_host_names_are_checked_as_well() -> None:
    context = trusting(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("content", [b"", b"bonjour", "é".encode()])
def test_a_file_without_any_authority_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    with pytest.raises(UnusableFileError, match=r"ca\.pem ne contient aucun certificat"):
        trusting(file)


def test_a_small_file_is_read_without_its_last_line_feed(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(" é secret \r\n".encode())
    assert read_text(file) == " é secret "


def test_a_file_that_is_no_text_is_told_without_its_content(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"s3same\xff")
    with pytest.raises(UnusableFileError, match="UTF-8") as refused:
        read_text(file)
    assert refused.value.__cause__ is None
    assert "s3same" not in str(refused.value)
