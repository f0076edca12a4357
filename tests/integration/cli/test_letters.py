"""``courriers``, ``courrier``, ``reply``: from the préfecture's letter to the AR of the answer."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene
from transmission.domain.lifecycle import State

Run = Callable[..., SimpleNamespace]
Write = Callable[..., int]


def folded(text: str) -> str:
    """Printed text without its folds."""
    return " ".join(text.split())


def test_a_letter_is_listed_until_it_is_answered(
    run: Run, write: Write, served: Scene, folder: Path
) -> None:
    assert "Aucun courrier de la préfecture n'attend de réponse." in run("courriers").out
    number = write(
        "demande_piece_complementaire", text="Merci d'envoyer le plan.", date="2023-03-09"
    )
    listed = folded(run("courriers").out)
    assert (
        f"Courrier n° {number} Courrier Demande de pièces complémentaires du 9 mars 2023" in listed
    )
    assert "Merci d'envoyer le plan." in listed
    assert "D2023_001" in listed
    assert "La collectivité doit envoyer les pièces demandées, ou son refus." in listed
    ended = run("reply", number, folder / "plan.pdf", folder / "photo.pdf", "--par", "urbanisme")
    assert (ended.code, ended.err) == (0, "")
    assert "réponse prise en charge (pièces complémentaires)" in ended.out
    assert "Aucun courrier" in run("courriers").out
    served.run()
    served.later(30)
    told = folded(run("courriers", "D2023_001").out)
    assert "Rien : la préfecture a reçu la réponse le 9 mars 2023." in told
    assert "Pièces complémentaires : Accusé de réception reçu" in told


def test_letters_of_one_act_are_listed_newest_first(run: Run, write: Write) -> None:
    first, second = write("courrier_simple"), write("lettre_observations")
    out = run("courriers", "D2023_001").out
    assert out.index(f"Courrier n° {second}") < out.index(f"Courrier n° {first}")
    assert all(len(line) <= 80 for line in out.splitlines())
    assert run("courriers", "--siren", "732829320").out.startswith("Aucun courrier")


def test_an_act_without_letters_says_so(run: Run, send: Run) -> None:
    send()
    ended = run("courriers", "D2023_001")
    assert (ended.code, ended.out) == (0, "Acte D2023_001 : aucun courrier de la préfecture.\n")


def test_a_letter_is_written_in_a_folder_as_it_came(
    run: Run, write: Write, served: Scene, tmp_path: Path
) -> None:
    number = write("lettre_observations")
    ended = run("courrier", number, "--sortie", tmp_path / "neuf" / "courriers")
    assert ended.code == 0
    written = [Path(line) for line in ended.out.splitlines()]
    assert sorted(written) == sorted((tmp_path / "neuf" / "courriers").iterdir())
    with served.tools.register() as unit:
        letter = unit.courrier(number)
        [document] = unit.pieces_of_retour(letter.retour_id)
    message, paper = (path.read_bytes() for path in written)
    assert message == served.tools.documents.read(letter.file)
    assert paper == served.tools.documents.read(document.file)
    assert written[1].name == f"courrier-{number}-1-{document.nom_fichier}"
    assert run("courrier", number, "--sortie", tmp_path / "neuf" / "courriers").code == 0


def test_a_refusal_is_chosen_by_a_word(
    run: Run, write: Write, served: Scene, folder: Path, received: SimpleNamespace
) -> None:
    number = write("lettre_observations")
    ended = run("reply", number, "--refus", folder / "acte.pdf")
    assert "rejet d'une lettre d'observations" in ended.out
    with served.tools.register() as unit:
        [sent] = unit.transmissions_about(received.id, "4-3")
    assert (sent.courrier_id, sent.state) == (number, State.ACCEPTED)


def test_the_same_answer_twice_is_one_and_another_is_refused(
    run: Run, write: Write, folder: Path
) -> None:
    number = write("courrier_simple")
    assert run("reply", number, folder / "acte.pdf").code == 0
    again = run("reply", number, folder / "acte.pdf")
    assert (again.code, again.err) == (0, "")
    assert "réponse déjà donnée, rien n'a changé" in again.out
    other = run("reply", number, folder / "plan.pdf")
    assert (other.code, other.out) == (1, "")
    assert "Ce courrier a déjà reçu une réponse" in other.err


def test_each_file_may_have_its_typology(
    run: Run, write: Write, served: Scene, folder: Path, received: SimpleNamespace
) -> None:
    number = write("demande_piece_complementaire")
    files = (folder / "plan.pdf", folder / "photo.pdf")
    assert run("reply", number, *files, "--type", "99_DE").code == 2
    assert run("reply", number, *files, "--type", "99_DE", "--type", "zz").code == 1
    assert run("reply", number, *files, "--type", "99_DE", "--type", "99_AU").code == 1
    assert run("reply", number, *files, "--type", "99_DE", "--type", "99_SE").code == 0
    with served.tools.register() as unit:
        [sent] = unit.transmissions_about(received.id, "3-4")
        pieces = unit.pieces_sent(sent)
    assert [(piece.nom_original, piece.code_type_pj) for piece in pieces] == [
        ("plan.pdf", "99_DE"),
        ("photo.pdf", "99_SE"),
    ]


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("courrier_simple", ("--refus",), "n'appelle pas de refus"),
        ("defere_ta", (), "n'appelle pas de réponse"),
        ("defere_ta", ("--refus",), "n'appelle pas de réponse"),
        ("lettre_observations", ("--message", "3-4"), "Un message 3-4 ne répond pas"),
    ],
)
def test_an_answer_that_a_letter_cannot_have_is_refused(
    run: Run, write: Write, folder: Path, kind: str, options: tuple[str, ...], said: str
) -> None:
    ended = run("reply", write(kind), folder / "acte.pdf", *options)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err


def test_an_answer_is_chosen_once(run: Run, served: Scene, folder: Path) -> None:
    ended = run("reply", "1", folder / "acte.pdf", "--message", "3-3", "--refus")
    assert ended.code == 2
    assert "Donnez --message ou --refus, pas les deux." in ended.err


@pytest.mark.parametrize("command", [("courrier", "--sortie", "x"), ("reply", "{}")])
def test_a_letter_that_never_came_is_told(
    run: Run, served: Scene, folder: Path, command: tuple[str, ...]
) -> None:
    name, *rest = (word.format(folder / "acte.pdf") for word in command)
    ended = run(name, "999", *rest)
    assert (ended.code, ended.out) == (1, "")
    assert "Aucun courrier n° 999 n'est enregistré." in ended.err
    assert not Path("x").exists()
