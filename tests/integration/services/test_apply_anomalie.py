"""Anomalies: of an act, of a whole envelope; each refuses what it names and nothing else."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import (
    Prefecture,
    Written,
    acte_received,
    acte_refused,
    enveloppe_refused,
)
from tests.support.scene import AUTHOR
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Opening
from transmission.services.cancel import cancel


def _again(bench: Bench, refused: Transmission, numero: str | None = None) -> Transmission:
    """The same act, sent again under ``numero``."""
    now, number = bench.clock.now(), numero or refused.id_acte.numero_interne
    id_acte = replace(refused.id_acte, numero_interne=number)
    with bench.tools.register() as unit:
        opening = Opening(refused.acte_id, refused.collectivite_id, "1-1", id_acte)
        opened = unit.open_transmission(opening, AUTHOR, now, bench.tools.delays.bell_at(now))
        unit.ring("send", opened.collectivite_id)
        unit.commit()
    bench.run("prepare", "submit")
    return bench.now_of(opened.id)


def _states(bench: Bench, *sent: Transmission) -> list[State]:
    return [bench.now_of(each.id).state for each in sent]


@pytest.mark.parametrize("by_reference", [True, False])
def test_the_anomaly_of_an_act_refuses_it_with_its_words_and_gives_it_no_date(
    bench: Bench, prefecture: Prefecture, *, by_reference: bool
) -> None:
    acte, other = bench.sent(), bench.sent()
    message = acte_refused(acte.id_acte, "005", "Fichier PDF illisible")
    prefecture.answers(acte if by_reference else None, message)
    refused = bench.now_of(acte.id)
    assert (refused.state, refused.date_reception) == (State.REJECTED, None)
    assert refused.waiting_for == "Anomalie 005 : Fichier PDF illisible"
    assert bench.now_of(other.id).state is State.SUBMITTED
    kept = bench.retours()[-1]
    assert (kept.status, kept.kind, kept.transmission_id) == ("applied", "1-3", acte.id)


@pytest.mark.parametrize(("nature", "is_asked"), [("002", True), ("005", False)])
def test_an_outdated_classification_is_asked_for_again(
    bench: Bench, prefecture: Prefecture, nature: str, *, is_asked: bool
) -> None:
    acte = bench.sent()
    bench.silence()
    prefecture.answers(acte, acte_refused(acte.id_acte, nature))
    assert (("classify", bench.authority_id) in bench.bells()) is is_asked


def test_an_anomaly_after_the_ar_changes_nothing_and_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    prefecture.answers(acte, acte_refused(acte.id_acte))
    assert bench.now_of(acte.id) == acte
    assert acte.date_reception == RECEPTION
    kept = bench.retours()[-1]
    assert kept.status == "quarantined"
    assert "déjà été reçu" in kept.reason


def test_an_anomaly_that_does_not_say_which_act_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    message = acte_refused(acte.id_acte)
    number = f'actes:NumeroInterne="{acte.id_acte.numero_interne}"'.encode()
    prefecture.answers(None, Written(message.name, message.raw.replace(number, b"")))
    assert bench.retours()[-1].status == "quarantined"
    assert bench.now_of(acte.id).state is State.SUBMITTED


@pytest.mark.parametrize("named", [True, False])
def test_the_anomaly_of_an_envelope_refuses_the_one_sending_that_it_carried(
    bench: Bench, prefecture: Prefecture, *, named: bool
) -> None:
    acte, other = bench.sent(), bench.sent()
    prefecture.answers(None, enveloppe_refused(acte, named=named))
    assert _states(bench, acte, other) == [State.REJECTED, State.SUBMITTED]
    assert bench.now_of(acte.id).waiting_for == "Enveloppe refusée (003) : enveloppe illisible"
    assert bench.retours()[-1].kind == "anomalie d'enveloppe"


def test_the_anomaly_of_the_envelope_of_a_cancellation_does_not_refuse_the_act(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    cancel(bench.tools, acte.acte_id, replace(AUTHOR, reason="rapporté"))
    bench.run("prepare", "submit")
    (asked,) = bench.about(acte.acte_id, "6-1")
    prefecture.answers(None, enveloppe_refused(asked, named=False))
    assert _states(bench, asked, acte) == [State.REJECTED, State.ACKNOWLEDGED]


def test_the_anomaly_of_an_envelope_that_never_left_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.prepared()
    prefecture.answers(None, enveloppe_refused(acte))
    assert bench.now_of(acte.id).state is State.PREPARED
    assert bench.retours()[-1].status == "quarantined"


@pytest.mark.parametrize("names", [("sans-rapport.xml",), ("a.xml", "b.xml")])
def test_the_anomaly_of_an_unknown_envelope_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture, names: tuple[str, ...]
) -> None:
    acte = bench.sent()
    prefecture.answers(None, enveloppe_refused(acte, *names, named=False))
    assert bench.now_of(acte.id).state is State.SUBMITTED
    assert "ne désigne pas un envoi et un seul" in bench.retours()[-1].reason


def test_the_anomaly_of_an_envelope_with_two_of_our_acts_refuses_neither(
    bench: Bench, prefecture: Prefecture
) -> None:
    actes = [bench.sent() for _ in range(2)]
    names = [f"{acte.id_acte}-1-1_0.xml" for acte in actes]
    prefecture.answers(None, enveloppe_refused(actes[0], *names, named=False))
    assert _states(bench, *actes) == [State.SUBMITTED] * 2
    assert bench.retours()[-1].status == "quarantined"


def test_an_envelope_collected_for_another_sending_refuses_neither(
    bench: Bench, prefecture: Prefecture
) -> None:
    one, other = bench.sent(), bench.sent()
    prefecture.answers(other, enveloppe_refused(one))
    assert _states(bench, one, other) == [State.SUBMITTED] * 2
    assert bench.retours()[-1].status == "quarantined"


def test_of_an_act_sent_under_two_numbers_the_one_that_is_named_is_refused(
    bench: Bench, prefecture: Prefecture
) -> None:
    first = bench.sent()
    with bench.tools.register() as unit:
        unit.move(first, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    second = _again(bench, first, "D2023_900")
    prefecture.answers(None, enveloppe_refused(second, named=False))
    assert bench.now_of(second.id).state is State.REJECTED
    assert bench.retours()[-1].transmission_id == second.id


def test_an_ar_after_the_anomaly_of_its_envelope_asks_for_a_person(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    prefecture.answers(acte, enveloppe_refused(acte))
    prefecture.answers(None, acte_received(acte.id_acte, date(2023, 3, 14)))
    held: Any = bench.now_of(acte.id)
    assert (held.state, held.date_reception) == (State.HELD, date(2023, 3, 14))
    assert "un opérateur doit dire lequel vaut" in held.waiting_for
