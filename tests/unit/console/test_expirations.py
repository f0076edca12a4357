"""What ends: how near, what breaks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.bench import COLLECTIVITE
from transmission.console import expirations
from transmission.console.expirations import (
    CLASSIFICATION_LASTS,
    Expiration,
    of_certificates,
    of_classifications,
    of_links,
    of_tokens,
)
from transmission.domain.access import Scope, Token
from transmission.signature.expiry import HeldFile, Validity
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


def test_what_something_else_takes_over_from_is_no_alarm() -> None:
    each = Expiration(NOW - timedelta(days=1), "", "", "", "", relieved=True)
    assert (each.standing(NOW), each.is_over(NOW)) == ("", True)


def test_a_signing_key_says_that_nothing_is_signed_unless_another_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (
        Validity(NOW - timedelta(days=1), NOW + timedelta(days=days)) for days in (5, 90)
    )
    held = [
        HeldFile("Le certificat de signature", "/first", COLLECTIVITE, first, (second,)),
        HeldFile("Le certificat de signature", "/second", COLLECTIVITE, second, (first,)),
    ]
    monkeypatch.setattr(expirations, "held_files", lambda _: (held, []))
    relieved, last = of_certificates([COLLECTIVITE])
    assert (relieved.relieved, relieved.standing(NOW)) == (True, "")
    assert "une autre clé de signature prend la suite" in relieved.breaks
    assert (last.relieved, last.breaks) == (
        False,
        "Plus rien n'est signé : les envois signés attendent.",
    )


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
