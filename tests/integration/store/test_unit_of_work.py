"""One transaction: all of it or nothing."""

from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DBAPIError

from tests.support.bench import COLLECTIVITE, Bench
from transmission.domain.collectivite import Collectivite
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author
from transmission.ports import Step
from transmission.services.prepare import prepare
from transmission.store.tables import journal
from transmission.store.unit_of_work import IDLE_LIMIT, Register, open_engine


def test_leaving_without_a_commit_undoes_everything(bench: Bench) -> None:
    made, before = bench.acte(), bench.bells()
    with bench.tools.register() as unit:
        unit.move(made, Event.HELD, SERVICE, bench.clock.now(), Step(waiting_for="rien"))
        unit.ring("prepare", made.id)
        unit.replace_authority(_renamed("Autre nom"))
    assert bench.now_of(made.id) == made
    assert bench.events(made.id) == ["accepted"]
    assert bench.bells() == before
    with bench.tools.register() as unit:
        assert unit.authority(bench.authority_id).collectivite == COLLECTIVITE


def test_a_trial_that_fails_is_undone_alone(bench: Bench) -> None:
    made = bench.acte()
    bench.silence()
    with bench.tools.register() as unit:
        unit.ring("prepare", made.id)
        with pytest.raises(ZeroDivisionError), unit.trial():  # noqa: PT012
            unit.move(made, Event.HELD, SERVICE, bench.clock.now())
            raise ZeroDivisionError
        unit.ring("submit", made.id)
        unit.commit()
    assert bench.now_of(made.id) == made
    assert bench.bells() == [("prepare", made.id), ("submit", made.id)]


def test_a_trial_that_succeeds_is_kept_only_by_the_commit(bench: Bench) -> None:
    made = bench.acte()
    for commits, state in ((False, State.ACCEPTED), (True, State.HELD)):
        with bench.tools.register() as unit:
            with unit.trial():
                unit.move(made, Event.HELD, SERVICE, bench.clock.now())
            if commits:
                unit.commit()
        assert bench.now_of(made.id).state is state


def test_an_error_undoes_what_followed_the_last_commit_and_only_that(bench: Bench) -> None:
    made = bench.acte()
    with pytest.raises(ZeroDivisionError), bench.tools.register() as unit:  # noqa: PT012
        unit.ring("prepare", made.id)
        unit.commit()
        unit.ring("submit", made.id)
        raise ZeroDivisionError
    assert bench.bells() == [("prepare", made.id)]


def test_nothing_of_a_transaction_is_seen_before_its_commit(bench: Bench) -> None:
    with bench.tools.register() as writer, bench.tools.register() as reader:
        writer.replace_authority(_renamed("Nouveau nom"))
        assert reader.authority_by_siren(COLLECTIVITE.siren).collectivite.nom == COLLECTIVITE.nom
        writer.commit()
        assert reader.authority_by_siren(COLLECTIVITE.siren).collectivite.nom == "Nouveau nom"


def test_units_give_their_connections_back(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=1)
    register = Register(engine)
    for _ in range(20):
        with register() as unit:
            unit.authorities()
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert engine.pool.checkedin() == 1  # type: ignore[attr-defined]
    engine.dispose()


def test_a_database_that_was_restarted_is_found_again_without_an_error(
    bench: Bench, administration: psycopg.Connection
) -> None:
    with bench.tools.register() as one, bench.tools.register() as other:
        assert one.authorities() == other.authorities()
    database = make_url(bench.engine.url).database
    cut = "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s"
    assert len(administration.execute(cut, [database]).fetchall()) == 2
    for _ in range(3):
        with bench.tools.register() as unit:
            assert len(unit.authorities()) == 2


def test_instants_come_back_in_utc_whatever_the_zone_of_the_session(
    bench: Bench, database_url: str
) -> None:
    made = bench.acte()
    engine = open_engine(_with_options(database_url, "-c timezone=Indian/Reunion"))
    with Register(engine)() as unit:
        read = unit.transmission(made.id)
    engine.dispose()
    assert read.state_since == made.state_since == bench.clock.now()


def test_a_transaction_that_its_process_forgets_is_ended_and_gives_its_locks_to_others(
    bench: Bench, database_url: str
) -> None:
    made = bench.acte()
    engine = open_engine(_with_options(database_url, "-c idle_in_transaction_session_timeout=1ms"))
    with pytest.raises(DBAPIError) as lost, Register(engine)() as frozen:  # noqa: PT012
        frozen.ring("send", 1)
        frozen.lock_transmission(made.id)
        with bench.tools.register() as other:
            assert other.lock_transmission(made.id, wait=True) == made
        frozen.commit()
    assert lost.value.connection_invalidated
    assert ("send", 1) not in bench.bells()
    with Register(engine)() as unit:
        assert unit.lock_transmission(made.id) == made
    engine.dispose()


@pytest.mark.parametrize(
    ("options", "limit"),
    [("", f"{IDLE_LIMIT // 60}min"), ("-c idle_in_transaction_session_timeout=7s", "7s")],
)
def test_a_forgotten_transaction_is_limited_unless_the_address_says_otherwise(
    database_url: str, options: str, limit: str
) -> None:
    engine = open_engine(_with_options(database_url, options))
    for _ in range(2):
        with engine.connect() as connection:
            shown = connection.execute(text("SHOW idle_in_transaction_session_timeout"))
            assert shown.scalar_one() == limit
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            assert driver.info.get_parameters()["tcp_user_timeout"] == "30000"
    engine.dispose()


def test_the_address_has_the_last_word_on_the_link(database_url: str) -> None:
    url = make_url(database_url).update_query_dict({"keepalives_idle": "99"})
    engine = open_engine(url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        told = driver.info.get_parameters()
    engine.dispose()
    assert (told["keepalives_idle"], told["keepalives_interval"]) == ("99", "10")


def test_any_text_can_be_written_wherever_it_comes(bench: Bench) -> None:
    made, sent, hostile = bench.acte(), bench.sent(), "\ufeffO\0K \udce9"
    now, told = bench.clock.now(), "\ufeffO␀K ?"
    author = Author("agent", hostile)
    with bench.tools.register() as unit:
        unit.explain([(sent, hostile)])
        unit.note(made, "noted", author, now, {hostile: [hostile]})
        unit.postpone(made, Step(now, hostile))
        unit.move(made, Event.HELD, author, now, Step(None, hostile), {"detail": hostile})
        unit.commit()
    assert [bench.now_of(each.id).waiting_for for each in (made, sent)] == [told, told]
    with bench.engine.connect() as connection:
        columns = select(journal.c.reason, journal.c.details).where(journal.c.reason.is_not(None))
        rows = connection.execute(columns.order_by(journal.c.id)).all()
    assert [tuple(row) for row in rows] == [(told, {told: [told]}), (told, {"detail": told})]


def test_a_whole_service_is_one_transaction(bench: Bench) -> None:
    made = bench.acte()
    prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).state is State.PREPARED
    assert bench.events(made.id) == ["accepted", "prepared"]


def _renamed(name: str) -> Collectivite:
    return replace(COLLECTIVITE, nom=name)


def _with_options(url: str, options: str) -> str:
    query = {"options": options} if options else {}
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)
