"""Secrets have one form, names can be read, and an end is reached at its very instant."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.access import (
    NAME_MAX,
    Access,
    AccessDeniedError,
    Scope,
    Standing,
    Token,
    digest_of,
    secret_of,
    token_name,
)
from transmission.domain.errors import RefusedError

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECRET = secret_of(bytes(range(32)))
TOKEN = Token(
    id=7,
    collectivite_id=3,
    siren="123456782",
    name="logiciel des assemblées",
    scopes=frozenset({Scope.READ}),
    created_at=NOW,
    created_by="administratrice",
)


def test_the_scopes_are_known_by_their_codes_and_words() -> None:
    assert [(scope.code, scope.word) for scope in Scope] == [
        ("actes:deposer", "deposer"),
        ("actes:lire", "lire"),
        ("actes:agir", "agir"),
        ("webhooks:gerer", "gerer"),
    ]


def test_a_secret_is_written_in_47_characters_that_travel_in_a_header() -> None:
    assert SECRET == "tdt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_is_made_of_32_bytes_and_of_no_other_number(length: int) -> None:
    with pytest.raises(ValueError, match="32"):
        secret_of(bytes(length))


@given(st.binary(min_size=32, max_size=32))
def test_every_secret_has_its_digest(drawn: bytes) -> None:
    secret = secret_of(drawn)
    assert len(secret) == 47
    assert digest_of(secret) == hashlib.sha256(secret.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tdt_",
        SECRET[:-1],
        f"{SECRET}A",
        f"{SECRET}\n",
        f" {SECRET}",
        f"{SECRET}=",
        SECRET.upper(),
        SECRET.replace("tdt_", "TDT_"),
        SECRET.replace("A", "À", 1),
        SECRET.replace("A", "\uff21", 1),  # the full-width letter
        SECRET.replace("A", "+", 1),
        SECRET.replace("A", "\0", 1),
        "tdt_" + "\ud800" * 43,
        "tdt_" + "٣" * 43,
    ],
)
def test_what_is_not_written_as_a_secret_has_no_digest(text: str) -> None:
    with pytest.raises(AccessDeniedError):
        digest_of(text)


@given(st.one_of(st.text(), st.text(st.characters(exclude_categories=()))))
def test_any_other_text_is_denied_and_raises_nothing_else(text: str) -> None:
    if re.fullmatch("tdt_[-_A-Za-z0-9]{43}", text, re.ASCII):
        return
    with pytest.raises(AccessDeniedError) as denied:
        digest_of(text)
    assert str(denied.value) == str(AccessDeniedError())


def test_a_token_is_worth_nothing_from_the_instant_of_its_end() -> None:
    ending = replace(TOKEN, expires_at=NOW)
    assert ending.standing(NOW - MICROSECOND) is Standing.LIVING
    assert ending.standing(NOW) is Standing.EXPIRED
    assert ending.standing(NOW + MICROSECOND) is Standing.EXPIRED


def test_a_token_without_an_end_lives_until_it_is_revoked() -> None:
    assert TOKEN.standing(NOW + timedelta(days=36500)) is Standing.LIVING
    assert replace(TOKEN, revoked_at=NOW).standing(NOW) is Standing.REVOKED


def test_a_token_that_was_revoked_and_has_expired_since_is_told_as_revoked() -> None:
    both = replace(TOKEN, revoked_at=NOW - MICROSECOND, expires_at=NOW)
    assert both.standing(NOW).label == "révoqué"


def test_an_access_says_who_for_whom_and_what() -> None:
    assert TOKEN.access() == Access(
        "logiciel des assemblées", 7, 3, "123456782", frozenset({Scope.READ})
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Assemblées", "Assemblées"),
        ("Assemble\u0301es", "Assemblées"),
        ("  logiciel \t des\u00a0assemblées\n", "logiciel des assemblées"),
        ("a" * NAME_MAX, "a" * NAME_MAX),
    ],
)
def test_a_name_is_kept_in_one_writing(text: str, name: str) -> None:
    assert token_name(text) == name


@pytest.mark.parametrize("text", ["", " \n", "a" * (NAME_MAX + 1), "a\0b", "a\u202eb", "\ud800"])
def test_a_name_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        token_name(text)
    [problem] = refused.value.problems
    assert (problem.field, problem.rule) == ("nom", "nom_jeton")
    assert str(refused.value).isprintable()


def test_a_secret_given_as_a_name_is_refused_and_not_repeated() -> None:
    with pytest.raises(RefusedError) as refused:
        token_name(f" {SECRET} ")
    assert SECRET[4:12] not in str(refused.value)
