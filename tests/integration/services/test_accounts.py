"""Accounts: who makes them, and how far whoever administers one authority reaches."""

import secrets
from typing import Any

import pytest

from tests.support.bench import COLLECTIVITE, SECOND, Bench
from transmission.domain.accounts import Account, Origin, Purpose
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.services.accounts import (
    create_person,
    disable_person,
    enable_person,
    end_sessions_of,
    find_person,
    grant_role,
    list_events,
    list_people,
    no_account_yet,
    password_link,
    revoke_role,
    set_password,
)
from transmission.services.log_in import LinkSpentError, log_in, recognise, whose_link

HERE, THERE = str(COLLECTIVITE.siren), str(SECOND.siren)
OWN = frozenset({HERE})
BY = Author("administratrice", "arrivée")
PASSWORD = "une phrase assez longue"


def _make(bench: Bench, login: str = "assemblees", *grants: Grant, **more: Any) -> Account:
    return create_person(bench.tools, login, "service des assemblées", grants, BY, **more)


def _link(bench: Bench, login: str = "assemblees", **more: Any) -> str:
    return password_link(bench.tools, login, BY, randomness=secrets.token_bytes, **more)


def test_an_account_is_made_with_its_roles(bench: Bench) -> None:
    assert no_account_yet(bench.tools)
    made = _make(bench, "Assemblees@Example.org ", Grant(Role.AGENT, HERE), email="a@example.org")
    assert (made.login, made.email) == ("assemblees@example.org", "a@example.org")
    assert made.grants == (Grant(Role.AGENT, HERE),)
    assert not no_account_yet(bench.tools)
    assert find_person(bench.tools, "ASSEMBLEES@example.org") == made


def test_every_problem_is_told_at_once_and_nothing_is_kept(bench: Bench) -> None:
    with pytest.raises(RefusedError) as refused:
        create_person(bench.tools, "é è", "", (), BY, email="nobody")
    assert [each.field for each in refused.value.problems] == ["identifiant", "nom", "courriel"]
    with pytest.raises(NotFoundError):
        _make(bench, "autre", Grant(Role.AGENT, "999999999"))
    assert list_people(bench.tools) == []


def test_a_password_that_is_too_easy_is_refused_without_being_repeated(bench: Bench) -> None:
    _make(bench, "assemblees@example.org")
    for wrong in ("secret-ici", "é" * 600, "ASSEMBLEES@example.org"):
        with pytest.raises(RefusedError) as refused:
            set_password(bench.tools, "assemblees@example.org", wrong, BY)
        assert wrong not in str(refused.value)


def test_another_password_ends_the_sessions(bench: Bench) -> None:
    _make(bench)
    set_password(bench.tools, "assemblees", PASSWORD, BY)
    secret = log_in(bench.tools, "assemblees", PASSWORD, Origin(), randomness=secrets.token_bytes)
    assert recognise(bench.tools, secret)
    set_password(bench.tools, "assemblees", PASSWORD + "!", BY)
    assert recognise(bench.tools, secret) is None


def test_a_disabled_person_is_out_at_once_and_their_links_too(bench: Bench) -> None:
    _make(bench)
    set_password(bench.tools, "assemblees", PASSWORD, BY)
    secret = log_in(bench.tools, "assemblees", PASSWORD, Origin(), randomness=secrets.token_bytes)
    link = _link(bench)
    with pytest.raises(RefusedError, match="motif"):
        disable_person(bench.tools, "assemblees", Author("administratrice"))
    disable_person(bench.tools, "assemblees", BY)
    assert recognise(bench.tools, secret) is None
    with pytest.raises(LinkSpentError):
        whose_link(bench.tools, link)
    with pytest.raises(ConflictError, match="désactivé"):
        _link(bench)
    with pytest.raises(ConflictError, match="déjà désactivé"):
        disable_person(bench.tools, "assemblees", BY)
    enable_person(bench.tools, "assemblees", BY)
    with pytest.raises(ConflictError, match="n'est pas désactivé"):
        enable_person(bench.tools, "assemblees", BY)
    assert recognise(bench.tools, secret) is None, "an ended session never comes back"


