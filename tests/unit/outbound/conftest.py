"""Certificates of a run, and servers of every kind on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.smtp_server import MailScript, MailServer, mail_server
from tests.support.web_server import WebServer, web_server
from transmission.mocktdt.pki import CertificateAuthority, Identity

AT = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Pki:
    """Files: the authority that tests trust, servers that it vouches for, or not."""

    ca: Path
    good: str
    wrong_name: str
    stranger: str
    good_der: bytes


def _write(folder: Path, name: str, identity: Identity) -> str:
    path = folder / name
    path.write_bytes(identity.certificate + identity.key)
    return str(path)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("pki")
    ours, theirs = CertificateAuthority(), CertificateAuthority()
    (folder / "ca.pem").write_bytes(ours.pem)
    good = ours.server(("127.0.0.1", "localhost", "site.example"))
    return Pki(
        ca=folder / "ca.pem",
        good=_write(folder, "good.pem", good),
        wrong_name=_write(folder, "wrong.pem", ours.server(("autre.example",))),
        stranger=_write(folder, "stranger.pem", theirs.server(("127.0.0.1",))),
        good_der=good.der,
    )


@pytest.fixture
def now() -> datetime:
    return AT


@pytest.fixture
def start_web(pki: Pki) -> Iterator[Callable[..., WebServer]]:
    """Starts web servers, by TLS unless told otherwise."""
    with ExitStack() as stack:

        def start(certificate: str | None = pki.good) -> WebServer:
            return stack.enter_context(web_server(certificate))

        yield start


@pytest.fixture
def web(start_web: Callable[..., WebServer]) -> WebServer:
    return start_web()


@pytest.fixture
def start_mail(pki: Pki) -> Iterator[Callable[..., MailServer]]:
    """Starts mail servers, by the words that they answer instead of the usual ones."""
    with ExitStack() as stack:

        def start(
            answers: dict[str, str] | None = None,
            offers: tuple[str, ...] = MailScript().offers,
            certificate: str = pki.good,
            *,
            implicit: bool = False,
        ) -> MailServer:
            script = MailScript(answers or {}, offers)
            return stack.enter_context(mail_server(script, certificate, implicit=implicit))

        yield start
