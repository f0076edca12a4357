"""Who must transmit by wire, through which channel, and what deserves a warning."""

from datetime import date

import pytest

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.rules import RULES
from transmission.domain.legal.sujets import (
    AuthorityKind,
    BudgetDocument,
    BudgetKind,
    LegalActe,
    LegalAuthority,
)
from transmission.domain.legal.transmission_electronique import (
    Channel,
    Devoir,
    Reception,
    annulation_needs_a_person,
    channel_for,
    electronic_duty,
    reception_warnings,
    unasked_pieces,
)

TODAY = date(2026, 3, 16)
CONVENTION = date(2021, 1, 4)
DELIBERATION = LegalActe(NatureActe.DELIBERATION, Matiere.parse("5.2"), date(2026, 3, 10))
OBLIGATOIRE, FACULTATIVE = Devoir.OBLIGATOIRE, Devoir.FACULTATIVE
A_CONFIRMER = Devoir.A_CONFIRMER


def authority(kind: AuthorityKind, population: int | None = None) -> LegalAuthority:
    return LegalAuthority(kind, population, telematics_from=CONVENTION)


def budget(exercice: int) -> LegalActe:
    return LegalActe(
        NatureActe.BUDGET,
        Matiere.parse("7.1"),
        date(exercice, 4, 8),
        budget=BudgetDocument(BudgetKind.PRIMITIF, exercice),
    )


@pytest.mark.parametrize(
    ("kind", "population", "expected"),
    [
        (AuthorityKind.REGION, None, OBLIGATOIRE),
        (AuthorityKind.DEPARTEMENT, None, OBLIGATOIRE),
        (AuthorityKind.EPCI_FISCALITE_PROPRE, 8_000, OBLIGATOIRE),
        (AuthorityKind.EPCI_FISCALITE_PROPRE, None, OBLIGATOIRE),
        (AuthorityKind.COMMUNE, 50_001, OBLIGATOIRE),
        (AuthorityKind.COMMUNE, 50_000, FACULTATIVE),
        (AuthorityKind.COMMUNE, 12_000, FACULTATIVE),
        (AuthorityKind.COMMUNE, None, A_CONFIRMER),
        (AuthorityKind.ETABLISSEMENT_COMMUNAL, None, FACULTATIVE),
        (AuthorityKind.SYNDICAT_COMMUNES, 60_000, FACULTATIVE),
        (AuthorityKind.SYNDICAT_MIXTE_FERME, 60_000, FACULTATIVE),
        (AuthorityKind.SYNDICAT_MIXTE_OUVERT, 60_000, FACULTATIVE),
        (AuthorityKind.INCONNUE, 60_000, A_CONFIRMER),
    ],
)
def test_the_kind_and_the_population_tell_who_must_transmit_by_wire(
    kind: AuthorityKind, population: int | None, expected: Devoir
) -> None:
    duty = electronic_duty(authority(kind, population), DELIBERATION, TODAY)
    assert duty.devoir is expected
    assert duty.warnings == ()


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2020, 8, 6), FACULTATIVE), (date(2020, 8, 7), OBLIGATOIRE)],
)
def test_nobody_had_to_before_7_august_2020(day: date, expected: Devoir) -> None:
    region = LegalAuthority(AuthorityKind.REGION, telematics_from=date(2019, 1, 1))
    assert electronic_duty(region, DELIBERATION, day).devoir is expected


@pytest.mark.parametrize(
    ("kind", "population", "exercice", "expected"),
    [
        (AuthorityKind.COMMUNE, 900, 2025, FACULTATIVE),
        (AuthorityKind.COMMUNE, 900, 2026, OBLIGATOIRE),
        (AuthorityKind.COMMUNE, 60_000, 2025, OBLIGATOIRE),
        (AuthorityKind.SYNDICAT_COMMUNES, 60_000, 2025, A_CONFIRMER),
        (AuthorityKind.SYNDICAT_COMMUNES, 60_000, 2026, OBLIGATOIRE),
        (AuthorityKind.EPCI_FISCALITE_PROPRE, 8_000, 2025, OBLIGATOIRE),
    ],
)
def test_every_budget_goes_by_wire_from_the_financial_year_2026(
    kind: AuthorityKind, population: int, exercice: int, expected: Devoir
) -> None:
    assert electronic_duty(authority(kind, population), budget(exercice), TODAY).devoir is expected


