"""Whose something is, and what last happened to some authorities."""

from tests.support.bench import COLLECTIVITE, SECOND, Bench
from transmission.store.queries.counts import authority_names, newest_journal_id
from transmission.store.queries.ownership import (
    newest_journal_id_of,
    owner_of_acte,
    owner_of_retour,
)

HERE, THERE = str(COLLECTIVITE.siren), str(SECOND.siren)


def test_an_act_is_of_its_authority_and_an_unknown_one_of_nobody(bench: Bench) -> None:
    made = bench.acte()
    with bench.engine.connect() as connection:
        assert owner_of_acte(connection, made.id) == HERE
        assert owner_of_acte(connection, made.id + 1) is None
        assert owner_of_retour(connection, 1) is None


def test_what_last_happened_is_that_of_the_authorities_alone(bench: Bench) -> None:
    bench.acte()
    with bench.engine.connect() as connection:
        newest = newest_journal_id(connection)
        assert newest_journal_id_of(connection, {HERE}) == newest > 0
        assert newest_journal_id_of(connection, {HERE, THERE}) == newest
        assert newest_journal_id_of(connection, {THERE}) == 0
        assert newest_journal_id_of(connection, ()) == 0


def test_authorities_are_named_among_those_that_may_be_seen(bench: Bench) -> None:
    with bench.engine.connect() as connection:
        every = authority_names(connection, 10)
        assert {siren for siren, _ in every} == {HERE, THERE}
        assert authority_names(connection, 1, {THERE}) == [(THERE, SECOND.nom)]
        assert authority_names(connection, None, ()) == []
