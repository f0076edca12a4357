"""Sending a refused act again, in one action; it keeps the number that it was adopted under."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, acte_received, acte_refused
from tests.support.scene import Scene
from transmission.domain.errors import ConflictError, RefusedError
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import CannotTell, Unavailable
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.services.cancel import cancel
from transmission.services.resend import required_numero, resend
from transmission.services.submit import submit

OPERATOR = Author("opératrice", "classification mise à jour")
NEW = date(2023, 3, 8)


@pytest.fixture(autouse=True)
def _classified(request: pytest.FixtureRequest) -> None:
    """The benches hold a classification, and the TdT gives no other."""
    if "bench" in request.fixturenames:
        bench = request.getfixturevalue("bench")
        bench.classified()
        bench.tdt.on_fetch = CannotTell("rien de neuf")


def _refused(bench: Bench, prefecture: Prefecture, nature: str = "002") -> Transmission:
    """An act that left and was refused."""
    sent = bench.sent()
    prefecture.answers(sent, acte_refused(sent.id_acte, nature))
    refused = bench.now_of(sent.id)
    assert refused.state is State.REJECTED
    bench.silence()
    return refused


def _same_number_again(bench: Bench) -> None:
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, numero_unique=False)


def _rules(bench: Bench, acte_id: int, numero: str | None = None) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        resend(bench.tools, acte_id, OPERATOR, numero)
    assert all(problem.remedy for problem in refused.value.problems)
    return [problem.rule for problem in refused.value.problems]


def _found(bench: Bench, numero: str) -> list[int]:
    with bench.tools.register() as unit:
        return list(unit.find_acte(bench.authority_id, NumeroInterne(numero), None, None))


def test_an_act_refused_for_its_classification_leaves_with_the_new_one_in_one_action(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    bench.classified(NEW)
    again = resend(bench.tools, refused.acte_id, OPERATOR, f"{refused.id_acte.numero_interne}_2")
    assert (again.state, again.date_classification) == (State.ACCEPTED, NEW)
    bench.run("prepare", "submit")
    message: Any = bench.parcels()[-1].message
    assert message.date_classification == NEW
    assert message.id_acte == again.id_acte
    assert bench.now_of(again.id).state is State.SUBMITTED


def test_the_classification_is_asked_for_first(bench: Bench, prefecture: Prefecture) -> None:
    refused = _refused(bench, prefecture)
    before = bench.tdt.times("fetch")
    resend(bench.tools, refused.acte_id, OPERATOR, "D2023_900")
    assert bench.tdt.times("fetch") == before + 1


def test_the_version_of_each_sending_is_kept(bench: Bench, prefecture: Prefecture) -> None:
    refused, other = _refused(bench, prefecture), bench.prepared()
    bench.classified(NEW)
    resend(bench.tools, refused.acte_id, OPERATOR, "D2023_900")
    bench.run("prepare")
    versions = [each.date_classification for each in bench.about(refused.acte_id, "1-1")]
    assert versions == [date(2023, 1, 2), NEW]
    assert bench.now_of(other.id).date_classification == date(2023, 1, 2)
    with bench.tools.register() as unit:
        assert unit.acte(refused.acte_id).date_classification == date(2023, 1, 2)


def test_a_number_that_the_tdt_burns_must_be_changed(bench: Bench, prefecture: Prefecture) -> None:
    refused = _refused(bench, prefecture)
    number = refused.id_acte.numero_interne
    for numero in (None, number):
        with pytest.raises(RefusedError) as told:
            resend(bench.tools, refused.acte_id, OPERATOR, numero)
        (problem,) = told.value.problems
        assert (problem.field, problem.rule) == ("numero", "numero_deja_utilise")
        assert f"{number}_2" in problem.remedy
    assert len(bench.about(refused.acte_id)) == 1


def test_a_proposed_number_has_never_served(bench: Bench, prefecture: Prefecture) -> None:
    refused = _refused(bench, prefecture)
    number = refused.id_acte.numero_interne
    again = resend(bench.tools, refused.acte_id, OPERATOR, f"{number}_2")
    bench.run("prepare", "submit")
    prefecture.answers(bench.now_of(again.id), acte_refused(again.id_acte))
    with pytest.raises(RefusedError) as told:
        resend(bench.tools, refused.acte_id, OPERATOR)
    (problem,) = told.value.problems
    assert f"{number}_2_2" in problem.remedy
    assert _rules(bench, refused.acte_id, number) == ["numero_deja_utilise"]


def test_a_number_once_sent_stays_burnt_though_the_next_sending_was_withdrawn(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    resend(bench.tools, refused.acte_id, OPERATOR, "D2023_900")
    cancel(bench.tools, refused.acte_id, OPERATOR)
    assert _rules(bench, refused.acte_id, refused.id_acte.numero_interne) == ["numero_deja_utilise"]
    again = resend(bench.tools, refused.acte_id, OPERATOR)
    assert again.id_acte.numero_interne == "D2023_900"


def test_a_number_may_serve_again_where_the_tdt_allows_it(
    bench: Bench, prefecture: Prefecture
) -> None:
    _same_number_again(bench)
    refused = _refused(bench, prefecture)
    again = resend(bench.tools, refused.acte_id, OPERATOR)
    assert again.id_acte == refused.id_acte


@pytest.mark.parametrize("unique", [True, False])
def test_the_number_of_another_act_is_refused(
    bench: Bench, prefecture: Prefecture, *, unique: bool
) -> None:
    if not unique:
        _same_number_again(bench)
    other, refused = bench.sent(), _refused(bench, prefecture)
    assert _rules(bench, refused.acte_id, str(other.id_acte.numero_interne)) == [
        "numero_deja_utilise"
    ]


def test_a_number_that_cannot_be_written_is_refused(bench: Bench, prefecture: Prefecture) -> None:
    assert _rules(bench, _refused(bench, prefecture).acte_id, "n° 12/3") == ["numero_forme"]


def test_the_act_keeps_its_number_and_is_found_by_both(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    number = str(refused.id_acte.numero_interne)
    resend(bench.tools, refused.acte_id, OPERATOR, "D2023_900")
    with bench.tools.register() as unit:
        assert unit.acte(refused.acte_id).numero_interne == number
    assert _found(bench, number) == _found(bench, "D2023_900") == [refused.acte_id]


@pytest.mark.parametrize("reach", [Bench.acte, Bench.sent, Bench.in_doubt, Bench.acknowledged])
def test_an_act_that_was_not_refused_is_not_sent_again(
    bench: Bench, reach: Callable[[Bench], Transmission]
) -> None:
    made = reach(bench)
    assert "renvoi_permis" in _rules(bench, made.acte_id, "D2023_900")
    assert len(bench.about(made.acte_id)) == 1


def test_an_act_withdrawn_before_it_left_may_go_under_its_own_number(bench: Bench) -> None:
    made = bench.prepared()
    cancel(bench.tools, made.acte_id, OPERATOR)
    again = resend(bench.tools, made.acte_id, OPERATOR)
    assert again.id_acte == made.id_acte
    bench.run("prepare", "submit")
    assert bench.tdt.times("submit") == 1


def test_an_act_withdrawn_while_the_tdt_was_closed_may_go_again(bench: Bench) -> None:
    made = bench.prepared()
    usual, bench.tdt.on_submit = bench.tdt.on_submit, Unavailable("fermé")
    submit(bench.tools, bench.now_of(made.id))
    cancel(bench.tools, made.acte_id, OPERATOR)
    assert bench.now_of(made.id).attempts == 1
    bench.silence()
    bench.tdt.on_submit = usual
    again = resend(bench.tools, made.acte_id, OPERATOR, "D2023_900")
    bench.run("prepare", "submit")
    assert bench.now_of(again.id).state is State.SUBMITTED


def test_an_act_cancelled_by_the_state_never_goes_again(bench: Bench) -> None:
    acte = bench.acknowledged()
    with bench.tools.register() as unit:
        now = bench.clock.now()
        moved = unit.move(acte, Event.CANCEL_REQUESTED, SERVICE, now)
        unit.move(moved, Event.AR_ANNULATION_RECEIVED, SERVICE, now)
        unit.commit()
    assert "renvoi_permis" in _rules(bench, acte.acte_id, "D2023_900")


def test_what_the_new_classification_no_longer_allows_is_told_all_at_once(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    bench.classified(NEW, "10_XX")
    assert _rules(bench, refused.acte_id) == ["typologie", "numero_deja_utilise"]


@pytest.mark.parametrize("reason", [None, " "])
def test_a_new_sending_without_a_reason_is_refused(
    bench: Bench, prefecture: Prefecture, reason: Any
) -> None:
    refused = _refused(bench, prefecture)
    with pytest.raises(RefusedError, match="motif"):
        resend(bench.tools, refused.acte_id, Author("opératrice", reason), "D2023_900")


def test_two_operators_send_it_again_once(bench: Bench, prefecture: Prefecture) -> None:
    refused = _refused(bench, prefecture)
    resend(bench.tools, refused.acte_id, OPERATOR, "D2023_900")
    with pytest.raises((RefusedError, ConflictError)):
        resend(bench.tools, refused.acte_id, OPERATOR, "D2023_901")
    assert len(bench.about(refused.acte_id)) == 2


# --- ARs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("same_number", [True, False])
def test_the_ar_of_the_second_sending_dates_the_act(
    bench: Bench, prefecture: Prefecture, *, same_number: bool
) -> None:
    if same_number:
        _same_number_again(bench)
    refused = _refused(bench, prefecture)
    numero = None if same_number else "D2023_900"
    again = resend(bench.tools, refused.acte_id, OPERATOR, numero)
    bench.run("prepare", "submit")
    prefecture.sends(acte_received(again.id_acte, date(2023, 3, 14)))
    current = bench.now_of(again.id)
    assert (current.state, current.date_reception) == (State.ACKNOWLEDGED, date(2023, 3, 14))
    assert bench.now_of(refused.id).date_reception is None


def test_a_late_ar_of_the_first_sending_changes_nothing_and_asks_for_a_person(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    again = resend(bench.tools, refused.acte_id, OPERATOR, "D2023_900")
    bench.run("prepare", "submit")
    prefecture.sends(acte_received(refused.id_acte, date(2023, 3, 7)))
    assert bench.now_of(refused.id).state is State.REJECTED
    assert bench.now_of(again.id).state is State.SUBMITTED
    last = bench.retours()[-1]
    assert last.status == "quarantined"
    assert str(refused.id_acte) in last.reason
    assert str(again.id_acte) in last.reason


def test_a_real_platform_takes_the_act_again_under_another_number(scene: Scene) -> None:
    scene.manage("classification", date="2026-02-01", known_to_platform=True)
    taken = scene.accept()
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).state is State.REJECTED
    with pytest.raises(RefusedError, match="D2023_001_2"):
        resend(scene.tools, taken.acte_id, OPERATOR)
    resend(scene.tools, taken.acte_id, OPERATOR, "D2023_001_2")
    scene.run()
    scene.later(60)
    received = scene.transmission(taken.acte_id)
    assert (received.state, received.date_classification) == (
        State.ACKNOWLEDGED, date(2026, 2, 1)
    )  # fmt: skip
    assert scene.times_received("042-123456782-20230302-D2023_001_2-DE") == 1


# --- numbers -----------------------------------------------------------------------------------


def test_a_free_number_is_taken_where_the_tdt_requires_one(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    numero = required_numero(bench.tools, refused.acte_id)
    assert numero == f"{refused.id_acte.numero_interne}_2"
    again = resend(bench.tools, refused.acte_id, OPERATOR, renumber=True)
    assert again.id_acte.numero_interne == numero


def test_an_act_keeps_its_number_where_it_may(bench: Bench) -> None:
    withdrawn = cancel(bench.tools, bench.acte().acte_id, OPERATOR)
    assert required_numero(bench.tools, withdrawn.acte_id) is None
    again = resend(bench.tools, withdrawn.acte_id, OPERATOR, renumber=True)
    assert again.id_acte == withdrawn.id_acte


def test_a_number_that_was_asked_for_is_never_exchanged(
    bench: Bench, prefecture: Prefecture
) -> None:
    refused = _refused(bench, prefecture)
    with pytest.raises(RefusedError, match="deux fois"):
        resend(
            bench.tools, refused.acte_id, OPERATOR, refused.id_acte.numero_interne, renumber=True
        )