def test_a_budget_whose_year_nobody_stated_is_to_confirm() -> None:
    undated = LegalActe(NatureActe.BUDGET, Matiere.parse("7.1"), date(2026, 4, 8))
    commune = authority(AuthorityKind.COMMUNE, 900)
    assert electronic_duty(commune, undated, TODAY).devoir is A_CONFIRMER


def test_the_generalisation_to_small_authorities_is_shown_with_its_weak_source() -> None:
    duty = electronic_duty(authority(AuthorityKind.COMMUNE, 900), budget(2026), TODAY)
    assert any("source secondaire" in each for each in duty.warnings)


@pytest.mark.parametrize("telematics_from", [None, date(2026, 3, 17)])
def test_a_duty_without_a_convention_in_force_is_a_warning(telematics_from: date | None) -> None:
    epci = LegalAuthority(AuthorityKind.EPCI_FISCALITE_PROPRE, telematics_from=telematics_from)
    duty = electronic_duty(epci, DELIBERATION, TODAY)
    assert any("convention" in each for each in duty.warnings)


@pytest.mark.parametrize(
    ("telematics_from", "suspended", "failing", "channel", "rule"),
    [
        (CONVENTION, False, False, Channel.ACTES, "EL-7"),
        (TODAY, False, False, Channel.ACTES, "EL-7"),
        (CONVENTION, True, False, Channel.PAPIER, "EL-4"),
        (CONVENTION, False, True, Channel.PAPIER, "EL-4"),
        (None, False, False, Channel.PAPIER, "EL-2"),
        (date(2026, 3, 17), False, False, Channel.PAPIER, "EL-2"),
    ],
)
def test_an_act_goes_by_wire_unless_the_convention_or_the_wire_is_missing(
    telematics_from: date | None, suspended: bool, failing: bool, channel: Channel, rule: str
) -> None:
    owner = LegalAuthority(AuthorityKind.COMMUNE, 900, telematics_from=telematics_from)
    choice = channel_for(owner, TODAY, suspended=suspended, failing=failing)
    assert (choice.channel, choice.rule) == (channel, rule)
    assert choice.rule in RULES


def test_a_proved_reception_by_one_channel_raises_nothing() -> None:
    assert reception_warnings([Reception(Channel.ACTES, TODAY, "042-123456782-…-DE")]) == ()


def test_a_reception_without_proof_says_which_proof_is_needed() -> None:
    (warning,) = reception_warnings([Reception(Channel.PAPIER, TODAY)])
    assert "16/03/2026" in warning
    assert "avis de réception postal" in warning


def test_the_same_act_by_wire_and_on_paper_is_a_warning() -> None:
    both = [Reception(Channel.ACTES, TODAY, "AR"), Reception(Channel.PAPIER, TODAY, "tampon")]
    assert reception_warnings(both) == ("L'acte a été envoyé par deux canaux : un seul suffit.",)


def test_documents_that_nobody_asked_for_do_not_complete_the_act() -> None:
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, date(2026, 4, 20))
    sent = LegalEvent.at(EventKind.PIECES, date(2026, 5, 11))
    assert unasked_pieces([sent, asked]) == ()
    (warning,) = unasked_pieces([sent])
    assert "11/05/2026" in warning


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EventKind.PUBLICATION, "L'acte est publié"),
        (EventKind.AFFICHAGE_URGENCE, "affiché en urgence"),
        (EventKind.NOTIFICATION, "notifié"),
        (EventKind.DEMANDE_PIECES, "demandé des pièces"),
        (EventKind.LETTRE_OBSERVATIONS, "lettre d'observations"),
        (EventKind.DEFERE, "déféré"),
        (EventKind.SUSPENSION, "suspension"),
    ],
)
def test_a_person_confirms_an_annulation_once_something_has_followed_the_act(
    kind: EventKind, words: str
) -> None:
    (warning,) = annulation_needs_a_person([LegalEvent.at(kind, TODAY)], None, TODAY)
    assert words in warning


def test_an_executory_act_is_the_first_reason_to_hesitate() -> None:
    published = LegalEvent.at(EventKind.PUBLICATION, date(2026, 3, 5))
    first, second = annulation_needs_a_person([published], date(2026, 3, 5), TODAY)
    assert "exécutoire depuis le 05/03/2026" in first
    assert "publié" in second


def test_nothing_holds_back_the_annulation_of_an_act_that_nothing_has_followed() -> None:
    received = LegalEvent.at(EventKind.ACCUSE_RECEPTION, date(2026, 3, 2))
    later = LegalEvent.at(EventKind.PUBLICATION, date(2026, 3, 17))
    assert annulation_needs_a_person([received, later], date(2026, 3, 17), TODAY) == ()
