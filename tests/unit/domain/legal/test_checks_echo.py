"""What an AR repeats is held against what was sent, and the classification against the newest."""

from datetime import date

import pytest

from tests.support.checks import ID_ACTE, accuse, checked, received, sending
from transmission.domain.legal.checked import CheckedActe, Sending
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.retours import EchoDifference

OBJET = EchoDifference("objet", "Subvention de 1 000 €", "Subvention")
ANNEXES = EchoDifference("nombre_annexes", "2", "1")


def _of(check: str, *sendings: Sending) -> list[Finding]:
    acte: CheckedActe = checked(received(), sendings=sendings)
    return [each for each in check_acte(acte) if each.check == check]


def test_an_object_cut_on_the_way_is_told_with_both_texts() -> None:
    (found,) = _of("echo_different", sending(accuse(differences=(OBJET,))))
    assert (found.severity, found.key) == (Severity.ATTENTION, "acte:12:envoi:7")
    assert ("Objet, envoyé", "Subvention de 1 000 €") in found.evidence
    assert ("Objet, reçu", "Subvention") in found.evidence
    assert "(objet)" in found.message


def test_a_missing_annex_is_grave() -> None:
    (found,) = _of("echo_different", sending(accuse(differences=(OBJET, ANNEXES))))
    assert found.severity is Severity.GRAVE
    assert "(objet, nombre d'annexes)" in found.message


def test_a_field_that_has_no_french_name_is_told_by_its_own() -> None:
    (found,) = _of("echo_different", sending(accuse(differences=(EchoDifference("x", "1", ""),))))
    assert ("x, envoyé", "1") in found.evidence


def test_the_same_difference_in_two_ar_is_told_once() -> None:
    twice = (accuse(differences=(OBJET,)), accuse(differences=(OBJET,), sha256="b" * 64))
    (found,) = _of("echo_different", sending(*twice))
    assert len([label for label, _ in found.evidence if label == "Objet, reçu"]) == 1


def test_a_faithful_echo_is_silent() -> None:
    assert _of("echo_different", sending(accuse())) == []


def test_the_echo_of_an_annulled_sending_is_of_the_past() -> None:
    over = sending(accuse(differences=(ANNEXES,), id_acte="autre"), over=True)
    assert _of("echo_different", over) + _of("id_acte_different", over) == []


def test_an_ar_of_another_identifier_is_grave() -> None:
    other = ID_ACTE.replace("2026_001", "2026_002")
    (found,) = _of("id_acte_different", sending(accuse(id_acte=other)))
    assert (found.severity, found.rule) == (Severity.GRAVE, "EL-3")
    assert ("Identifiant envoyé", ID_ACTE) in found.evidence
    assert ("Identifiant de l'accusé", other) in found.evidence


def test_an_identifier_in_other_capitals_is_the_same() -> None:
    assert _of("id_acte_different", sending(accuse(id_acte=ID_ACTE.lower()))) == []


OLD, NEW = date(2025, 3, 1), date(2026, 3, 1)


def test_an_act_sent_with_an_old_classification_is_told_until_its_ar() -> None:
    sent = sending(date_classification=OLD, newest_classification=NEW)
    (found,) = _of("classification_perimee", sent)
    assert (found.severity, found.rule) == (Severity.ATTENTION, None)
    received_all_the_same = sending(accuse(), date_classification=OLD, newest_classification=NEW)
    assert _of("classification_perimee", received_all_the_same)[0].severity is Severity.INFO


def test_an_act_refused_for_its_classification_is_of_the_past() -> None:
    over = sending(over=True, date_classification=OLD, newest_classification=NEW)
    assert _of("classification_perimee", over) == []


@pytest.mark.parametrize(("used", "newest"), [(NEW, NEW), (None, NEW), (OLD, None), (NEW, OLD)])
def test_the_newest_classification_or_an_unknown_one_is_silent(
    used: date | None, newest: date | None
) -> None:
    sent = sending(date_classification=used, newest_classification=newest)
    assert _of("classification_perimee", sent) == []
