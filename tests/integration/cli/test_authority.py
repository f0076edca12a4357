"""``transmission authority``, and commands when several authorities are served."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import SIREN, Scene

Run = Callable[..., SimpleNamespace]
OTHER = "111111118"
OPTIONS = (
    *("--siren", OTHER, "--departement", "042", "--arrondissement", "1", "--nature", "31"),
    *("--nom", "Commune de Modèle", "--adresse-retour", "retours@modele.example.org"),
    *("--tdt-nom", "TdT", "--tdt-url", "https://tdt.example.org"),
    *("--certificat", "agent.pem", "--cle", "agent.key", "--ca", "ca.pem"),
)


@pytest.fixture
def description(tmp_path: Path) -> Path:
    path = tmp_path / "modele.toml"
    path.write_text(
        f'siren = "{OTHER}"\ndepartement = "042"\narrondissement = 1\nnature = "31"\n'
        'nom = "Commune de Modèle"\nadresses_retour = ["retours@modele.example.org"]\n'
        '[tdt]\nconnector = "s2low"\nnom = "TdT"\nbase_url = "https://tdt.example.org"\n'
        'certificate_file = "agent.pem"\nca_file = "ca.pem"\n',
        encoding="utf-8",
    )
    return path


def known(scene: Scene, siren: str = OTHER) -> SimpleNamespace:
    with scene.tools.register() as unit:
        return unit.authority_by_siren(siren).collectivite


def test_an_authority_is_added_from_a_file(
    run: Run, description: Path, served: Scene, tmp_path: Path
) -> None:
    ended = run("authority", "add", description)
    assert ended.code == 0
    assert ended.out == f"Commune de Modèle (SIREN {OTHER}) : enregistrée.\n"
    assert known(served).tdt.ca_file == str(tmp_path / "ca.pem")


def test_files_that_are_missing_on_this_machine_are_told(run: Run, description: Path) -> None:
    (description.parent / "ca.pem").touch()
    ended = run("authority", "add", description)
    assert ended.err == (
        f"Attention : {description.parent / 'agent.pem'} n'existe pas sur cette machine.\n"
    )


def test_an_authority_is_added_from_options(run: Run, served: Scene) -> None:
    assert run("authority", "add", *OPTIONS).code == 0
    assert known(served).nom == "Commune de Modèle"


def test_an_authority_is_not_added_twice(run: Run, description: Path, served: Scene) -> None:
    run("authority", "add", description)
    again = run("authority", "add", description, "--nom", "Autre nom")
    assert again.code == 1
    assert "existe déjà" in again.err
    assert known(served).nom == "Commune de Modèle"
    assert run("authority", "add", description, "--nom", "Autre nom", "--replace").code == 0
    assert known(served).nom == "Autre nom"


def test_an_authority_that_is_not_there_cannot_be_replaced(run: Run, description: Path) -> None:
    ended = run("authority", "add", description, "--replace")
    assert ended.code == 1
    assert OTHER in ended.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--siren", "111111119"), "sa clé de contrôle est fausse"),
        (("--departement", "42"), "« 42 » n'est pas un code de département"),
        (("--arrondissement", "12"), "12 n'est pas un code d'arrondissement"),
        (("--adresse-retour", "a+b@c.fr"), "a+b@c.fr"),
    ],
)
def test_a_wrong_setting_is_refused_at_once(
    run: Run, description: Path, option: tuple[str, str], said: str
) -> None:
    ended = run("authority", "add", description, *option)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err


def test_authorities_are_listed(run: Run, description: Path) -> None:
    run("authority", "add", description)
    lines = run("authority", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [SIREN, OTHER]
    assert "Commune de Modèle" in lines[1]


def test_the_classification_is_fetched_from_the_tdt(run: Run) -> None:
    ended = run("authority", "classification")
    assert ended.code == 0
    assert "en vigueur pour Commune de Saint-Exemple" in ended.out


def test_a_tdt_that_cannot_be_used_is_told(run: Run, description: Path) -> None:
    run("authority", "add", description)
    ended = run("authority", "classification", "--siren", OTHER)
    assert (ended.code, ended.out) == (1, "")
    assert str(description.parent / "ca.pem") in ended.err


def test_with_two_authorities_the_siren_must_be_given(
    run: Run, send: Run, description: Path
) -> None:
    run("authority", "add", description)
    asked = send()
    assert asked.code == 1
    assert "précisez --siren" in asked.err
    assert SIREN in asked.err
    assert OTHER in asked.err
    assert send("--siren", "123 456 782").code == 0
    assert run("status", "D2023_001").code == 1
    assert run("status", "D2023_001", "--siren", SIREN).code == 0


def test_an_act_of_one_authority_is_not_found_under_another(
    run: Run, send: Run, description: Path
) -> None:
    run("authority", "add", description)
    send("--siren", SIREN)
    ended = run("status", "D2023_001", "--siren", OTHER)
    assert "Aucun acte D2023_001 n'a été remis par Commune de Modèle" in ended.err


def test_before_any_classification_acts_are_refused(run: Run, send: Run, description: Path) -> None:
    run("authority", "add", description)
    ended = send("--siren", OTHER)
    assert ended.code == 1
    assert "Aucune classification n'a encore été reçue pour Commune de Modèle" in ended.err
