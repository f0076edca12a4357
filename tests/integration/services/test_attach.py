"""What a person makes of the quarantine: in their name, with their reason, within the rules."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import (
    Prefecture,
    Written,
    acte_received,
    acte_refused,
    annulation_received,
    enveloppe_refused,
    letter,
)
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.services.attach import attach, set_aside
from transmission.services.cancel import cancel
from transmission.services.release import abandon
from transmission.store.tables import journal

OPERATOR = Author("opératrice", "numéro mal recopié par la préfecture")
DAY = date(2023, 3, 14)

Decide = Callable[[Bench, int, int, Author], Any]
DECISIONS: list[Decide] = [
    lambda bench, retour_id, acte_id, author: attach(bench.tools, retour_id, acte_id, author),
    lambda bench, retour_id, _, author: set_aside(bench.tools, retour_id, author),
]


def _misnamed(acte: Transmission) -> Any:
    return replace(acte.id_acte, numero_interne="D2023_999")


def _quarantined(bench: Bench, prefecture: Prefecture, message: Written) -> int:
    retour_id = prefecture.answers(None, message)
    assert bench.retours()[-1].status == "quarantined"
    return retour_id


def _journal(bench: Bench, acte_id: int) -> Any:
    with bench.engine.connect() as connection:
        statement = select(journal).where(journal.c.acte_id == acte_id).order_by(journal.c.id)
        return connection.execute(statement).all()


def test_an_ar_attached_by_hand_dates_the_act_in_the_name_of_who_did_it(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    retour_id = _quarantined(bench, prefecture, acte_received(_misnamed(acte), DAY))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR) is None
    received = bench.now_of(acte.id)
    assert (received.state, received.date_reception) == (State.ACKNOWLEDGED, DAY)
    moved, attached = _journal(bench, acte.acte_id)[-2:]
    assert (moved.event, moved.author, moved.reason) == (
        "ar_received", OPERATOR.name, OPERATOR.reason
    )  # fmt: skip
    assert (attached.event, attached.author, attached.reason) == (
        "retour_attached", OPERATOR.name, OPERATOR.reason
    )  # fmt: skip
    assert attached.details == {"retour": retour_id, "sans_effet": None}
    kept = bench.retours()[-1]
    assert (kept.status, kept.acte_id, kept.transmission_id) == ("applied", acte.acte_id, acte.id)
    assert kept.reason == f"Rattaché à la main par opératrice : {OPERATOR.reason}"
    assert any("D2023_999" in note for note in kept.notes)


def test_a_letter_attached_by_hand_opens_its_thread_with_its_documents(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    retour_id = _quarantined(bench, prefecture, letter("3-1", _misnamed(acte)))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR) is None
    (kept,) = bench.letters(acte.acte_id)
    assert kept.retour_id == retour_id
    with bench.tools.register() as unit:
        assert len(unit.pieces_of_retour(retour_id)) == 1


def test_an_anomaly_attached_by_hand_refuses_the_act(bench: Bench, prefecture: Prefecture) -> None:
    acte = bench.sent()
    retour_id = _quarantined(bench, prefecture, acte_refused(_misnamed(acte), "007"))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR) is None
    assert bench.now_of(acte.id).state is State.REJECTED


def test_the_anomaly_of_the_envelope_of_a_cancellation_attached_by_hand_spares_the_act(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte, other = bench.acknowledged(), bench.sent()
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    (asked,) = bench.about(acte.acte_id, "6-1")
    retour_id = prefecture.answers(other, enveloppe_refused(asked))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR) is None
    assert bench.now_of(asked.id).state is State.REJECTED
    assert bench.now_of(acte.id).state is State.ACKNOWLEDGED


def test_a_cancellation_attached_by_hand_cancels_the_act(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    retour_id = _quarantined(bench, prefecture, annulation_received(_misnamed(acte), DAY))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR) is None
    assert bench.now_of(acte.id).state is State.CANCELLED


@pytest.mark.parametrize("reach", [Bench.acte, Bench.acknowledged])
@pytest.mark.parametrize(
    "write", [lambda about: acte_received(about, DAY), acte_refused,
              lambda about: annulation_received(about, DAY)]
)  # fmt: skip
def test_what_the_rules_forbid_is_kept_with_the_act_without_any_effect(
    bench: Bench, prefecture: Prefecture, reach: Callable[[Bench], Transmission], write: Any
) -> None:
    acte = reach(bench)
    retour_id = _quarantined(bench, prefecture, write(_misnamed(acte)))
    refusal = attach(bench.tools, retour_id, acte.acte_id, OPERATOR)
    assert refusal
    assert bench.now_of(acte.id) == acte
    kept = bench.retours()[-1]
    assert (kept.status, kept.acte_id) == ("attached", acte.acte_id)
    assert kept.reason.startswith(f"Rattaché par opératrice : {OPERATOR.reason}. Sans effet : ")
    assert refusal in kept.reason
    last = _journal(bench, acte.acte_id)[-1]
    assert (last.event, last.author) == ("retour_attached", "opératrice")
    assert last.details["sans_effet"] == refusal


def test_what_a_refusal_interrupts_leaves_nothing_behind(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    (asked,) = bench.about(acte.acte_id, "6-1")
    with bench.tools.register() as unit:
        unit.move(asked, Event.HELD, SERVICE, bench.clock.now())
        unit.commit()
    abandon(bench.tools, acte.acte_id, OPERATOR)
    before = bench.now_of(asked.id), bench.now_of(acte.id)
    retour_id = _quarantined(bench, prefecture, annulation_received(acte.id_acte, DAY))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR)
    assert (bench.now_of(asked.id), bench.now_of(acte.id)) == before
    assert bench.retours()[-1].status == "attached"


def test_a_second_date_given_by_hand_does_not_change_the_first(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    retour_id = _quarantined(bench, prefecture, acte_received(acte.id_acte, DAY))
    assert "09/03/2023" in str(attach(bench.tools, retour_id, acte.acte_id, OPERATOR))
    assert bench.now_of(acte.id).date_reception == RECEPTION


def test_a_copy_of_the_ar_attached_by_hand_is_told_as_such(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    retour_id = _quarantined(bench, prefecture, acte_received(_misnamed(acte), RECEPTION))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR) is None
    kept = bench.retours()[-1]
    assert kept.status == "duplicate"
    assert "opératrice" in kept.reason


def test_unreadable_bytes_may_be_kept_with_an_act(bench: Bench, prefecture: Prefecture) -> None:
    acte = bench.sent()
    retour_id = _quarantined(bench, prefecture, Written("a.xml", b"pas du XML"))
    assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR)
    assert bench.retours()[-1].status == "attached"
    assert bench.now_of(acte.id).state is State.SUBMITTED


def test_a_container_that_could_not_be_opened_may_be_kept_with_an_act(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    prefecture.puts(b"From: prefecture\r\nSubject: papier\r\n\r\nEnvoyez le plan.\r\n")
    prefecture.is_read()
    (kept,) = bench.retours()
    assert "Lisez-le vous-même" in str(attach(bench.tools, kept.id, acte.acte_id, OPERATOR))
    assert bench.retours()[0].acte_id == acte.acte_id


def test_an_act_of_another_authority_is_refused(bench: Bench, prefecture: Prefecture) -> None:
    acte = bench.sent(authority_id=bench.second_id)
    retour_id = _quarantined(bench, prefecture, acte_received(_misnamed(acte), DAY))
    with pytest.raises(RefusedError, match="pas de la même collectivité"):
        attach(bench.tools, retour_id, acte.acte_id, OPERATOR)
    assert bench.retours()[-1].status == "quarantined"
    assert bench.now_of(acte.id) == acte


def test_an_act_that_does_not_exist_is_told_and_nothing_is_settled(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    retour_id = _quarantined(bench, prefecture, acte_received(_misnamed(acte), DAY))
    with pytest.raises(NotFoundError, match="Aucun acte n° 999"):
        attach(bench.tools, retour_id, 999, OPERATOR)
    assert bench.retours()[-1].status == "quarantined"


@pytest.mark.parametrize("decide", DECISIONS)
def test_only_what_is_in_quarantine_is_decided_upon(
    bench: Bench, prefecture: Prefecture, decide: Decide
) -> None:
    acte = bench.sent()
    retour_id = prefecture.answers(acte, acte_received(acte.id_acte, DAY))
    with pytest.raises(RefusedError, match="n'est pas en quarantaine"):
        decide(bench, retour_id, acte.acte_id, OPERATOR)
    assert bench.retours()[-1].status == "applied"


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_retour_that_does_not_exist_is_told(bench: Bench, decide: Decide) -> None:
    acte = bench.sent()
    with pytest.raises(NotFoundError, match="n° 999"):
        decide(bench, 999, acte.acte_id, OPERATOR)


@pytest.mark.parametrize("decide", DECISIONS)
@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_a_decision_without_a_reason_is_refused(
    bench: Bench, prefecture: Prefecture, decide: Decide, reason: Any
) -> None:
    acte = bench.sent()
    retour_id = _quarantined(bench, prefecture, acte_received(_misnamed(acte), DAY))
    with pytest.raises(RefusedError, match="motif"):
        decide(bench, retour_id, acte.acte_id, Author("opératrice", reason))
    assert bench.retours()[-1].status == "quarantined"


def test_what_is_set_aside_leaves_the_desk_and_keeps_its_bytes(
    bench: Bench, prefecture: Prefecture
) -> None:
    message = Written("a.xml", b"publicit\xe9")
    retour_id = _quarantined(bench, prefecture, message)
    set_aside(bench.tools, retour_id, Author("opératrice", "publicité"))
    kept = bench.retours()[-1]
    assert (kept.status, kept.reason) == (
        "set_aside", "Classé sans suite par opératrice : publicité"
    )  # fmt: skip
    with bench.tools.register() as unit:
        stored = unit.lock_retour(retour_id)
    assert stored is not None
    assert bench.tools.documents.read(stored.file) == message.raw
    with bench.engine.connect() as connection:
        written = select(journal).where(journal.c.event == "retour_set_aside")
        row = connection.execute(written).one()
    assert (row.author, row.reason, row.acte_id) == ("opératrice", "publicité", None)
    assert row.details == {"retour": retour_id}
