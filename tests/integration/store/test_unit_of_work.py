"""One transaction: all of it or nothing."""

from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.bench import COLLECTIVITE, Bench
from transmission.domain.collectivite import Collectivite
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE
from transmission.ports import Step
from transmission.services.prepare import prepare
from transmission.store.unit_of_work import Register, open_engine


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
    elsewhere = make_url(database_url).update_query_dict({"options": "-c timezone=Indian/Reunion"})
    engine = open_engine(elsewhere.render_as_string(hide_password=False))
    with Register(engine)() as unit:
        read = unit.transmission(made.id)
    engine.dispose()
    assert read.state_since == made.state_since == bench.clock.now()


def test_a_whole_service_is_one_transaction(bench: Bench) -> None:
    made = bench.acte()
    prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).state is State.PREPARED
    assert bench.events(made.id) == ["accepted", "prepared"]


def _renamed(name: str) -> Collectivite:
    return replace(COLLECTIVITE, nom=name)
