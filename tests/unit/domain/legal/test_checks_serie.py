"""Gaps and duplicates in the numbers of a nature and a year, without crying wolf."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checks import check_numbering
from transmission.domain.legal.checks_serie import NumberedActe, Numbering
from transmission.domain.legal.findings import Finding, Severity

TODAY = date(2026, 6, 30)
MEETING = date(2026, 3, 2)


def _actes(*numeros: str, day: date = MEETING) -> tuple[NumberedActe, ...]:
    return tuple(NumberedActe(rank, numero, day) for rank, numero in enumerate(numeros, start=1))


def _numbering(
    *numeros: str,
    nature: NatureActe = NatureActe.DELIBERATION,
    day: date = MEETING,
    elsewhere: frozenset[str] = frozenset(),
) -> Numbering:
    return Numbering(
        collectivite_id=1,
        nature=nature,
        year=2026,
        today=TODAY,
        actes=_actes(*numeros, day=day),
        elsewhere=elsewhere,
    )


def _count(*out: int, of: int = 12) -> list[str]:
    return [f"2026_{rank:03d}" for rank in range(1, of + 1) if rank not in out]


def _found(numbering: Numbering) -> list[tuple[str, str]]:
    return [(each.check, each.key) for each in check_numbering(numbering)]


def test_a_number_that_a_series_skips_is_missing() -> None:
    (found,) = check_numbering(_numbering(*_count(7)))
    assert (found.check, found.key) == ("numero_manquant", "serie:DE:2026:2026_007")
    assert found.severity is Severity.ATTENTION
    assert found.evidence == (
        ("Avant", "2026_006, du 2 mars 2026"),
        ("Après", "2026_008, du 2 mars 2026"),
    )
    assert "2026_007" in found.remedy


def test_a_series_without_gap_is_silent() -> None:
    assert check_numbering(_numbering(*_count())) == ()


def test_many_orders_are_not_transmitted_so_that_a_gap_is_only_told() -> None:
    (found,) = check_numbering(_numbering(*_count(7), nature=NatureActe.REGLEMENTAIRE))
    assert found.severity is Severity.INFO


def test_a_number_seen_under_another_nature_or_on_a_list_is_not_missing() -> None:
    assert _found(_numbering(*_count(7), elsewhere=frozenset({"2026_007"}))) == []


def test_two_natures_that_share_a_count_have_no_gap() -> None:
    deliberations = _numbering(
        *_count(*range(2, 20, 2), of=20), elsewhere=frozenset(_count(*range(1, 21, 2), of=20))
    )
    assert _found(deliberations) == []


@pytest.mark.parametrize(("age", "silent"), [(15, False), (14, True)])
def test_a_number_may_still_come_while_the_next_act_is_recent(age: int, silent: bool) -> None:
    numbering = _numbering(*_count(7), day=TODAY - timedelta(days=age))
    assert (_found(numbering) == []) is silent


def test_a_series_of_few_numbers_is_not_judged() -> None:
    assert _found(_numbering(*_count(2, of=5))) == []
    assert _found(_numbering(*_count(2, of=6))) != []


def test_a_series_of_which_one_number_in_five_is_missing_is_none() -> None:
    assert _found(_numbering(*_count(3, of=6))) == [("numero_manquant", "serie:DE:2026:2026_003")]
    four_of_five = [f"2026_{rank:03d}" for rank in (1, 2, 4, 5, 6, 8, 9, 10)]
    assert _found(_numbering(*four_of_five)) == [("serie_non_reconnue", "serie:DE:2026")]


def test_numbers_of_which_half_count_are_checked() -> None:
    free = ["VOEU", "MOTION", "PLU", "BUDGET", "SUBVENTION"]
    assert _found(_numbering(*_count(of=5), *free)) == []
    assert _found(_numbering(*_count(of=5), *free, "BAIL")) != []


def test_a_series_with_many_gaps_is_said_not_to_be_one() -> None:
    numeros = [f"ARR{rank}" for rank in (1, 4, 5, 9, 12, 13, 17)]
    (found,) = check_numbering(_numbering(*numeros, nature=NatureActe.REGLEMENTAIRE))
    assert (found.check, found.key) == ("serie_non_reconnue", "serie:AR:2026")
    assert found.severity is Severity.INFO
    assert found.evidence == (("Exemples", "ARR1, ARR12, ARR13"),)


def test_free_numbers_are_said_not_to_be_checked() -> None:
    numeros = ["VOEU", "MOTION", "PLU", "BUDGET", "SUBVENTION"]
    assert _found(_numbering(*numeros)) == [("serie_non_reconnue", "serie:DE:2026")]


def test_a_few_free_numbers_are_silent() -> None:
    assert _found(_numbering("VOEU", "MOTION", "PLU", "BUDGET")) == []
    assert _found(_numbering(*_count(), "VOEU", "MOTION")) == []


def test_a_number_that_looks_like_a_year_is_not_said_to_be_missing() -> None:
    numeros = [f"D{rank}" for rank in range(2000, 2034)]
    assert _found(_numbering(*numeros)) == []


def test_a_count_that_starts_again_elsewhere_has_no_gap() -> None:
    numeros = [f"2026_{rank:03d}" for rank in (*range(1, 8), *range(500, 508))]
    assert _found(_numbering(*numeros)) == []


def test_one_number_on_two_acts_is_double() -> None:
    twice = replace(
        _numbering(*_count()),
        actes=(*_actes(*_count()), NumberedActe(99, "2026_003", date(2026, 4, 7))),
    )
    (found,) = check_numbering(twice)
    assert (found.check, found.key) == ("numero_double", "serie:DE:2026:2026_3")
    assert found.evidence == (("2026_003", "2 mars 2026"), ("2026_003", "7 avril 2026"))


def test_a_number_is_the_same_whatever_its_zeros_and_capitals() -> None:
    twice = replace(
        _numbering(*_count()),
        actes=(*_actes(*_count()), NumberedActe(99, "2026_3", date(2026, 4, 7))),
    )
    assert _found(twice) == [("numero_double", "serie:DE:2026:2026_3")]
    assert _found(_numbering("voeu", "VOEU")) == [("numero_double", "serie:DE:2026:VOEU")]


def test_a_refused_act_leaves_its_number_to_the_next() -> None:
    refused = NumberedActe(99, "2026_003", date(2026, 4, 7), over=True)
    assert _found(replace(_numbering(*_count()), actes=(*_actes(*_count()), refused))) == []


def test_a_second_letter_makes_another_number() -> None:
    assert _found(_numbering(*_count(), "2026_003A", "2026_003B")) == []


NUMEROS = st.one_of(
    st.text(alphabet="AD0123456789_-", max_size=15),
    st.integers(1, 40).map(lambda rank: f"2026_{rank:03d}"),
)


@given(st.lists(NUMEROS, max_size=40), st.sampled_from(NatureActe))
def test_any_numbers_are_read_and_each_finding_is_about_one_thing(
    numeros: list[str], nature: NatureActe
) -> None:
    found: tuple[Finding, ...] = check_numbering(_numbering(*numeros, nature=nature), DEFAULTS)
    keys = [(each.check, each.key) for each in found]
    assert len(keys) == len(set(keys))
    known = {numero.strip().upper() for numero in numeros}
    for each in found:
        if each.check == "numero_manquant":
            assert each.key.rsplit(":", 1)[1] not in known
