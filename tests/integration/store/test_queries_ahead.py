"""Authorities whose limits come, the nearest first."""

from datetime import date, timedelta

from tests.support.bench import Bench
from tests.support.limits import give, read
from tests.support.scene import SIREN
from transmission.domain.legal.noms import DateName
from transmission.store.queries.ahead import OwnerAhead, authorities_ahead

DAY = date(2023, 5, 12)


def ahead(bench: Bench, siren: str | None = None) -> list[OwnerAhead]:
    with bench.engine.connect() as connection:
        last = DAY + timedelta(days=30)
        return list(authorities_ahead(connection, DAY, last, 10, siren))


def test_an_authority_is_found_by_its_nearest_limit(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    read(bench.engine, bench.authority_id, acte_id)
    give(bench.engine, bench.authority_id, acte_id, DAY + timedelta(days=9), DateName.DEFERE)
    give(bench.engine, bench.authority_id, acte_id, DAY + timedelta(days=2), DateName.RETRAIT)
    [found] = ahead(bench)
    assert (found.id, found.siren, found.time_zone) == (bench.authority_id, SIREN, "Europe/Paris")
    assert found.nearest == DAY + timedelta(days=2)
    assert ahead(bench, SIREN) == [found]
    assert ahead(bench, "200000008") == []


def test_what_is_over_far_or_recalled_to_nobody_does_not_count(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    read(bench.engine, bench.authority_id, acte_id)
    for days, name in ((-1, DateName.DEFERE), (31, DateName.RETRAIT), (1, DateName.TIERS)):
        give(bench.engine, bench.authority_id, acte_id, DAY + timedelta(days=days), name)
    assert ahead(bench) == []
