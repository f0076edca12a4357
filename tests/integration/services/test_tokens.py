"""Tokens of programs: made once, known by a digest alone, refused in one way for every reason."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from tests.support.bench import SECOND, Bench
from tests.support.scene import SIREN, START
from transmission.domain.access import Access, AccessDeniedError, Scope, Standing, digest_of
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.transmission import Author
from transmission.services.tokens import (
    authenticate,
    create_token,
    list_tokens,
    revoke_token,
)

MAKER = Author("administratrice")
ENDER = Author("administrateur", "logiciel remplacé")
BOTH = frozenset({Scope.DEPOSIT, Scope.READ})
TODAY = date(2023, 3, 10)
ZONES = [("Europe/Paris", 23), ("America/Cayenne", 27), ("Indian/Reunion", 20)]
"""Where the 10th of March 2023 ends so many hours after its beginning in UTC."""


@pytest.fixture
def living(bench: Bench) -> str:
    """The secret of a token in service."""
    return _create(bench)


def _create(bench: Bench, name: str = "logiciel", **changes: Any) -> str:
    given_ = {"scopes": BOTH, "expires": None, "authority_id": bench.authority_id, **changes}
    return create_token(
        bench.tools,
        given_["authority_id"],
        name,
        given_["scopes"],
        given_["expires"],
        MAKER,
        randomness=secrets.token_bytes,
    )


def _denied(bench: Bench, secret: str) -> str:
    with pytest.raises(AccessDeniedError) as denied:
        authenticate(bench.tools, secret)
    return str(denied.value)


def _dump(engine: Engine) -> bytes:
    """Every row of every table, as PostgreSQL copies it."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    dumped = b""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in names.fetchall():
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as rows:
                dumped += b"".join(map(bytes, rows))
    return dumped


def test_who_holds_the_secret_is_known_with_its_authority_and_scopes(bench: Bench) -> None:
    access = authenticate(bench.tools, _create(bench))
    [kept] = list_tokens(bench.tools, bench.authority_id)
    assert access == Access("logiciel", kept.id, bench.authority_id, SIREN, BOTH)


def test_each_token_has_a_secret_of_its_own(bench: Bench) -> None:
    first, second = _create(bench), _create(bench, "autre")
    assert first != second
    assert authenticate(bench.tools, second).name == "autre"


def test_a_token_sees_its_own_authority_alone(bench: Bench) -> None:
    ours = authenticate(bench.tools, _create(bench))
    theirs = authenticate(bench.tools, _create(bench, authority_id=bench.second_id))
    assert (theirs.collectivite_id, theirs.siren) == (bench.second_id, SECOND.siren)
    assert ours.collectivite_id == bench.authority_id
    assert len(list_tokens(bench.tools, bench.second_id)) == 1
    with pytest.raises(NotFoundError):
        revoke_token(bench.tools, bench.second_id, "autre", ENDER)


def test_unknown_expired_and_revoked_are_refused_in_the_very_same_words(bench: Bench) -> None:
    expired, revoked = _create(bench, expires=TODAY), _create(bench, "autre")
    revoke_token(bench.tools, bench.authority_id, "autre", ENDER)
    bench.clock.advance(86400)
    told = {_denied(bench, each) for each in (expired, revoked, "tdt_" + "A" * 43, "", "é")}
    assert told == {str(AccessDeniedError())}


def test_a_refusal_does_not_repeat_the_secret(bench: Bench) -> None:
    revoked = _create(bench)
    revoke_token(bench.tools, bench.authority_id, "logiciel", ENDER)
    for secret in (revoked, revoked[:-1]):
        assert revoked[4:14] not in _denied(bench, secret)


@pytest.mark.parametrize(("zone", "hours"), ZONES)
def test_a_token_serves_to_the_end_of_its_last_civil_day_and_no_longer(
    bench: Bench, zone: str, hours: int
) -> None:
    _move(bench, zone)
    secret = _create(bench, expires=TODAY)
    end = datetime(2023, 3, 10, tzinfo=UTC) + timedelta(hours=hours)
    bench.clock.instant = end - timedelta(microseconds=1)
    assert authenticate(bench.tools, secret).name == "logiciel"
    bench.clock.instant = end
    _denied(bench, secret)


def _move(bench: Bench, zone: str) -> None:
    with bench.tools.register() as unit:
        known = unit.authority(bench.authority_id).collectivite
        unit.replace_authority(replace(known, time_zone=zone))
        unit.commit()


def test_a_revoked_token_is_refused_from_the_next_call_on(bench: Bench) -> None:
    secret = _create(bench)
    authenticate(bench.tools, secret)
    revoke_token(bench.tools, bench.authority_id, "logiciel", ENDER)
    _denied(bench, secret)
    # Whoever takes its name does not bring it back.
    again = _create(bench)
    _denied(bench, secret)
    assert authenticate(bench.tools, again).name == "logiciel"


