"""The classification of an authority: fetched, kept as received, or asked for."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.support.bench import Bench
from transmission.domain.acte import DemandeClassification
from transmission.domain.errors import TransmissionError
from transmission.domain.outcomes import Accepted, CannotTell, Duplicate, Refused
from transmission.services.classify import (
    ClassificationUnavailableError,
    classification_of,
    classify,
)

TEMPLATE = """<?xml version="1.0" encoding="ISO-8859-1"?>
<a:RetourClassification xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216">
<a:DateClassification>{day}</a:DateClassification>
<a:NaturesActes><a:NatureActe a:CodeNatureActe="1" a:Libelle="Délibérations" a:TypeAbrege="DE">
<a:TypePJNatureActe a:CodeTypePJ="99_DE" a:Libelle="Délibération"/></a:NatureActe></a:NaturesActes>
<a:Matieres><a:Matiere1 a:CodeMatiere="7" a:Libelle="Finances">
<a:Matiere2 a:CodeMatiere="5" a:Libelle="Subventions"/></a:Matiere1></a:Matieres>
</a:RetourClassification>
"""
UNCHANGED = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<a:ReponseClassificationSansChangement xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216">
<a:DateClassification>2023-01-02</a:DateClassification></a:ReponseClassificationSansChangement>"""


def _version(day: str) -> bytes:
    return TEMPLATE.format(day=day).encode("latin-1")


def _held(bench: Bench) -> tuple[date, bytes] | None:
    with bench.tools.register() as unit:
        found = unit.classification_file(bench.authority_id)
    return None if found is None else (found[0], bench.tools.documents.read(found[1]))


def _refusal(bench: Bench) -> str:
    with pytest.raises(ClassificationUnavailableError) as refused:
        classify(bench.tools, bench.authority_id)
    assert isinstance(refused.value, TransmissionError)
    return str(refused.value)


def test_what_the_tdt_holds_is_kept_byte_for_byte_under_its_own_date(bench: Bench) -> None:
    bench.tdt.on_fetch = _version("2023-01-02") + b"\r\n"
    assert classify(bench.tools, bench.authority_id) == date(2023, 1, 2)
    assert _held(bench) == (date(2023, 1, 2), _version("2023-01-02") + b"\r\n")


def test_asking_again_changes_nothing_until_a_new_version_comes(bench: Bench) -> None:
    for day in ("2023-01-02", "2023-01-02", "2024-05-06"):
        bench.tdt.on_fetch = _version(day)
        assert classify(bench.tools, bench.authority_id) == date.fromisoformat(day)
    assert _held(bench) == (date(2024, 5, 6), _version("2024-05-06"))
    with bench.tools.register() as unit:
        assert unit.classification_file(bench.authority_id, date(2023, 1, 2)) is not None
        assert unit.classification_file(bench.second_id) is None


def test_an_older_version_never_takes_the_place_of_a_newer_one(bench: Bench) -> None:
    for day in ("2024-05-06", "2023-01-02"):
        bench.tdt.on_fetch = _version(day)
        classify(bench.tools, bench.authority_id)
    assert _held(bench) == (date(2024, 5, 6), _version("2024-05-06"))


@pytest.mark.parametrize("answer", [Accepted("12"), Duplicate("12")])
def test_a_tdt_that_has_none_is_asked_to_get_one(bench: Bench, answer: Any) -> None:
    bench.tdt.on_fetch, bench.tdt.on_request = None, answer
    assert "vient d'être demandée" in _refusal(bench)
    assert [name for name, _ in bench.tdt.asked] == ["fetch", "request"]
    assert bench.tdt.asked[-1][1].message == DemandeClassification(None)
    assert _held(bench) is None


def test_the_version_held_goes_with_the_request_for_a_newer_one(bench: Bench) -> None:
    answers: Iterator[Any] = iter([_version("2023-01-02"), None])
    bench.tdt.on_fetch = lambda _: next(answers)
    classify(bench.tools, bench.authority_id)
    _refusal(bench)
    name, parcel = bench.tdt.asked[-1]
    assert (name, parcel.message) == ("request", DemandeClassification(date(2023, 1, 2)))


def test_a_tdt_that_does_not_want_to_ask_is_told_with_its_reason(bench: Bench) -> None:
    bench.tdt.on_fetch, bench.tdt.on_request = None, Refused("droits insuffisants")
    assert "droits insuffisants" in _refusal(bench)


def test_a_tdt_that_cannot_answer_is_told_with_its_reason_and_not_asked_for_more(
    bench: Bench,
) -> None:
    bench.tdt.on_fetch = CannotTell("délai dépassé")
    assert "délai dépassé" in _refusal(bench)
    assert bench.tdt.times("request") == 0


@pytest.mark.parametrize("raw", [b"<html/>", b"", UNCHANGED, _version("demain")])
def test_what_is_not_a_classification_is_refused_and_replaces_nothing(
    bench: Bench, raw: bytes
) -> None:
    bench.tdt.on_fetch = _version("2023-01-02")
    classify(bench.tools, bench.authority_id)
    bench.tdt.on_fetch = raw
    with pytest.raises(TransmissionError):
        classify(bench.tools, bench.authority_id)
    assert _held(bench) == (date(2023, 1, 2), _version("2023-01-02"))


def test_a_classification_is_read_from_its_bytes() -> None:
    read = classification_of(_version("2023-01-02"))
    assert read.date_classification == date(2023, 1, 2)
    assert read.matieres[7, 5] == "Subventions"
