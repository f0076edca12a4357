"""The connection is cut at every class of places; what is known after it is never more than is.

Nothing of the body has left: the TdT is unavailable. Something may have: it is in doubt, and only
what the TdT says of it decides. A broken exchange is never a refusal, nor an acceptance.
"""

import socket
import ssl
import struct
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.breaking import (
    ANSWER,
    HELLOS,
    REQUEST,
    CutAnswer,
    CutRequest,
    Front,
    Instead,
    Place,
    Way,
    front_of,
)
from tests.support.oracle import faults
from tests.support.scene import Scene
from tests.support.service import Service
from tests.support.stories import acts, id_acte
from transmission.domain.lifecycle import State
from transmission.embedded.processes import wait_until
from transmission.mocktdt.pki import CertificateAuthority
from transmission.store.tables import attempt, circuit

_WAYS = pytest.mark.parametrize(
    "way",
    [
        Way.RESET,
        pytest.param(Way.FAREWELL, marks=pytest.mark.chaos),
        pytest.param(Way.SILENCE, marks=pytest.mark.chaos),
    ],
    ids=lambda way: way.name.lower(),
)
_OF_THE_HEAD = [name for name in REQUEST if "body" not in name and "last" not in name]
_ROUNDS, _ROUND = 20, 2


@pytest.fixture
def front(scene: Scene) -> Iterator[Front]:
    with front_of(scene) as made:
        yield made


@pytest.fixture
def numbers() -> Iterator[str]:
    return (f"D2023_{rank:03d}" for rank in count(1))


def _told(scene: Scene, number: str) -> list[str | None]:
    """The outcomes of the attempts at an act, handed over and carried to its end."""
    with scene.engine.begin() as connection:
        # Each break alone: some in a row are a TdT that is down, which is another matter.
        connection.execute(circuit.delete())
    taken = scene.accept(number)
    scene.run()
    for _ in range(_ROUNDS):
        if scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED:
            break
        scene.later(_ROUND)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert scene.times_received(id_acte(number)) == 1
    statement = (
        select(attempt.c.outcome)
        .where(attempt.c.transmission_id == scene.transmission(taken.acte_id).id)
        .order_by(attempt.c.number)
    )
    with scene.engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def _agree(scene: Scene) -> None:
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []


def test_a_connection_that_is_never_made_sends_nothing(
    scene: Scene, front: Front, numbers: Iterator[str]
) -> None:
    told = {}
    for name, flight in HELLOS.items():
        assert _told(scene, next(numbers)) == ["Accepted"]
        posts = front.posts
        front.cut_next_connection(flight)
        told[name] = _told(scene, next(numbers))
        assert front.posts == posts + 1
    assert told == {name: ["Unavailable", "Accepted"] for name in HELLOS}
    _agree(scene)


@_WAYS
def test_a_request_cut_anywhere_is_sent_again_only_once_the_tdt_says_that_it_has_nothing(
    scene: Scene, front: Front, numbers: Iterator[str], way: Way
) -> None:
    told = {}
    for name, place in REQUEST.items():
        front.plan.append(CutRequest(place, way))
        told[name] = _told(scene, next(numbers))
        assert not front.plan
    whole = told.pop("after its last byte")
    assert whole == ["InDoubt"]
    # Whether the body had begun to leave when its head was cut is a matter of microseconds.
    vague = {name: told.pop(name) for name in (*_OF_THE_HEAD, "between headers and body")}
    assert all(each[0] in {"InDoubt", "Unavailable"} for each in vague.values()), vague
    assert {len(each) for each in vague.values()} == {2}
    assert told == {name: ["InDoubt", "Accepted"] for name in told}
    _agree(scene)


@_WAYS
def test_an_answer_cut_anywhere_is_looked_for_and_nothing_is_sent_again(
    scene: Scene, front: Front, numbers: Iterator[str], way: Way
) -> None:
    told = {}
    for name, place in ANSWER.items():
        front.plan.append(CutAnswer(place, way))
        told[name] = _told(scene, next(numbers))
    assert told == {name: ["InDoubt"] for name in ANSWER}
    _agree(scene)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [(name, "Unavailable" if name in _OF_THE_HEAD else "InDoubt") for name in REQUEST],
)
def test_nothing_is_in_doubt_of_which_only_headers_have_left(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str, outcome: str
) -> None:
    _cut_own_end(monkeypatch, REQUEST[name])
    told = _told(scene, "D2023_001")
    again = [] if name == "after its last byte" else ["Accepted"]
    assert told == [outcome, *again]
    _agree(scene)