def test_the_last_use_is_written_once_a_minute_at_most(bench: Bench) -> None:
    secret, writes = _create(bench), []
    event.listen(
        bench.engine,
        "before_cursor_execute",
        lambda *given_: writes.append(given_[2]) if given_[2].startswith("UPDATE token") else None,
    )
    for _ in range(181):
        authenticate(bench.tools, secret)
        bench.clock.advance(1)
    assert len(writes) == 4
    [kept] = list_tokens(bench.tools, bench.authority_id)
    assert kept.last_used_at == START + timedelta(minutes=3)


def test_a_clock_that_was_put_back_denies_nobody(bench: Bench) -> None:
    secret = _create(bench)
    authenticate(bench.tools, secret)
    bench.clock.advance(-3600)
    assert authenticate(bench.tools, secret).name == "logiciel"


def test_a_call_is_answered_while_somebody_holds_the_token(bench: Bench) -> None:
    secret = _create(bench)
    with bench.tools.register() as holder:
        holder.revoke_token(bench.authority_id, "logiciel", ENDER, START)
        # Not revoked as long as nothing is committed.
        assert authenticate(bench.tools, secret).name == "logiciel"


def test_a_refused_call_is_no_use(bench: Bench) -> None:
    secret = _create(bench)
    revoke_token(bench.tools, bench.authority_id, "logiciel", ENDER)
    _denied(bench, secret)
    [kept] = list_tokens(bench.tools, bench.authority_id)
    assert kept.last_used_at is None


def test_the_whole_database_holds_a_digest_and_no_secret(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    drawn = secrets.token_bytes(32)
    secret = create_token(
        bench.tools, bench.authority_id, "logiciel", BOTH, TODAY, MAKER, randomness=lambda _: drawn
    )
    authenticate(bench.tools, secret)
    bench.clock.advance(86400)
    _denied(bench, secret)
    revoke_token(bench.tools, bench.authority_id, "logiciel", ENDER)
    dumped = _dump(bench.engine)
    assert b"token_revoked" in dumped
    assert digest_of(secret).encode() in dumped
    for form in (secret[4:], drawn.hex(), drawn.hex().upper()):
        assert form.encode() not in dumped
    assert secret[4:] not in "".join(capfd.readouterr())


def test_a_token_that_allows_nothing_or_has_no_future_is_refused_all_at_once(bench: Bench) -> None:
    with pytest.raises(RefusedError) as refused:
        _create(bench, scopes=frozenset(), expires=TODAY - timedelta(days=1))
    assert [each.rule for each in refused.value.problems] == ["portee_absente", "expire_jour"]
    assert list_tokens(bench.tools, bench.authority_id) == []


@pytest.mark.parametrize("expires", [date.min, date(2033, 3, 12), date.max])
def test_an_end_that_is_past_or_is_a_slip_of_the_pen_is_refused(
    bench: Bench, expires: date
) -> None:
    with pytest.raises(RefusedError, match="expire"):
        _create(bench, expires=expires)


def test_an_end_within_ten_years_is_taken(bench: Bench) -> None:
    _create(bench, expires=date(2033, 3, 10))
    [kept] = list_tokens(bench.tools, bench.authority_id)
    assert kept.expires_at == datetime(2033, 3, 10, 23, tzinfo=UTC)


def test_the_name_of_a_token_in_service_is_taken(bench: Bench) -> None:
    _create(bench, "Assemblées")
    with pytest.raises(ConflictError):
        _create(bench, " Assemble\u0301es ")


def test_a_revocation_carries_a_reason(bench: Bench) -> None:
    secret = _create(bench)
    with pytest.raises(RefusedError, match="motif"):
        revoke_token(bench.tools, bench.authority_id, "logiciel", Author("administrateur", " "))
    assert authenticate(bench.tools, secret).name == "logiciel"


def test_an_expired_token_may_still_be_revoked(bench: Bench) -> None:
    _create(bench, expires=TODAY)
    bench.clock.advance(86400)
    [kept] = list_tokens(bench.tools, bench.authority_id)
    assert kept.standing(bench.clock.now()) is Standing.EXPIRED
    ended = revoke_token(bench.tools, bench.authority_id, "logiciel", ENDER)
    assert ended.standing(bench.clock.now()) is Standing.REVOKED


def test_nothing_is_made_for_an_unknown_authority(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        _create(bench, authority_id=10**6)


TEXTS = st.one_of(
    st.text(),
    st.text(st.characters(exclude_categories=())),
    st.from_regex("tdt_[-_A-Za-z0-9]{42,44}", fullmatch=True),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(text=TEXTS, place=st.integers(0, 47))
@example(text="\ud800", place=0)
@example(text="\0", place=20)
@example(text="' OR true --", place=47)
def test_a_text_that_is_no_secret_never_gets_in_and_raises_nothing_else(
    bench: Bench, living: str, text: str, place: int
) -> None:
    for spoilt in (text, living[:place] + text + living[place:], living[:place] + text):
        if spoilt != living:
            _denied(bench, spoilt)
    assert authenticate(bench.tools, living).name == "logiciel"
