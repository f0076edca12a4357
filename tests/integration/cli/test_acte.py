"""``status``, ``stamp``, ``ar``, ``publish`` and what a person decides: one act, named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pypdfium2
import pytest

from tests.support.scene import AUTHOR, Scene, collectivite
from tests.support.signed_pdfs import Town, blank
from transmission.domain.collectivite import SigningKey
from transmission.domain.lifecycle import Event, State
from transmission.ports import Step
from transmission.services.enroll import replace as change
from transmission.services.stamp import received as accuse_of

Run = Callable[..., SimpleNamespace]
ON_AN_ACTE = (
    ("status",),
    ("explain",),
    ("stamp", "-o", "/absent/x"),
    ("ar", "-o", "/absent/x"),
    ("dossier", "-o", "/absent/x"),
    ("publish", "--le", "2023-03-10"),
    ("release", "--motif", "m"),
    ("abandon", "--motif", "m"),
    ("cancel", "--motif", "m"),
    ("resend", "--motif", "m"),
    ("courriers",),
)


def held(scene: Scene, acte_id: int) -> None:
    """Put an act in the hands of a person."""
    with scene.tools.register() as unit:
        step = Step(waiting_for="Échecs répétés")
        unit.move(unit.current_transmission(acte_id), Event.HELD, AUTHOR, scene.clock.now(), step)
        unit.commit()


def test_status_tells_what_an_act_waits_for(run: Run, send: Run) -> None:
    send()
    ended = run("status", "D2023_001")
    assert (ended.code, ended.err) == (0, "")
    assert "Prise en charge" in ended.out
    assert "Reçu en préfecture le" not in ended.out


def test_status_tells_the_legal_dates_of_a_received_act(
    run: Run, received: SimpleNamespace
) -> None:
    out = run("status", "D2023_001").out
    assert "042-123456782-20230302-D2023_001-DE" in out
    assert "99_DE-042-123456782-20230302-D2023_001" in out
    assert "Reçu en préfecture le            09/03/2023" in out
    assert "Dernier jour du déféré           10/05/2023" in out
    assert all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.parametrize("numero", ["D20230009710", "d20230009710", "2023.00097"])
def test_an_act_is_found_by_its_number_declared_or_printed(
    run: Run, send: Run, numero: str
) -> None:
    send("--numero", "D20230009710")
    assert "Acte D20230009710" in run("status", numero).out


@pytest.mark.parametrize("command", ON_AN_ACTE)
def test_an_act_that_was_never_handed_over_is_told(run: Run, command: tuple[str, ...]) -> None:
    ended = run(*command, "NULLE_PART")
    assert (ended.code, ended.out) == (1, "")
    assert "Aucun acte NULLE_PART n'a été remis par Commune de Saint-Exemple" in ended.err


@pytest.mark.parametrize("command", ON_AN_ACTE)
def test_the_date_given_must_be_that_of_the_act(
    run: Run, send: Run, command: tuple[str, ...]
) -> None:
    send()
    ended = run(*command, "D2023_001", "--date", "2020-01-01")
    assert ended.code == 1
    assert "D2023_001 du 01/01/2020" in ended.err


def test_the_stamped_act_bears_what_the_ar_says(
    run: Run, received: SimpleNamespace, tmp_path: Path
) -> None:
    target = tmp_path / "acte tamponné.pdf"
    ended = run("stamp", "D2023_001", "-o", target)
    assert (ended.code, ended.out) == (0, f"Acte tamponné : {target}\n")
    document = pypdfium2.PdfDocument(target)
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert "RECU EN PREFECTURE" in text
    assert "Le 9 mars 2023" in text
    assert "99_DE-042-123456782-20230302-D2023_001" in text


@pytest.mark.parametrize("command", ["stamp", "ar"])
def test_nothing_is_written_before_the_ar(
    run: Run, send: Run, tmp_path: Path, command: str
) -> None:
    send()
    ended = run(command, "D2023_001", "-o", tmp_path / "x")
    assert ended.code == 1
    assert ended.err.startswith("Acte D2023_001 : ")
    assert "« transmission status D2023_001 »" in ended.err
    assert not (tmp_path / "x").exists()


def test_the_ar_is_written_as_it_came(
    run: Run, received: SimpleNamespace, served: Scene, tmp_path: Path
) -> None:
    assert run("ar", "D2023_001", "-o", tmp_path / "ar.xml").code == 0
    kept = served.tools.documents.read(accuse_of(served.tools, received.id))
    assert (tmp_path / "ar.xml").read_bytes() == kept


@pytest.mark.parametrize("command", ["stamp", "ar", "dossier"])
def test_a_place_that_cannot_be_written_is_told(
    run: Run, received: SimpleNamespace, command: str
) -> None:
    ended = run(command, "D2023_001", "-o", "/absent/x")
    assert ended.code == 1
    assert "/absent/x ne peut pas être écrit : " in ended.err


def test_the_date_of_publication_is_kept_and_shown(run: Run, received: SimpleNamespace) -> None:
    assert run("publish", "D2023_001", "--le", "2023-03-10", "--par", "communication").code == 0
    assert "Mis en ligne le                  10/03/2023" in run("status", "D2023_001").out


@pytest.mark.parametrize("day", ["2023-03-01", "2999-01-01"])
def test_an_impossible_date_of_publication_is_refused(
    run: Run, received: SimpleNamespace, day: str
) -> None:
    ended = run("publish", "D2023_001", "--le", day)
    assert ended.code == 1
    assert ended.err.startswith("Acte D2023_001 : ")
    assert "Mis en ligne le" not in run("status", "D2023_001").out


@pytest.mark.parametrize(
    ("command", "state", "event"),
    [("release", State.ACCEPTED, "released_to_prepare"), ("abandon", State.REJECTED, "abandoned")],
)
def test_a_person_decides_of_an_act_that_waits(
    run: Run, send: Run, served: Scene, acte: Run, command: str, state: State, event: str
) -> None:
    send()
    held(served, acte().id)
    ended = run(command, "D2023_001", "--motif", "vérifié au téléphone", "--par", "DGS")
    assert (ended.code, ended.out) == (0, f"Acte D2023_001 : {state.label}.\n")
    assert served.transmission(acte().id).state is state
    assert served.events(acte().id)[-1] == event


@pytest.mark.parametrize("command", ["release", "abandon"])
def test_nobody_decides_of_an_act_that_does_not_wait(run: Run, send: Run, command: str) -> None:
    send()
    ended = run(command, "D2023_001", "--motif", "pourquoi pas")
    assert ended.code == 1
    assert "Acte D2023_001 : Cette transmission n'attend pas d'opérateur." in ended.err


@pytest.mark.parametrize("command", ["release", "abandon", "cancel", "resend"])
def test_a_decision_has_a_reason(run: Run, send: Run, command: str) -> None:
    send()
    assert run(command, "D2023_001").code == 2
    assert run(command, "D2023_001", "--motif", " ").code == 1


def test_an_act_that_has_not_left_is_withdrawn_then_sent_again(run: Run, send: Run) -> None:
    send()
    ended = run("cancel", "D2023_001", "--motif", "erreur d'annexe")
    assert (ended.code, ended.out) == (0, "Acte D2023_001 : Annulée.\n")
    again = run("resend", "D2023_001", "--motif", "annexe vérifiée")
    assert (again.code, again.out) == (0, "Acte D2023_001 : Prise en charge.\n")


def test_the_cancellation_of_a_received_act_is_followed(
    run: Run, received: SimpleNamespace, served: Scene
) -> None:
    ended = run("cancel", "D2023_001", "--motif", "acte rapporté", "--par", "DGS")
    assert (ended.code, ended.out) == (0, "Acte D2023_001 : Annulation demandée.\n")
    waiting = " ".join(run("status", "D2023_001").out.split())
    assert "Annulation Annulation de la transmission : Prise en charge" in waiting
    served.run()
    served.later(30)
    done = " ".join(run("status", "D2023_001").out.split())
    assert "État Annulée" in done
    assert "Annulation de la transmission : Accusé de réception reçu, reçu en préfecture" in done
    again = run("cancel", "D2023_001", "--motif", "encore")
    assert again.code == 1
    assert again.err.startswith("Acte D2023_001 : ")


def test_a_refused_act_is_sent_again_under_another_number(
    run: Run, send: Run, served: Scene
) -> None:
    send("--numero", "ANOACT_1")
    served.run()
    served.later(30)
    burnt = run("resend", "ANOACT_1", "--motif", "classification à jour")
    assert burnt.code == 1
    assert "serve deux fois" in burnt.err
    ended = run("resend", "ANOACT_1", "--motif", "classification à jour", "--numero", "D2023_9")
    assert ended.out == "Acte ANOACT_1 : Prise en charge, sous le numéro D2023_9.\n"
    for numero in ("ANOACT_1", "D2023_9"):
        out = run("status", numero).out
        assert out.startswith("Acte ANOACT_1\n")
        assert "Envoyé sous le numéro" in out
        assert "D2023_9" in out


def test_an_act_that_was_received_is_not_sent_again(run: Run, received: SimpleNamespace) -> None:
    ended = run("resend", "D2023_001", "--motif", "pour voir")
    assert (ended.code, ended.out) == (1, "")
    assert "n'a pas été refusé" in ended.err


def test_status_tells_the_letters_and_the_answers(
    run: Run, write: Callable[..., int], folder: Path
) -> None:
    number = write("lettre_observations", date="2023-03-09")
    run("reply", number, folder / "acte.pdf")
    out = " ".join(run("status", "D2023_001").out.split())
    assert (
        f"Courrier n° {number} Lettre d'observations du 9 mars 2023. La réponse est donnée." in out
    )
    assert "Réponse à une lettre d'observations : Prise en charge" in out


def test_a_decision_says_which_sending_it_is_about(
    run: Run, write: Callable[..., int], folder: Path, served: Scene, received: SimpleNamespace
) -> None:
    for kind in ("courrier_simple", "lettre_observations"):
        run("reply", write(kind), folder / "acte.pdf")
    with served.tools.register() as unit:
        for message in ("2-2", "4-4"):
            [sent] = unit.transmissions_about(received.id, message)
            step = Step(waiting_for="Échecs répétés")
            unit.move(sent, Event.HELD, AUTHOR, served.clock.now(), step)
        unit.commit()
    which = run("release", "D2023_001", "--motif", "réseau rétabli")
    assert which.code == 1
    assert "Ajoutez --message CODE." in which.err
    ended = run("release", "D2023_001", "--motif", "réseau rétabli", "--message", "4-4")
    assert ended.out == ("Acte D2023_001, réponse à une lettre d'observations : Prise en charge.\n")
    other = run("abandon", "D2023_001", "--motif", "répondu par téléphone")
    assert other.out == ("Acte D2023_001, réponse à un courrier simple : Rejetée (anomalie).\n")


def test_status_tells_the_signatures_found_and_the_seals_put(
    run: Run, send: Run, served: Scene, tmp_path: Path
) -> None:
    key = tmp_path / "cachet.pem"
    key.write_bytes(Town().own_key())
    sealing = replace(collectivite(served.mock), signing_key=SigningKey(str(key)), seals_pdf="b")
    change(served.tools, sealing)
    signed = tmp_path / "signe.pdf"
    signed.write_bytes(Town().sign(blank()))
    send(document=str(signed))
    served.run("prepare")
    out = run("status", "D2023_001").out
    assert "Sceau (acte)" in out
    assert "copie scellée envoyée, PAdES-B-B" in out
    assert "Signature reçue (acte)" in out
    assert "on ne sait pas" in out
