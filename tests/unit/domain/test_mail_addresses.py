"""E-mail addresses: what mail servers take, and nothing that splits a header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.mail_addresses import is_mail_address


@pytest.mark.parametrize(
    "address",
    [
        "actes@example.org", "a@b", "prenom.nom+actes@mairie.saint-exemple.example",
        "o'neil@example.org", f"{'a' * 64}@example.org", "x@localhost",
    ],
)  # fmt: skip
def test_an_address_is_recognised(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "@", "a@", "@b", "a", "a b@c", "a@b c", "a@b@c", "a..b@c", ".a@b", "a.@b", "a@-b",
        "a@b-", "a@b..c", "Nom <a@b>", "<a@b>", '"a b"@c', "a@[127.0.0.1]", "é@b", "a@é",
        "a@b\n", "a@b\r\nBcc: x@y", "a@b,c@d", f"{'a' * 65}@b", f"a@{'b' * 64}", f"a@{'b.' * 130}c",
    ],
)  # fmt: skip
def test_anything_else_is_none(address: str) -> None:
    assert not is_mail_address(address)


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_address_never_holds_what_a_header_or_a_command_would_split_at(a: str, b: str) -> None:
    address = f"{a}@{b}"
    if is_mail_address(address):
        assert not set(address) & set(' \r\n\t<>,;:"()[]\\')
        assert address.isascii()
