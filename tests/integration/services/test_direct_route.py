"""The whole story without a TdT: archives given to the ministry, answers read from a mailbox."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.scene import AUTHOR, Scene, direct_scene, pdf
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author, KeptCourrier, Transmission
from transmission.embedded.processes import wait_until
from transmission.services.cancel import cancel
from transmission.services.classify import ClassificationUnavailableError, classify
from transmission.services.files import DepositedFile
from transmission.services.inbox import inbox
from transmission.services.reply import reply
from transmission.settings import Settings

ID_ACTE = "042-123456782-20230302-D2023_001-DE"
LETTER = date(2023, 4, 3)
PATIENCE = 30


@pytest.fixture
def direct(engine: Engine, tmp_path: Path, quick: Settings) -> Iterator[Scene]:
    """An authority that is its own transmitter, its classification received."""
    settings = quick.model_copy(update={"home": tmp_path, "documents_dir": tmp_path / "documents"})
    with direct_scene(engine, tmp_path, settings) as made:
        # There is none yet: it is asked of the ministry, whose answer comes by mail.
        with suppress(ClassificationUnavailableError):
            made.run()
        _mails_read(made)
        yield made


def _mails_read(scene: Scene) -> None:
    def is_delivered() -> bool:
        return all(mail["delivered"] for mail in scene.received()["mails"])

    assert wait_until(is_delivered, PATIENCE)
    inbox(scene.tools, scene.authority_id)
    scene.run()


def _sent(scene: Scene, acte_id: int) -> dict[str, Transmission]:
    with scene.tools.register() as unit:
        return {each.message: each for each in unit.transmissions_about(acte_id)}


def _letters(scene: Scene, acte_id: int) -> list[KeptCourrier]:
    with scene.tools.register() as unit:
        return list(unit.courriers_of(acte_id))


def _acknowledged(scene: Scene) -> int:
    acte_id = scene.accept("D2023_001").acte_id
    scene.run()
    assert scene.transmission(acte_id).state is State.SUBMITTED
    _mails_read(scene)
    return acte_id


def test_the_classification_comes_by_mail_once_asked_for(direct: Scene) -> None:
    with direct.tools.register() as unit:
        held = unit.classification_file(direct.authority_id)
    assert held is not None
    assert classify(direct.tools, direct.authority_id) == held[0]


def test_an_act_goes_to_the_ministry_and_its_ar_comes_by_mail(direct: Scene) -> None:
    acte_id = _acknowledged(direct)
    after = direct.transmission(acte_id)
    assert (after.state, after.date_reception) == (State.ACKNOWLEDGED, date(2023, 3, 10))
    assert direct.received()["direct"]["acts"] == {ID_ACTE: 1}
    inbox(direct.tools, direct.authority_id)
    assert direct.transmission(acte_id) == after


def test_a_letter_is_acknowledged_by_itself_then_answered_and_the_answer_acknowledged(
    direct: Scene, tmp_path: Path
) -> None:
    acte_id = _acknowledged(direct)
    for kind in ("demande_piece_complementaire", "lettre_observations", "courrier_simple"):
        direct.manage("courrier", kind=kind, id_acte=ID_ACTE, date=LETTER.isoformat())
    _mails_read(direct)
    letters = {letter.message: letter for letter in _letters(direct, acte_id)}
    assert {letter.date_courrier for letter in letters.values()} == {LETTER}
    assert _sent(direct, acte_id)["3-2"].state is State.DELIVERED
    assert _sent(direct, acte_id)["4-2"].state is State.DELIVERED
    for code, letter in {"3-4": "3-1", "4-4": "4-1", "2-2": "2-1"}.items():
        path = tmp_path / f"{code}.pdf"
        path.write_bytes(pdf(code))
        reply(direct.tools, letters[letter].id, code, [DepositedFile(path, "p.pdf")], AUTHOR)
    direct.run()
    _mails_read(direct)
    sent = _sent(direct, acte_id)
    assert sent["2-2"].state is State.DELIVERED
    assert [sent[code].state for code in ("3-4", "4-4")] == [State.ACKNOWLEDGED] * 2
    assert sent["3-4"].date_reception is not None
    messages = direct.received()["direct"]["messages"]
    assert {code: messages[code] for code in ("3-2", "4-2", "3-4", "4-4", "2-2")} == {
        "3-2": 1, "4-2": 1, "3-4": 1, "4-4": 1, "2-2": 1,
    }  # fmt: skip


def test_a_cancellation_is_asked_of_the_ministry_which_answers_by_mail(direct: Scene) -> None:
    acte_id = _acknowledged(direct)
    cancel(direct.tools, acte_id, Author("secrétaire", "mauvais fichier"))
    direct.run()
    assert direct.transmission(acte_id).state is State.CANCELLING
    _mails_read(direct)
    assert direct.transmission(acte_id).state is State.CANCELLED
    assert _sent(direct, acte_id)["6-1"].date_reception is not None


@pytest.mark.parametrize("fate", ["anomalie_acte", "anomalie_enveloppe"])
def test_a_refusal_by_mail_ends_the_sending_and_the_same_number_may_go_again(
    direct: Scene, fate: str, resent: Callable[[Scene, int], Transmission]
) -> None:
    direct.manage("scenario", scenario=fate, number="D2023_001")
    acte_id = _acknowledged(direct)
    assert direct.transmission(acte_id).state is State.REJECTED
    direct.manage("scenario", scenario="clear")
    again = resent(direct, acte_id)
    assert str(again.id_acte) == ID_ACTE
    _mails_read(direct)
    assert direct.transmission(acte_id).state is State.ACKNOWLEDGED


@pytest.fixture
def resent() -> Callable[[Scene, int], Transmission]:
    """Sends a refused act again."""
    from transmission.services.resend import resend

    def send(scene: Scene, acte_id: int) -> Transmission:
        again = resend(scene.tools, acte_id, Author("secrétaire", "anomalie corrigée"))
        scene.run()
        return again

    return send
