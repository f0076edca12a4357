import csv
import json
from datetime import date, timedelta
from io import StringIO

from transmission.console.statistics_export import file_name, statistics_csv, statistics_json
from transmission.console.statistics_figures import Figures
from transmission.domain.delays import Delays, Period, UsualDelay
from transmission.domain.identifiers import NatureActe
from transmission.store.queries.delays import OwnerName, ReceptionDelays

PERIOD = Period(date(2026, 2, 1), date(2026, 3, 1))
SPREAD = Delays.of([(None, 2), (-4, 1), (0, 4), (2, 3), (16, 1)])
OWNER = OwnerName("123456782", "=cmd|' /C calc'!A0", "Europe/Paris")
USUAL = UsualDelay(500, timedelta(minutes=2), timedelta(hours=1), timedelta(days=2))
DELAYS = ReceptionDelays(
    period=PERIOD,
    overall=SPREAD,
    natures=((NatureActe.DELIBERATION, SPREAD),),
    matieres=(("7.10", SPREAD),),
    months=((date(2026, 2, 1), Delays()), (date(2026, 3, 1), SPREAD)),
)
ONE = Figures(OWNER, DELAYS, {"un TdT": USUAL})
ALL = Figures(None, DELAYS, {})


def rows(figures: Figures) -> list[list[str]]:
    text = statistics_csv(figures).removeprefix("\ufeff")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def test_the_table_has_a_row_for_all_then_one_for_each_group() -> None:
    head, *found = rows(ALL)
    assert [tuple(row[3:5]) for row in found] == [
        ("Ensemble", "Tous les actes"),
        ("Nature", "Délibération"),
        ("Matière", "7.10 Divers"),
        ("Mois", "2026-02"),
        ("Mois", "2026-03"),
    ]
    assert {len(row) for row in found} == {len(head)}
    assert dict(zip(head, found[0], strict=True)) == {
        "Collectivité": "Toutes",
        "Depuis": "2026-02",
        "Jusqu'à": "2026-03",
        "Regroupement": "Ensemble",
        "Groupe": "Tous les actes",
        "Actes reçus": "8",
        "Médiane (jours)": "0",
        "9 actes sur 10 (jours)": "16",
        "Maximum (jours)": "16",
        "Plus de 15 jours": "1",
        "Part de plus de 15 jours (%)": "12,5",
        "Reçus : le jour même": "4",
        "Reçus : 1 jour": "0",
        "Reçus : 2 à 3 jours": "3",
        "Reçus : 4 à 7 jours": "0",
        "Reçus : 8 à 15 jours": "0",
        "Reçus : 16 à 30 jours": "1",
        "Reçus : 31 jours et plus": "0",
        "Pas encore reçus": "2",
        "Accusé daté d'avant l'adoption": "1",
    }


def test_a_group_without_an_act_has_empty_cells_and_no_false_zero() -> None:
    february = rows(ALL)[4]
    assert february[5:11] == ["0", "", "", "", "0", ""]


def test_the_name_of_an_authority_is_never_a_formula() -> None:
    assert {row[0] for row in rows(ONE)[1:]} == {"'=cmd|' /C calc'!A0"}


def test_the_document_has_every_delay_and_the_same_figures() -> None:
    document = json.loads(statistics_json(ONE))
    assert document["siren"] == "123456782"
    assert document["period"] == {"first": "2026-02", "last": "2026-03"}
    assert document["all"] == {
        "acts": 8,
        "median": 0,
        "p90": 16,
        "max": 16,
        "over_15_days": 1,
        "bins": [4, 0, 3, 0, 0, 1, 0],
        "pending": 2,
        "before_adoption": 1,
        "days": [[0, 4], [2, 3], [16, 1]],
    }
    assert document["natures"][0] == {
        "nature": "DE",
        "label": "Délibération",
        **document["all"],
    }
    assert document["matieres"][0]["matiere"] == "7.10"
    assert [month["month"] for month in document["months"]] == ["2026-02", "2026-03"]
    assert document["months"][0]["label"] == "février 2026"
    assert document["months"][0]["median"] is None
    assert document["tdt"] == [
        {
            "tdt": "un TdT",
            "acts": 500,
            "p50_seconds": 120,
            "p90_seconds": 3600,
            "p99_seconds": 172800,
        }
    ]
    assert document["bins"][-1] == {"first": 31, "last": None}


def test_all_authorities_together_have_no_siren() -> None:
    assert json.loads(statistics_json(ALL))["siren"] is None


def test_files_are_named_after_what_they_are_about() -> None:
    assert file_name(ONE) == "delais-123456782-2026-02-2026-03"
    assert file_name(ALL) == "delais-2026-02-2026-03"
