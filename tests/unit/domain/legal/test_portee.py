"""Which acts must be transmitted, authority by authority."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.portee import Portee, Soumission, must_transmit
from transmission.domain.legal.rules import RULES
from transmission.domain.legal.settings import PRUDENT, MarketThresholdDate
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    Categorie,
    LegalActe,
    LegalAuthority,
    Marche,
)

OUI, NON = Soumission.OUI, Soumission.NON
CONFIRMER, SANS_OBJET = Soumission.OUI_A_CONFIRMER, Soumission.SANS_OBJET
DE, AR, AI = NatureActe.DELIBERATION, NatureActe.REGLEMENTAIRE, NatureActe.INDIVIDUEL
CC, BF, AU = NatureActe.CONTRAT, NatureActe.BUDGET, NatureActe.AUTRE
C = Categorie
COMMUNE, DEPARTEMENT = AuthorityKind.COMMUNE, AuthorityKind.DEPARTEMENT
REGION, EPCI = AuthorityKind.REGION, AuthorityKind.EPCI_FISCALITE_PROPRE


def read(
    kind: AuthorityKind, nature: NatureActe, matiere: str, categorie: Categorie | None = None
) -> Portee:
    return must_transmit(
        LegalAuthority(kind),
        LegalActe(nature, Matiere.parse(matiere), date(2026, 3, 10), stated_categorie=categorie),
    )


@pytest.mark.parametrize(
    ("kind", "nature", "matiere", "categorie", "expected", "rule"),
    [
        # TR-1: communes
        (COMMUNE, DE, "7.1", None, OUI, "TR-1"),
        (COMMUNE, BF, "7.1", None, OUI, "TR-1"),
        (COMMUNE, DE, "8.3", C.VOIRIE_DISPENSEE, NON, "TR-1"),
        (COMMUNE, DE, "8.3", None, CONFIRMER, "TR-1"),
        (COMMUNE, DE, "8.3", C.ORDINAIRE, OUI, "TR-1"),
        (COMMUNE, DE, "4.1", C.GESTION_AGENTS_DISPENSEE, NON, "TR-1"),
        (COMMUNE, AR, "6.1", C.POLICE, OUI, "TR-1"),
        (COMMUNE, AI, "6.1", C.POLICE, OUI, "TR-1"),
        (COMMUNE, AR, "6.1", C.CIRCULATION, NON, "TR-1"),
        (COMMUNE, AI, "6.1", C.BUVETTE, NON, "TR-1"),
        (COMMUNE, AI, "6.1", C.SANCTION_VOIE_PUBLIQUE, OUI, "TR-1"),
        (COMMUNE, AR, "6.1", None, CONFIRMER, "TR-1"),
        (COMMUNE, AR, "8.3", None, CONFIRMER, "TR-1"),
        (COMMUNE, AR, "6.4", None, OUI, "TR-1"),
        (COMMUNE, CC, "7.3", C.EMPRUNT, OUI, "TR-1"),
        (COMMUNE, CC, "7.3", None, OUI, "TR-1"),
        (COMMUNE, CC, "1.2", None, OUI, "TR-1"),
        (COMMUNE, CC, "1.4", C.CONCESSION, OUI, "TR-1"),
        (COMMUNE, CC, "1.4", C.MARCHE_PARTENARIAT, OUI, "TR-1"),
        (COMMUNE, AI, "4.2", C.NON_TITULAIRE, OUI, "TR-1"),
        (COMMUNE, CC, "4.2", C.NON_TITULAIRE, OUI, "TR-1"),
        (COMMUNE, CC, "4.2", C.RENFORT, NON, "TR-1"),
        (COMMUNE, AI, "4.2", None, CONFIRMER, "TR-1"),
        (COMMUNE, AI, "4.1", C.NOMINATION_FONCTIONNAIRE, CONFIRMER, "TR-1"),
        (COMMUNE, AI, "2.2", C.AUTORISATION_URBANISME, OUI, "TR-1"),
        (COMMUNE, AU, "7.10", C.REQUISITION, OUI, "TR-1"),
        (COMMUNE, AU, "9.1", C.SOCIETE_LOCALE, OUI, "TR-1"),
        (AuthorityKind.ETABLISSEMENT_COMMUNAL, DE, "8.2", None, OUI, "TR-1"),
        # TR-2: départements
        (DEPARTEMENT, DE, "8.2", None, OUI, "TR-2"),
        (DEPARTEMENT, AR, "8.3", C.CIRCULATION, NON, "TR-2"),
        (DEPARTEMENT, DE, "8.3", C.VOIRIE_DISPENSEE, NON, "TR-2"),
        (DEPARTEMENT, AI, "6.2", C.POLICE, OUI, "TR-2"),
        (DEPARTEMENT, AI, "2.2", C.AUTORISATION_URBANISME, CONFIRMER, "TR-2"),
        # TR-3: régions, whose list spares neither the voirie nor the traffic
        (REGION, DE, "7.4", None, OUI, "TR-3"),
        (REGION, DE, "4.1", C.GESTION_AGENTS_DISPENSEE, NON, "TR-3"),
        (REGION, DE, "8.3", C.VOIRIE_DISPENSEE, OUI, "TR-3"),
        (REGION, DE, "8.3", None, OUI, "TR-3"),
        (REGION, AR, "6.3", C.CIRCULATION, OUI, "TR-3"),
        (REGION, AR, "8.3", None, OUI, "TR-3"),
        (REGION, AI, "6.3", C.POLICE, CONFIRMER, "TR-3"),
        # TR-4: groupings follow the communes or the départements
        (EPCI, DE, "5.7", None, OUI, "TR-4"),
        (EPCI, AI, "2.2", C.AUTORISATION_URBANISME, OUI, "TR-4"),
        (AuthorityKind.SYNDICAT_COMMUNES, AI, "6.1", C.BUVETTE, NON, "TR-4"),
        (AuthorityKind.SYNDICAT_MIXTE_FERME, AI, "6.1", C.BUVETTE, NON, "TR-4"),
        (AuthorityKind.SYNDICAT_MIXTE_OUVERT, AI, "6.1", C.BUVETTE, CONFIRMER, "TR-4"),
        # TR-5: what no list names, and what no list may name
        (COMMUNE, AI, "4.1", C.ORDINAIRE, NON, "TR-5"),
        (COMMUNE, CC, "7.5", C.ORDINAIRE, NON, "TR-5"),
        (COMMUNE, AI, "6.5", C.AU_NOM_DE_L_ETAT, SANS_OBJET, "TR-5"),
        (COMMUNE, CC, "3.6", C.DROIT_PRIVE, SANS_OBJET, "TR-5"),
        (COMMUNE, AI, "6.5", None, CONFIRMER, "TR-5"),
        (COMMUNE, DE, "3.6", C.DROIT_PRIVE, CONFIRMER, "TR-5"),
        # what nobody has stated, and authorities of unknown rules
        (COMMUNE, AU, "9.1", None, CONFIRMER, "TR-1"),
        (COMMUNE, AU, "9.1", C.ORDINAIRE, CONFIRMER, "TR-1"),
        (COMMUNE, CC, "8.9", None, CONFIRMER, "TR-1"),
        (AuthorityKind.INCONNUE, DE, "7.1", None, CONFIRMER, "TR-1"),
    ],
)
def test_the_list_of_the_authority_decides(
    kind: AuthorityKind,
    nature: NatureActe,
    matiere: str,
    categorie: Categorie | None,
    expected: Soumission,
    rule: str,
) -> None:
    portee = read(kind, nature, matiere, categorie)
    assert (portee.soumission, portee.rule) == (expected, rule)


def test_every_combination_has_a_known_rule_and_a_reason_that_is_a_sentence() -> None:
    for kind, nature, categorie in product(AuthorityKind, NatureActe, [None, *Categorie]):
        portee = read(kind, nature, "9.1", categorie)
        assert portee.rule in RULES
        assert portee.raison[0].isupper()
        assert portee.raison.endswith(".")


def test_an_act_about_which_nothing_was_stated_is_always_to_be_transmitted() -> None:
    for kind, nature in product(AuthorityKind, NatureActe):
        for root, second in product(range(1, 10), range(1, 11)):
            assert read(kind, nature, f"{root}.{second}").must_transmit


@pytest.mark.parametrize(
    ("soumission", "must", "confirm"),
    [(OUI, True, False), (CONFIRMER, True, True), (NON, False, False), (SANS_OBJET, False, False)],
)
def test_what_is_to_be_confirmed_is_transmitted_meanwhile(
    soumission: Soumission, must: bool, confirm: bool
) -> None:
    portee = Portee(soumission, "TR-1", "Parce que.")
    assert (portee.must_transmit, portee.to_confirm) == (must, confirm)


def test_a_decision_by_delegation_follows_the_rules_of_the_deliberations() -> None:
    decision = LegalActe(
        AU,
        Matiere.parse("8.3"),
        date(2026, 3, 10),
        stated_categorie=Categorie.VOIRIE_DISPENSEE,
        par_delegation=True,
    )
    commune = LegalAuthority(COMMUNE)
    assert must_transmit(commune, decision).soumission is NON
    other = replace(decision, stated_categorie=Categorie.ORDINAIRE)
    assert must_transmit(commune, other).soumission is OUI


def test_an_ordinary_act_that_is_no_decision_of_a_known_kind_stays_to_confirm() -> None:
    decision = LegalActe(
        AU, Matiere.parse("9.1"), date(2026, 3, 10), stated_categorie=Categorie.ORDINAIRE
    )
    commune = LegalAuthority(COMMUNE)
    assert must_transmit(commune, decision).to_confirm
    stated = replace(decision, stated_kind=ActeKind.ESPECE)
    assert must_transmit(commune, stated).soumission is NON


# -- TR-6 ---------------------------------------------------------------------------------------


def marche(
    montant: int | None,
    consultation: date | None = date(2026, 2, 2),
    signed: date = date(2026, 6, 1),
    lots: int | None = None,
    threshold_date: MarketThresholdDate = MarketThresholdDate.CONSULTATION,
) -> Portee:
    acte = LegalActe(
        CC,
        Matiere.parse("1.1"),
        signed,
        marche=Marche(
            None if montant is None else Decimal(montant),
            None if lots is None else Decimal(lots),
            consultation,
        ),
    )
    settings = replace(PRUDENT, market_threshold_date=threshold_date)
    return must_transmit(LegalAuthority(COMMUNE), acte, settings)


@pytest.mark.parametrize(
    ("montant", "expected"),
    [(300_000, OUI), (218_000, OUI), (216_000, OUI), (215_999, NON), (90_000, NON)],
)
def test_a_marche_is_transmitted_from_the_threshold_of_its_time(
    montant: int, expected: Soumission
) -> None:
    portee = marche(montant)
    assert (portee.soumission, portee.rule) == (expected, "TR-6")


def test_one_date_above_the_threshold_is_enough_to_transmit() -> None:
    launched_before = {"consultation": date(2025, 11, 3), "signed": date(2026, 2, 2)}
    by_consultation = marche(218_000, **launched_before)  # type: ignore[arg-type]
    assert by_consultation.soumission is CONFIRMER
    by_signature = marche(
        218_000,
        **launched_before,  # type: ignore[arg-type]
        threshold_date=MarketThresholdDate.SIGNATURE,
    )
    assert by_signature.soumission is OUI
    assert any("même seuil" in each for each in by_signature.warnings)


@pytest.mark.parametrize(
    ("montant", "consultation", "signed", "expected"),
    [
        (None, date(2026, 2, 2), date(2026, 6, 1), CONFIRMER),
        (218_000, None, date(2026, 6, 1), CONFIRMER),
        (212_000, None, date(2026, 6, 1), CONFIRMER),
        (90_000, None, date(2026, 6, 1), NON),
        (90_000, date(2027, 12, 1), date(2028, 1, 3), CONFIRMER),
        (300_000, date(2027, 12, 1), date(2028, 1, 3), OUI),
        (300_000, date(2015, 6, 1), date(2015, 9, 1), CONFIRMER),
    ],
)
def test_a_marche_with_a_fact_missing_is_transmitted_unless_it_is_small(
    montant: int | None, consultation: date | None, signed: date, expected: Soumission
) -> None:
    assert marche(montant, consultation, signed).soumission is expected


@pytest.mark.parametrize(
    ("montant", "lots", "expected"),
    [
        (100_000, 250_000, CONFIRMER),
        (None, 250_000, CONFIRMER),
        (100_000, 200_000, NON),
        (None, 200_000, NON),
        (220_000, 500_000, OUI),
    ],
)
def test_all_the_lots_are_transmitted_when_together_they_reach_the_threshold(
    montant: int | None, lots: int, expected: Soumission
) -> None:
    assert marche(montant, lots=lots).soumission is expected


def test_a_total_of_lots_below_one_of_them_frees_nothing() -> None:
    assert marche(218_000, date(2025, 11, 3), date(2026, 2, 2), lots=100_000).to_confirm


def test_the_reason_tells_two_thresholds_from_one_that_is_not_known() -> None:
    assert "même seuil" in marche(218_000, date(2025, 11, 3), date(2026, 2, 2)).raison
    assert "n'est pas connu" in marche(218_000, None).raison


def test_a_contract_signed_by_delegation_stays_a_contract() -> None:
    contract = LegalActe(
        CC,
        Matiere.parse("1.1"),
        date(2026, 6, 1),
        par_delegation=True,
        marche=Marche(Decimal(90_000)),
    )
    assert must_transmit(LegalAuthority(COMMUNE), contract).soumission is NON


def test_an_avenant_follows_the_contract_that_it_amends() -> None:
    avenant = LegalActe(
        CC,
        Matiere.parse("1.1"),
        date(2026, 6, 1),
        marche=Marche(Decimal(218_000), None, date(2025, 2, 3), date(2025, 5, 5)),
    )
    assert must_transmit(LegalAuthority(COMMUNE), avenant).soumission is NON


# -- warnings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acte", "words"),
    [
        (LegalActe(DE, Matiere.parse("7.1"), date(2022, 6, 30)), "avant le 1er juillet 2022"),
        (
            LegalActe(AU, Matiere.parse("9.1"), date(2026, 1, 5), stated_categorie=C.REQUISITION),
            "version de 2015",
        ),
        (LegalActe(CC, Matiere.parse("7.3"), date(2026, 1, 5)), "déduite de la matière 7.3"),
        (LegalActe(DE, Matiere.parse("4.1"), date(2026, 1, 5)), "taux de promotion"),
        (
            LegalActe(AI, Matiere.parse("2.2"), date(2026, 1, 5), tacite=True),
            "sans attendre la transmission",
        ),
    ],
)
def test_what_makes_the_answer_less_sure_is_said(acte: LegalActe, words: str) -> None:
    portee = must_transmit(LegalAuthority(COMMUNE), acte)
    assert portee.must_transmit
    assert any(words in each for each in portee.warnings)


def test_a_plain_deliberation_carries_no_warning_from_the_first_day_of_the_list() -> None:
    first = LegalActe(DE, Matiere.parse("7.1"), date(2022, 7, 1))
    assert must_transmit(LegalAuthority(COMMUNE), first).warnings == ()
