"""Addresses that the schema takes, and what an authority is when nothing more is said."""

import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    Referent,
    TdtAccount,
    is_schema_email,
)
from transmission.domain.identifiers import Departement, Siren


@pytest.mark.parametrize(
    "address",
    ["mairie@example.org", "service.des-assemblees_1@a.b-c.exempl", "A@b.FR", "a@b.museum"],
)
def test_an_ordinary_address_is_taken(address: str) -> None:
    assert is_schema_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mairie",
        "mairie@example",
        "mairie+actes@example.org",
        "mairie@example.technology",
        "mairie@exemplé.org",
        "mairie@example.org\n",
        " mairie@example.org",
        "mairie@example..org",
        ".mairie@example.org",
        "mairie@example.o",
        "mairie@@example.org",
        "Mairie <mairie@example.org>",
        "mairie@example.org,autre@example.org",
        "mairie@[127.0.0.1]",
    ],
)
def test_an_address_that_the_schema_refuses_is_refused_here(address: str) -> None:
    assert not is_schema_email(address)


@given(st.text() | st.from_regex(r"[\w.+-]{1,8}@[\w.-]{1,12}"))
def test_an_address_taken_holds_nothing_but_plain_characters(address: str) -> None:
    if is_schema_email(address):
        assert re.fullmatch(r"[A-Za-z0-9._@-]+", address)
        assert address.count("@") == 1


def test_an_authority_signs_nothing_and_lives_in_paris_unless_it_says_otherwise() -> None:
    tdt = TdtAccount("s2low", "TdT", "https://tdt.example", "c.pem", "k.pem", None, "ca.pem")
    made = Collectivite(
        Siren("123456782"), Departement("042"), 2, "31", "Commune de Saint-Exemple", (), tdt
    )
    assert (made.signing_key, made.signs_documents) == (None, False)
    assert (made.time_zone, made.calendrier) == ("Europe/Paris", Calendrier.NATIONAL)
    assert made.referent == Referent(None, None, None)
    assert (tdt.mode, tdt.trigramme, tdt.application) == ("enveloppe", "SLO", "EACT")
    with pytest.raises(FrozenInstanceError):
        made.siren = Siren("123456790")  # type: ignore[misc]
