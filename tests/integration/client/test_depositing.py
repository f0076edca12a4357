"""An act handed over through the client is taken in charge once, whatever befalls the line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.support.bench import Bench
from tests.support.cutting import Cut, CuttingFront
from transmission.client import (
    Client,
    ConflictError,
    Depot,
    InvalidError,
    NoAnswerError,
    OverloadedError,
    Patience,
    Piece,
    ScopeError,
    TokenRefusedError,
)
from transmission.domain.access import Scope
from transmission.store.tables import acte, idempotency, piece

Depots = Callable[..., Depot]


def _stored(bench: Bench) -> int:
    with bench.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(acte)).scalar_one())


def test_an_act_is_taken_with_its_words_its_files_and_their_names(
    client: Client, depot_of: Depots, bench: Bench
) -> None:
    told: list[tuple[int, int]] = []
    taken = client.deposit(depot_of(), progress=lambda sent, total: told.append((sent, total)))
    assert not taken.deja_remis
    assert (taken.acte.numero, taken.acte.objet) == ("D2023_001", "Subvention à l'école")
    with bench.engine.connect() as connection:
        rows = list(connection.execute(select(piece).order_by(piece.c.ordre)))
    assert [row.nom_original for row in rows] == ["délibération.pdf", "plan.pdf"]
    assert rows[1].code_type_pj == "21_RP"
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_the_same_act_again_is_the_same_act(client: Client, depot_of: Depots) -> None:
    first = client.deposit(depot_of(), key="k-1")
    again = client.deposit(depot_of(), key="k-1")
    assert (again.acte.id, again.deja_remis) == (first.acte.id, True)


@pytest.mark.parametrize(
    "cut",
    [Cut(request=0), Cut(request=40), Cut(request=900), Cut(answer=0), Cut(answer=60)],
    ids=["at once", "in the headers", "in the body", "answer lost", "in the answer"],
)
def test_a_deposit_that_is_cut_is_made_again_and_is_taken_once(
    cut: Cut, client: Client, depot_of: Depots, front: CuttingFront, bench: Bench
) -> None:
    front.plan += [cut, cut]
    taken = client.deposit(depot_of())
    assert taken.acte.numero == "D2023_001"
    assert _stored(bench) == 1
    assert front.connections == 3


def test_the_tries_of_one_deposit_bear_one_key_and_two_deposits_two(
    client: Client, depot_of: Depots, front: CuttingFront, bench: Bench
) -> None:
    front.plan += [Cut(answer=0)]
    client.deposit(depot_of())
    client.deposit(depot_of(numero="D2023_002"))
    with bench.engine.connect() as connection:
        keys = list(connection.execute(select(idempotency.c.key)).scalars())
    assert len(set(keys)) == 2
    assert all(keys)


def test_one_waits_longer_before_each_try_and_ends_by_telling_that_it_may_be_done(
    client: Client, depot_of: Depots, front: CuttingFront, waits: list[float]
) -> None:
    front.plan += [Cut(answer=0)] * 5
    with pytest.raises(NoAnswerError) as raised:
        client.deposit(depot_of())
    assert raised.value.may_be_done
    assert waits == [0.5, 1, 2, 4]


def test_a_service_that_is_not_there_has_done_nothing(depot_of: Depots, waits: list[float]) -> None:
    absent = Client("http://127.0.0.1:1", "tdt_x", patience=Patience(tries=2), pause=waits.append)
    with pytest.raises(NoAnswerError) as raised:
        absent.deposit(depot_of())
    assert not raised.value.may_be_done
    assert "refusée" in str(raised.value)
    assert waits == [0.5]


def test_everything_that_is_wrong_is_told_at_once(client: Client, depot_of: Depots) -> None:
    with pytest.raises(InvalidError) as raised:
        client.deposit(depot_of(numero="d 1", matiere="99.9"))
    problems = {each.champ: each for each in raised.value.problemes}
    assert {"numero", "matiere"} <= problems.keys()
    assert all(each.remede and each.message and each.code for each in problems.values())
    assert problems["numero"].message in str(raised.value)


def test_another_content_under_the_same_number_is_a_conflict(
    client: Client, depot_of: Depots
) -> None:
    first = client.deposit(depot_of())
    with pytest.raises(ConflictError) as raised:
        client.deposit(depot_of(objet="Autre chose"))
    assert raised.value.differences == ("objet",)
    assert raised.value.acte == first.acte.lien


def test_a_rehearsal_keeps_nothing(client: Client, depot_of: Depots, bench: Bench) -> None:
    assert client.rehearse(depot_of()).serait_accepte
    assert _stored(bench) == 0


def test_a_token_that_is_refused_is_told_and_never_shown(
    client_of: Callable[..., Client], token_of: Callable[..., str], depot_of: Depots
) -> None:
    stranger = client_of("tdt_stranger")
    with pytest.raises(TokenRefusedError) as raised:
        stranger.deposit(depot_of())
    for shown in (repr(stranger), str(vars(stranger)), str(raised.value), repr(raised.value)):
        assert "stranger" not in shown
    with pytest.raises(ScopeError):
        client_of(token_of(Scope.READ)).deposit(depot_of())


def test_a_file_that_cannot_be_read_is_told_as_such(
    client: Client, depot_of: Depots, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        client.deposit(depot_of(document=Piece(tmp_path / "absent.pdf")))


def test_a_service_that_is_busy_is_asked_again_after_what_it_says(
    client: Client, depot_of: Depots, failing: list[Exception], waits: list[float]
) -> None:
    failing += [OperationalError("", {}, Exception())] * 2
    assert client.deposit(depot_of()).acte.numero == "D2023_001"
    assert waits == [60, 60]


def test_a_longer_wait_than_patience_is_told_at_once(
    client_of: Callable[..., Client],
    depot_of: Depots,
    failing: list[Exception],
    waits: list[float],
) -> None:
    failing += [OperationalError("", {}, Exception())]
    with pytest.raises(OverloadedError) as raised:
        client_of(patience=Patience(most=30)).deposit(depot_of())
    assert (raised.value.retry_after, waits) == (60, [])
