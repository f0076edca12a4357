"""Tokens in the register: a name for one living token, a digest for ever, a use told seldom."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.domain.access import Scope, Standing, Token
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.transmission import Author
from transmission.ports.access import NewToken
from transmission.store.tables import journal
from transmission.store.tables_access import token

MINUTE = timedelta(minutes=1)
MAKER = Author("administratrice")
ENDER = Author("administrateur", "logiciel remplacé")


def _new(bench: Bench, name: str = "logiciel", digest: str = "d", **changes: Any) -> NewToken:
    made = NewToken(
        collectivite_id=bench.authority_id,
        name=name,
        digest=digest,
        scopes=frozenset({Scope.READ, Scope.DEPOSIT}),
        expires_at=None,
    )
    return replace(made, **changes)


def _do(bench: Bench, work: Callable[[Any], Any]) -> Any:
    with bench.tools.register() as unit:
        done = work(unit)
        unit.commit()
    return done


def _add(bench: Bench, new: NewToken, at: datetime = START) -> int:
    added: int = _do(bench, lambda unit: unit.add_token(new, MAKER, at))
    return added


def _revoke(bench: Bench, name: str = "logiciel", authority_id: int = 0) -> Token:
    ended: Token = _do(
        bench,
        lambda unit: unit.revoke_token(authority_id or bench.authority_id, name, ENDER, START),
    )
    return ended


def _named(bench: Bench, digest: str = "d") -> Token:
    with bench.tools.register() as unit:
        found = unit.token_by_digest(digest)
    assert found is not None
    return found


def _journal(engine: Engine) -> list[tuple[Any, ...]]:
    columns = (journal.c.event, journal.c.author, journal.c.reason, journal.c.acte_id)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(journal.c.id))]


def test_a_token_is_read_back_as_it_was_kept(bench: Bench) -> None:
    added = _add(bench, _new(bench, expires_at=START + MINUTE))
    assert _named(bench) == Token(
        id=added,
        collectivite_id=bench.authority_id,
        siren="123456782",
        name="logiciel",
        scopes=frozenset({Scope.READ, Scope.DEPOSIT}),
        created_at=START,
        created_by="administratrice",
        expires_at=START + MINUTE,
    )


def test_an_unknown_digest_has_no_token(bench: Bench) -> None:
    _add(bench, _new(bench))
    with bench.tools.register() as unit:
        assert unit.token_by_digest("D") is None


def test_a_living_token_alone_bears_its_name_in_its_authority(bench: Bench) -> None:
    _add(bench, _new(bench))
    with pytest.raises(ConflictError, match="« logiciel » est déjà en service"):
        _add(bench, _new(bench, digest="e"))
    _add(bench, _new(bench, digest="e", collectivite_id=bench.second_id))
    _revoke(bench)
    _add(bench, _new(bench, digest="f"))
    assert _named(bench, "e").standing(START) is Standing.LIVING


def test_a_digest_serves_once_even_after_its_token_ended(bench: Bench) -> None:
    _add(bench, _new(bench))
    _revoke(bench)
    with pytest.raises(IntegrityError, match="token_digest_key"):
        _add(bench, _new(bench, name="autre", collectivite_id=bench.second_id))


def test_a_name_is_given_up_at_the_instant_of_the_end_and_not_before(bench: Bench) -> None:
    _add(bench, _new(bench, expires_at=START + MINUTE))
    second = _new(bench, digest="e")
    with pytest.raises(ConflictError):
        _add(bench, second, START + MINUTE - timedelta(microseconds=1))
    _add(bench, second, START + MINUTE)
    # It expired: nobody revoked it.
    assert _named(bench).revoked_at is None
    assert _revoke(bench).id == _named(bench, "e").id


@pytest.mark.parametrize("expired_before", [False, True])
def test_two_creations_of_one_name_at_once_make_one_token(
    bench: Bench, expired_before: bool
) -> None:
    if expired_before:
        _add(bench, _new(bench, digest="old", expires_at=START))
    with bench.tools.register() as first:
        first.add_token(_new(bench), MAKER, START)
        with ThreadPoolExecutor() as pool:
            other = pool.submit(_add, bench, _new(bench, digest="e"))
            # The second waits for the first, whose commit decides.
            assert not other.done()
            first.commit()
            with pytest.raises(ConflictError):
                other.result(timeout=20)
    with bench.tools.register() as unit:
        assert unit.token_by_digest("e") is None
        living = [each for each in unit.tokens(bench.authority_id) if each.expires_at is None]
    assert [each.id for each in living] == [_named(bench).id]


def test_a_creation_that_was_undone_leaves_its_name_to_the_other(bench: Bench) -> None:
    with ThreadPoolExecutor() as pool:
        with bench.tools.register() as first:
            first.add_token(_new(bench), MAKER, START)
            other = pool.submit(_add, bench, _new(bench, digest="e"))
        assert other.result(timeout=20) == _named(bench, "e").id


def test_a_token_is_revoked_once_by_its_own_authority(bench: Bench) -> None:
    _add(bench, _new(bench))
    with pytest.raises(NotFoundError, match="« logiciel »"):
        _revoke(bench, authority_id=bench.second_id)
    ended = _revoke(bench)
    assert (ended.revoked_at, ended.revoked_by) == (START, "administrateur")
    assert ended.revoked_reason == "logiciel remplacé"
    assert ended == _named(bench)
    with pytest.raises(NotFoundError):
        _revoke(bench)


def test_the_journal_tells_who_made_and_ended_a_token_and_why(bench: Bench) -> None:
    added = _add(bench, _new(bench, expires_at=START + MINUTE))
    _revoke(bench)
    assert _journal(bench.engine) == [
        ("token_created", "administratrice", None, None),
        ("token_revoked", "administrateur", "logiciel remplacé", None),
    ]
    with bench.engine.connect() as connection:
        [made, ended] = connection.execute(select(journal.c.details)).scalars()
    told = {"jeton": added, "nom": "logiciel", "portees": ["actes:deposer", "actes:lire"]}
    assert made == ended == told | {"expire": "2023-03-10T09:01:00+00:00"}


def test_tokens_are_listed_newest_first_for_one_authority(bench: Bench) -> None:
    _add(bench, _new(bench))
    _add(bench, _new(bench, "autre", "e"))
    _add(bench, _new(bench, digest="f", collectivite_id=bench.second_id))
    _revoke(bench)
    with bench.tools.register() as unit:
        assert [each.name for each in unit.tokens(bench.authority_id)] == ["autre", "logiciel"]
        [other] = unit.tokens(bench.second_id)
    assert other.siren == "123456790"


def test_a_use_is_written_unless_a_later_one_was(bench: Bench) -> None:
    added = _add(bench, _new(bench))

    def used(at: datetime) -> datetime | None:
        _do(bench, lambda unit: unit.use_token(added, at, at - MINUTE))
        return _named(bench).last_used_at

    assert used(START) == START
    assert used(START + MINUTE - timedelta(microseconds=1)) == START
    assert used(START + MINUTE) == START + MINUTE
    assert used(START) == START + MINUTE


def test_a_use_waits_for_nobody(bench: Bench) -> None:
    added = _add(bench, _new(bench))
    with bench.tools.register() as holder, bench.tools.register() as other:
        holder.revoke_token(bench.authority_id, "logiciel", ENDER, START)
        other.use_token(added, START, START - MINUTE)
        other.commit()
    assert _named(bench).last_used_at is None


def test_a_row_of_another_version_allows_what_is_known_of_it(bench: Bench) -> None:
    _add(bench, _new(bench))
    with bench.engine.begin() as connection:
        connection.execute(token.update().values(scopes=["actes:lire", "demain:inconnu"]))
    assert _named(bench).scopes == {Scope.READ}


def test_the_register_itself_keeps_a_name_for_one_living_token(bench: Bench) -> None:
    _add(bench, _new(bench))
    copied = (
        "INSERT INTO token (collectivite_id, name, digest, scopes, created_at, created_by) "
        "SELECT collectivite_id, name, 'e', scopes, created_at, created_by FROM token"
    )
    with bench.engine.connect() as connection, pytest.raises(IntegrityError, match="token_name"):
        connection.execute(text(copied))
