"""The authority and the act as the rules see them."""

from datetime import date

import pytest

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.sujets import ActeKind, AuthorityKind, Categorie, LegalActe

DECIDED = date(2026, 3, 10)


def acte(nature: NatureActe, matiere: str, **facts: object) -> LegalActe:
    return LegalActe(nature, Matiere.parse(matiere), DECIDED, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("11", AuthorityKind.REGION),
        ("21", AuthorityKind.DEPARTEMENT),
        ("31", AuthorityKind.COMMUNE),
        ("33", AuthorityKind.ETABLISSEMENT_COMMUNAL),
        ("41", AuthorityKind.SYNDICAT_COMMUNES),
        ("42", AuthorityKind.SYNDICAT_MIXTE_OUVERT),
        ("44", AuthorityKind.EPCI_FISCALITE_PROPRE),
        ("45", AuthorityKind.EPCI_FISCALITE_PROPRE),
        ("46", AuthorityKind.EPCI_FISCALITE_PROPRE),
        ("32", AuthorityKind.INCONNUE),
        ("51", AuthorityKind.INCONNUE),
        ("02", AuthorityKind.INCONNUE),
        ("", AuthorityKind.INCONNUE),
    ],
)
def test_the_nature_in_the_register_tells_the_kind_of_authority(
    code: str, kind: AuthorityKind
) -> None:
    assert AuthorityKind.of_nature(code) is kind


@pytest.mark.parametrize(
    ("nature", "kind"),
    [
        (NatureActe.REGLEMENTAIRE, ActeKind.REGLEMENTAIRE),
        (NatureActe.INDIVIDUEL, ActeKind.INDIVIDUEL),
        (NatureActe.CONTRAT, ActeKind.CONTRAT),
        (NatureActe.BUDGET, ActeKind.BUDGET),
        (NatureActe.DELIBERATION, None),
        (NatureActe.AUTRE, None),
    ],
)
def test_the_nature_implies_what_an_act_does_except_for_deliberations_and_others(
    nature: NatureActe, kind: ActeKind | None
) -> None:
    assert acte(nature, "5.2").kind is kind


def test_what_a_person_declared_prevails_over_the_nature_and_the_matiere() -> None:
    declared = acte(
        NatureActe.CONTRAT,
        "1.1",
        stated_kind=ActeKind.ESPECE,
        stated_categorie=Categorie.CONCESSION,
    )
    assert declared.kind is ActeKind.ESPECE
    assert declared.categorie is Categorie.CONCESSION


@pytest.mark.parametrize(
    ("nature", "matiere", "categorie"),
    [
        (NatureActe.CONTRAT, "1.1.10", Categorie.MARCHE),
        (NatureActe.CONTRAT, "1.2", Categorie.DSP),
        (NatureActe.CONTRAT, "7.3", Categorie.EMPRUNT),
        (NatureActe.INDIVIDUEL, "2.2.3", Categorie.AUTORISATION_URBANISME),
        (NatureActe.DELIBERATION, "1.1", None),
        (NatureActe.CONTRAT, "1.4", None),
    ],
)
def test_the_national_matiere_implies_a_category_only_where_it_is_plain(
    nature: NatureActe, matiere: str, categorie: Categorie | None
) -> None:
    assert acte(nature, matiere).categorie is categorie


def test_only_a_declared_urban_authorisation_has_an_urban_decision() -> None:
    declared = acte(NatureActe.INDIVIDUEL, "2.2", stated_categorie=Categorie.AUTORISATION_URBANISME)
    assert declared.urban_decision == DECIDED
    assert acte(NatureActe.INDIVIDUEL, "2.2").urban_decision is None
