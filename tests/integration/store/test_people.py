"""Accounts in the register: one per login and per identity, roles that end, a row per change."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.domain.accounts import Identity
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.people import Grant, Right, Role
from transmission.domain.transmission import Author
from transmission.ports.people import NewAccount
from transmission.store.tables_people import (
    login_attempt,
    person,
    person_event,
    person_link,
    person_role,
    session,
)

MAKER = Author("administratrice", "arrivée")
IDENTITY = Identity("https://idp.example.org", "42")


def _do(bench: Bench, work: Callable[[Any], Any]) -> Any:
    with bench.tools.register() as unit:
        done = work(unit)
        unit.commit()
    return done


def _add(bench: Bench, login: str = "assemblees", **more: Any) -> int:
    new = NewAccount(login=login, name="service des assemblées", **more)
    added: int = _do(bench, lambda unit: unit.add_account(new, MAKER, START))
    return added


def _grant(bench: Bench, person_id: int, role: Role, authority_id: int | None) -> bool:
    given: bool = _do(
        bench, lambda unit: unit.grant_role(person_id, role, authority_id, MAKER, START)
    )
    return given


def test_an_account_is_found_by_its_login_with_nothing_secret(bench: Bench) -> None:
    made = _add(bench, email="a@example.org")
    _do(bench, lambda unit: unit.set_password_hash(made, "$argon2id$secret", MAKER, START))
    found = _do(bench, lambda unit: unit.account_by_login("assemblees"))
    assert (found.id, found.name, found.email) == (made, "service des assemblées", "a@example.org")
    assert (found.language, found.grants, found.password_at) == ("fr", (), START)
    assert "secret" not in repr(found)


def test_a_login_is_of_one_person_whatever_its_capitals(bench: Bench) -> None:
    _add(bench)
    with pytest.raises(ConflictError, match="existe déjà"):
        _add(bench)
    # Whatever writes it, the register keeps one writing.
    with pytest.raises(Exception, match="person_login_check"):
        _add(bench, "Assemblees")


def test_an_identity_is_of_one_person(bench: Bench) -> None:
    first, second = _add(bench, identity=IDENTITY), _add(bench, "juriste")
    with pytest.raises(ConflictError):
        _add(bench, "troisieme", identity=IDENTITY)
    with pytest.raises(ConflictError, match="« assemblees »"):
        _do(bench, lambda unit: unit.bind_identity(second, IDENTITY, MAKER, START))
    another = Identity(IDENTITY.issuer, "43")
    _do(bench, lambda unit: unit.bind_identity(second, another, MAKER, START))
    assert _do(bench, lambda unit: unit.account_by_identity(IDENTITY)).id == first
    assert _do(bench, lambda unit: unit.account_by_identity(another)).id == second


def test_a_role_is_of_one_authority_or_of_all(bench: Bench) -> None:
    made = _add(bench)
    assert _grant(bench, made, Role.AGENT, bench.authority_id)
    assert _grant(bench, made, Role.AGENT, None)
    assert not _grant(bench, made, Role.AGENT, bench.authority_id)
    assert not _grant(bench, made, Role.AGENT, None)
    siren = _do(bench, lambda unit: unit.authority(bench.authority_id)).collectivite.siren
    account = _do(bench, lambda unit: unit.account(made))
    assert set(account.grants) == {Grant(Role.AGENT, str(siren)), Grant(Role.AGENT, None)}
    assert account.person.may(Right.FOLLOW, "999999999")


def test_a_role_taken_away_stays_written_and_may_be_given_again(bench: Bench) -> None:
    made = _add(bench)
    _grant(bench, made, Role.READER, None)

    def end(authority_id: int | None) -> Any:
        return _do(
            bench, lambda unit: unit.revoke_role(made, Role.READER, authority_id, MAKER, START)
        )

    assert not end(bench.authority_id)
    assert end(None)
    assert not end(None)
    assert _do(bench, lambda unit: unit.account(made)).grants == ()
    assert _grant(bench, made, Role.READER, None)
    with bench.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(person_role)) == 2


def test_a_role_of_a_later_version_allows_nothing_here(bench: Bench) -> None:
    made = _add(bench)
    with bench.engine.begin() as connection:
        connection.execute(
            person_role.insert().values(
                person_id=made, role="souverain", granted_at=START, granted_by="x"
            )
        )
    assert _do(bench, lambda unit: unit.account(made)).grants == ()


def test_a_disabled_account_stays_and_may_serve_again(bench: Bench) -> None:
    made = _add(bench)
    assert _do(bench, lambda unit: unit.disable_account(made, MAKER, START))
    assert not _do(bench, lambda unit: unit.disable_account(made, MAKER, START))
    ended = _do(bench, lambda unit: unit.account(made))
    assert (ended.disabled_by, ended.disabled_reason) == ("administratrice", "arrivée")
    assert _do(bench, lambda unit: unit.enable_account(made, MAKER, START))
    assert _do(bench, lambda unit: unit.account(made)).disabled_at is None


def test_a_hash_is_refreshed_only_if_it_did_not_change(bench: Bench) -> None:
    made = _add(bench)
    _do(bench, lambda unit: unit.set_password_hash(made, "new", MAKER, START))
    _do(bench, lambda unit: unit.refresh_password_hash(made, "old", "refreshed"))
    assert _do(bench, lambda unit: unit.password_hash(made)) == "new"
    _do(bench, lambda unit: unit.refresh_password_hash(made, "new", "refreshed"))
    assert _do(bench, lambda unit: unit.password_hash(made)) == "refreshed"


def test_each_change_leaves_a_row_without_the_secret(bench: Bench) -> None:
    made = _add(bench)
    _grant(bench, made, Role.AGENT, bench.authority_id)
    _do(bench, lambda unit: unit.set_password_hash(made, "$argon2id$secret", MAKER, START))
    _do(bench, lambda unit: unit.disable_account(made, MAKER, START))
    events = _do(bench, lambda unit: unit.person_events())
    assert [each.event for each in events] == [
        "account_disabled", "password_changed", "role_granted", "account_created",
    ]  # fmt: skip
    assert {each.author for each in events} == {"administratrice"}
    assert events[2].details == {"role": "agent"}
    assert "secret" not in repr(events)


def test_the_events_of_an_authority_are_those_of_its_own_people(bench: Bench) -> None:
    own, everywhere = _add(bench), _add(bench, "partout")
    _grant(bench, own, Role.AGENT, bench.authority_id)
    _grant(bench, everywhere, Role.AGENT, bench.authority_id)
    _grant(bench, everywhere, Role.READER, None)
    siren = str(_do(bench, lambda unit: unit.authority(bench.authority_id)).collectivite.siren)
    seen = _do(bench, lambda unit: unit.person_events({siren}))
    # What happened to whoever belongs elsewhere too is told only where it is of this authority.
    assert [(each.login, each.event) for each in seen] == [
        ("partout", "role_granted"),
        ("assemblees", "role_granted"),
        ("assemblees", "account_created"),
    ]
    assert _do(bench, lambda unit: unit.person_events({"000000000"})) == []


def test_nobody_is_known_under_a_number_of_nobody(bench: Bench) -> None:
    assert not _do(bench, lambda unit: unit.has_accounts())
    with pytest.raises(NotFoundError):
        _do(bench, lambda unit: unit.account(1))
    with pytest.raises(NotFoundError):
        _do(bench, lambda unit: unit.set_password_hash(1, "h", MAKER, START))
    assert _do(bench, lambda unit: unit.account_by_login("personne")) is None
    _add(bench)
    assert _do(bench, lambda unit: unit.has_accounts())


def test_people_are_listed_by_login(bench: Bench) -> None:
    _add(bench, "zoe")
    _add(bench, "assemblees")
    assert [each.login for each in _do(bench, lambda unit: unit.accounts())] == [
        "assemblees", "zoe",
    ]  # fmt: skip


def test_no_column_of_a_person_holds_a_secret_in_clear() -> None:
    tables = (person, person_role, person_link, person_event, session, login_attempt)
    names = {column.name for table in tables for column in table.c}
    assert not {name for name in names if name in ("password", "secret", "csrf", "token")}
    assert {"password_hash", "digest"} <= names
