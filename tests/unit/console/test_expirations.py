"""What ends: how near, what breaks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.bench import COLLECTIVITE
from transmission.console.expirations import (
    CLASSIFICATION_LASTS,
    Expiration,
    of_classifications,
    of_links,
    of_tokens,
)
from transmission.domain.access import Scope, Token
from transmission.store.queries.service_health import HeldClassification, OpenLink

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "standing", "over"),
    [(-1, "alerte", True), (0, "alerte", True), (7, "alerte", False), (30, "doute", False),
     (31, "", False)],
)  # fmt: skip
def test_what_is_near_is_marked(days: int, standing: str, *, over: bool) -> None:
    each = Expiration(NOW + timedelta(days=days), "", "", "", "")
    assert (each.standing(NOW), each.is_over(NOW)) == (standing, over)


def test_tokens_that_never_end_or_are_replaced_are_left_out() -> None:
    token = Token(
        id=1, collectivite_id=1, siren="123456782", name="finances",
        scopes=frozenset({Scope.READ}), created_at=NOW, created_by="a", expires_at=NOW,
    )  # fmt: skip
    newer = replace(token, id=2, expires_at=NOW + timedelta(days=9))
    never = replace(token, id=3, name="autre", expires_at=None)
    gone = replace(token, id=4, name="gone", revoked_at=NOW)
    found = list(of_tokens(COLLECTIVITE, [token, newer, never, gone], NOW))
    assert [each.at for each in found] == [newer.expires_at]


def test_an_authority_without_a_classification_is_told_at_once() -> None:
    held = HeldClassification("123456782", "Saint-Exemple", "Europe/Paris", date(2020, 1, 1), NOW)
    old, none = of_classifications([held, replace(held, version=None)], NOW)
    assert (old.at, none.at) == (NOW + CLASSIFICATION_LASTS, NOW)
    assert "Aucun acte ne peut être remis." in none.breaks


def test_a_link_says_what_it_is_for() -> None:
    found = list(of_links([OpenLink("anne", "password", NOW)]))
    assert found[0].what == "Le lien à usage unique pour choisir un mot de passe"
