"""« Et si… »: what may be typed, what it would move, and what is refused in French."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.horloge import ESPECE, clock, log
from transmission.console.whatif import (
    KINDS,
    MOST,
    Change,
    HypothesisError,
    WhatIf,
    changes,
    sentence,
    supposed,
    tried,
)
from transmission.domain.legal.evenements import SUPPOSED, EventKind, LegalEvent
from transmission.domain.legal.horloge import read
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.settings import PRUDENT

TODAY = date(2026, 4, 20)
LETTERED = "AR 2026-03-12, PU 2026-03-16, CS 2026-04-02, LO 2026-04-16"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def reader(events: Sequence[LegalEvent]) -> Reading:
    reading = clock(ESPECE, LETTERED)
    return read(ESPECE, reading.owner, (*log(LETTERED), *events), PRUDENT, TODAY)


def typed(*rows: tuple[str, str, str]) -> WhatIf:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    return tried(reader, *columns)


def test_an_event_is_supposed_from_its_code_and_its_days() -> None:
    event = supposed("lettre_observations", "2026-05-11", "2026-05-09")
    assert event.kind is EventKind.LETTRE_OBSERVATIONS
    assert (event.received, event.sent) == (date(2026, 5, 11), date(2026, 5, 9))
    assert event.source == SUPPOSED
    assert supposed("pieces", "2026-05-11").sent == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("kind", "received", "sent", "said"),
    [
        ("bidon", "2026-05-11", "", "« bidon » n'est pas un événement connu. Choisissez parmi :"),
        ("", "2026-05-11", "", "Choisissez l'événement supposé le 2026-05-11."),
        ("pieces", "", "", "reçues par l'État : donnez sa date (AAAA-MM-JJ)."),
        ("pieces", "11/05/2026", "", "« 11/05/2026 » n'est pas une date (AAAA-MM-JJ)."),
        ("pieces", "2026-02-30", "", "« 2026-02-30 » n'est pas une date"),
        ("pieces", "2026-05-11", "demain", "« demain » n'est pas une date"),
        ("pieces", "2026-05-11", "2026-05-12", "après son arrivée le 11 mai 2026"),
        ("pieces", "9999-05-11", "", "hors des dates prises en compte"),
        ("pieces", "1900-05-11", "", "hors des dates prises en compte"),
    ],
)
def test_what_means_nothing_is_refused_with_what_to_do(
    kind: str, received: str, sent: str, said: str
) -> None:
    with pytest.raises(HypothesisError) as refused:
        supposed(kind, received, sent)
    assert said in plain(str(refused.value))


@given(st.text(), st.text(), st.text())
def test_nothing_typed_is_more_than_refused(kind: str, received: str, sent: str) -> None:
    with suppress(HypothesisError):
        assert supposed(kind, received, sent).source == SUPPOSED


@given(st.sampled_from(EventKind), st.dates(date(1982, 3, 2), date(2199, 12, 31)))
def test_whatever_may_be_supposed_can_be_read(kind: EventKind, day: date) -> None:
    found = typed((kind.code, day.isoformat(), ""))
    assert found.problems == ()
    assert found.after is not None
    assert all(change.before != change.after for change in found.changes)


def test_every_kind_of_event_may_be_chosen_and_once() -> None:
    offered = [kind for _, kinds in KINDS for kind in kinds]
    assert sorted(offered, key=lambda kind: kind.code) == sorted(
        EventKind, key=lambda kind: kind.code
    )


def test_an_answer_supposed_moves_the_dates_and_says_by_how_much() -> None:
    found = typed(("reponse_lettre", "2026-04-17", ""))
    moved = {change.label: change for change in found.changes}
    assert plain(moved["Dernier jour du déféré"].before) == "17 août 2026 (provisoire)"
    assert plain(moved["Dernier jour du déféré"].after) == "18 juin 2026"
    assert plain(moved["Dernier jour du déféré"].gap) == "60 jours plus tôt"
    assert moved["Contrôle de légalité"] == Change(
        "Contrôle de légalité", "Lettre d'observations en cours", "Après le rejet de la lettre"
    )
    label = "Rejet implicite de la lettre d'observations"
    assert moved[label].after == "sans objet"
    assert found.before == reader(())


def test_a_later_day_is_said_later() -> None:
    found = typed(("demande_pieces", "2026-05-04", "2026-05-04"))
    gaps = {change.label: plain(change.gap) for change in found.changes}
    assert gaps["Refus implicite des pièces"] == ""
    assert gaps["Dernier jour du déféré"].endswith("jours plus tard")


def test_an_event_without_effect_changes_nothing_and_says_why() -> None:
    found = typed(("courrier_simple", "2026-04-18", ""))
    assert found.changes == ()
    [reason] = found.reasons
    assert plain(reason).startswith("Courrier simple de la préfecture, le 18 avril 2026 : ")


def test_nothing_is_supposed_while_a_line_is_to_be_corrected() -> None:
    found = typed(("reponse_lettre", "2026-04-17", ""), ("pieces", "", ""))
    assert found.after is None
    assert found.changes == ()
    assert len(found.problems) == 1
    assert [bool(row.problem) for row in found.shown] == [False, True, False]


def test_lines_left_empty_are_left_out_and_a_new_one_is_offered() -> None:
    found = typed(("", "", ""), ("pieces", "2026-04-18", ""), ("", "", ""))
    assert [row.kind for row in found.rows] == ["pieces"]
    assert [row.kind for row in found.shown] == ["pieces", ""]
    assert [row.kind for row in typed().shown] == [""]
    assert typed().after is None


def test_columns_of_different_lengths_still_go_together() -> None:
    found = tried(reader, ["pieces", "reponse_lettre"], ["2026-04-18"], [])
    assert [(row.kind, row.received) for row in found.rows] == [
        ("pieces", "2026-04-18"),
        ("reponse_lettre", ""),
    ]
    assert len(found.problems) == 1


def test_no_more_is_supposed_than_there_is_room_for() -> None:
    found = typed(*[("pieces", "2026-04-18", "")] * (MOST + 3))
    assert len(found.rows) == len(found.shown) == MOST


def test_the_same_reading_twice_shows_no_change() -> None:
    assert changes(reader(()), reader(())) == ()


def test_an_event_is_told_with_its_days() -> None:
    event = supposed("lettre_observations", "2026-05-11", "2026-05-09")
    assert plain(sentence(event)) == "Lettre d'observations, le 11 mai 2026 (départ le 9 mai 2026)"
    assert plain(sentence(supposed("defere", "2026-05-11"))) == (
        "Déféré au tribunal administratif, le 11 mai 2026"
    )
