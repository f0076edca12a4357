"""Whether programs will be let in tomorrow: tokens that end are told before and after."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.support.bench import COLLECTIVITE, SECOND
from transmission.cli.diagnosis.findings import Grade
from transmission.cli.diagnosis.tokens import SOON, tokens
from transmission.domain.access import Scope, Token

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TOKEN = Token(
    id=1,
    collectivite_id=1,
    siren=COLLECTIVITE.siren,
    name="logiciel",
    scopes=frozenset({Scope.READ}),
    created_at=NOW,
    created_by="administratrice",
)


def _found(*kept: Token) -> list[tuple[Grade, str]]:
    owned = [(COLLECTIVITE, kept), (SECOND, ())]
    return [(each.grade, each.said) for each in tokens(owned, NOW)]


def test_nothing_is_said_without_a_token() -> None:
    assert _found() == []
    assert _found(replace(TOKEN, revoked_at=NOW)) == []


def test_tokens_that_do_not_end_soon_are_fine() -> None:
    later = replace(TOKEN, id=2, name="autre", expires_at=NOW + SOON + MICROSECOND)
    assert _found(TOKEN, later) == [(Grade.FINE, "Aucun n'expire d'ici 30 jours.")]


def test_a_token_that_ends_within_a_month_is_told_with_its_instant() -> None:
    ((grade, said),) = _found(replace(TOKEN, expires_at=NOW + SOON), replace(TOKEN, name="autre"))
    assert grade is Grade.WARNING
    assert said.startswith("« logiciel » (Commune de Saint-Exemple) expire le 20\u00a0décembre")
    assert "10\u00a0h\u00a000" in said


def test_a_token_that_has_ended_is_told_until_it_is_revoked_or_replaced() -> None:
    ended = replace(TOKEN, expires_at=NOW)
    ((grade, said),) = _found(ended)
    assert grade is Grade.WARNING
    assert "a expiré le 20\u00a0novembre" in said
    assert _found(replace(ended, revoked_at=NOW)) == []
    assert [grade for grade, _ in _found(replace(TOKEN, id=2), ended)] == [Grade.FINE]


def test_a_name_that_was_revoked_since_is_told_no_more() -> None:
    ended = replace(TOKEN, expires_at=NOW)
    assert _found(replace(TOKEN, id=2, revoked_at=NOW), ended) == []
