"""``transmission send``: what is confirmed and right is taken in charge, once."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from sqlalchemy import func, select

from tests.support.scene import Scene
from transmission.domain.lifecycle import State
from transmission.store.tables import acte as actes

Run = Callable[..., SimpleNamespace]


def stored(scene: Scene) -> int:
    """How many acts the register holds."""
    with scene.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(actes)).scalar_one()


def test_an_act_is_taken_in_charge_with_its_metadata(send: Run, acte: Run) -> None:
    ended = send("--par", "service des assemblées")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "acte.pdf : acte D2023_001 pris en charge.\n"
    kept = acte().acte
    assert (kept.date_decision.isoformat(), kept.nature.abrege) == ("2023-03-02", "DE")
    assert (str(kept.matiere), kept.objet) == ("7.5", "Subvention")


def test_annexes_keep_their_order_and_typology(send: Run, folder: Path, acte: Run) -> None:
    annexes = ("--annexe", folder / "plan.pdf", "--annexe", f"{folder / 'photo.pdf'}:99_DE")
    assert send(*annexes, "--papier").code == 0
    kept = acte().acte
    assert [piece.nom_original for piece in kept.pieces] == ["acte.pdf", "plan.pdf", "photo.pdf"]
    assert kept.pieces[2].code_type_pj == "99_DE"
    assert kept.document_papier


def test_an_annexe_in_markdown_is_sent_as_a_pdf(send: Run, folder: Path, acte: Run) -> None:
    assert send("--annexe", folder / "deliberation.md").code == 0
    piece = acte().acte.pieces[1]
    assert (piece.nom_original, piece.extension) == ("deliberation.pdf", "pdf")


def test_the_same_act_twice_is_one_act(send: Run, served: Scene) -> None:
    assert send().code == 0
    again = send()
    assert again.code == 0
    assert "déjà remis : rien n'a changé" in again.out
    assert stored(served) == 1


def test_the_same_number_with_another_content_is_refused(send: Run, served: Scene) -> None:
    send()
    ended = send("--objet", "Autre objet")
    assert ended.code == 1
    assert "acte.pdf : refusé, rien n'a été remis" in ended.err
    assert "objet" in ended.err
    assert stored(served) == 1


def test_one_idempotency_key_stands_for_one_act(send: Run, served: Scene) -> None:
    assert send("--cle", "K1").code == 0
    assert send("--cle", "K1", "--numero", "D2023_002").code == 1
    assert stored(served) == 1


def test_a_markdown_act_is_proposed_confirmed_and_rendered(
    run: Run, folder: Path, acte: Run
) -> None:
    ended = run("send", folder / "deliberation.md", "--matiere", "7.5", answer="o\n")
    assert ended.code == 0
    assert "Numéro : D20230009710" in ended.out
    assert "Date de décision : 2023-03-02" in ended.out
    kept = acte("D20230009710").acte
    assert kept.objet == "SUBVENTION À L'ÉCOLE COMMUNALE"
    assert (kept.pieces[0].nom_original, kept.pieces[0].extension) == ("deliberation.pdf", "pdf")


@pytest.mark.parametrize("answer", ["n\n", "\n", "peut-être\n"])
def test_what_is_not_confirmed_is_not_sent(
    run: Run, folder: Path, served: Scene, answer: str
) -> None:
    ended = run("send", folder / "deliberation.md", "--matiere", "7.5", answer=answer)
    assert ended.code == 1
    assert "deliberation.md : refusé, rien n'a été remis" in ended.err
    assert stored(served) == 0


def test_giving_up_at_the_question_sends_nothing(run: Run, folder: Path, served: Scene) -> None:
    ended = run("send", folder / "deliberation.md", "--matiere", "7.5", answer="")
    assert ended.code == 130
    assert "Interrompu." in ended.err
    assert stored(served) == 0


def test_without_a_terminal_a_proposal_needs_yes(run: Run, folder: Path, served: Scene) -> None:
    arguments = ("send", folder / "deliberation.md", "--matiere", "7.5")
    refused = run(*arguments)
    assert refused.code == 1
    assert "--yes" in refused.err
    assert stored(served) == 0
    assert run(*arguments, "--yes").code == 0
    assert stored(served) == 1


def test_nobody_is_asked_to_confirm_what_would_be_refused(run: Run, folder: Path) -> None:
    ended = run("send", folder / "deliberation.md", "--matiere", "99.9", answer="o\n")
    assert ended.code == 1
    assert "Est-ce exact" not in ended.out
    assert "99.9" in ended.err


def test_what_nobody_said_is_asked_for_by_the_name_of_its_option(run: Run, folder: Path) -> None:
    ended = run("send", folder / "deliberation.md", "--yes")
    assert ended.code == 1
    assert "Donnez --matiere, par exemple 7.5." in ended.err


def test_a_number_as_printed_becomes_an_act_number(send: Run, acte: Run) -> None:
    ended = send("--numero", "2023.00012", "--yes")
    assert "Numéro : D20230001210" in ended.out
    assert acte("D20230001210").acte.objet == "Subvention"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("word.pdf", b"PK\x03\x04", "Convertissez-le en PDF"),
        ("vide.pdf", b"", "« vide.pdf » est vide"),
        ("tronque.pdf", b"%PDF-1.4\n", "tronque.pdf"),
        ("latin.txt", b"D\xe9lib\xe9ration", "UTF-8"),
        ("vide.md", b"", "vide"),
    ],
)
def test_a_document_that_will_not_do_is_the_only_thing_said(
    run: Run, folder: Path, served: Scene, name: str, content: bytes, said: str
) -> None:
    (folder / name).write_bytes(content)
    ended = run("send", folder / name, "--yes")
    assert (ended.code, ended.out) == (1, "")
    assert f"{name} : refusé, rien n'a été remis" in ended.err
    assert said in ended.err
    assert "--numero" not in ended.err
    assert stored(served) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--date", "02/03/2023"), "« 02/03/2023 »"),
        (("--date", "2999-01-01"), "dans le futur"),
        (("--nature", "XX"), "« XX » n'est pas une nature"),
        (("--numero", "a-b"), "A_B"),
        (("--objet", "a\x07"), "U+0007"),
        (("--typologie", "99_XX"), "99_XX"),
        (("--annexe", "absente.pdf"), "absente.pdf n'est pas un fichier"),
        (("--annexe", "/"), "/ n'est pas un fichier"),
    ],
)
def test_a_refusal_names_the_act_and_the_fault(
    send: Run, served: Scene, options: tuple[str, str], said: str
) -> None:
    ended = send(*options)
    assert ended.code == 1
    assert ended.err.startswith("acte.pdf : refusé, rien n'a été remis\n  - ")
    assert said in ended.err
    assert stored(served) == 0


def test_an_act_too_large_is_refused(send: Run, folder: Path) -> None:
    with (folder / "gros.pdf").open("wb") as stream:
        stream.truncate(160_000_000)
    ended = send("--annexe", folder / "gros.pdf")
    assert ended.code == 1
    assert "157286400 au plus" in ended.err


@pytest.mark.parametrize(
    ("oddity", "said"),
    [
        ("lock", "ce PDF est verrouillé"),
        ("script", "ce PDF contient du code actif (JavaScript, lancement de programme)"),
        ("file", "ce PDF renferme un fichier joint (« facture.exe »)"),
        ("crowd", "ce PDF a trop d'éléments"),
    ],
)
def test_what_a_reader_should_know_of_a_pdf_is_told_under_its_act(
    send: Run, folder: Path, oddity: str, said: str
) -> None:
    lock = oddity == "lock" and pikepdf.Encryption(user="", owner="maitre")
    with pikepdf.open(folder / "acte.pdf") as opened:
        if oddity == "script":
            launch = pikepdf.Dictionary(S=pikepdf.Name.Launch)
            opened.Root.OpenAction = pikepdf.Dictionary(
                S=pikepdf.Name.JavaScript, JS="app.alert(1)", Next=launch
            )
        elif oddity == "file":
            opened.attachments["facture.exe"] = b"MZ"
        elif oddity == "crowd":
            opened.Root.AF = pikepdf.Array([0] * 20_000)
        opened.save(folder / "odd.pdf", encryption=lock)
    ended = send(document="odd.pdf")
    assert (ended.code, ended.err) == (0, "")
    taken, note = ended.out.splitlines()
    assert taken == "odd.pdf : acte D2023_001 pris en charge."
    assert note.startswith(f"  « odd.pdf » : {said}")
    assert note.endswith(".")


def test_a_rehearsal_stores_nothing(send: Run, served: Scene) -> None:
    ended = send("--essai")
    assert (ended.code, ended.out) == (0, "acte.pdf : serait accepté ; rien n'a été remis.\n")
    assert send("--essai", "--nature", "XX").code == 1
    assert stored(served) == 0


def test_one_bad_act_does_not_hold_the_others(run: Run, folder: Path, served: Scene) -> None:
    (folder / "word.md").write_bytes(b"\xff")
    paths = (folder / "word.md", folder / "deliberation.md")
    ended = run("send", *paths, "--matiere", "7.5", "--yes")
    assert ended.code == 1
    assert "word.md : refusé" in ended.err
    assert "D20230009710 pris en charge" in ended.out
    assert stored(served) == 1


def test_a_folder_of_acts_is_handed_over(run: Run, folder: Path, served: Scene, acte: Run) -> None:
    (folder / "acte.toml").write_text(
        'numero = "D1"\ndate = 2023-03-02\nnature = "DE"\nmatiere = 7.5\nobjet = "Un"\n'
        'annexes = ["plan.pdf", {fichier = "photo.pdf", typologie = "99_DE"}]'
    )
    ended = run("send", folder, "--matiere", "7.1", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert stored(served) == 2
    assert [piece.nom_original for piece in acte("D1").acte.pieces][1:] == ["plan.pdf", "photo.pdf"]
    assert str(acte("D20230009710").acte.matiere) == "7.1"


def test_what_a_folder_holds_besides_acts_is_told_and_makes_the_command_fail(
    run: Run, folder: Path, served: Scene
) -> None:
    for name in ("acte", "plan", "photo"):
        (folder / f"{name}.pdf").unlink()
    (folder / "lettre.docx").touch()
    ended = run("send", folder, "--matiere", "7.5", "--yes")
    assert ended.code == 1
    assert "lettre.docx : laissé de côté" in ended.err
    assert stored(served) == 1


def test_a_folder_that_is_not_clear_hands_nothing_over(
    run: Run, folder: Path, served: Scene
) -> None:
    (folder / "acte.toml").write_text('annexe = "plan.pdf"')
    ended = run("send", folder, "--yes")
    assert ended.code == 1
    assert "acte.toml : annexe : nom inconnu" in ended.err
    assert stored(served) == 0


def test_a_folder_without_acts_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    ended = run("send", tmp_path / "vide")
    assert ended.code == 1
    assert "ne contient aucun acte" in ended.err


def test_waiting_tells_the_date_of_receipt(send: Run, received: SimpleNamespace) -> None:
    ended = send("--wait")
    assert ended.code == 0
    assert ended.out.endswith("D2023_001 : reçu en préfecture le 09/03/2023.\n")


def test_waiting_for_an_act_that_is_rejected_fails_with_the_reason(
    send: Run, served: Scene, acte: Run
) -> None:
    send("--numero", "ANOACT_1")
    served.run()
    served.later(30)
    assert served.transmission(acte("ANOACT_1").id).state is State.REJECTED
    ended = send("--numero", "ANOACT_1", "--wait")
    assert ended.code == 1
    assert "ANOACT_1 : Rejetée (anomalie)." in ended.err
    assert "Motif" in ended.err


def test_an_unknown_siren_is_refused(send: Run) -> None:
    ended = send("--siren", "111111118")
    assert ended.code == 1
    assert "Aucune collectivité de SIREN 111111118" in ended.err
