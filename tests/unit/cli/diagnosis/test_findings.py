"""A check that fails is a finding like another, and says no more than it may."""

from collections.abc import Iterator

import pytest

from transmission.cli.diagnosis.findings import Finding, Subject, fine, guarded, listed, wrong
from transmission.domain.errors import TransmissionError


def test_what_a_check_finds_is_told_as_it_is() -> None:
    found = [fine(Subject.TDT, "bien"), wrong(Subject.TDT, "mal")]
    assert guarded(Subject.TDT, lambda: iter(found)) == found


def test_a_refusal_of_ours_is_told_in_its_own_words() -> None:
    def refused() -> Iterator[Finding]:
        raise TransmissionError("Le fichier manque.")
        yield

    assert guarded(Subject.BROKER, refused) == [wrong(Subject.BROKER, "Le fichier manque.")]


def test_a_bug_is_told_by_its_kind_alone() -> None:
    def broken() -> Iterator[Finding]:
        yield fine(Subject.TDT, "bien")
        raise ZeroDivisionError("s3cret")

    (found,) = guarded(Subject.TDT, broken)
    assert "ZeroDivisionError" in found.said
    assert "s3cret" not in found.said


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["A"], "A"),
        (["A", "B"], "A et B"),
        (["A", "A", "B"], "A et B"),
        (["A", "B", "C"], "A, B et 1 autre"),
        (["A", "B", "C", "D"], "A, B et 2 autres"),
    ],
)
def test_many_names_are_counted(names: list[str], told: str) -> None:
    assert listed(names) == told
