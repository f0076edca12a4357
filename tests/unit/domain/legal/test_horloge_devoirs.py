"""The duties of the authority as dates of the clock: budgets, contracts, lists, withdrawals."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    COMMUNE,
    DELIBERATION,
    DSP,
    ESPECE,
    INDIVIDUEL,
    PERMIS,
    REGLEMENT,
    TACITE,
    clock,
    day,
    other,
    rule,
    shown,
    told,
)
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.horloge_echeance import text_day
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    BudgetDocument,
    BudgetKind,
    LegalActe,
    Marche,
)

TRANSMISSION, VOTE, RETRAIT = DateName.TRANSMISSION, DateName.VOTE_BUDGET, DateName.RETRAIT
BUDGET = replace(ESPECE, nature=NatureActe.BUDGET, stated_kind=None)


def _document(kind: BudgetKind, year: int, *, renewal: bool | None = None) -> LegalActe:
    return replace(BUDGET, budget=BudgetDocument(kind, year, renewal))


def _provisional(found: Reading, name: DateName = TRANSMISSION) -> bool:
    date = found.named(name)
    assert date is not None
    return date.provisional


# --- transmission ---


def test_without_a_date_of_signature_that_of_the_decision_counts_provisionally() -> None:
    found = clock(replace(INDIVIDUEL, date_signature=None))
    assert shown(found, TRANSMISSION) == "2026-05-15"
    assert _provisional(found)
    assert "La date de signature reste à déclarer" in told(found, TRANSMISSION)
    assert "Décision individuelle du 30 avril 2026" in told(found, TRANSMISSION)
    assert not _provisional(clock(INDIVIDUEL))


def test_a_tacit_permit_is_transmitted_from_the_day_of_its_birth() -> None:
    found = clock(TACITE)
    assert shown(found, TRANSMISSION) == "2026-03-25"
    assert _provisional(found)
    assert "Autorisation tacite acquise le 10 mars 2026" in told(found, TRANSMISSION)


def test_a_contract_is_transmitted_from_its_first_signature_known() -> None:
    marche = replace(DSP, marche=Marche(date_signature=day("2026-01-30")))
    assert shown(clock(marche), TRANSMISSION) == "2026-02-13"
    assert other(clock(marche), TRANSMISSION) == "2026-02-14"
    assert rule(clock(marche), TRANSMISSION) == "DT-2"


def test_a_deliberation_said_to_be_individual_is_transmitted_within_fifteen_days() -> None:
    individual = replace(DELIBERATION, stated_kind=ActeKind.INDIVIDUEL)
    assert shown(clock(individual), TRANSMISSION) == "2026-03-25"


@pytest.mark.parametrize(("acte", "possible"), [(ESPECE, None), (DELIBERATION, "2026-03-25")])
def test_no_text_limits_the_transmission_of_any_other_act(
    acte: LegalActe, possible: str | None
) -> None:
    found = clock(acte)
    assert (shown(found, TRANSMISSION), rule(found, TRANSMISSION)) == (None, "DT-6")
    assert other(found, TRANSMISSION) == possible
    assert "Aucun texte ne fixe de délai" in told(found, TRANSMISSION)


@pytest.mark.parametrize("acte", [INDIVIDUEL, ESPECE, _document(BudgetKind.COMPTE, 2025)])
def test_a_transmission_is_awaited_until_the_receipt(acte: LegalActe) -> None:
    waiting = clock(acte).named(TRANSMISSION)
    done = clock(acte, "AR 2026-05-12").named(TRANSMISSION)
    assert waiting is not None
    assert done is not None
    assert (waiting.awaits, done.awaits) == ("la réception en préfecture", None)


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ("2026-08-15", "Reçu en préfecture le 15 août 2026, dans le délai."),
        ("2026-08-17", "Reçu en préfecture le 17 août 2026, 2 jours après"),
    ],
)
def test_a_receipt_is_in_time_until_the_day_of_the_text_and_late_after(
    received: str, words: str
) -> None:
    acte = replace(INDIVIDUEL, date_signature=day("2026-07-31"))
    assert words in told(clock(acte, f"AR {received}"), TRANSMISSION)
    assert "Reçu" not in told(clock(acte), TRANSMISSION)


def test_a_day_that_is_not_worked_is_shown_by_the_day_before_and_both_are_told() -> None:
    found = clock(replace(INDIVIDUEL, date_signature=day("2026-07-31"))).named(TRANSMISSION)
    assert found is not None
    assert (found.day, text_day(found)) == (day("2026-08-14"), day("2026-08-15"))
    assert "jusqu'au 15 août 2026 inclus ; par prudence, le 14 août 2026" in found.explanation
    assert found.calendrier is COMMUNE.calendrier


def test_a_day_of_the_text_is_that_shown_where_it_is_worked_and_unknown_where_it_is() -> None:
    plain = clock(INDIVIDUEL).named(TRANSMISSION)
    assert plain is not None
    assert text_day(plain) == plain.day
    without = clock(DELIBERATION).named(TRANSMISSION)
    assert without is not None
    assert text_day(without) is None


# --- contracts ---


def test_the_prefet_is_told_of_a_notification_within_fifteen_days() -> None:
    found = clock(DSP, "NO 2026-02-10, NO 2026-02-12")
    name = DateName.NOTIFICATION_PREFET
    assert (shown(found, name), rule(found, name)) == ("2026-02-25", "DT-2")
    waiting = clock(DSP).named(name)
    assert waiting is not None
    assert waiting.awaits == "la notification"


# --- budgets ---


@pytest.mark.parametrize(
    ("renewal", "vote", "sent", "certain"),
    [
        (False, "2026-04-15", "2026-04-30", True),
        (None, "2026-04-15", "2026-04-30", False),
        (True, "2026-04-30", "2026-05-15", True),
    ],
)
def test_a_budget_of_a_year_not_said_to_be_one_of_renewal_has_the_sooner_days(
    renewal: bool | None, vote: str, sent: str, certain: bool
) -> None:
    found = clock(_document(BudgetKind.PRIMITIF, 2026, renewal=renewal))
    assert (other(found, VOTE), rule(found, VOTE)) == (vote, "BU-1")
    assert (shown(found, TRANSMISSION), rule(found, TRANSMISSION)) == (sent, "DT-3")
    for name in (VOTE, TRANSMISSION):
        assert _provisional(found, name) != certain
        assert ("renouvelée" in told(found, name)) != certain


@pytest.mark.parametrize(
    ("kind", "year", "vote", "sent", "by"),
    [
        (BudgetKind.COMPTE, 2026, "2027-06-30", "2027-07-15", "DT-4"),
        (BudgetKind.FIN_EXERCICE, 2026, "2027-01-21", "2027-01-26", "DT-5"),
    ],
)
def test_accounts_and_year_ends_have_days_of_their_own(
    kind: BudgetKind, year: int, vote: str, sent: str, by: str
) -> None:
    found = clock(_document(kind, year))
    assert (shown(found, VOTE), rule(found, VOTE)) == (vote, by)
    assert (shown(found, TRANSMISSION), rule(found, TRANSMISSION)) == (sent, by)


def test_another_document_has_no_day_to_be_voted_nor_transmitted() -> None:
    found = clock(_document(BudgetKind.AUTRE, 2026))
    assert found.named(VOTE) is None
    assert (shown(found, TRANSMISSION), rule(found, TRANSMISSION)) == (None, "DT-6")


def test_a_document_not_declared_is_asked_for() -> None:
    found = clock(BUDGET, "AR 2026-04-30")
    for name in (VOTE, TRANSMISSION):
        assert shown(found, name) is None
        assert "Déclarez de quel document" in told(found, name)
    assert shown(found, DateName.SAISINE_CRC) == "2026-06-01"
    assert _provisional(found, DateName.SAISINE_CRC)


def test_a_budget_is_referred_within_thirty_days_of_its_receipt() -> None:
    found = clock(_document(BudgetKind.PRIMITIF, 2026, renewal=False), "AR 2026-04-30")
    assert shown(found, DateName.SAISINE_CRC) == "2026-06-01"
    assert not _provisional(found, DateName.SAISINE_CRC)
    assert "le 30 mai 2026 étant un samedi" in told(found, DateName.SAISINE_CRC)


@pytest.mark.parametrize(("voted", "late"), [("2026-04-15", False), ("2026-04-16", True)])
def test_a_budget_voted_after_the_usual_limit_is_said_to_be_late(voted: str, late: bool) -> None:
    budget = _document(BudgetKind.PRIMITIF, 2026, renewal=False)
    found = clock(replace(budget, date_decision=day(voted)))
    assert ("après la limite" in told(found, VOTE)) == late


def test_a_deliberation_about_a_budget_is_read_as_a_budget() -> None:
    found = clock(replace(DELIBERATION, budget=BudgetDocument(BudgetKind.COMPTE, 2026)))
    assert shown(found, TRANSMISSION) == "2027-07-15"


# --- meetings ---


@pytest.mark.parametrize(
    ("kind", "warned"),
    [
        (AuthorityKind.COMMUNE, False),
        (AuthorityKind.EPCI_FISCALITE_PROPRE, False),
        (AuthorityKind.DEPARTEMENT, True),
        (AuthorityKind.ETABLISSEMENT_COMMUNAL, True),
    ],
)
def test_a_list_of_deliberations_is_due_in_a_week(kind: AuthorityKind, warned: bool) -> None:
    name = DateName.LISTE_DELIBERATIONS
    found = clock(ESPECE, owner=replace(COMMUNE, kind=kind))
    assert (shown(found, name), rule(found, name)) == ("2026-03-17", "PU-5")
    assert ("celui des communes" in told(found, name)) == warned


# --- withdrawal ---


@pytest.mark.parametrize(
    ("acte", "last", "by"),
    [
        (INDIVIDUEL, "2026-08-28", "WD-1"),
        (replace(INDIVIDUEL, creates_rights=False), "2026-08-28", "WD-2"),
        (ESPECE, "2026-07-10", "WD-2"),
        (replace(ESPECE, creates_rights=True), "2026-07-10", "WD-1"),
        (REGLEMENT, "2026-05-05", "WD-2"),
        (PERMIS, "2026-05-07", "WD-3"),
        (TACITE, "2026-06-10", "WD-3"),
    ],
)
def test_an_author_withdraws_within_four_months_or_three_for_a_permit(
    acte: LegalActe, last: str, by: str
) -> None:
    found = clock(acte)
    assert (shown(found, RETRAIT), rule(found, RETRAIT)) == (last, by)


def test_four_months_run_from_the_signature_where_it_is_known() -> None:
    signed = replace(INDIVIDUEL, date_signature=day("2026-05-04"))
    assert shown(clock(signed), RETRAIT) == "2026-09-04"
    unsigned = clock(replace(INDIVIDUEL, date_signature=None))
    assert shown(unsigned, RETRAIT) == "2026-08-28"
    assert _provisional(unsigned, RETRAIT)
    voted = clock(replace(ESPECE, creates_rights=True))
    assert not _provisional(voted, RETRAIT)
