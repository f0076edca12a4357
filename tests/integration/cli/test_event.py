"""``transmission event``: what happened to an act and no message told."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene
from transmission.domain.legal.evenements import EventKind
from transmission.store.queries.legal import legal_case

Run = Callable[..., SimpleNamespace]
NUMBER = "D2023_001"


def kinds(scene: Scene, acte_id: int) -> list[EventKind]:
    with scene.engine.connect() as connection:
        case = legal_case(connection, acte_id)
    assert case is not None
    return [event.kind for event in case.events]


def test_an_event_is_entered_listed_and_taken_back(
    run: Run, received: SimpleNamespace, served: Scene
) -> None:
    assert run("event", NUMBER).out == f"Acte {NUMBER} : aucun événement n'a été saisi.\n"
    done = run(
        "event", NUMBER, "notification", "--recu", "2023-03-10", "--envoye", "2023-03-08",
        "--voies-de-recours", "oui", "--preuve", "recommandé n° 12", "--par", "secrétariat",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"Acte {NUMBER} : « Notification à l'intéressé » enregistré (saisie n° 1).\n"
    )
    assert kinds(served, received.id)[-1] is EventKind.NOTIFICATION
    listed = run("event", NUMBER).out
    for shown in (
        "Saisie n° 1", "Notification à l'intéressé", "10/03/2023", "08/03/2023", "dites",
        "recommandé n° 12", "secrétariat",
    ):  # fmt: skip
        assert shown in listed, shown
    back = run("event", NUMBER, "--retirer", "1", "--motif", "erreur d'acte", "--par", "directrice")
    assert (back.code, back.out) == (0, f"Acte {NUMBER} : saisie n° 1 retirée.\n")
    assert EventKind.NOTIFICATION not in kinds(served, received.id)
    listed = run("event", NUMBER).out
    assert "Saisie n° 1" in listed
    assert "directrice" in listed
    assert "(erreur d'acte)" in listed


def test_a_posting_has_its_mode_and_documents_may_be_sent_in_part(
    run: Run, received: SimpleNamespace
) -> None:
    assert run(
        "event", NUMBER, "publication", "--recu", "2023-03-10", "--mode", "affichage"
    ).code == 0  # fmt: skip
    assert run("event", NUMBER, "pieces", "--recu", "2023-03-11", "--partiel").code == 0
    listed = run("event", NUMBER).out
    assert "Affichage" in listed
    assert "une partie des pièces" in listed


def test_a_letter_is_said_to_be_another_and_its_own_dates_are_kept(
    run: Run, received: SimpleNamespace, write: Callable[..., int], served: Scene
) -> None:
    number = write("lettre_observations", date="2023-03-20")
    assert EventKind.LETTRE_OBSERVATIONS in kinds(served, received.id)
    refused = run("event", NUMBER, "courrier_simple", "--courrier", number, "--recu", "2023-03-21")
    assert (refused.code, "a ses propres dates" in refused.err) == (1, True)
    done = run("event", NUMBER, "courrier_simple", "--courrier", number)
    assert done.code == 0
    assert EventKind.LETTRE_OBSERVATIONS not in kinds(served, received.id)
    assert EventKind.COURRIER_SIMPLE in kinds(served, received.id)
    assert f"n° {number}, avec ses propres dates" in run("event", NUMBER).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("defere",), "Il manque la date de réception"),
        (("defere", "--recu", "2999-01-01"), "est impossible ici"),
        (("defere", "--recu", "2023-03-01"), "est impossible ici"),
        (("publication", "--recu", "2023-03-10"), "transmission publish"),
        (("reponse_attente", "--reponse", "999"), "Aucune réponse n° 999"),
        (("--retirer", "999", "--motif", "x"), "Aucun événement n° 999"),
    ],
)
def test_what_is_impossible_is_refused(
    run: Run, received: SimpleNamespace, arguments: tuple[str, ...], said: str
) -> None:
    ended = run("event", NUMBER, *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("accuse_reception", "--recu", "2023-03-10"),
        ("defere", "--retirer", "1"),
        ("--recu", "2023-03-10"),
        ("--partiel",),
        ("defere", "--recu", "hier"),
    ],
)
def test_a_command_that_makes_no_sense_is_wrong(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("event", NUMBER, *arguments).code == 2


def test_every_event_is_explained_in_the_help(run: Run) -> None:
    told = run("event", "--help").out
    for kind in EventKind:
        by_the_state = kind.code in ("accuse_reception", "anomalie", "annulation")
        assert (f"  {kind.code} " in told) is not by_the_state, kind
