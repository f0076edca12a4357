"""Names, types and secrets of the programs that are told of events."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.cloud_events import PREFIX, EventType
from transmission.domain.errors import RefusedError
from transmission.domain.webhooks import (
    NAME_MAX,
    SECRET_BYTES,
    Webhook,
    WebhookState,
    name_problems,
    overlap_of,
    raise_if,
    secret_bytes,
    type_problems,
    webhook_secret,
)

AT = datetime(2026, 3, 16, tzinfo=UTC)


def _webhook(*types: str) -> Webhook:
    return Webhook(
        id=1, collectivite_id=1, siren="123456782", name="agenda", url="https://x", types=types,
        state=WebhookState.ACTIVE, state_since=AT, created_at=AT, created_by="x", secret_since=AT,
    )  # fmt: skip


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_a_secret_gives_back_the_bytes_that_made_it(drawn: bytes) -> None:
    secret = webhook_secret(drawn)
    assert secret.startswith("whsec_")
    assert secret_bytes(secret) == drawn


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_takes_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        webhook_secret(bytes(size))


@pytest.mark.parametrize("size", range(24, 65, 8))
def test_secrets_of_others_have_24_to_64_bytes(size: int) -> None:
    assert secret_bytes("whsec_" + base64.b64encode(bytes(size)).decode()) == bytes(size)


@given(st.text())
def test_any_other_text_is_no_secret_and_is_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="no secret of a webhook") as refused:
        secret_bytes(text)
    assert str(refused.value) == "no secret of a webhook"


@given(st.text())
def test_a_name_is_one_printable_line_or_is_refused(text: str) -> None:
    name, problems = name_problems(text)
    if not problems:
        assert name.isprintable()
        assert 0 < len(name) <= NAME_MAX
        assert name_problems(name) == (name, [])


def test_a_name_is_composed_and_spaced_once() -> None:
    assert name_problems("  suivi   des\tactes ") == ("suivi des actes", [])
    assert name_problems("e\u0301lus") == ("élus", [])


@pytest.mark.parametrize("text", ["", " ", "x" * 61, "a\x00b", "a\u202eb", "\ud800"])
def test_what_is_no_name_is_told(text: str) -> None:
    _, (problem,) = name_problems(text)
    assert problem.field == "nom"
    assert problem.message.isprintable()


def test_a_secret_given_as_a_name_is_refused_and_not_repeated() -> None:
    secret = webhook_secret(bytes(SECRET_BYTES))
    name, (problem,) = name_problems(secret)
    assert secret not in name + str(problem)


def test_types_may_be_given_short_and_keep_the_order_of_the_catalogue() -> None:
    types, problems = type_problems(["acte.recu", f"{PREFIX}acte.transmis", "acte.recu"])
    assert types == (EventType.ACTE_TRANSMIS.code, EventType.ACTE_RECU.code)
    assert problems == []
    assert type_problems([]) == ((), [])


def test_a_type_that_does_not_exist_is_told_with_those_that_do() -> None:
    _, (problem,) = type_problems(["acte.recu", "acte.perdu"])
    assert "acte.perdu" in problem.message
    assert "acte.recu" in problem.remedy
    with pytest.raises(RefusedError):
        raise_if([problem])


def test_no_type_wants_them_all() -> None:
    assert all(_webhook().wants(kind) for kind in EventType)
    some = _webhook(EventType.ACTE_RECU.code)
    assert [kind for kind in EventType if some.wants(kind)] == [EventType.ACTE_RECU]


def test_an_overlap_lasts_from_nothing_to_thirty_days() -> None:
    assert overlap_of(0) == timedelta()
    assert overlap_of(1.5) == timedelta(minutes=90)
    assert overlap_of(720) == timedelta(days=30)
    for wrong in (-0.1, 720.1, float("nan"), float("inf")):
        with pytest.raises(RefusedError, match="0 à 720"):
            overlap_of(wrong)


def test_every_state_is_found_by_its_code() -> None:
    assert [WebhookState.of(state.code) for state in WebhookState] == list(WebhookState)
