"""``check`` against the register of a scene: what is open, what is seen, how it ends."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.scene import SIREN, Scene
from transmission.cli import check as module
from transmission.domain.legal.findings import Finding, Severity
from transmission.ports.findings import Examined
from transmission.services import check_lists
from transmission.store.tables_legal import finding

Run = Callable[..., SimpleNamespace]
FOUND = Finding(
    check="reception_tardive",
    key="a",
    severity=Severity.ATTENTION,
    message="Acte D2023_001 : reçu après le délai.",
    remedy="Vérifiez que rien n'a été exécuté avant.",
    rule="DT-1",
    article="CGCT, art. L. 2131-1",
    evidence=(("Reçu le", "2 mai 2023"), ("Reçu le", "3 mai 2023"), ("Piège", "\x1b[31m")),
)
SEEN = ("--motif", "vu avec la préfecture", "--par", "directrice")


def keep(served: Scene, *found: tuple[str, Severity]) -> dict[str, int]:
    """Open findings of the scene's authority; their numbers by key."""
    made = [
        Finding(**{name: getattr(FOUND, name) for name in FOUND.__dataclass_fields__}
                | {"key": key, "severity": severity})
        for key, severity in found
    ]  # fmt: skip
    with served.tools.register() as unit:
        none = Examined(frozenset())
        unit.save_findings(served.authority_id, none, made, served.clock.now())
        unit.commit()
    return {row.key: row.id for row in rows(served)}


def rows(served: Scene) -> list[Any]:
    with served.engine.connect() as connection:
        return list(connection.execute(select(finding).order_by(finding.c.id)))


def titles(out: str) -> list[str]:
    return [line for line in out.splitlines() if line.startswith("Alerte n°")]


def test_without_any_alert_a_sentence_says_so(served: Scene, run: Run) -> None:
    ended = run("check")
    assert (ended.code, ended.out, ended.err) == (0, "Aucune alerte n'est ouverte.\n", "")
    assert run("check", "--strict").code == 0


def test_an_alert_is_told_whole_the_gravest_first(served: Scene, run: Run) -> None:
    numbers = keep(served, ("late", Severity.ATTENTION), ("worse", Severity.GRAVE))
    ended = run("check")
    assert (ended.code, ended.err) == (0, "")
    title = "Acte reçu en préfecture après le délai de transmission"
    assert titles(ended.out) == [
        f"Alerte n° {numbers['worse']}, grave : {title}",
        f"Alerte n° {numbers['late']}, attention : {title}",
    ]
    for words in (
        "Acte D2023_001 : reçu après le délai.", "Vérifiez que rien n'a été exécuté avant.",
        "Commune de Saint-Exemple", "Règle DT-1. CGCT, art. L. 2131-1", "2 mai 2023 ; 3 mai 2023",
    ):  # fmt: skip
        assert words in " ".join(ended.out.split()), words
    assert "\x1b" not in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines()[1:9])


def test_filters_narrow_the_list(served: Scene, run: Run) -> None:
    numbers = keep(served, ("late", Severity.ATTENTION), ("worse", Severity.GRAVE))

    def listed(*options: str) -> list[int]:
        document = json.loads(run("check", "--format", "json", *options).out)
        assert document["complete"] is True
        return [each["id"] for each in document["findings"]]

    assert listed("--gravite", "grave") == [numbers["worse"]]
    assert listed("--controle", "accuse_absent") == []
    assert listed("--siren", "123 456 782") == [numbers["worse"], numbers["late"]]
    assert listed("--siren", "200000008") == []
    run("check", "--acquitter", numbers["worse"], *SEEN)
    assert listed() == [numbers["late"]]
    assert listed("--tous") == [numbers["worse"], numbers["late"]]


def test_a_spreadsheet_reads_the_list(served: Scene, run: Run) -> None:
    keep(served, ("late", Severity.ATTENTION))
    out = run("check", "--format", "csv").out
    assert out.startswith("\ufeff")
    (row,) = csv.DictReader(StringIO(out.removeprefix("\ufeff")), delimiter=";")
    assert (row["Gravité"], row["SIREN"]) == ("Attention", SIREN)


def test_a_long_list_says_that_it_stops(
    served: Scene, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SHOWN", 2)
    monkeypatch.setattr(module, "_EXPORTED", 2)
    keep(served, *((str(rank), Severity.INFO) for rank in range(3)))
    out = run("check").out
    assert len(titles(out)) == 2
    assert "seules les 2 plus graves sont montrées" in out
    assert json.loads(run("check", "--format", "json").out)["complete"] is False
    assert "2 premières alertes" in run("check", "--format", "csv").err


def test_a_person_takes_note_of_an_alert_which_stays(served: Scene, run: Run) -> None:
    number = keep(served, ("worse", Severity.GRAVE))["worse"]
    assert run("check", "--strict").code == 1
    ended = run("check", "--acquitter", number, *SEEN)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Alerte n° {number} : directrice en a pris acte")
    (row,) = rows(served)
    assert (row.acknowledged_by, row.acknowledged_reason, row.closed_at) == (
        "directrice", "vu avec la préfecture", None
    )  # fmt: skip
    assert run("check", "--strict").code == 0
    assert "par directrice : vu avec la préfecture" in " ".join(run("check", "--tous").out.split())
    again = run("check", "--acquitter", number, *SEEN)
    assert again.code == 1
    assert "directrice a déjà pris acte" in again.err


def test_a_strict_end_looks_at_what_is_grave_whatever_is_listed(served: Scene, run: Run) -> None:
    keep(served, ("worse", Severity.GRAVE), ("late", Severity.ATTENTION))
    assert run("check", "--strict", "--gravite", "info").code == 1
    assert run("check", "--strict", "--siren", "200000008").code == 0


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--acquitter", "1"), 2, "--acquitter demande un --motif"),
        (("--acquitter", "1", "--motif", " "), 1, "motif"),
        (("--acquitter", "99", "--motif", "vu"), 1, "Aucune alerte n° 99"),
        (("--controle", "inconnu"), 2, "Aucun contrôle ne s'appelle « inconnu »"),
        (("--gravite", "pire"), 2, "n'est pas parmi"),
        (("--maintenant", "--siren", "200000008"), 1, "200000008"),
    ],
)
def test_what_cannot_be_done_is_told(
    served: Scene, run: Run, options: tuple[str, ...], code: int, told: str
) -> None:
    keep(served, ("worse", Severity.GRAVE))
    ended = run("check", *options)
    assert (ended.code, told in ended.err) == (code, True), ended.err


def test_what_waits_is_checked_before_when_asked(
    served: Scene, run: Run, received: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("declare", "D2023_001", "--date-effet", "2023-01-01").code == 0
    assert titles(run("check").out) == []
    listed: list[int] = []
    monkeypatch.setattr(check_lists, "check_lists", lambda _, owner: listed.append(owner))
    out = run("check", "--maintenant").out
    assert listed == [served.authority_id]
    assert "Effet ou exécution avant que l'acte ait force" in out
    assert received.id in {row.acte_id for row in rows(served)}
