"""The acts of a sitting handed over through the client in one request."""

from pathlib import Path

import pytest

from tests.support.cutting import Cut, CuttingFront
from tests.support.scene import pdf
from transmission.client import Client, InvalidError


def _line(numero: str, document: str) -> dict[str, str]:
    return {
        "numero": numero,
        "date": "2023-03-02",
        "nature": "DE",
        "matiere": "7.5",
        "objet": "Subvention",
        "document": document,
    }


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "un.pdf", tmp_path / "deux.pdf"]
    for path in made:
        path.write_bytes(pdf(path.stem))
    return made


def test_a_batch_is_tried_then_handed_over_once_though_it_is_cut(
    client: Client, files: list[Path], front: CuttingFront
) -> None:
    manifeste = {"actes": [_line("2023_001", "un.pdf"), _line("2023_002", "deux.pdf")]}
    assert client.deposit_batch(manifeste, files, essai=True).essai
    client.close()
    front.plan += [Cut(answer=0)]
    made = client.deposit_batch(manifeste, files)
    assert made.actes["deja_remis"] == 2
    assert [line.numero for line in made.lignes] == ["2023_001", "2023_002"]
    assert len(list(client.actes())) == 2


def test_what_is_wrong_of_one_act_is_told_of_it_alone(client: Client, files: list[Path]) -> None:
    made = client.deposit_batch(
        {"actes": [_line("2023_001", "un.pdf"), _line("2023_002", "absent.pdf")]}, files
    )
    assert [line.sort for line in made.lignes] == ["accepte", "refuse"]
    assert made.lignes[1].problemes
    with pytest.raises(InvalidError):
        client.deposit_batch({"actes": []}, [])
