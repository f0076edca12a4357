"""No secret is told: not by logs at any level, the register, addresses, pages, nor processes.

One story gives a secret of its own to every place that takes one, uses each, and makes each fail;
then everything that the service wrote is searched.
"""

import base64
import io
import logging
import os
import re
import secrets
import ssl
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from tests.support.bench import TDT, Bench
from tests.support.bench import bench as open_bench
from tests.support.oidc_provider import Provider
from tests.support.people import enter, make_hashes_cheap, send
from tests.support.programs import Program, Programs
from tests.support.programs import programs as open_programs
from tests.support.scene import AUTHOR, START
from tests.support.serving import serving
from tests.support.smtp_server import MailScript, MailServer
from tests.support.web_server import WebServer, web_server
from transmission.api.front import Front
from transmission.api.wiring import api_of
from transmission.bootstrap import Container, provider_of
from transmission.cli.main import cli
from transmission.console.app import create_app
from transmission.console.wiring import WiredConsole
from transmission.domain.access import Scope
from transmission.domain.accounts import Purpose
from transmission.domain.collectivite import SigningKey
from transmission.domain.people import Grant, Role
from transmission.mocktdt.pki import CertificateAuthority
from transmission.outbound.mail import MailServer as MailServerSettings
from transmission.outbound.mail import Security, SmtpMailer
from transmission.ports.outbound import Mail
from transmission.services.accounts import create_person, password_link, set_password
from transmission.services.tokens import create_token
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine
from transmission.tdt.identity import client_context
from workers import policy
from workers.app import make_app
from workers.pulse import Pulse

# What the test's own clients say of what they send is not what the service says.
_OF_THE_TEST = ("httpx", "httpcore", "asyncio", "tests")


def _drawn(what: str) -> str:
    return f"{what}-{secrets.token_hex(12)}"


@dataclass
class Told:
    """What was kept secret, by name, and everything that was told, by where."""

    kept: dict[str, str] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)

    def secret(self, name: str, value: str = "") -> str:
        self.kept[name] = value or _drawn(name)
        return self.kept[name]

    def by(self, where: str, what: str) -> None:
        self.said.setdefault(where, []).append(what)

    def leaks(self) -> list[str]:
        """Where a secret was found, whatever its form; names alone, for a report is read too."""
        return [
            f"{name}: {where}"
            for where, texts in self.said.items()
            for name, value in self.kept.items()
            if any(form in told for form in _forms(value) for told in texts)
        ]


def _forms(value: str) -> set[str]:
    raw = value.encode()
    within = base64.b64encode(raw).decode().rstrip("=")
    return {value, raw.hex(), within[:-2], urllib.parse.quote(value, safe=""), repr(value)[1:-1]}


