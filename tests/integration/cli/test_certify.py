"""``transmission certify``: the paper that the executive signs."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pypdfium2
import pytest

from tests.support.scene import Scene

Run = Callable[..., SimpleNamespace]
MAYOR = ("--fonction", "Le maire")


@pytest.fixture
def public(run: Run, received: SimpleNamespace) -> SimpleNamespace:
    """An act received on 9 March 2023, on line since the 10th."""
    assert run("publish", "D2023_001", "--le", "2023-03-10").code == 0
    return received


def _words(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    try:
        return " ".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()


def test_the_certificate_is_written_where_it_is_asked(
    run: Run, public: SimpleNamespace, tmp_path: Path
) -> None:
    target = tmp_path / "certificat signé.pdf"
    given = ("--fonction", " La  maire\n", "--nom", "Nom Exemple", "--sortie", target)
    ended = run("certify", "D2023_001", *given)
    assert ended.code == 0
    assert ended.err.startswith("Réserve imprimée : On ne sait pas si l'acte est réglementaire")
    assert ended.out == f"Certificat de caractère exécutoire : {target}\n"
    words = _words(target)
    assert "certifié exécutoire depuis le 10 mars 2023" in words
    assert "Reçu en préfecture le 9 mars 2023" in words
    assert "La maire Nom Exemple Signature" in words


def test_without_a_place_it_bears_the_number_of_the_act_here(
    run: Run, public: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("certify", "d2023_001", *MAYOR).code == 0
    assert "Numéro D2023_001" in _words(tmp_path / "certificat-D2023_001.pdf")


def test_the_issue_is_in_the_journal_under_the_name_of_who_asked(
    run: Run, public: SimpleNamespace, served: Scene, tmp_path: Path
) -> None:
    given = (*MAYOR, "--sortie", tmp_path / "x.pdf", "--par", "secrétariat")
    assert run("certify", "D2023_001", *given).code == 0
    assert served.events(public.id).count("certified") == 1


def test_what_is_missing_is_told_and_nothing_is_written(
    run: Run, send: Run, tmp_path: Path
) -> None:
    send()
    target = tmp_path / "x.pdf"
    ended = run("certify", "D2023_001", *MAYOR, "--sortie", target)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Acte D2023_001 : ")
    assert "L'accusé de réception de la préfecture n'est pas arrivé." in ended.err
    assert "Aucune publicité" in ended.err
    assert not target.exists()


def test_a_place_that_cannot_be_written_is_told_and_not_journalled(
    run: Run, public: SimpleNamespace, served: Scene
) -> None:
    ended = run("certify", "D2023_001", *MAYOR, "--sortie", "/absent/x.pdf")
    assert ended.code == 1
    assert "/absent/x.pdf ne peut pas être écrit : " in ended.err
    assert "certified" not in served.events(public.id)


def test_a_name_that_cannot_be_printed_is_told(
    run: Run, public: SimpleNamespace, tmp_path: Path
) -> None:
    target = tmp_path / "x.pdf"
    ended = run("certify", "D2023_001", *MAYOR, "--nom", "中", "--sortie", target)
    assert ended.code == 1
    assert "Le certificat ne peut pas imprimer « 中 »" in ended.err
    assert not target.exists()


@pytest.mark.parametrize("given", [(), ("--fonction", " "), (*MAYOR, "--nom", "")])
def test_who_signs_must_be_said(run: Run, given: tuple[str, ...]) -> None:
    assert run("certify", "D2023_001", *given).code == 2


def test_an_act_that_was_never_handed_over_is_told(run: Run) -> None:
    ended = run("certify", "NULLE_PART", *MAYOR)
    assert ended.code == 1
    assert "Aucun acte NULLE_PART n'a été remis" in ended.err
