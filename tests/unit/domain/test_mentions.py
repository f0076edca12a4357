"""What an event is in the words of an e-mail: true, dated by the AR, and silent in its subject."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.cloud_events import ActeNamed, FindingChange, JournalLine
from transmission.domain.legal.checks_delai import ACCUSE_ABSENT
from transmission.domain.lifecycle import Event, State
from transmission.domain.mentions import ending_mention, mention_of
from transmission.domain.notifications import KINDS, Kind, Letter
from transmission.domain.texte import printable

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PARIS, CAYENNE = "Europe/Paris", "America/Cayenne"
ACTE = ActeNamed(id=12, numero_interne="D2026_012", date_decision=date(2026, 11, 2), nature=1)
LETTER = Letter("Commune de Saint-Exemple", "123456782")
MESSAGES = ("1-1", "2-2", "3-4", "4-4", "6-1", "7-1", None)
EVENTS = (*(each.code for each in Event), "courrier_received", "accepted", "certified", "published")


def line(event: str = "ar_received", target: State | None = None, **changes: Any) -> JournalLine:
    fields: dict[str, Any] = {
        "id": 7, "at": AT, "event": event, "details": {}, "acte": ACTE, "target": target,
        "message": "1-1", **changes,
    }  # fmt: skip
    return JournalLine(**fields)


def what(told: JournalLine, zone: str = PARIS) -> str:
    mention = mention_of(told, zone)
    assert mention is not None
    return mention.what


def test_a_receipt_is_dated_by_the_ar_and_never_by_a_clock() -> None:
    received = line(target=State.ACKNOWLEDGED, date_reception=date(2026, 11, 20))
    assert what(received) == "Reçu en préfecture le 20 novembre 2026"
    assert what(replace(received, date_reception=None)) == "Accusé de réception de la préfecture"
    answer = replace(received, message="3-4")
    assert what(answer) == "Réponse reçue en préfecture le 20 novembre 2026"


def test_a_cancelled_act_says_when_or_that_it_never_left() -> None:
    day = {"date_reception": "2026-11-21"}
    assert what(line("ar_annulation_received", State.CANCELLED, details=day)) == (
        "Transmission annulée, annulation reçue en préfecture le 21 novembre 2026"
    )
    assert what(line("withdrawn", State.CANCELLED)) == "Retiré avant tout envoi"


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("2-1", "Courrier de la préfecture"),
        ("3-1", "Demande de pièces complémentaires"),
        ("4-1", "Lettre d'observations"),
        ("5-1", "Déféré au tribunal administratif"),
        ("9-9", "Message de la préfecture"),
    ],
)
def test_a_letter_is_named_and_dated(code: str, named: str) -> None:
    details = {"message": code, "date": "2026-11-19", "courrier": 3}
    mention = mention_of(line("courrier_received", details=details), PARIS)
    assert mention is not None
    assert (mention.kind, mention.what) == (Kind.COURRIER, f"{named} du 19 novembre 2026")
    assert mention.todo


def test_what_waits_for_somebody_is_told_at_the_authority_s_clock_with_what_to_do() -> None:
    held = line("held", State.HELD)
    assert what(held).endswith("le 23 novembre 2026 à 2 h 30")
    assert what(held, CAYENNE).endswith("le 22 novembre 2026 à 22 h 30")


@given(st.sampled_from(EVENTS), st.sampled_from((None, *State)), st.sampled_from(MESSAGES))
def test_every_event_that_has_a_kind_has_its_words_and_the_others_none(
    event: str, target: State | None, message: str | None
) -> None:
    told = line(event, target, message=message)
    mention = mention_of(told, PARIS)
    kind = KINDS.get(told.type) if told.type else None
    assert (mention and mention.kind) == kind
    if mention is not None:
        assert mention.key == "journal:7"
        assert "{" not in mention.what
        assert mention.todo or kind is Kind.AR


@given(
    st.lists(
        st.tuples(
            st.sampled_from(EVENTS), st.sampled_from((None, *State)), st.sampled_from(MESSAGES),
            st.text(min_size=4),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_no_history_ever_puts_an_object_in_a_subject(
    history: list[tuple[str, State | None, str | None, str]],
) -> None:
    told, blank = [], []
    for rank, (event, target, message, objet) in enumerate(history):
        mention = mention_of(line(event, target, message=message, id=rank), PARIS)
        if mention is not None:
            told.append(replace(mention, objet=objet, numero=objet))
            blank.append(mention)
    if told:
        letter = LETTER.write(told)
        assert letter.subject == LETTER.write(blank).subject
        assert printable(letter.subject) == letter.subject


def test_what_is_sent_and_stays_without_an_answer_is_stuck() -> None:
    change = FindingChange(
        id=4, at=AT, opened=True, finding_id=1, check=ACCUSE_ABSENT.code, severity="attention",
        rule="EL-3", acte=ACTE,
    )  # fmt: skip
    mention = mention_of(change, PARIS)
    assert mention is not None
    assert (mention.kind, mention.key, mention.acte_id) == (Kind.BLOQUE, "constat:4", 12)
    assert mention_of(replace(change, opened=False), PARIS) is None
    assert mention_of(replace(change, check="numero_manquant"), PARIS) is None


def test_what_ends_says_when_and_is_of_no_act() -> None:
    told = ending_mention("Le jeton « agenda » expire", date(2026, 12, 1), "Créez-en un.", "k", AT)
    assert told.line == "Le jeton « agenda » expire le 1er décembre 2026"
    assert (told.kind, told.acte_id) == (Kind.CERTIFICAT, None)
