"""A certificate is to be renewed before the next sending; a date that moves is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.checks import PARIS, days
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checks_service import (
    Certificate,
    Recomputed,
    Unstamped,
    certificat_expire,
    horodatage_manquant,
    recalcul_different,
)
from transmission.domain.legal.findings import Finding, Severity

NOW = datetime(2026, 3, 5, 11, tzinfo=UTC)
CERTIFICATE = Certificate(
    collectivite_id=1,
    usage="tdt",
    label="connexion au tiers de télétransmission",
    subject="CN=Commune de Saint-Exemple",
    not_after=NOW + days(31),
    zone=PARIS,
)


def _found(certificate: Certificate) -> list[Finding]:
    return list(certificat_expire(certificate, NOW, DEFAULTS))


def test_a_certificate_with_time_before_it_is_silent() -> None:
    assert _found(CERTIFICATE) == []


def test_a_certificate_that_ends_within_the_month_is_told_whatever_the_habit() -> None:
    (found,) = _found(replace(CERTIFICATE, not_after=NOW + days(30), usual_interval=days(2)))
    assert (found.key, found.severity) == ("certificat:tdt", Severity.ATTENTION)
    assert (found.rule, found.collectivite_id) == (None, 1)
    assert ("Intervalle habituel entre deux envois", "2 jours") in found.evidence


def test_an_authority_that_sends_every_quarter_is_told_a_quarter_before() -> None:
    quarterly = replace(CERTIFICATE, not_after=NOW + days(80), usual_interval=days(90))
    assert len(_found(quarterly)) == 1
    assert _found(replace(quarterly, not_after=NOW + days(91))) == []


@pytest.mark.parametrize(("limit", "count"), [(date(2026, 9, 1), 1), (date(2026, 8, 31), 0)])
def test_a_certificate_must_last_until_the_limits_that_run(limit: date, count: int) -> None:
    ends = datetime(2026, 9, 1, 10, tzinfo=UTC)
    limits = (("Transmission de l'acte 2026_001", limit),)
    found = _found(replace(CERTIFICATE, not_after=ends, limits=limits))
    assert len(found) == count
    if found:
        assert ("Transmission de l'acte 2026_001", "1er septembre 2026") in found[0].evidence


@pytest.mark.parametrize(
    ("left", "severity"),
    [
        (timedelta(days=7, seconds=1), Severity.ATTENTION),
        (timedelta(days=7), Severity.GRAVE),
        (timedelta(days=-1), Severity.GRAVE),
    ],
)
def test_a_certificate_that_ends_within_days_or_has_ended_is_grave(
    left: timedelta, severity: Severity
) -> None:
    assert _found(replace(CERTIFICATE, not_after=NOW + left))[0].severity is severity


SAME = Recomputed(
    acte_id=12,
    collectivite_id=1,
    numero="2026_001",
    name="defere",
    rule="DF-1",
    stored=date(2026, 3, 13),
    computed=date(2026, 3, 13),
    read_at=NOW,
    zone=UTC,
)


def test_the_same_day_again_is_silent() -> None:
    assert list(recalcul_different(SAME, DEFAULTS)) == []


def test_another_day_from_the_same_inputs_is_told_with_both() -> None:
    (found,) = recalcul_different(replace(SAME, computed=date(2026, 3, 16)), DEFAULTS)
    assert (found.key, found.rule) == ("acte:12:defere", "DF-1")
    assert "« Dernier jour du déféré » : 13 mars 2026 auparavant, 16 mars 2026" in found.message
    assert ("Calculée le", "05/03/2026 à 11:00:00 (UTC+0000)") in found.evidence


def test_a_day_that_is_no_more_known_is_told() -> None:
    (found,) = recalcul_different(replace(SAME, computed=None, name="inconnu"), DEFAULTS)
    assert "« inconnu » : 13 mars 2026 auparavant, pas de date" in found.message


def test_missing_time_stamps_are_one_finding_that_says_how_many_since_when_and_why() -> None:
    missing = Unstamped(
        collectivite_id=1,
        count=3,
        oldest_at=NOW - days(2),
        reason="connexion refusée.",
        zone=PARIS,
    )
    (found,) = horodatage_manquant(missing, DEFAULTS)
    assert found.message == "3 horodatages manquent, le plus ancien demandé le 3 mars 2026."
    assert (found.key, found.severity) == ("horodatages", Severity.ATTENTION)
    assert ("Dernier essai", "connexion refusée.") in found.evidence
    (alone,) = horodatage_manquant(replace(missing, count=1, reason=None), DEFAULTS)
    assert alone.message == "1 horodatage manque, le plus ancien demandé le 3 mars 2026."
