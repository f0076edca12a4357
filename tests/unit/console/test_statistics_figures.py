import re
from datetime import date
from typing import Any

from lxml import etree

from transmission.console.charts import HATCHING, POSTER
from transmission.console.statistics_figures import MATIERES_DRAWN, MONTHS_DRAWN, Figures, Line
from transmission.domain.delays import BINS, Delays, Period
from transmission.domain.identifiers import NatureActe
from transmission.store.queries.delays import ReceptionDelays

PERIOD = Period(date(2025, 11, 1), date(2026, 11, 1))
SPREAD = Delays.of([(0, 4), (2, 3), (9, 1), (20, 1), (400, 1)])


def figures(overall: Delays = SPREAD, period: Period = PERIOD, **groups: Any) -> Figures:
    empty = {"natures": (), "matieres": (), "months": ()}
    return Figures(None, ReceptionDelays(period, overall, **{**empty, **groups}), {})


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def texts(chart: str, kind: str) -> list[str]:
    """What is written in a chart: ``valeur`` above the columns, ``repere`` under them."""
    root = etree.fromstring(chart)
    return [node.text or "" for node in root.iter("text") if node.get("class") == kind]


def heights(chart: str) -> list[float]:
    return [float(node.get("height", "0")) for node in etree.fromstring(chart).iter("rect")]


def test_a_chart_says_what_the_table_says() -> None:
    line = Line("tous", "", "Tous les actes", SPREAD)
    chart = str(line.chart(1))
    assert texts(chart, "valeur") == [share for _, _, share in line.bins]
    assert texts(chart, "repere") == [one.mark for one in BINS]
    described = plain(etree.fromstring(chart).findtext("desc") or "")
    assert described == (
        "10 actes. Le jour même : 4 (40 %) ; 1 jour : 0 (0 %) ; 2 à 3 jours : 3 (30 %) ; "
        "4 à 7 jours : 0 (0 %) ; 8 à 15 jours : 1 (10 %) ; 16 à 30 jours : 1 (10 %) ; "
        "31 jours et plus : 1 (10 %)."
    )


def test_columns_are_as_high_as_their_shares() -> None:
    found = heights(str(Line("k", "", "l", SPREAD).chart(0.4)))
    assert len(found) == 5
    assert [round(height / found[0], 2) for height in found] == [1, 0.75, 0.25, 0.25, 0.25]


def test_the_highest_column_fills_the_chart() -> None:
    full = Line("k", "", "l", Delays.of([(0, 1)])).chart(1, POSTER)
    assert max(heights(str(figures().poster))) == heights(str(full))[0]


def test_what_is_long_is_hatched() -> None:
    root = etree.fromstring(str(figures().poster))
    hatched = [node.get("fill") == f"url(#{HATCHING})" for node in root.iter("rect")]
    assert hatched == [False, False, False, True, True]


def test_charts_of_a_section_have_one_scale() -> None:
    flat, steep = Delays.of([(0, 5), (1, 5)]), Delays.of([(0, 10)])
    natures = ((NatureActe.DELIBERATION, flat), (NatureActe.AUTRE, steep))
    (_, low), (_, high) = figures(natures=natures).sections[0].charts
    assert heights(str(high)) == [2 * heights(str(low))[0]]


def test_one_act_fills_one_column() -> None:
    one = figures(Delays.of([(3, 1)]))
    assert len(heights(str(one.poster))) == 1
    assert plain(one.summary) == (
        "Un seul acte adopté de novembre 2025 à novembre 2026 est reçu en préfecture, en 3 jours."
    )
    assert plain(one.overall.brief) == "1 acte"


def test_without_an_act_nothing_is_drawn_and_the_sentence_says_so() -> None:
    months = tuple((month, Delays()) for month in PERIOD.months)
    none = figures(Delays(), months=months)
    assert plain(none.summary) == (
        "Aucun acte adopté de novembre 2025 à novembre 2026 n'est encore reçu en préfecture."
    )
    assert [list(section.charts) for section in none.sections] == [[], [], []]
    assert len(none.sections[2].lines) == 13


def test_a_long_tail_is_told_and_stays_in_its_column() -> None:
    told = plain(figures(Delays.of([(1, 995), (4000, 5)])).summary)
    assert told == (
        "1 000 actes adoptés de novembre 2025 à novembre 2026 sont reçus en préfecture : la moitié "
        "en 1 jour au plus, neuf sur dix en 1 jour au plus, le plus tardif en 4 000 jours. "
        "5 (1 %) ont pris plus de 15 jours."
    )


def test_the_same_day_is_told_in_words_and_one_month_alone() -> None:
    march = Period(date(2026, 3, 1), date(2026, 3, 1))
    told = plain(figures(Delays.of([(0, 2)]), march).summary)
    assert told == (
        "2 actes adoptés en mars 2026 sont reçus en préfecture : la moitié le jour même, neuf sur "
        "dix le jour même, le plus tardif le jour même. Aucun n'a pris plus de 15 jours."
    )


def test_what_the_figures_leave_out_is_said() -> None:
    pending, impossible = (plain(remark) for remark in figures(Delays((), 1200, 2)).remarks)
    assert pending == (
        "1 200 actes ne sont pas encore reçus et ne sont pas comptés : les derniers mois "
        "paraissent plus rapides qu'ils ne le seront."
    )
    assert impossible == (
        "2 actes ne sont pas comptés : leur accusé est daté d'avant l'adoption. Vérifiez la date "
        "de la décision."
    )
    one = " ".join(plain(remark) for remark in figures(Delays((), 1, 1)).remarks)
    assert "1 acte n'est pas encore reçu et n'est pas compté" in one
    assert "1 acte n'est pas compté : son accusé est daté" in one
    assert list(figures().remarks) == []


def test_the_most_frequent_matieres_are_drawn_and_all_are_in_the_table() -> None:
    matieres = tuple((f"7.{rank}", Delays.of([(1, rank)])) for rank in range(1, MATIERES_DRAWN + 4))
    section = figures(matieres=matieres).sections[1]
    assert len(section.lines) == MATIERES_DRAWN + 3
    assert [line.delays.acts for line in section.drawn] == list(range(15, 3, -1))
    assert section.left_out == 3
    assert re.search(rf"\b{MATIERES_DRAWN} matières", section.choice)


def test_the_latest_months_are_drawn_and_one_without_acts_is_not() -> None:
    period = Period(date(2023, 1, 1), date(2026, 11, 1))
    months = [(month, Delays.of([(1, 1)])) for month in period.months]
    months[-1] = (months[-1][0], Delays(pending=3))
    section = figures(period=period, months=tuple(months)).sections[2]
    assert len(section.drawn) == MONTHS_DRAWN - 1
    assert section.drawn[-1].label.endswith("2026")
    assert section.left_out == len(months) - MONTHS_DRAWN


def test_lines_have_keys_of_their_own() -> None:
    natures = tuple((nature, SPREAD) for nature in NatureActe)
    matieres = (("7.1", SPREAD), ("7.10", SPREAD))
    months = tuple((month, SPREAD) for month in PERIOD.months)
    every = figures(natures=natures, matieres=matieres, months=months)
    keys = [line.key for section in every.sections for line in section.lines]
    assert len(set(keys)) == len(keys) == 21
    assert all(re.fullmatch(r"[a-zA-Z0-9-]+", key) for key in keys)
