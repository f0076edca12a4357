"""Reminders on real wires: a mail server and a program take them, once they know what they had."""

import base64
import email
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.policy import default
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.limits import give, notices, read
from tests.support.scene import START
from tests.support.smtp_server import CUT, MailScript, MailServer, mail_server
from tests.support.web_server import WebServer, web_server
from transmission.domain.collectivite import Webhook
from transmission.domain.legal.noms import DateName
from transmission.mocktdt.pki import CertificateAuthority
from transmission.outbound import mail as mailing
from transmission.outbound.mail import Security, SmtpMailer
from transmission.services.deliver import RETRIES, replay, ring_deliveries
from transmission.services.remind import remind

AGENT = "assemblees@example.org"
SECRET = base64.b64encode(b"0123456789abcdef01234567").decode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's certificate and key; ``ca.pem`` beside it vouches for it."""
    authority, folder = CertificateAuthority(), tmp_path_factory.mktemp("pki")
    identity = authority.server(("127.0.0.1",))
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "server.pem").write_bytes(identity.certificate + identity.key)
    return folder / "server.pem"


@dataclass(frozen=True)
class Servers:
    """A program that listens, and mail servers to be started in turn."""

    web: WebServer
    bench: Bench
    certificate: Path
    stack: ExitStack = field(repr=False)

    def start(self, **answers: str) -> MailServer:
        """A mail server that mails are handed to from now on."""
        opened = mail_server(MailScript(answers), str(self.certificate))
        server = self.stack.enter_context(opened)
        settings = mailing.MailServer(
            host="127.0.0.1",
            port=server.port,
            security=Security.STARTTLS,
            sender="actes@saint-exemple.example",
            ca_file=self.certificate.with_name("ca.pem"),
            connect_timeout=5.0,
            read_timeout=5.0,
        )
        self.bench.tools = replace(self.bench.tools, mailer=SmtpMailer(settings))
        return server


@pytest.fixture
def servers(bench: Bench, certificate: Path, tmp_path: Path) -> Iterator[Servers]:
    """A bench told by real servers, with one letter to answer."""
    secret = tmp_path / "secret"
    secret.write_text(f"whsec_{SECRET}")
    with ExitStack() as stack:
        web = stack.enter_context(web_server(None))
        webhook = Webhook(web.url("/echeances"), str(secret))
        bench.changed(
            lambda owner: replace(
                owner,
                droit=replace(owner.droit, rappels_courriels=(AGENT,), rappels_webhooks=(webhook,)),
            )
        )
        acte_id = bench.acte().acte_id
        read(bench.engine, bench.authority_id, acte_id)
        day = START.date() + timedelta(days=2)
        give(bench.engine, bench.authority_id, acte_id, day, DateName.REJET_TACITE_LETTRE)
        bench.silence()
        yield Servers(web, bench, certificate, stack)


def test_a_reminder_reaches_the_mailbox_and_the_program(bench: Bench, servers: Servers) -> None:
    web = servers.web
    web.pages["/echeances"] = lambda request: request.says(b"merci")
    server = servers.start()
    assert remind(bench.tools) == 2
    bench.run("deliver")
    (raw,) = server.mails
    mail = email.message_from_bytes(raw, policy=default)
    assert mail["To"] == AGENT
    assert mail["Subject"] == (
        "Rappel : 1 réponse à une lettre d'observations d'ici au 12 mars 2023"
    )
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Subvention à l’école" in plain.get_content()
    assert "Dimanche 12 mars 2023 (dans 2 jours)" in html.get_content()
    (asked,) = web.asked
    event = json.loads(asked.body)
    assert asked.headers["webhook-id"] == event["id"]
    assert asked.headers["webhook-signature"].startswith("v1,")
    assert event["data"]["echeance"] == "rejet_tacite_lettre"
    assert all(row.delivered_at for row in notices(bench.engine, "mail", "webhook"))


def test_a_mail_cut_after_its_last_byte_is_sent_again_under_the_same_message_id(
    bench: Bench, servers: Servers
) -> None:
    web = servers.web
    web.pages["/echeances"] = lambda request: request.cuts()
    # The server has the whole mail, and its answer is lost.
    cut = servers.start(BODY=CUT)
    remind(bench.tools)
    bench.run("deliver")
    assert all(row.failure for row in notices(bench.engine, "mail", "webhook"))
    kind = servers.start()
    web.pages["/echeances"] = lambda request: request.says(b"merci")
    bench.clock.advance(RETRIES[0].total_seconds())
    ring_deliveries(bench.tools)
    bench.run("deliver")
    assert cut.heard[0].lines[-1].upper() == "DATA"
    (taken,) = kind.mails
    # Days later, by hand: still the same to the last byte.
    bench.clock.advance(86_400)
    replay(bench.tools, notices(bench.engine, "mail")[0].id)
    bench.run("deliver")
    assert kind.mails == [taken, taken]
    ids = {asked.headers["webhook-id"] for asked in web.asked}
    assert (len(web.asked), len(ids)) == (2, 1)
    assert all(row.delivered_at for row in notices(bench.engine, "mail", "webhook"))
