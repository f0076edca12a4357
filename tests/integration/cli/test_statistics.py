"""``statistics`` against the register of a scene."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from types import SimpleNamespace

import pytest

from tests.support.scene import SIREN

Run = Callable[..., SimpleNamespace]
MARCH = ("--depuis", "2023-03", "--jusqu-a", "2023-03")


def test_delays_are_told_in_a_table_of_80_columns(run: Run, received: SimpleNamespace) -> None:
    ended = run("statistics", *MARCH)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.replace("\u00a0", " ").splitlines()
    assert lines[0].startswith("Toutes les collectivités : Un seul acte adopté en mars 2023 est")
    head = next(line.split() for line in lines if "Médiane" in line)
    told = next(line.split() for line in lines if line.startswith("Délibération"))
    assert head == ["Actes", "Médiane", "9", "sur", "10", "Maximum", ">", "15", "j"]
    assert told == ["Délibération", "1", "7", "j", "7", "j", "7", "j", "0", "%"]
    assert any(line.startswith("7.5 Subventions") for line in lines)
    assert any(line.startswith("mars 2023") for line in lines)
    assert any(line.startswith("DEMONSTRATION - mock : ") for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_one_authority_alone_says_nothing_of_what_tdts_do_for_all(
    run: Run, received: SimpleNamespace
) -> None:
    out = run("statistics", *MARCH, "--siren", SIREN).out
    assert out.startswith("Commune de Saint-Exemple : Un seul acte")
    assert "TdT" not in out


def test_without_an_act_of_the_period_a_sentence_says_so(run: Run) -> None:
    ended = run("statistics", "--depuis", "2021-01", "--jusqu-a", "2021-06", "--siren", SIREN)
    assert ended.code == 0
    assert " ".join(ended.out.split()) == (
        "Commune de Saint-Exemple : Aucun acte adopté de janvier 2021 à juin 2021 n'est encore "
        "reçu en préfecture."
    )


def test_a_spreadsheet_reads_the_table(run: Run, received: SimpleNamespace) -> None:
    out = run("statistics", *MARCH, "--siren", SIREN, "--format", "csv").out
    assert out.startswith("\ufeff")
    head, *lines = csv.reader(StringIO(out[1:], newline=""), delimiter=";")
    first = dict(zip(head, lines[0], strict=True))
    assert first["Collectivité"] == "Commune de Saint-Exemple"
    assert (first["Actes reçus"], first["Médiane (jours)"]) == ("1", "7")
    assert [line[3] for line in lines] == ["Ensemble", "Nature", "Matière", "Mois"]


def test_a_program_reads_the_document(run: Run, received: SimpleNamespace) -> None:
    document = json.loads(run("statistics", *MARCH, "--format", "json").out)
    assert document["all"]["days"] == [[7, 1]]
    assert document["natures"][0]["nature"] == "DE"
    (usual,) = document["tdt"]
    assert (usual["tdt"], usual["acts"]) == ("DEMONSTRATION - mock", 1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--depuis", "mars"), "« mars » n'est pas un mois"),
        (("--depuis", "2026-04", "--jusqu-a", "2026-03"), "finit avant de commencer"),
        (("--siren", "123456790"), "Aucune collectivité n'est enregistrée sous le SIREN"),
        (("--format", "xls"), "xls"),
    ],
)
def test_what_cannot_be_read_is_told(run: Run, options: tuple[str, ...], told: str) -> None:
    ended = run("statistics", *options)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
