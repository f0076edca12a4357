from typing import get_args

import pytest

from transmission.domain.acte import DemandeClassification
from transmission.domain.messages import (
    ACKNOWLEDGED_BY,
    ANSWERS,
    LETTERS,
    MESSAGES,
    RECEIPTS,
    Direction,
    Message,
    MessageKind,
    kind_of,
    kind_of_root,
    label_of,
)

# Restated from the protocol (§2.2): the codes that each side sends.
SENT = ["1-1", "2-2", "3-2", "3-3", "3-4", "4-2", "4-3", "4-4", "6-1", "7-1"]
RECEIVED = ["1-2", "1-3", "2-1", "3-1", "3-5", "4-1", "4-5", "5-1", "6-2", "7-2", "7-3"]


def test_the_table_holds_21_messages_and_3_envelopes() -> None:
    codes = [kind.code for kind in MESSAGES if kind.code]
    assert len(codes) == len(set(codes)) == 21
    assert [kind.root for kind in MESSAGES if not kind.code] == [
        "EnveloppeCLMISILL",
        "EnveloppeMISILLCL",
        "AnomalieEnveloppe",
    ]


@pytest.mark.parametrize(
    ("direction", "codes"), [(Direction.OUTGOING, SENT), (Direction.INCOMING, RECEIVED)]
)
def test_each_message_goes_its_way(direction: Direction, codes: list[str]) -> None:
    found = [kind.code for kind in MESSAGES if kind.direction is direction and kind.code]
    assert sorted(found) == sorted(codes)


def test_roots_and_types_are_each_said_once() -> None:
    assert len({kind.root for kind in MESSAGES}) == 24
    assert {kind.type for kind in MESSAGES} == set(get_args(Message))


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.root)
def test_a_type_has_the_name_of_its_root_unless_the_glossary_says_otherwise(
    kind: MessageKind,
) -> None:
    assert kind.type.__name__ == {"ARActe": "AccuseReception"}.get(kind.root, kind.root)


def test_a_row_is_found_by_message_and_by_root() -> None:
    assert kind_of(DemandeClassification(None)).code == "7-1"
    row = kind_of_root("DefereTA")
    assert row is not None
    assert row.code == "5-1"
    assert kind_of_root("IDPref") is None


def test_every_business_message_has_a_label_of_its_own() -> None:
    labels = [label_of(code) for code in (*SENT, *RECEIVED)]
    assert len(set(labels)) == 21
    with pytest.raises(KeyError):
        label_of("8-1")


def test_letters_come_and_what_answers_them_goes() -> None:
    assert set(LETTERS) < set(RECEIVED)
    assert set(ANSWERS) == set(LETTERS)
    answers = {answer for ways in ANSWERS.values() for answer in ways}
    # What remains of what an authority sends: the act, its cancellation, the classification.
    assert answers | set(RECEIPTS.values()) == set(SENT) - {"1-1", "6-1", "7-1"}


def test_an_answer_and_a_receipt_are_of_the_kind_of_their_letter() -> None:
    for letter, answers in ANSWERS.items():
        assert all(answer[0] == letter[0] for answer in answers)
    assert all(letter[0] == receipt[0] for letter, receipt in RECEIPTS.items())


def test_what_the_state_acknowledges_is_said_once_and_the_rest_ends_when_handed_over() -> None:
    assert set(ACKNOWLEDGED_BY) <= set(SENT)
    assert set(ACKNOWLEDGED_BY.values()) <= set(RECEIVED)
    assert set(SENT) - set(ACKNOWLEDGED_BY) == {"2-2", "3-2", "4-2", "7-1"}