def test_a_role_taken_away_counts_from_the_next_request(bench: Bench) -> None:
    _make(bench, "assemblees", Grant(Role.AGENT, HERE), Grant(Role.READER))
    assert revoke_role(bench.tools, "assemblees", Grant(Role.READER), BY)
    assert not revoke_role(bench.tools, "assemblees", Grant(Role.READER), BY)
    assert grant_role(bench.tools, "assemblees", Grant(Role.OPERATOR, THERE), BY)
    assert not grant_role(bench.tools, "assemblees", Grant(Role.OPERATOR, THERE), BY)
    found = find_person(bench.tools, "assemblees")
    assert set(found.grants) == {Grant(Role.AGENT, HERE), Grant(Role.OPERATOR, THERE)}


def test_the_administrator_of_one_authority_sees_and_grants_nothing_elsewhere(
    bench: Bench,
) -> None:
    _make(bench, "ici", Grant(Role.AGENT, HERE))
    _make(bench, "ailleurs", Grant(Role.AGENT, THERE))
    _make(bench, "partout", Grant(Role.READER))
    _make(bench, "deux", Grant(Role.AGENT, HERE), Grant(Role.AUDITOR, THERE))
    seen = {each.login: each.grants for each in list_people(bench.tools, OWN)}
    assert seen == {"ici": (Grant(Role.AGENT, HERE),), "deux": (Grant(Role.AGENT, HERE),)}
    for login in ("ailleurs", "partout", "inconnu"):
        for attempt in (
            lambda login=login: find_person(bench.tools, login, OWN),
            lambda login=login: grant_role(
                bench.tools, login, Grant(Role.READER, HERE), BY, within=OWN
            ),
            lambda login=login: disable_person(bench.tools, login, BY, within=OWN),
            lambda login=login: _link(bench, login, within=OWN),
            lambda login=login: list_events(bench.tools, login, OWN),
        ):
            with pytest.raises(NotFoundError, match="Aucun compte n'a cet identifiant"):
                attempt()


@pytest.mark.parametrize("grant", [Grant(Role.READER, THERE), Grant(Role.READER)])
def test_a_role_beyond_their_authorities_is_as_if_there_were_none(
    bench: Bench, grant: Grant
) -> None:
    _make(bench, "ici", Grant(Role.AGENT, HERE))
    with pytest.raises(NotFoundError, match="Aucune collectivité"):
        grant_role(bench.tools, "ici", grant, BY, within=OWN)
    with pytest.raises(NotFoundError, match="Aucune collectivité"):
        revoke_role(bench.tools, "ici", grant, BY, within=OWN)
    with pytest.raises(NotFoundError, match="Aucune collectivité"):
        _make(bench, "autre", grant, within=OWN)
    with pytest.raises(RefusedError, match="rôle"):
        _make(bench, "autre", within=OWN)
    assert [each.login for each in list_people(bench.tools)] == ["ici"]


def test_whoever_is_also_of_others_is_not_put_out_by_one_of_them(bench: Bench) -> None:
    _make(bench, "deux", Grant(Role.AGENT, HERE), Grant(Role.AUDITOR, THERE))
    for attempt in (
        lambda: disable_person(bench.tools, "deux", BY, within=OWN),
        lambda: end_sessions_of(bench.tools, "deux", BY, within=OWN),
        lambda: _link(bench, "deux", within=OWN),
    ):
        with pytest.raises(ConflictError, match="sert aussi ailleurs"):
            attempt()
    assert revoke_role(bench.tools, "deux", Grant(Role.AGENT, HERE), BY, within=OWN)
    # Known there still, or nobody could give the role back.
    assert find_person(bench.tools, "deux", OWN).grants == ()
    assert grant_role(bench.tools, "deux", Grant(Role.READER, HERE), BY, within=OWN)


def test_a_link_to_come_in_is_no_link_to_choose_a_password(bench: Bench) -> None:
    _make(bench)
    with pytest.raises(LinkSpentError):
        whose_link(bench.tools, _link(bench, purpose=Purpose.ENTER))
    assert whose_link(bench.tools, _link(bench)).login == "assemblees"


def test_what_was_done_to_an_account_is_told_with_its_author(bench: Bench) -> None:
    _make(bench, "assemblees", Grant(Role.AGENT, HERE))
    set_password(bench.tools, "assemblees", PASSWORD, BY)
    link = _link(bench)
    end_sessions_of(bench.tools, "assemblees", BY)
    told = list_events(bench.tools, "assemblees")
    assert [each.event for each in reversed(told)] == [
        "account_created", "role_granted", "password_changed", "link_made", "sessions_ended",
    ]  # fmt: skip
    assert {(each.author, each.reason) for each in told} == {("administratrice", "arrivée")}
    assert not {PASSWORD, link} & set(repr(told).split("'"))
