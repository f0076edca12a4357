"""What is asked of an act by its checks: its receipt, its publicity, the days of an instant."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from tests.support.checks import (
    PARIS,
    RECEIVED,
    REGULATION,
    TODAY,
    accuse,
    at,
    checked,
    days,
    online,
    received,
)
from transmission.domain.legal.check import Check
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.findings import Severity
from transmission.domain.legal.settings import AnnulationEffect, LegalSettings

CHECK = Check("a", "A", Severity.GRAVE, "Tout.", "Voyez NUMERO.", ("EX-1",))


def test_the_first_receipt_counts_and_a_second_changes_nothing() -> None:
    acte = checked(received(), received(RECEIVED + days(1)))
    assert acte.receipt == received()


def test_a_receipt_that_was_annulled_counts_no_more_until_the_next() -> None:
    annulled = at(EventKind.ANNULATION, RECEIVED + days(1))
    assert checked(received(), annulled).receipt is None
    again = received(RECEIVED + days(2))
    assert checked(received(), annulled, again).receipt == again


def test_an_annulation_read_as_informative_leaves_the_receipt() -> None:
    settings = LegalSettings(annulation_effect=AnnulationEffect.INFORMATIVE)
    annulled = at(EventKind.ANNULATION, RECEIVED + days(1))
    assert checked(received(), annulled, settings=settings).receipt == received()


def test_an_event_to_come_has_not_happened() -> None:
    acte = checked(received(TODAY + days(1)), online(TODAY + days(1)))
    assert (acte.receipt, acte.made_public, acte.past()) == (None, None, ())


def test_an_instant_may_be_of_two_days() -> None:
    evening = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    cayenne = checked(zone=ZoneInfo("America/Cayenne"))
    assert cayenne.days_of(evening) == (date(2026, 3, 2), date(2026, 3, 3))
    assert checked().days_of(evening) == (date(2026, 3, 3), date(2026, 3, 3))


def test_an_instant_is_shown_with_its_distance_from_utc() -> None:
    assert checked().moment(datetime(2026, 3, 2, 23, 30, tzinfo=UTC)) == (
        "03/03/2026 à 00:30:00 (UTC+0100)"
    )


def test_a_finding_names_the_act_and_what_it_is_about() -> None:
    found = checked().finding(CHECK, "il manque.", (), part="vote")
    assert found.message == "Acte 2026_001 (délibération du 2 mars 2026) : il manque."
    assert (found.key, found.acte_id, found.collectivite_id) == ("acte:12:vote", 12, 1)
    assert found.remedy == "Voyez 2026_001."


def test_an_ar_is_proved_by_its_day_its_identifier_its_clocks_and_its_digest() -> None:
    tdt_at = datetime(2026, 3, 3, 8, tzinfo=UTC)
    labels = [label for label, _ in checked().proof(accuse(tdt_at=tdt_at))]
    assert labels == [
        "Date de réception de l'accusé",
        "Identifiant de l'accusé",
        "Date donnée par le tiers",
        "Arrivé ici le",
        "Empreinte de l'accusé (SHA-256)",
    ]
    assert len(checked().proof(accuse(taken_at=None))) == 3


def test_the_force_of_an_act_is_shown_with_what_gives_it_or_what_misses() -> None:
    assert checked(received(), online(TODAY)).force_evidence()[-1] == (
        "Exécutoire le",
        "5 mars 2026",
    )
    ((label, said),) = checked(received()).force_evidence()
    assert (label, said.startswith("non établi : ")) == ("Exécutoire", True)


def test_an_act_that_was_withdrawn_stands_no_more() -> None:
    assert checked(received()).stands
    assert not checked(received(), at(EventKind.RETRAIT, TODAY)).stands
    assert checked(zone=PARIS).reading.acte == REGULATION