class _Everything(logging.Handler):
    """What libraries say, at every level, with the tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_OF_THE_TEST):
            self.heard.write(logging.Formatter().format(record) + "\n")


@contextmanager
def listening() -> Iterator[io.StringIO]:
    root, ear = logging.getLogger(), _Everything()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield ear.heard
    finally:
        root.removeHandler(ear)
        root.setLevel(level)


@dataclass
class Story:
    """A service whose every secret is known to the test."""

    told: Told
    bench: Bench
    programs: Programs
    folder: Path
    web: WebServer
    settings: Settings

    def file(self, name: str, content: str = "") -> Path:
        path = self.folder / name
        path.write_text(content or self.told.secret(name), encoding="utf-8")
        return path

    def fails(self, name: str, work: Callable[[], object]) -> None:
        """A task whose work fails: its log, and what a careless caller would print of it."""

        def service(*_: object) -> None:
            try:
                work()
            except Exception as error:
                self.told.by(f"error of {name}", "".join(traceback.format_exception(error)))
                raise

        pulse = Pulse(self.folder / "pulse")
        policy.run(self.bench.tools, pulse, name, service, self.bench.authority_id)


@pytest.fixture
def story(
    database_url: str, tmp_path: Path, quick: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Story]:
    make_hashes_cheap(monkeypatch)
    told = Told()
    # By its socket the server asks for no password, and is given one all the same.
    url = make_url(database_url).set(password=told.secret("database"))
    engine = open_engine(url.render_as_string(hide_password=False))
    with web_server(None) as web:
        issuer = web.url("")
        secret_file = tmp_path / "oidc"
        secret_file.write_text(told.secret("oidc"))
        settings = quick.model_copy(
            update={
                "home": tmp_path,
                "documents_dir": tmp_path / "documents",
                "console_url": "http://127.0.0.1:1",
                "oidc_issuer": issuer,
                "oidc_client_id": "console:1",
                "oidc_client_secret_file": secret_file,
                "database_url": SecretStr(url.render_as_string(hide_password=False)),
                "broker_url": SecretStr(f"redis://:{told.secret('broker')}@127.0.0.1:1/0"),
            }
        )
        made = open_bench(engine, settings)
        made.tools = replace(made.tools, provider=provider_of(settings))
        yield Story(told, made, open_programs(made, tmp_path, web), tmp_path, web, settings)
    engine.dispose()


def test_no_secret_is_told_anywhere(story: Story, capfd: pytest.CaptureFixture[str]) -> None:
    with listening() as heard:
        _keys(story)
        _people_and_programs(story)
        _webhooks(story)
        _mail(story)
        _provider(story)
        _engines(story)
        _processes(story)
    told = story.told
    told.by("logs of libraries", heard.getvalue())
    printed = capfd.readouterr()
    told.by("logs", printed.out + printed.err)
    _register(told, story.bench.engine)
    for asked in story.web.asked:
        told.by("addresses", asked.path)
    assert len(told.kept) >= 15
    # Nothing is proved by a place that said nothing.
    assert {where for where, texts in told.said.items() if any(texts)} == set(told.said)
    assert "task failed" in printed.err
    assert told.leaks() == []


def _keys(story: Story) -> None:
    """Phrases that open keys: right, wrong, and of a key that is no key."""
    tools, phrase = story.bench.tools, story.told.secret("key-phrase")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key)
    bundle = story.folder / "cachet.p12"
    bundle.write_bytes(
        serialize_key_and_certificates(
            b"cachet", key, certificate, None, BestAvailableEncryption(phrase.encode())
        )
    )
    clear = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    story.told.secret("key", clear.splitlines()[1].decode())
    sealed = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(phrase.encode())
    )
    pem = story.folder / "tdt.pem"
    pem.write_bytes(sealed + certificate.public_bytes(Encoding.PEM))
    right, wrong = story.file("phrase", phrase), story.file("wrong-phrase")
    tools.signers.signer(SigningKey(str(bundle), None, str(right)), START)
    for path in (bundle, pem):
        faulty = SigningKey(str(path), None, str(wrong))
        story.fails(f"sign {path.name}", lambda one=faulty: tools.signers.signer(one, START))  # type: ignore[misc]
    account = replace(TDT, certificate_file=str(pem), key_file=str(pem), ca_file=str(pem))
    faulty_account = replace(account, passphrase_file=str(wrong))
    story.fails("connect", lambda: client_context(faulty_account))
    spoilt = story.folder / "spoilt.pem"
    spoilt.write_bytes(clear.replace(b"\n-----END", b"A\n-----END"))
    story.fails("sign spoilt", lambda: tools.signers.signer(SigningKey(str(spoilt)), START))


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cachet de Saint-Exemple")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(START - timedelta(days=1))
    return builder.not_valid_after(START + timedelta(days=9)).sign(key, hashes.SHA256())


def _people_and_programs(story: Story) -> None:
    """Passwords, links, sessions and tokens, at the real doors; each door then breaks."""
    told, bench = story.told, story.bench
    password = told.secret("password")
    create_person(bench.tools, "assemblees", "service", [Grant(Role.AGENT)], AUTHOR)
    set_password(bench.tools, "assemblees", password, AUTHOR)
    for purpose in Purpose:
        link = password_link(
            bench.tools, "assemblees", AUTHOR, randomness=secrets.token_bytes, purpose=purpose
        )
        told.secret(f"link-{purpose.value}", link)
    token = told.secret("token", _token(bench, "finances"))
    spent = told.secret("revoked-token", f"{token[:-6]}abcdef")
    container = Container(story.settings, bench.engine, bench.tools)
    front = Front(api_of(container), create_app(WiredConsole(container)))
    with serving(front) as url, httpx.Client(base_url=url, timeout=20) as browser:
        _at_the_console(story, browser, password)
        for shown in (token, spent, told.secret("typed-token")):
            answer = browser.get("/api/v1/actes", headers={"Authorization": f"Bearer {shown}"})
            told.by("answers of the API", answer.text + str(answer.headers))
        told.by("metrics", browser.get("/metrics").text)
        _without_a_register(story, browser, token)


def _token(bench: Bench, name: str) -> str:
    return create_token(
        bench.tools, bench.authority_id, name, {Scope.READ}, None, AUTHOR,
        randomness=secrets.token_bytes,
    )  # fmt: skip


def _at_the_console(story: Story, browser: httpx.Client, password: str) -> None:
    told = story.told
    wrong = enter(browser, told.secret("mistyped-password"))
    told.by("pages", wrong.text)
    entered = enter(browser, password)
    assert entered.status_code == 303
    told.by("addresses", entered.headers["location"])
    told.secret("session", next(iter(browser.cookies.values())))
    told.by("pages", browser.get("/compte").text)
    changed = send(
        browser, "/compte/mot-de-passe", actuel=told.secret("current"), nouveau=told.secret("new"),
        encore=told.secret("again"),
    )  # fmt: skip
    told.by("pages", changed.text)
    told.by("pages", browser.get(f"/connexion/premiere/{_drawn('x')}").text)


def _without_a_register(story: Story, browser: httpx.Client, token: str) -> None:
    """Nothing can be read any more: every door tells of its own fault."""
    tables = ("token", "session", "person_link")
    with story.bench.engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))
    try:
        for name, value in story.told.kept.items():
            if name.startswith("link-"):
                address = "premiere" if name == f"link-{Purpose.CHOOSE.value}" else "directe"
                story.told.by("pages", browser.get(f"/connexion/{address}/{value}").text)
        answer = browser.get("/api/v1/actes", headers={"Authorization": f"Bearer {token}"})
        story.told.by("answers of the API", answer.text)
        assert answer.status_code >= 500
    finally:
        with story.bench.engine.begin() as connection:
            for table in tables:
                connection.execute(text(f"ALTER TABLE {table}_gone RENAME TO {table}"))


def _webhooks(story: Story) -> None:
    """A secret that signs, and one that cannot be opened any more."""
    program: Program = story.programs.add(page=500)
    story.told.secret("webhook", program.secret)
    story.told.secret("webhook-bare", program.secret.partition("_")[2])
    acte = story.bench.sent()
    assert acte.id
    story.programs.run()
    assert program.asked
    sealing = story.folder / "secrets.key"
    story.told.secret("sealing-key", sealing.read_text().split()[-1])
    sealing.write_text("illisible", encoding="utf-8")
    story.bench.sent()
    story.programs.run()


def _mail(story: Story) -> None:
    """A server of mail that refuses the password, and one that is not there."""
    authority, password = CertificateAuthority(), story.file("smtp")
    identity = authority.server(("127.0.0.1",))
    ca, pem = story.folder / "ca.pem", story.folder / "mail.pem"
    ca.write_bytes(authority.pem)
    pem.write_bytes(identity.certificate + identity.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    letter = Mail(
        key="cle", recipient="agent@example.org", subject="Sujet", text="texte",
        html="<p>texte</p>", written_at=START,
    )  # fmt: skip
    server = MailServer(MailScript({"AUTH": "535 mauvais mot de passe"}), context, implicit=True)
    try:
        for port in (server.port, 1):
            place = MailServerSettings(
                host="127.0.0.1", port=port, security=Security.TLS, sender="actes@example.org",
                user="actes", password_file=password, ca_file=ca, connect_timeout=2,
            )  # fmt: skip
            story.told.by("answers of the mailer", repr(SmtpMailer(place).send(letter)))
        assert server.heard[0].logins == [("actes", story.told.kept["smtp"])]
    finally:
        server.stop()


def _provider(story: Story) -> None:
    """A provider that knows our secret for another's, then one that breaks."""
    told, tools = story.told, story.bench.tools
    assert tools.provider is not None
    provider = Provider(story.web, START)
    departure: Any = tools.provider.begin("http://127.0.0.1:1/connexion/oidc/retour", "/", START)
    told.by("addresses", departure.address)
    code = told.secret("oidc-code")
    home = provider.sends_back(departure, code)
    told.by("answers of the provider", repr(tools.provider.finish(home, START)))
    story.web.pages["/token"] = lambda one: one.says(b"x", 503)
    again = replace(home, code=code)
    told.by("answers of the provider", repr(tools.provider.finish(again, START)))


