"""One file for two acts, and published files that changed or went away."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.support.checks import days
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checks_fichier import (
    InvalidlySigned,
    PublicLook,
    SentFile,
    fichier_public_absent,
    fichier_public_change,
    meme_fichier,
    signature_invalide,
)
from transmission.domain.legal.findings import Finding, Severity

ONLINE = date(2026, 3, 5)
FILE = SentFile(12, 1, "2026_001", date(2026, 3, 2), "a" * 64)


def _same(*files: SentFile) -> list[Finding]:
    return list(meme_fichier(files, DEFAULTS))


def test_one_file_sent_under_two_numbers_is_told_with_its_digest() -> None:
    other = replace(FILE, acte_id=13, numero="2026_002")
    (found,) = _same(other, FILE)
    assert (found.key, found.rule) == (f"fichier:{'a' * 64}", "EL-6")
    assert found.severity is Severity.ATTENTION
    assert "2026_001, 2026_002" in found.message
    assert ("Empreinte du fichier (SHA-256)", "a" * 64) in found.evidence


def test_two_files_or_two_authorities_are_silent() -> None:
    assert _same(FILE, replace(FILE, acte_id=13, numero="2026_002", sha256="b" * 64)) == []
    assert _same(FILE, replace(FILE, acte_id=13, numero="2026_002", collectivite_id=2)) == []


def test_an_act_sent_twice_is_one_act() -> None:
    assert _same(FILE, FILE) == []


def test_one_number_on_two_acts_is_another_check() -> None:
    assert _same(FILE, replace(FILE, acte_id=13)) == []


LOOK = PublicLook(
    acte_id=12,
    collectivite_id=1,
    numero="2026_001",
    date_mise_en_ligne=ONLINE,
    address="https://saint-exemple.example/2026_001.pdf",
    expected_sha256="a" * 64,
    found_sha256="a" * 64,
    since_at=datetime(2026, 3, 6, 5, tzinfo=UTC),
    looks=3,
    zone=UTC,
)


def test_a_published_file_that_changed_is_grave() -> None:
    (found,) = fichier_public_change(replace(LOOK, found_sha256="b" * 64), DEFAULTS)
    assert (found.key, found.rule, found.severity) == ("acte:12", "PU-1", Severity.GRAVE)
    assert ("Empreinte publiée (SHA-256)", "a" * 64) in found.evidence
    assert ("Empreinte trouvée (SHA-256)", "b" * 64) in found.evidence
    assert ("Constaté depuis le", "06/03/2026 à 05:00:00 (UTC+0000)") in found.evidence


def test_a_published_file_that_is_the_same_is_silent() -> None:
    assert list(fichier_public_change(LOOK, DEFAULTS)) == []
    assert list(fichier_public_absent(LOOK, ONLINE, DEFAULTS)) == []


def test_a_file_that_does_not_answer_is_not_a_changed_one() -> None:
    assert list(fichier_public_change(replace(LOOK, found_sha256=None), DEFAULTS)) == []


def _absent(looks: int, today: date) -> list[Finding]:
    missed = replace(LOOK, found_sha256=None, looks=looks, detail="404, introuvable")
    return list(fichier_public_absent(missed, today, DEFAULTS))


def test_a_file_missed_by_one_look_is_given_another() -> None:
    assert _absent(1, ONLINE + days(1)) == []
    (found,) = _absent(2, ONLINE + days(1))
    assert ("Réponse", "404, introuvable") in found.evidence
    assert ("À garder public jusqu'au", "5 mai 2026") in found.evidence


@pytest.mark.parametrize(
    ("today", "severity"),
    [(date(2026, 5, 5), Severity.GRAVE), (date(2026, 5, 6), Severity.ATTENTION)],
)
def test_a_missing_file_is_grave_during_the_two_months(today: date, severity: Severity) -> None:
    assert _absent(2, today)[0].severity is severity


def test_a_file_that_says_nothing_of_why_it_is_missing_is_told_all_the_same() -> None:
    missed = replace(LOOK, found_sha256=None)
    (found,) = fichier_public_absent(missed, ONLINE, DEFAULTS)
    assert "Réponse" not in [label for label, _ in found.evidence]


@pytest.mark.parametrize(("ordre", "said"), [(1, "le document principal"), (3, "l'annexe 2")])
def test_an_invalid_signature_is_told_with_its_reasons(ordre: int, said: str) -> None:
    signed = InvalidlySigned(
        acte_id=12,
        collectivite_id=1,
        numero="2026_001",
        ordre=ordre,
        sha256="c" * 64,
        reasons=("CN=Maire : invalide ; le document a été altéré depuis la signature",),
    )
    (found,) = signature_invalide(signed, DEFAULTS)
    assert found.key == f"acte:12:{ordre}:{'c' * 64}"
    assert said in found.message
    assert found.evidence[0] == ("Signature", signed.reasons[0])
    assert "« transmission status 2026_001 »" in found.remedy
