"""Coming in: who guesses waits, who does not exist answers the same, a session ends in time."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text

from tests.support.bench import Bench
from transmission.domain.accounts import Account, Origin, Purpose, Way
from transmission.domain.errors import RefusedError
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.services import passwords
from transmission.services.accounts import (
    create_person,
    disable_person,
    list_events,
    password_link,
    set_password,
)
from transmission.services.log_in import (
    Known,
    LinkSpentError,
    LoginDelayedError,
    LoginRefusedError,
    change_password,
    choose_password,
    end_my_sessions,
    enter_by_link,
    log_in,
    log_out,
    my_sessions,
    recognise,
    whose_link,
)
from transmission.store.tables_people import login_attempt, person, session

PASSWORD, ANOTHER = "une phrase assez longue", "une tout autre phrase"
BY = Author("administratrice", "essai")
HOME, ELSEWHERE = Origin("192.0.2.1", "Firefox"), Origin("198.51.100.7")
HOUR = 3600.0


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work, a hundred times smaller."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    monkeypatch.setattr(passwords, "_nobody", lambda: cheap.hash(b"nobody"))


@pytest.fixture(autouse=True)
def someone(bench: Bench) -> Account:
    grants = [Grant(Role.AGENT)]
    made = create_person(bench.tools, "assemblees", "service des assemblées", grants, BY)
    set_password(bench.tools, "assemblees", PASSWORD, BY)
    return made


def _in(
    bench: Bench, password: str = PASSWORD, login: str = "assemblees", origin: Origin = HOME
) -> str:
    return log_in(bench.tools, login, password, origin, randomness=secrets.token_bytes)


def _known(bench: Bench, secret: str) -> Known:
    known = recognise(bench.tools, secret)
    assert known is not None
    return known


def _link(bench: Bench, purpose: Purpose = Purpose.CHOOSE) -> str:
    return password_link(
        bench.tools, "assemblees", BY, randomness=secrets.token_bytes, purpose=purpose
    )


def _tries(bench: Bench, times: int, **where: Any) -> None:
    for _ in range(times):
        with pytest.raises(LoginRefusedError):
            _in(bench, "a wrong password", **where)


def test_a_person_comes_in_whatever_the_capitals_of_the_login(bench: Bench) -> None:
    known = _known(bench, _in(bench, login=" Assemblees "))
    assert (known.account.name, known.session.way) == ("service des assemblées", Way.PASSWORD)
    assert known.account.grants == (Grant(Role.AGENT),)
    assert (known.session.address, known.session.browser) == ("192.0.2.1", "Firefox")


def test_each_coming_has_a_secret_of_its_own_that_nobody_keeps(bench: Bench) -> None:
    first, second = _in(bench), _in(bench)
    assert first != second
    keys = {_known(bench, each).form_key for each in (first, second)}
    assert len(keys) == 2
    with bench.engine.connect() as connection:
        names = [
            row[0]
            for row in connection.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                    "'public'::regnamespace"
                )
            )
        ]
        kept = "".join(
            str(connection.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names
        )
    assert "argon2id" in kept
    for secret in (first, second, PASSWORD, *keys):
        assert secret not in kept


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("assemblees", "wrong"),
        ("personne", PASSWORD),
        ("", ""),
        ("é\ud800", "\ud800"),
        ("x" * 5000, "y"),
    ],
)
def test_a_wrong_login_answers_as_a_wrong_password(bench: Bench, login: str, password: str) -> None:
    with pytest.raises(LoginRefusedError) as refused:
        _in(bench, password, login)
    assert str(refused.value) == "L'identifiant ou le mot de passe n'est pas le bon."


def test_a_login_that_nobody_has_costs_as_many_comparisons(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    real = passwords._hasher()

    class Counting:
        def verify(self, kept: str, password: bytes) -> bool:
            compared.append(kept)
            return real.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", lambda: Counting())
    for login in ("assemblees", "personne"):
        with pytest.raises(LoginRefusedError):
            _in(bench, "wrong", login)
    assert len(compared) == 2
    assert all(each.startswith("$argon2id$") for each in compared)


def test_who_guesses_waits_longer_and_longer_and_never_for_ever(bench: Bench) -> None:
    _tries(bench, 5)
    waits = []
    for _ in range(12):
        with pytest.raises(LoginDelayedError, match="Attendez") as delayed:
            _in(bench)
        waits.append(delayed.value.seconds)
        bench.clock.advance(delayed.value.seconds)
        _tries(bench, 1)
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == waits[-1] == 900
    bench.clock.advance(900)
    assert _in(bench), "the right password opens once the wait is over"
    _tries(bench, 4)
    assert _in(bench), "and the failures before it are forgotten"


def test_a_wait_is_the_same_for_a_login_that_nobody_has(bench: Bench) -> None:
    for login in ("assemblees", "personne"):
        where = Origin(f"192.0.2.{len(login)}")
        _tries(bench, 5, login=login, origin=where)
        with pytest.raises(LoginDelayedError) as delayed:
            _in(bench, login=login, origin=where)
        assert delayed.value.seconds == 5


def test_a_try_during_the_wait_does_not_make_it_longer(bench: Bench) -> None:
    _tries(bench, 5)
    for _ in range(3):
        with pytest.raises(LoginDelayedError) as delayed:
            _in(bench)
        assert delayed.value.seconds == 5


def test_many_guesses_at_once_gain_nothing(bench: Bench) -> None:
    def guess(_: int) -> str:
        try:
            _in(bench, "wrong")
        except LoginDelayedError:
            return "delayed"
        except LoginRefusedError:
            return "looked at"
        return "in"

    with ThreadPoolExecutor(8) as together:
        told = list(together.map(guess, range(16)))
    assert told.count("looked at") == 5


def test_an_address_that_tries_every_login_waits_too(bench: Bench) -> None:
    for rank in range(25):
        _tries(bench, 1, login=f"personne{rank}", origin=ELSEWHERE)
    with pytest.raises(LoginDelayedError):
        _in(bench, origin=ELSEWHERE)
    assert _in(bench, origin=HOME)


def test_whoever_guesses_elsewhere_does_not_delay_a_person_at_their_own_desk(bench: Bench) -> None:
    _in(bench, origin=HOME)
    _tries(bench, 5, origin=ELSEWHERE)
    with pytest.raises(LoginDelayedError):
        _in(bench, origin=ELSEWHERE)
    assert _in(bench, origin=HOME)


def test_old_failures_are_forgotten(bench: Bench) -> None:
    _tries(bench, 4)
    bench.clock.advance(HOUR)
    _tries(bench, 4)
    bench.clock.advance(2 * HOUR)
    _in(bench)
    with bench.engine.connect() as connection:
        assert len(connection.execute(select(login_attempt.c.key)).all()) <= 1


def test_a_login_that_was_typed_is_kept_nowhere(bench: Bench) -> None:
    # People type their password in the wrong field.
    _tries(bench, 1, login="my-password-in-the-wrong-field")
    with bench.engine.connect() as connection:
        assert "my-password" not in str(connection.execute(select(login_attempt.c.key)).all())


def test_a_hash_of_other_parameters_is_made_again(bench: Bench) -> None:
    with bench.engine.connect() as connection:
        before = connection.scalar(select(person.c.password_hash))
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: stronger)
        _in(bench)
    with bench.engine.connect() as connection:
        after = connection.scalar(select(person.c.password_hash))
    assert before != after
    assert "t=2" in str(after)


def test_a_session_that_rests_ends_and_one_that_is_used_stays_until_its_end(bench: Bench) -> None:
    rests, used = _in(bench), _in(bench)
    bench.clock.advance(4 * HOUR)
    assert recognise(bench.tools, used)
    bench.clock.advance(4 * HOUR)
    assert recognise(bench.tools, rests) is None
    assert recognise(bench.tools, used)
    bench.clock.advance(4 * HOUR - 1)
    assert recognise(bench.tools, used)
    bench.clock.advance(1)
    assert recognise(bench.tools, used) is None


def test_a_use_is_written_once_a_minute(bench: Bench) -> None:
    secret, seen = _in(bench), []
    for _ in range(4):
        bench.clock.advance(25)
        recognise(bench.tools, secret)
        with bench.engine.connect() as connection:
            seen.append(connection.scalar(select(session.c.last_seen_at)))
    assert len(set(seen)) == 2


@pytest.mark.parametrize("text", ["", "x", "a" * 43, "é" * 43, "a" * 10_000, "\x00" * 43])
def test_nobody_is_known_by_another_text(bench: Bench, text: str) -> None:
    assert recognise(bench.tools, text) is None
    log_out(bench.tools, text)
    with pytest.raises(LinkSpentError):
        whose_link(bench.tools, text)
    with pytest.raises(LinkSpentError):
        enter_by_link(bench.tools, text, HOME, randomness=secrets.token_bytes)


def test_leaving_ends_that_session_alone(bench: Bench) -> None:
    first, second = _in(bench), _in(bench)
    log_out(bench.tools, first)
    log_out(bench.tools, first)
    assert recognise(bench.tools, first) is None
    assert recognise(bench.tools, second)


def test_a_disabled_person_is_told_only_with_their_own_password(bench: Bench) -> None:
    disable_person(bench.tools, "assemblees", BY)
    with pytest.raises(LoginRefusedError, match="pas le bon"):
        _in(bench, "wrong")
    with pytest.raises(LoginRefusedError, match="désactivé"):
        _in(bench)


def test_a_link_lets_choose_a_password_once(bench: Bench) -> None:
    before, link = _in(bench), _link(bench)
    assert whose_link(bench.tools, link).login == "assemblees"
    with pytest.raises(RefusedError):
        choose_password(bench.tools, link, "court", HOME, randomness=secrets.token_bytes)
    secret = choose_password(bench.tools, link, ANOTHER, HOME, randomness=secrets.token_bytes)
    assert _known(bench, secret).session.way is Way.LINK
    assert recognise(bench.tools, before) is None
    with pytest.raises(LinkSpentError):
        choose_password(bench.tools, link, PASSWORD, HOME, randomness=secrets.token_bytes)
    assert _in(bench, ANOTHER)


def test_a_link_serves_for_a_day(bench: Bench) -> None:
    link = _link(bench)
    bench.clock.advance(24 * HOUR)
    with pytest.raises(LinkSpentError):
        whose_link(bench.tools, link)


def test_a_link_to_come_in_serves_once(bench: Bench) -> None:
    link = _link(bench, Purpose.ENTER)
    secret = enter_by_link(bench.tools, link, HOME, randomness=secrets.token_bytes)
    assert recognise(bench.tools, secret)
    with pytest.raises(LinkSpentError):
        enter_by_link(bench.tools, link, HOME, randomness=secrets.token_bytes)


def test_another_password_needs_the_current_one_and_ends_the_other_sessions(
    bench: Bench,
) -> None:
    mine, other = _in(bench), _in(bench)
    known = _known(bench, mine)
    with pytest.raises(RefusedError) as refused:
        change_password(bench.tools, known, "wrong", ANOTHER, HOME)
    assert [each.field for each in refused.value.problems] == ["actuel"]
    change_password(bench.tools, known, PASSWORD, ANOTHER, HOME)
    assert recognise(bench.tools, mine)
    assert recognise(bench.tools, other) is None
    assert _in(bench, ANOTHER)


def test_guessing_the_current_password_is_slowed_down_too(bench: Bench) -> None:
    known = _known(bench, _in(bench))
    for _ in range(5):
        with pytest.raises(RefusedError):
            change_password(bench.tools, known, "wrong", ANOTHER, HOME)
    with pytest.raises(LoginDelayedError):
        change_password(bench.tools, known, PASSWORD, ANOTHER, HOME)


def test_a_person_sees_and_ends_their_own_sessions_alone(bench: Bench) -> None:
    mine, other, third = _in(bench), _in(bench), _in(bench)
    create_person(bench.tools, "juriste", "juriste", [Grant(Role.READER)], BY)
    set_password(bench.tools, "juriste", PASSWORD, BY)
    foreign = _in(bench, login="juriste")
    known = _known(bench, mine)
    assert len(my_sessions(bench.tools, known)) == 3
    assert end_my_sessions(bench.tools, known, _known(bench, foreign).session.id) == 0
    assert end_my_sessions(bench.tools, known, _known(bench, other).session.id) == 1
    assert recognise(bench.tools, other) is None
    assert end_my_sessions(bench.tools, known) == 1
    assert recognise(bench.tools, third) is None
    assert recognise(bench.tools, mine)
    assert recognise(bench.tools, foreign)


def test_an_auditor_reads_who_came_and_who_failed(bench: Bench) -> None:
    _tries(bench, 1, origin=ELSEWHERE)
    log_out(bench.tools, _in(bench))
    told = list_events(bench.tools, "assemblees")[:3]
    assert [each.event for each in told] == ["logged_out", "logged_in", "login_failed"]
    assert told[1].details == {"adresse": "192.0.2.1", "par": "password"}
    assert told[2].details == {"adresse": "198.51.100.7"}
