from typing import Any

import pytest

from benchmarks.bare import references
from benchmarks.wires import ClientWire
from transmission.domain.collectivite import TdtAccount


class _Connection:
    """Keeps what it is asked to send."""

    sent: list[Any]

    def __init__(self, *_: object, **__: object) -> None:
        self.sent = []

    def request(self, *asked: Any) -> None:
        self.sent.append(asked)

    def getresponse(self) -> "_Connection":
        return self

    def read(self) -> bytes:
        return b"OK\n1\n17\n"

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> tuple[ClientWire, list[Any]]:
    connection = _Connection()
    monkeypatch.setattr("benchmarks.wires.HTTPSConnection", lambda *_, **__: connection)
    monkeypatch.setattr("ssl.create_default_context", lambda **_: _Context())
    account = TdtAccount(
        connector="s2low", nom="mock", base_url="https://127.0.0.1:8/tdt",
        certificate_file="c.pem", key_file="k.pem", passphrase_file=None, ca_file="ca.pem",
    )  # fmt: skip
    return ClientWire(account), connection.sent


class _Context:
    def load_cert_chain(self, *_: object) -> None:
        pass


def test_the_pieces_of_a_form_have_the_length_that_is_announced(
    sent: tuple[ClientWire, list[Any]],
) -> None:
    wire, asked = sent
    assert wire.submit("SLO-EACT.tar.gz", b"archive") == b"OK\n1\n17\n"
    [(method, path, pieces, headers)] = asked
    body = b"".join(pieces)
    assert (method, path) == ("POST", "/tdt/modules/actes/actes_transac_submit.php")
    assert int(headers["Content-Length"]) == len(body)
    boundary = headers["Content-Type"].partition("boundary=")[2].encode()
    assert body.split(b"--" + boundary)[2].endswith(b"application/gzip\r\n\r\narchive\r\n")
    assert body.endswith(b"\r\n--" + boundary + b"--\r\n")


def test_a_status_is_asked_with_its_reference(sent: tuple[ClientWire, list[Any]]) -> None:
    wire, asked = sent
    wire.status("17")
    assert asked[0][1].endswith("actes_transac_get_status.php?transaction=17&api=1")


def test_the_tdt_names_each_act_of_an_envelope() -> None:
    assert references(b"OK\n2\n17\n18\n") == ["17", "18"]


def test_a_refused_archive_has_no_reference() -> None:
    with pytest.raises(RuntimeError, match="refused"):
        references(b"KO\nnon\n")