def _engines(story: Story) -> None:
    """A database and a broker that are not there, and commands that say so."""
    told, settings = story.told, story.settings
    away = make_url(settings.database() or "").set(host="127.0.0.1", port=1, query={})
    address = away.render_as_string(hide_password=False)
    engine = open_engine(address)
    story.fails("register", engine.connect)
    engine.dispose()
    celery = make_app(settings.broker() or "")
    story.fails("broker", lambda: celery.connection_for_write().ensure_connection(max_retries=1))
    told.by("settings", repr(settings) + str(settings))
    variables = {
        "TRANSMISSION_DATABASE_URL": address,
        "TRANSMISSION_BROKER_URL": settings.broker() or "",
        "TRANSMISSION_S3_SECRET_KEY": told.secret("s3"),
    }
    for command in (["doctor"], ["migrate"]):
        done = CliRunner().invoke(cli, [*command], env=variables)
        assert done.exit_code != 0
        told.by(f"command {command[0]}", done.output + repr(done.exception))


def _processes(story: Story) -> None:
    """What every account of a machine sees of its processes."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            for part in ("cmdline", "comm"):
                with suppress(OSError):
                    story.told.by("processes", (folder / part).read_text(errors="replace"))
    assert os.getpid()


def _register(told: Told, engine: Engine) -> None:
    """Every column of every table, the journal among them."""
    with engine.connect() as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        for table in tables:
            rows = connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()
            content = "\n".join(rows)
            if content:
                told.by(f"table {table}", content)
                told.by(f"table {table}", _bytes_within(content))


def _bytes_within(content: str) -> str:
    found = re.findall(r"\\+x((?:[0-9a-f]{2})+)", content)
    return "\n".join(bytes.fromhex(each).decode("utf-8", "replace") for each in found) or " "


def test_the_search_finds_a_secret_in_each_of_its_forms() -> None:
    told, secret = Told(), "mot & de passe-0123456789"
    told.secret("one", secret)
    for rank, form in enumerate(
        (
            secret,
            secret.encode().hex(),
            base64.b64encode(secret.encode()).decode(),
            urllib.parse.quote(secret, safe=""),
        )
    ):
        told.by(str(rank), f"avant {form} après")
    told.by("nothing", "rien")
    assert told.leaks() == ["one: 0", "one: 1", "one: 2", "one: 3"]


def test_no_option_of_a_command_takes_a_secret_itself() -> None:
    named = re.compile(r"passe|password|secret|jeton|token|pin\b|phrase|key")
    found = [
        (path, option.name)
        for path, command in _commands(cli)
        for option in command.params
        if named.search(option.name or "")
    ]
    assert found
    files = re.compile(r"file|fichier|stdin|nom|lien|name")
    assert [each for each in found if not files.search(each[1] or "")] == []


def _commands(group: Any, path: str = "transmission") -> Iterator[tuple[str, Any]]:
    context = SimpleNamespace()
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command
