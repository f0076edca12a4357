"""The token goes where it was meant to go, and nowhere in clear."""

from pathlib import Path

import pytest

from transmission.client.errors import AddressError
from transmission.client.trust import read_token, trusting, usable_address, usable_token


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://actes.example.org", "https://actes.example.org"),
        ("https://actes.example.org/", "https://actes.example.org"),
        ("https://actes.example.org:8443/api/v1/", "https://actes.example.org:8443"),
        ("https://example.org/actes/", "https://example.org/actes"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_is_kept_without_its_end(given: str, kept: str) -> None:
    assert usable_address(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "http://actes.example.org",
        "http://localhost.example.org",
        "ftp://actes.example.org",
        "actes.example.org",
        "https://",
        "https://agent:secret@actes.example.org",
        "https://actes.example.org/?jeton=secret",
        "https://actes.example.org:port",
        "",
    ],
)
def test_an_address_that_would_tell_a_secret_or_leads_nowhere_is_refused(given: str) -> None:
    with pytest.raises(AddressError) as raised:
        usable_address(given)
    assert "secret" not in str(raised.value)


def test_a_token_is_read_without_its_line_feed(tmp_path: Path) -> None:
    (tmp_path / "jeton").write_text("tdt_secret\n")
    assert read_token(tmp_path / "jeton") == "tdt_secret"


@pytest.mark.parametrize("content", [b"", b"\n", b"tdt_sec ret", "jeton tdt_secreté".encode()])
def test_a_file_that_holds_no_token_is_refused_without_being_told(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "jeton").write_bytes(content)
    with pytest.raises(AddressError) as raised:
        read_token(tmp_path / "jeton")
    assert "sec" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    for read in (read_token, trusting):
        with pytest.raises(AddressError) as raised:
            read(tmp_path / "absent")
        assert "absent" in str(raised.value)
    with pytest.raises(AddressError):
        usable_token("tdt_\r\nHost: x")
