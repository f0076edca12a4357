from datetime import UTC, datetime, timedelta

import pytest

from transmission.console import waiting
from transmission.domain.lifecycle import FINAL, State

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
PARIS = "Europe/Paris"


def test_an_act_in_doubt_is_said_not_to_be_sent_again() -> None:
    sentence = waiting.reason(State.IN_DOUBT, "de savoir si le TdT a reçu l'envoi (coupure)")
    assert sentence == (
        "Le service attend de savoir si le TdT a reçu l'envoi (coupure). "
        "Rien n'est renvoyé tant que ce doute n'est pas levé."
    )


def test_a_held_act_gives_its_motive() -> None:
    sentence = waiting.reason(State.HELD, "Refus du TdT : certificat inconnu.")
    assert sentence == "La décision d'une personne. Motif : Refus du TdT : certificat inconnu."


def test_a_rejected_act_says_why_and_what_to_do() -> None:
    sentence = waiting.reason(State.REJECTED, "Anomalie 2 : classification périmée")
    assert "remettez-le" in sentence
    assert sentence.endswith("Motif : Anomalie 2 : classification périmée.")


def test_a_list_says_what_is_awaited_or_why_it_ended() -> None:
    assert waiting.brief(State.SUBMITTED, "l'accusé de réception") == "Attend l'accusé de réception"
    assert waiting.brief(State.PREPARED, None) == "Attend l'envoi"
    assert waiting.brief(State.HELD, "Refus du TdT.") == "Refus du TdT."
    assert waiting.brief(State.REJECTED, "Anomalie 2") == "Anomalie 2"
    assert waiting.brief(State.ACKNOWLEDGED, None) == ""


@pytest.mark.parametrize("message", ["1-1", "3-4"])
@pytest.mark.parametrize("state", State)
def test_every_state_has_a_sentence(state: State, message: str) -> None:
    assert waiting.reason(state, None, message).endswith(".")


@pytest.mark.parametrize("state", [state for state in State if state in FINAL])
def test_a_message_that_ended_is_not_called_an_act(state: State) -> None:
    assert "l'acte" not in waiting.reason(state, None, "3-4")


@pytest.mark.parametrize("state", [state for state in State if state in FINAL])
def test_nothing_follows_a_final_state(state: State) -> None:
    assert waiting.following(state, NOW, NOW, PARIS) == ""


def test_the_next_step_is_told_when_it_is_ahead() -> None:
    said = waiting.following(State.SUBMITTED, NOW + timedelta(minutes=5), NOW, PARIS)
    assert said == "Le service y revient dans 5\u00a0min."


def test_a_step_just_due_is_not_called_late() -> None:
    said = waiting.following(State.SUBMITTED, NOW - timedelta(minutes=4), NOW, PARIS)
    assert said == "Le service y revient maintenant."


def test_a_late_step_sends_people_to_the_machine() -> None:
    said = waiting.following(State.SUBMITTED, NOW - timedelta(hours=3), NOW, PARIS)
    assert "3\u00a0h de retard" in said
    assert "Vérifiez" in said


def test_a_held_act_expects_nothing_of_the_service_whatever_its_schedule() -> None:
    assert "Rien d'automatique" in waiting.following(State.HELD, NOW, NOW, PARIS)
    assert "Rien d'automatique" in waiting.following(State.SUBMITTED, None, NOW, PARIS)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def labels(steps: tuple[waiting.Step, ...]) -> list[tuple[str, str]]:
    kind = {(True, False): "present", (False, True): "ahead", (False, False): "passed"}
    return [(step.label, kind[step.is_current, step.is_ahead]) for step in steps]


def test_the_road_of_a_sent_act_has_one_stage_ahead() -> None:
    reached = {State.ACCEPTED: at(0), State.PREPARED: at(1), State.SUBMITTED: at(2)}
    assert labels(waiting.road(State.SUBMITTED, at(2), reached)) == [
        ("Prise en charge", "passed"),
        ("Enveloppe prête", "passed"),
        ("Transmise", "present"),
        ("Accusé de réception reçu", "ahead"),
    ]


def test_the_road_of_an_act_in_doubt_shows_the_doubt_between() -> None:
    reached = {State.ACCEPTED: at(0), State.PREPARED: at(1), State.IN_DOUBT: at(3)}
    assert labels(waiting.road(State.IN_DOUBT, at(3), reached)) == [
        ("Prise en charge", "passed"),
        ("Enveloppe prête", "passed"),
        ("Envoi incertain", "present"),
        ("Transmise", "ahead"),
        ("Accusé de réception reçu", "ahead"),
    ]


def test_a_stage_that_an_ar_skipped_is_not_invented() -> None:
    reached = {State.ACCEPTED: at(0), State.PREPARED: at(1), State.ACKNOWLEDGED: at(9)}
    assert labels(waiting.road(State.ACKNOWLEDGED, at(9), reached)) == [
        ("Prise en charge", "passed"),
        ("Enveloppe prête", "passed"),
        ("Accusé de réception reçu", "present"),
    ]


def test_nothing_is_ahead_of_a_rejected_act() -> None:
    steps = waiting.road(State.REJECTED, at(5), {State.ACCEPTED: at(0), State.REJECTED: at(5)})
    assert [step.label for step in steps] == ["Prise en charge", "Rejetée (anomalie)"]


def test_the_present_stage_bears_the_instant_of_the_present_stay() -> None:
    steps = waiting.road(State.PREPARED, at(40), {State.ACCEPTED: at(0), State.PREPARED: at(1)})
    assert steps[1].at == at(40)
