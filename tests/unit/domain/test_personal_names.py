"""What seems to name a person before it is put on line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.personal_names import MENTIONS_MAX, personal_mentions


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Nomination de Mme Exemple en qualité d'adjointe", "Mme Exemple"),
        ("Logement de M. et Mme Exemple-Durable", "M. et Mme Exemple-Durable"),
        ("Congé de Monsieur Jean de Exemple", "Monsieur Jean de Exemple"),
        ("Protection fonctionnelle de Camille EXEMPLE", "Camille EXEMPLE"),
        ("Arrêté concernant un agent né le 3 mars 1970", "né le 3"),
        ("Secours à une famille demeurant 3 place du Marché", "demeurant"),
        (
            "Versement au compte FR76 3000 6000 0112 3456 7890 189",
            "FR76 3000 6000 0112 3456 7890 189",
        ),
        ("Immatriculation 1 70 03 42 218 001", "1 70 03 42 218 001"),
        ("Recours de exemple@saint-exemple.example", "exemple@saint-exemple.example"),
        ("Ligne d'astreinte 06 12 34 56 78", "06 12 34 56 78"),
        ("Désignation de Maître Exemple\npour défendre la commune", "Maître Exemple"),
    ],
)
def test_what_seems_to_name_a_person_is_told_as_it_is_written(text: str, mention: str) -> None:
    assert mention in personal_mentions(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tarifs de la cantine scolaire 2023-2024",
        "Délégation de signature de Monsieur le Maire à la première adjointe",
        "Convention avec Madame la Préfète de la Loire",
        "Travaux rue Jean EXEMPLE et place du Marché",
        "Rénovation du groupe scolaire Camille EXEMPLE",
        "Création d'un poste de rédacteur à la DRH",
        "Marché 2023-014, lot 3 : menuiseries",
        "Décision modificative n° 2 du budget annexe EAU",
        "",
    ],
)
def test_a_function_a_place_or_an_ordinary_object_names_nobody(text: str) -> None:
    assert personal_mentions(text) == ()


def test_a_long_list_is_told_by_its_beginning_each_name_once() -> None:
    names = [f"Mme Exemple{chr(65 + rank)}" for rank in range(9)]
    told = personal_mentions(", ".join(names + names))
    assert told == tuple(names[:MENTIONS_MAX])


@given(st.text(max_size=300))
def test_whatever_is_written_is_looked_at_to_its_end(text: str) -> None:
    assert len(personal_mentions(text)) <= MENTIONS_MAX
