"""Numbers by nature and year, and files of several numbers, as the checks take them."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.domain.identifiers import NatureActe
from transmission.store.queries.series import (
    SAME_FILE_MOST,
    numberings,
    same_files,
    years_of_findings,
)
from transmission.store.tables import transmission
from transmission.store.tables_legal import finding

TODAY = START.date()


def test_numbers_are_those_of_a_nature_in_a_civil_year(bench: Bench) -> None:
    for decided in (date(2021, 12, 31), date(2022, 1, 1), date(2022, 12, 31), date(2023, 1, 1)):
        bench.acte(decided=decided)
    bench.acte(decided=date(2022, 5, 1), nature=NatureActe.REGLEMENTAIRE)
    bench.acte(decided=date(2022, 5, 1), authority_id=bench.second_id)
    with bench.engine.connect() as connection:
        found = numberings(connection, bench.authority_id, {2022}, TODAY)
    assert [(each.nature, each.year, each.today) for each in found] == [
        (NatureActe.DELIBERATION, 2022, TODAY),
        (NatureActe.REGLEMENTAIRE, 2022, TODAY),
    ]
    deliberations, reglementaires = found
    assert sorted(each.numero for each in deliberations.actes) == ["D2023_002", "D2023_003"]
    assert deliberations.elsewhere == {"D2023_005"}
    assert reglementaires.elsewhere == {"D2023_002", "D2023_003"}
    assert not any(each.over for each in deliberations.actes)


def test_an_act_is_over_when_no_sending_of_it_stands(bench: Bench) -> None:
    made = [bench.acte() for _ in range(4)]
    states: tuple[dict[str, Any], ...] = (
        {"state": "rejected"},
        {"state": "cancelled"},
        {"state": "rejected", "date_reception": date(2023, 3, 9)},
        {"state": "held"},
    )
    with bench.engine.begin() as connection:
        for one, values in zip(made, states, strict=True):
            connection.execute(
                update(transmission).where(transmission.c.id == one.id).values(**values)
            )
        (found,) = numberings(connection, bench.authority_id, {2023}, TODAY)
    over = {each.acte_id: each.over for each in found.actes}
    assert [over[one.acte_id] for one in made] == [True, True, False, False]


def test_of_many_acts_of_one_file_the_newest_are_told(bench: Bench) -> None:
    made = [bench.sent().acte_id for _ in range(SAME_FILE_MOST + 2)]
    with bench.engine.connect() as connection:
        found = same_files(connection, bench.authority_id)
    assert [each.acte_id for each in found] == made[2:]


def test_the_years_of_open_findings_are_told(bench: Bench) -> None:
    rows = [
        ("numero_double", "serie:DE:2019:D1", None),
        ("numero_manquant", "serie:AR:2020", None),
        ("numero_manquant", "serie:AR:2018:D1", START + timedelta(days=1)),
        ("adopte_jamais_transmis", "seance:2017-01-01:D1", None),
    ]
    with bench.engine.begin() as connection:
        for code, key, closed_at in rows:
            connection.execute(
                finding.insert().values(
                    collectivite_id=bench.authority_id,
                    code=code,
                    key=key,
                    severity="info",
                    article="a",
                    message="m",
                    remedy="r",
                    evidence=[],
                    opened_at=START,
                    closed_at=closed_at,
                )
            )
        wanted = {"numero_double", "numero_manquant"}
        assert years_of_findings(connection, bench.authority_id, wanted) == {2019, 2020}
        assert years_of_findings(connection, bench.second_id, wanted) == frozenset()
