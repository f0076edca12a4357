"""Calm is deterministic, unpleasant is repeatable and harmless to a client that tries again."""

import requests

from transmission.mocktdt.temper import Temper


def test_a_calm_temper_waits_for_nothing_and_hides_nothing():
    temper = Temper(0, calm=True)
    assert [temper.pause() for _ in range(50)] == [0.0] * 50
    assert not any(temper.closes_after_answer() or temper.hides_length() for _ in range(50))
    assert temper.around(7) == 7


def test_the_same_seed_gives_the_same_cruelties():
    def told(seed: int) -> list[object]:
        temper = Temper(seed, calm=False)
        return [
            (temper.pause(), temper.closes_after_answer(), temper.around(1), temper.sequence())
            for _ in range(100)
        ]

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_an_unpleasant_temper_does_close_and_does_hide():
    temper = Temper(1, calm=False)
    assert 0 < sum(temper.closes_after_answer() for _ in range(1_000)) < 200
    assert 0 < sum(temper.hides_length() for _ in range(1_000)) < 500
    assert max(temper.pause() for _ in range(1_000)) < 0.1


def test_two_calm_runs_give_the_same_bytes(start_mock, connect, archive):
    def story() -> list[bytes]:
        client = connect(start_mock())
        bodies = [client.submit(archive(number=f"N{n}", serial=n)).content for n in range(3)]
        bodies += [client.status(4711), client.status(4713)]
        path = "/modules/actes/actes_transac_get_files_list.php"
        return [*bodies, client.get(path, transaction=4712).content]

    assert story() == story()


def test_an_unpleasant_run_is_survived_by_trying_again(start_mock, connect, manage, archive):
    mock = start_mock(calm=False, seed=3, ar_delay=0.0)
    client = connect(mock)
    path = "/modules/actes/api/actes_status.php"
    seen: set[str] = set()
    failures = 0
    while len(seen) < 2 or not failures:
        try:
            answer = client.get(path)
        except requests.exceptions.ConnectionError:
            failures += 1
            continue
        assert answer.content.startswith(b'{"-1"')
        seen.add(answer.headers.get("Transfer-Encoding", "whole"))
    # A connection closed behind our back shows at the next call: begin on fresh ones.
    client.session.close()
    number = client.submitted(archive())
    manage(mock).post("/clock", advance=60)
    client.session.close()
    assert client.status(number).startswith(b"OK\n4\n")