def _cut_own_end(monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    """The next posting of this process ends after so many bytes, at its own end of the wire."""
    send, recv_into = ssl.SSLSocket.send, ssl.SSLSocket.recv_into
    left: dict[ssl.SSLSocket, int] = {}
    armed = [place]

    def sends(sock: ssl.SSLSocket, content: Any, flags: int = 0) -> int:
        begun = bytes(content)
        if armed and not sock.server_side and begun.startswith(b"POST "):
            length = begun.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
            left[sock] = armed.pop()(len(begun), len(begun) + int(length))
        if sock not in left:
            return send(sock, content, flags)
        passing = begun[: left[sock]]
        sent = send(sock, passing) if passing else 0
        left[sock] -= sent
        if sent < len(begun):
            _breaks(sock)
        return sent

    def receives(sock: ssl.SSLSocket, *arguments: Any) -> int:
        received = recv_into(sock, *arguments)
        # Everything has left: the answer is there, and is lost.
        if sock in left:
            _breaks(sock)
        return received

    def _breaks(sock: ssl.SSLSocket) -> None:
        del left[sock]
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        raise ConnectionResetError

    monkeypatch.setattr(ssl.SSLSocket, "send", sends)
    monkeypatch.setattr(ssl.SSLSocket, "recv_into", receives)


_PAGE = b"<!DOCTYPE html><html><body>Connexion</body></html>"


def _answer(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


INSTEAD = {
    "nothing at all": b"",
    "an empty body": _answer(b""),
    "a body shorter than said": _answer(b"OK\n1\n4711\n")[:-4],
    "half a number of lines": _answer(b"OK\n"),
    "compressed though nobody asked": _answer(
        b"\x1f\x8b\x08", b"200 OK", b"Content-Encoding: gzip"
    ),
    "bytes of no encoding": _answer(bytes(range(128, 256))),
    "characters of two bytes": _answer("OK\n1\n4711\n".encode("utf-16")),
    "a page": _answer(_PAGE),
    "a redirection to a page": _answer(_PAGE, b"302 Found", b"Location: /connexion-status"),
    "a redirection to itself": _answer(b"", b"307 Temporary Redirect", b"Location: /"),
    "an error 500": _answer(_PAGE, b"500 Internal Server Error"),
    "an error 503": _answer(b"", b"503 Service Unavailable", b"Retry-After: 0"),
    "a gateway that waited": _answer(_PAGE, b"504 Gateway Timeout"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "no HTTP": b"OK\n1\n4711\n",
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\nOK",
    "a chunk that is no number": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nOK\r\n"
    ),
}


def test_an_answer_that_makes_no_sense_is_looked_for_and_nothing_is_sent_again(
    scene: Scene, front: Front, numbers: Iterator[str]
) -> None:
    told = {}
    for name, content in INSTEAD.items():
        front.plan.append(Instead(content))
        told[name] = _told(scene, next(numbers))
    assert told == {name: ["InDoubt"] for name in INSTEAD}
    _agree(scene)


def test_a_refusal_that_comes_byte_by_byte_of_what_the_tdt_has_is_no_refusal(
    scene: Scene, front: Front, numbers: Iterator[str]
) -> None:
    refusal = _answer(b"KO\n", b"200 OK", b"Connection: close")
    front.plan.append(Instead(refusal, slowly=0.005))
    assert _told(scene, next(numbers)) == ["Duplicate"]
    _agree(scene)


def test_a_tdt_whose_certificate_has_changed_gets_nothing_until_it_is_the_right_one_again(
    scene: Scene, front: Front, numbers: Iterator[str]
) -> None:
    assert _told(scene, next(numbers)) == ["Accepted"]
    front.present(CertificateAuthority().server(("127.0.0.1",)))
    front.hang_up()
    posts, waiting = front.posts, scene.accept(next(numbers))
    scene.run()
    for _ in range(5):
        scene.later(60)
        stands = scene.transmission(waiting.acte_id)
        assert stands.state is State.PREPARED
        assert "le certificat du serveur est refusé" in (stands.waiting_for or "")
    assert front.posts == posts
    # Renewed by the same authority: nobody here has anything to do.
    front.present(front.authority.server(("127.0.0.1",)))
    for _ in range(_ROUNDS):
        scene.later(60)
    assert scene.transmission(waiting.acte_id).state is State.ACKNOWLEDGED
    assert stands.failures == 0
    _agree(scene)


@pytest.mark.chaos
@_WAYS
def test_real_processes_send_once_what_is_cut_at_every_place(
    scene: Scene, front: Front, service: Service, way: Way
) -> None:
    breaks = [CutRequest(place, way) for place in REQUEST.values()]
    breaks += [CutAnswer(place, way) for place in ANSWER.values()]
    # Between two, one passes: three in a row would be a TdT that is down, which is another matter.
    front.plan.extend(each for one in breaks for each in (one, None, None))
    over = acts(service, "D2023", len(front.plan))
    service.start("scheduler")
    service.start("worker", "--pool=solo")
    assert wait_until(over, 120), service.whereabouts()
    assert not front.plan
    service.check()
