"""Which files of a command line are acts, which are annexes, and what is said of each."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.cli.items import Annexe, FolderRefusedError, annexe, read_folder
from transmission.cli.proposal import Fields

NAMES = st.text(st.characters(codec="ascii", exclude_characters="/:\x00"), min_size=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One act described, its annexe, and an act that nobody described."""
    for name in ("acte.pdf", "plan.pdf", "seul.md"):
        (tmp_path / name).write_bytes(b"%PDF-")
    describe(tmp_path, 'numero = "D1"\ndate = 2023-03-02\nannexes = ["plan.pdf"]')
    return tmp_path


def describe(folder: Path, text: str, name: str = "acte") -> None:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def test_an_annexe_may_carry_its_typology() -> None:
    assert annexe("plan.pdf:99_AU") == Annexe(Path("plan.pdf"), "99_AU")


@pytest.mark.parametrize("text", ["plan.pdf", "plan.pdf:", ":plan.pdf"])
def test_an_annexe_without_typology_is_a_plain_path(text: str) -> None:
    assert annexe(text) == Annexe(Path(text), None)


def test_a_file_whose_name_has_a_colon_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plan:99_AU"
    path.touch()
    assert annexe(str(path)) == Annexe(path, None)


@given(NAMES, NAMES)
def test_path_and_typology_are_told_apart_by_the_last_colon(name: str, code: str) -> None:
    path = f"/nowhere/{name}"
    assert annexe(f"{path}:{code}") == Annexe(Path(path), code)


def test_each_document_of_a_folder_is_an_act_in_the_order_of_names(folder: Path) -> None:
    items = read_folder(folder, Fields()).items
    assert [item.document.name for item in items] == ["acte.pdf", "seul.md"]


def test_an_annexe_that_a_description_names_is_no_act(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder.parent)
    relative = Path(folder.name)
    read = read_folder(relative, Fields())
    assert [item.document.name for item in read.items] == ["acte.pdf", "seul.md"]
    assert read.items[0].annexes == (Annexe(relative / "plan.pdf"),)
    assert read.strangers == ()


def test_a_description_wins_over_what_is_shared_by_the_folder(folder: Path) -> None:
    described, alone = read_folder(folder, Fields(date="2022-01-01", matiere="7.5")).items
    assert described.fields == Fields("D1", "2023-03-02", None, "7.5", None)
    assert alone.fields == Fields(None, "2022-01-01", None, "7.5", None)


def test_a_matiere_written_as_a_number_keeps_its_last_zero(folder: Path) -> None:
    describe(folder, "matiere = 7.10")
    assert read_folder(folder, Fields()).items[0].fields.matiere == "7.10"


def test_an_annexe_may_be_described_with_its_typology(folder: Path) -> None:
    describe(folder, 'annexes = [{fichier = "plan.pdf", typologie = "99_AU"}]')
    assert read_folder(folder, Fields()).items[0].annexes == (Annexe(folder / "plan.pdf", "99_AU"),)


def test_the_rest_of_a_description_is_read(folder: Path) -> None:
    describe(folder, 'typologie = "99_DE"\ndocument_papier = true\nannexes = ["plan.pdf"]')
    item = read_folder(folder, Fields()).items[0]
    assert (item.typologie, item.document_papier) == ("99_DE", True)


def test_what_is_neither_act_nor_annexe_is_told(folder: Path) -> None:
    (folder / "lettre.docx").touch()
    (folder / "sous-dossier").mkdir()
    strangers = read_folder(folder, Fields()).strangers
    assert [path.name for path in strangers] == ["lettre.docx", "sous-dossier"]


@pytest.mark.parametrize("name", [".cache.pdf", "~$lettre.docx", "Thumbs.db"])
def test_the_litter_of_other_programs_is_not_looked_at(folder: Path, name: str) -> None:
    (folder / name).touch()
    read = read_folder(folder, Fields())
    assert (len(read.items), read.strangers) == (2, ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("numero = = 1", "ligne 1, colonne 10"),
        ("a = [", "à la fin du fichier"),
        ('object = "x"', "object : nom inconnu"),
        ("numero = [1]", "numero doit être un texte"),
        ("objet = true", "objet doit être un texte"),
        ('document_papier = "non"', "document_papier doit être true ou false"),
        ('annexes = "plan.pdf"', "annexes doit être une liste"),
        ('annexes = [{file = "plan.pdf"}]', "annexes doit être une liste"),
        ('annexes = [{fichier = "plan.pdf", code = "x"}]', "annexes doit être une liste"),
        ("annexes = [1]", "annexes doit être une liste"),
    ],
)
def test_a_faulty_description_stops_the_whole_folder(folder: Path, text: str, fault: str) -> None:
    describe(folder, text)
    with pytest.raises(FolderRefusedError, match="rien n'a été remis") as refusal:
        read_folder(folder, Fields())
    assert "acte.toml" in str(refusal.value)
    assert fault in str(refusal.value)
    assert str(folder) in str(refusal.value)


def test_a_description_that_is_not_in_utf_8_is_refused(folder: Path) -> None:
    (folder / "acte.toml").write_bytes('objet = "é"'.encode("latin-1"))
    with pytest.raises(FolderRefusedError, match=r"acte\.toml : .*UTF-8"):
        read_folder(folder, Fields())


def test_every_faulty_description_is_named_at_once(folder: Path) -> None:
    describe(folder, "x")
    describe(folder, "y", "seul")
    with pytest.raises(FolderRefusedError) as refusal:
        read_folder(folder, Fields())
    assert "acte.toml" in str(refusal.value)
    assert "seul.toml" in str(refusal.value)


def test_a_description_without_its_act_is_refused(folder: Path) -> None:
    describe(folder, "", "egare")
    with pytest.raises(FolderRefusedError, match=r"egare\.toml : aucun acte n'a ce nom"):
        read_folder(folder, Fields())


def test_two_acts_of_one_name_are_refused(folder: Path) -> None:
    (folder / "acte.txt").touch()
    with pytest.raises(FolderRefusedError, match=r"acte\.pdf.*\n.*acte\.txt"):
        read_folder(folder, Fields())
