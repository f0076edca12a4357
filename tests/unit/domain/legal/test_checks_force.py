"""What is done before an act has force: published, put into effect, executed, signed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.checks import (
    CONTRACT,
    DECIDED,
    INDIVIDUAL,
    RECEIVED,
    REGULATION,
    TODAY,
    at,
    checked,
    days,
    online,
    received,
)
from transmission.domain.legal.checked import CheckedActe
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.sujets import Categorie


def _of(acte: CheckedActe, check: str) -> list[Finding]:
    return [each for each in check_acte(acte) if each.check == check]


# --- published before it was received ---


def test_an_act_published_before_it_was_received_is_told_once_received() -> None:
    (found,) = _of(checked(online(DECIDED), received()), "publie_avant_reception")
    assert (found.severity, found.rule) == (Severity.INFO, "EX-1")
    assert found.message.endswith(
        "publié le 2 mars 2026, reçu en préfecture le 3 mars 2026 seulement."
    )


def test_what_to_do_of_an_early_publication_depends_on_the_receipt() -> None:
    (since,) = _of(checked(online(DECIDED), received()), "publie_avant_reception")
    (still,) = _of(checked(online(DECIDED)), "publie_avant_reception")
    assert since.remedy.startswith("L'acte n'a de force que depuis sa réception.")
    assert "transmission status 2026_001" in still.remedy


def test_an_act_published_the_day_of_its_receipt_is_silent() -> None:
    assert _of(checked(online(RECEIVED), received()), "publie_avant_reception") == []


@pytest.mark.parametrize(
    ("age", "severity"),
    [(0, None), (1, Severity.ATTENTION), (7, Severity.ATTENTION), (8, Severity.GRAVE)],
)
def test_an_act_published_and_not_received_grows_graver(
    age: int, severity: Severity | None
) -> None:
    found = _of(checked(online(DECIDED), today=DECIDED + days(age)), "publie_avant_reception")
    assert [each.severity for each in found] == ([] if severity is None else [severity])


def test_a_notification_counts_as_a_publication() -> None:
    notified = at(EventKind.NOTIFICATION, DECIDED)
    (found,) = _of(checked(notified, acte=INDIVIDUAL), "publie_avant_reception")
    assert "notifié le 2 mars 2026, toujours pas reçu" in found.message


def test_an_act_that_need_not_be_transmitted_may_be_published_alone() -> None:
    spared = replace(INDIVIDUAL, stated_categorie=Categorie.RENFORT)
    assert check_acte(checked(at(EventKind.NOTIFICATION, DECIDED), acte=spared)) == ()


def test_a_tacit_authorisation_has_force_without_its_receipt() -> None:
    tacit = replace(INDIVIDUAL, stated_categorie=Categorie.AUTORISATION_URBANISME, tacite=True)
    acte = checked(at(EventKind.NOTIFICATION, DECIDED), acte=tacit)
    assert _of(acte, "publie_avant_reception") == []


# --- effect and execution before force ---


def _effect(effect: date | None, **given: Any) -> list[Finding]:
    acte = checked(received(), online(TODAY), acte=replace(REGULATION, date_effet=effect), **given)
    return _of(acte, "effet_avant_executoire")


@pytest.mark.parametrize(
    ("effect", "keys"),
    [
        (TODAY, []),
        (TODAY + days(20), []),
        (TODAY - days(1), ["acte:12:effet"]),
        (None, []),
    ],
)
def test_an_effect_before_the_act_has_force_is_retroactive(
    effect: date | None, keys: list[str]
) -> None:
    assert [each.key for each in _effect(effect)] == keys


def test_a_retroactive_effect_shows_what_gives_force_and_when() -> None:
    (found,) = _effect(DECIDED)
    assert (found.rule, found.severity) == ("EX-3", Severity.GRAVE)
    assert found.message.endswith(
        "il fixe sa prise d'effet au 2 mars 2026, avant d'être exécutoire, le 5 mars 2026."
    )
    assert ("Exécutoire le", "5 mars 2026") in found.evidence


def test_an_effect_that_passed_while_the_act_has_no_force_is_told() -> None:
    waiting = replace(REGULATION, date_effet=TODAY)
    assert _of(checked(received(), acte=waiting), "effet_avant_executoire") == []
    (found,) = _of(
        checked(received(), acte=waiting, today=TODAY + days(1)), "effet_avant_executoire"
    )
    assert "sans que rien n'établisse qu'il soit exécutoire" in found.message


@pytest.mark.parametrize(("executed", "count"), [(TODAY, 0), (TODAY - days(1), 1), (None, 0)])
def test_an_execution_before_the_act_has_force_is_grave(executed: date | None, count: int) -> None:
    found = _effect(None, date_execution=executed)
    assert [(each.key, each.rule) for each in found] == [("acte:12:execution", "EX-1")] * count


def test_effect_and_execution_are_two_findings() -> None:
    assert len(_effect(DECIDED, date_execution=DECIDED)) == 2


# --- contract signed too early ---


def _signed(day: date, **given: Any) -> list[Finding]:
    acte = replace(CONTRACT, date_signature=day, date_deliberation_recue=RECEIVED)
    return _of(checked(received(RECEIVED), acte=acte, **given), "signature_prematuree")


def test_a_contract_signed_before_the_deliberation_was_received_is_grave() -> None:
    (found,) = _signed(RECEIVED - days(1), date_deliberation_executoire=TODAY)
    assert (found.rule, found.severity) == ("EX-5", Severity.GRAVE)
    assert "n'a été reçue que le 3 mars 2026" in found.message
    assert ("Signature", "2 mars 2026") in found.evidence


def test_a_contract_signed_the_day_of_the_receipt_is_silent() -> None:
    assert _signed(RECEIVED) == []


def test_a_contract_signed_before_the_deliberation_had_force_is_imprudent() -> None:
    (found,) = _signed(RECEIVED, date_deliberation_executoire=RECEIVED + days(1))
    assert found.severity is Severity.ATTENTION
    assert "n'a eu force que le 4 mars 2026" in found.message
    assert _signed(RECEIVED + days(1), date_deliberation_executoire=RECEIVED + days(1)) == []


def test_the_date_of_the_contract_stands_for_its_signature() -> None:
    acte = replace(CONTRACT, date_signature=None, date_deliberation_recue=DECIDED + days(1))
    (found,) = _of(checked(acte=acte), "signature_prematuree")
    assert ("Date de l'acte", "2 mars 2026") in found.evidence


def test_a_contract_whose_deliberation_is_not_known_is_silent() -> None:
    assert _of(checked(acte=CONTRACT), "signature_prematuree") == []


def test_only_a_contract_is_signed_on_the_strength_of_a_deliberation() -> None:
    acte = replace(REGULATION, date_deliberation_recue=TODAY)
    assert _of(checked(acte=acte), "signature_prematuree") == []
