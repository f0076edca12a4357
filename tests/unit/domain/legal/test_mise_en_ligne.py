"""What looks tell: absences in civil days, and what is amiss now."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from transmission.domain.legal.checked import Absence
from transmission.domain.legal.mise_en_ligne import Publicised, Seen, absences_of, last_looks
from transmission.domain.publication import Verdict

PARIS = ZoneInfo("Europe/Paris")
BEGAN = datetime(2026, 3, 5, 9, tzinfo=UTC)
ONLINE = Publicised(
    date_mise_en_ligne=date(2026, 3, 5), address="https://x.example", sha256="a" * 64, at=BEGAN
)
C, A, P, E, X, F = (
    Verdict.CONFORME,
    Verdict.ABSENT,
    Verdict.PAGE_HTML,
    Verdict.ENDOMMAGE,
    Verdict.CHANGE,
    Verdict.AUTRE_FICHIER,
)


def looked(*verdicts: Verdict, sha256: str = "b" * 64) -> Publicised:
    """One look a day from the day after the mise en ligne, the 6th."""
    looks = tuple(
        Seen(BEGAN + timedelta(days=rank), verdict, sha256)
        for rank, verdict in enumerate(verdicts, start=1)
    )
    return replace(ONLINE, looks=looks)


def march(first: int, last: int) -> Absence:
    return Absence(date(2026, 3, first), date(2026, 3, last))


@pytest.mark.parametrize(
    ("verdicts", "absences"),
    [
        ((), []),
        ((C, C, C), []),
        ((A,), [march(6, 6)]),
        ((C, A, A, C, C), [march(7, 8)]),
        ((A, P, E), [march(6, 8)]),
        ((A, C, A, A), [march(6, 6), march(8, 9)]),
        ((X, F), []),
        ((A, X, A), [march(6, 6), march(8, 8)]),
    ],
)
def test_an_absence_lasts_from_the_first_miss_in_a_row_to_the_last(
    verdicts: tuple[Verdict, ...], absences: list[Absence]
) -> None:
    assert list(absences_of([looked(*verdicts)], PARIS)) == absences


def test_days_are_those_of_the_authority() -> None:
    late = Seen(datetime(2026, 3, 6, 23, 30, tzinfo=UTC), A)
    publications = [replace(ONLINE, looks=(late,))]
    assert absences_of(publications, PARIS) == (march(7, 7),)
    assert absences_of(publications, ZoneInfo("America/Cayenne")) == (march(6, 6),)


def test_what_is_taken_off_line_is_absent_until_it_is_put_back() -> None:
    off = replace(ONLINE, withdrawn_at=BEGAN + timedelta(days=5))
    assert absences_of([off], PARIS) == (Absence(date(2026, 3, 10), date.max),)
    back = replace(ONLINE, at=BEGAN + timedelta(days=7))
    assert absences_of([off, back], PARIS) == (march(10, 12),)


def test_what_was_before_a_new_mise_en_ligne_counts_no_more() -> None:
    off = replace(looked(A, A), withdrawn_at=BEGAN + timedelta(days=5))
    again = replace(ONLINE, date_mise_en_ligne=date(2026, 3, 12), at=BEGAN + timedelta(days=7))
    assert absences_of([off, again], PARIS) == ()


def test_nothing_on_line_is_never_absent() -> None:
    assert absences_of([], PARIS) == ()
    assert last_looks([]) == ()


@pytest.mark.parametrize(
    ("verdicts", "looks"),
    [((), 0), ((A, C), 0), ((C, A), 1), ((C, A, P, E), 3), ((X, X), 2), ((A, X), 1), ((F, F), 0)],
)
def test_the_last_looks_are_those_in_a_row_that_saw_the_same_amiss(
    verdicts: tuple[Verdict, ...], looks: int
) -> None:
    publication = looked(*verdicts)
    expected = publication.looks[len(verdicts) - looks :]
    assert last_looks([publication]) == expected


def test_a_file_that_changes_again_is_another_fact() -> None:
    first, second = looked(X, X), Seen(BEGAN + timedelta(days=9), X, "c" * 64)
    assert last_looks([replace(first, looks=(*first.looks, second))]) == (second,)


def test_what_is_off_line_is_not_looked_at() -> None:
    assert last_looks([replace(looked(A, A), withdrawn_at=BEGAN + timedelta(days=9))]) == ()
    assert last_looks([looked(A, A), ONLINE]) == ()
