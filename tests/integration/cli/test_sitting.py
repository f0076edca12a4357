"""``sitting`` against the register of a scene."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene

Run = Callable[..., SimpleNamespace]
DAY = ("--seance", "2023-03-02")


@pytest.fixture
def liste(tmp_path: Path) -> Callable[..., Path]:
    """A file of these bytes."""

    def made(content: bytes, name: str = "séance.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return made


def test_a_list_is_imported_then_listed(
    run: Run, served: Scene, liste: Callable[..., Path]
) -> None:
    path = liste("Numéro;Nature;Objet;Vote\n2023.00097;DE;École;oui\n2023_2;;;\n".encode("cp1252"))
    ended = run("sitting", path, *DAY, "--par", "Secrétariat général")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "Séance du 02/03/2023 : liste de 2 actes importée.\n"
        "À vérifier, laissé de côté : « Vote ».\n"
        "À vérifier, numéros lus autrement : « 2023.00097 » est lu D20230009710.\n"
    )
    with served.tools.register() as unit:
        assert ("review", served.authority_id) in unit.waiting_bells()
    listed = run("sitting")
    assert listed.out.startswith("Séance du 02/03/2023\n")
    told = " ".join(listed.out.split())
    assert "Actes 2" in told
    assert "par Secrétariat général" in told
    assert "Fichier séance.csv" in told
    assert "Compte oui" in told


def test_the_same_list_again_changes_nothing(run: Run, liste: Callable[..., Path]) -> None:
    path = liste(b"numero\n2023_1\n")
    run("sitting", path, *DAY)
    again = run("sitting", path, *DAY)
    assert again.code == 0
    assert again.out == "Séance du 02/03/2023 : cette liste y est déjà, rien n'a changé.\n"


def test_a_corrected_list_says_what_it_replaces(run: Run, liste: Callable[..., Path]) -> None:
    run("sitting", liste(b"numero\n2023_1\n"), *DAY)
    ended = run("sitting", liste(b"numero\n2023_2\n"), *DAY)
    assert "liste de 1 acte importée.\nElle remplace celle du " in ended.out
    listed = " ".join(run("sitting").out.split())
    assert "non : une liste plus récente la remplace" in listed
    assert listed.index("Compte oui") < listed.index("Compte non")


def test_every_fault_of_a_list_is_told_with_its_line(run: Run, liste: Callable[..., Path]) -> None:
    ended = run("sitting", liste(b"numero;nature\n=1;DE\n2;XX\n"), *DAY)
    assert (ended.code, ended.out) == (1, "")
    first, *faults = ended.err.splitlines()
    assert first == "séance.csv : refusé, rien n'en est retenu"
    assert [fault.split(" : ")[0] for fault in faults] == ["  - ligne 2", "  - ligne 3"]
    assert run("sitting").out == "Aucune liste de séance n'a été importée.\n"


def test_a_list_without_act_is_taken_only_when_it_is_meant(
    run: Run, liste: Callable[..., Path]
) -> None:
    path = liste(b"numero\n")
    refused = run("sitting", path, *DAY)
    assert refused.code == 1
    assert "Ajoutez --vide" in refused.err
    assert "liste de 0 acte importée" in run("sitting", path, *DAY, "--vide").out


def test_a_file_too_large_is_refused_without_being_read_whole(
    run: Run, liste: Callable[..., Path]
) -> None:
    ended = run("sitting", liste(b"numero\n" + b"1\n" * 2_000_000), *DAY)
    assert ended.code == 1
    assert "dépasse 2 Mio" in ended.err


def test_options_without_a_file_are_refused(run: Run) -> None:
    ended = run("sitting", *DAY)
    assert ended.code == 2
    assert "Donnez le FICHIER" in ended.err


def test_a_file_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    assert run("sitting", tmp_path / "absent.csv", *DAY).code == 2
    assert run("sitting", tmp_path, *DAY).code == 2
