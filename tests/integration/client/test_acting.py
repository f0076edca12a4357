"""A decision taken through the client is taken once, and told again when its answer was lost."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.bench import Bench
from tests.support.cutting import Cut, CuttingFront
from tests.support.scene import pdf
from transmission.client import Client, ConflictError, InvalidError, Piece, UnknownError
from transmission.domain.lifecycle import State
from transmission.store.tables import transmission


def test_an_act_is_taken_back_once_though_the_answer_was_lost(
    client: Client, bench: Bench, front: CuttingFront
) -> None:
    acte_id = bench.prepared().acte_id
    front.plan += [Cut(answer=0)]
    assert client.cancel(acte_id, "acte rapporté").etat.code == State.CANCELLED.code
    told = [each.evenement for each in client.evenements(acte_id)]
    assert told == ["withdrawn", "prepared", "accepted"]
    assert front.connections == 2


def test_a_decision_that_the_state_forbids_is_a_conflict(client: Client, bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    with pytest.raises(ConflictError):
        client.resend(acte_id, "encore")
    with pytest.raises(InvalidError):
        client.cancel(acte_id, " ")
    with pytest.raises(UnknownError):
        client.cancel(999_999, "acte rapporté")


def test_an_act_is_put_on_line_and_taken_off(client: Client, bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    published = client.publish(
        acte_id, date(2023, 3, 10), adresse="https://saint-exemple.example.org/1.pdf"
    )
    assert published.adresse == "https://saint-exemple.example.org/1.pdf"
    assert client.acte(acte_id).publications[0].date == date(2023, 3, 10)
    client.unpublish(acte_id, "des noms", forcer=True)
    assert client.acte(acte_id).publications[0].motif_du_retrait == "des noms"


def test_an_act_that_was_taken_back_is_sent_again_under_another_number(
    client: Client, bench: Bench
) -> None:
    acte_id = bench.prepared().acte_id
    client.cancel(acte_id, "numéro faux")
    assert client.resend(acte_id, "numéro corrigé", numero="D2023_900").id == acte_id
    with bench.engine.connect() as connection:
        sent = select(func.count()).where(transmission.c.acte_id == acte_id)
        assert connection.execute(sent).scalar_one() == 2


def test_an_answer_to_a_letter_that_is_unknown_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(pdf("Plan"))
    with pytest.raises(UnknownError):
        client.reply(999_999, [Piece(tmp_path / "plan.pdf")])
    assert list(client.courriers()) == []


@pytest.mark.parametrize("method", [Client.constats, Client.courriers])
def test_lists_are_read_to_their_end(method: Callable[..., object], client: Client) -> None:
    assert list(method(client)) == []  # type: ignore[call-overload]
