import pytest

from transmission.console.matieres import matiere_label


@pytest.mark.parametrize(
    ("matiere", "label"),
    [
        ("7.5", "7.5 Subventions"),
        ("7.10", "7.10 Divers"),
        ("1.1", "1.1 Marchés publics"),
        ("9.4", "9.4 Vœux et motions"),
    ],
)
def test_a_national_matiere_has_its_name(matiere: str, label: str) -> None:
    assert matiere_label(matiere) == label


def test_a_matiere_that_no_list_has_is_told_by_its_theme() -> None:
    assert matiere_label("7.42") == "7.42 Finances locales"
    assert matiere_label("12.1") == "12.1"
