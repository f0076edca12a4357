"""From the journal to the mailboxes of people: once, in time, to those who may know."""

import email
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import COLLECTIVITE, SECOND, Bench
from tests.support.limits import notices
from tests.support.people import BY
from tests.support.prefecture import Prefecture, letter
from tests.support.smtp_server import MailScript, MailServer, mail_server
from transmission.domain.legal.checks_delai import ACCUSE_ABSENT
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.notifications import Kind, Pace
from transmission.domain.outcomes import Refused
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.mocktdt.pki import CertificateAuthority
from transmission.outbound import mail as mailing
from transmission.outbound.mail import Security, SmtpMailer
from transmission.ports.findings import Examined
from transmission.ports.held_certificates import HeldEnding
from transmission.services import tell_people as telling
from transmission.services.accounts import create_person, disable_person, revoke_role
from transmission.services.cancel import cancel
from transmission.services.submit import submit
from transmission.services.tell_people import ring_people, tell_people
from transmission.store.tables_subscriptions import mail_mention, mail_place
from transmission.store.unit_of_work import PostgresUnitOfWork

HERE, THERE = str(COLLECTIVITE.siren), str(SECOND.siren)
AGENT = "assemblees@example.org"
EVERY_KIND = dict.fromkeys(Kind, Pace.AT_ONCE)
OBJET = "Subvention à l’école"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's certificate and key; ``ca.pem`` beside it vouches for it."""
    authority, folder = CertificateAuthority(), tmp_path_factory.mktemp("pki")
    identity = authority.server(("127.0.0.1",))
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "server.pem").write_bytes(identity.certificate + identity.key)
    return folder / "server.pem"


@dataclass
class Post:
    """A bench whose people are told by a real mail server."""

    bench: Bench
    certificate: Path
    stack: ExitStack = field(repr=False)
    servers: list[MailServer] = field(default_factory=list)

    def start(self, **answers: str) -> MailServer:
        """A mail server that mails are handed to from now on."""
        opened = mail_server(MailScript(answers), str(self.certificate))
        self.servers.append(self.stack.enter_context(opened))
        settings = mailing.MailServer(
            host="127.0.0.1",
            port=self.servers[-1].port,
            security=Security.STARTTLS,
            sender="actes@saint-exemple.example",
            ca_file=self.certificate.with_name("ca.pem"),
            connect_timeout=5.0,
            read_timeout=5.0,
        )
        self.bench.tools = replace(self.bench.tools, mailer=SmtpMailer(settings))
        return self.servers[-1]

    def person(
        self,
        login: str,
        *grants: Grant,
        address: str | None = None,
        wishes: dict[Kind, Pace] | None = None,
    ) -> int:
        """Somebody with an address, and what they chose."""
        made = create_person(
            self.bench.tools, login, login, grants, BY,
            email=f"{login}@example.org" if address is None else address,
        )  # fmt: skip
        with self.bench.tools.register() as unit:
            unit.keep_wishes(made.id, wishes or {})
            unit.commit()
        return made.id

    def begin(self) -> None:
        """From now on people are told."""
        self.run()
        self.bench.silence()

    def write(self) -> None:
        """One run of the schedule and its task: mails are written, none is sent."""
        ring_people(self.bench.tools)
        self.bench.run("inform")

    def run(self) -> None:
        """The same, and what is written is sent."""
        self.write()
        self.bench.run("deliver")

    def at(self, day: int, hour: int, minute: int = 0, month: int = 3) -> None:
        """The clock of the service, in UTC."""
        self.bench.clock.instant = datetime(2023, month, day, hour, minute, tzinfo=UTC)

    @property
    def mails(self) -> list[EmailMessage]:
        """Every mail that was taken, in order."""
        raw = (each for server in self.servers for each in server.mails)
        return [email.message_from_bytes(each, policy=default) for each in raw]

    @property
    def told(self) -> list[tuple[str, str]]:
        """To whom, under which subject."""
        return [(str(each["To"]), str(each["Subject"])) for each in self.mails]


@pytest.fixture
def post(bench: Bench, certificate: Path) -> Iterator[Post]:
    with ExitStack() as stack:
        made = Post(bench, certificate, stack)
        made.start()
        bench.tools = replace(bench.tools, console_url="https://actes.example.org")
        yield made


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_an_anomaly_or_a_receipt_is_told_in_plain_text_and_html(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes={Kind.AR: Pace.AT_ONCE})
    post.begin()
    sent = post.bench.acknowledged()
    post.run()
    (mail,) = post.mails
    assert mail["To"] == AGENT
    assert mail["Subject"] == "Télétransmission : 1 accusé de réception"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://actes.example.org/compte>"
    assert mail.get_content_type() == "multipart/alternative"
    line = f"Reçu en préfecture le 9 mars 2023 : acte D2023_001, « {OBJET} »"
    assert line in _body(mail, "plain")
    assert line in _body(mail, "html")
    link = f"https://actes.example.org/actes/{sent.acte_id}"
    assert link in _body(mail, "plain")
    assert f'href="{link}"' in _body(mail, "html")


def test_nothing_is_told_twice_however_often_it_runs(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    post.bench.acknowledged()
    for _ in range(3):
        post.run()
    tell_people(post.bench.tools, post.bench.authority_id)
    assert len(post.mails) == 1


def test_many_at_once_are_one_mail_whatever_the_pages(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PAGE", 2)
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    for _ in range(4):
        post.bench.acknowledged()
    post.run()
    assert post.told == [(AGENT, "Télétransmission : 4 accusés de réception")]


def test_what_one_run_leaves_over_is_rung_for(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PAGE", 3)
    monkeypatch.setattr(telling, "PAGES", 1)
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    for _ in range(2):
        post.bench.acknowledged()
    post.run()
    assert [subject for _, subject in post.told] == 2 * ["Télétransmission : 1 accusé de réception"]


def test_neither_the_past_nor_what_came_before_a_person_is_told(post: Post) -> None:
    post.bench.acknowledged()
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.run()
    post.run()
    assert post.told == []


def test_without_a_mail_server_nothing_waits_for_one(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    mailer, post.bench.tools = post.bench.tools.mailer, replace(post.bench.tools, mailer=None)
    post.bench.acknowledged()
    post.run()
    post.bench.tools = replace(post.bench.tools, mailer=mailer)
    post.run()
    post.run()
    assert notices(post.bench.engine) == []
    post.bench.acknowledged()
    post.run()
    assert len(post.mails) == 1


def test_each_role_is_told_what_is_usual_for_it(post: Post, prefecture: Prefecture) -> None:
    for role in Role:
        post.person(role.code, Grant(role, HERE))
    post.bench.classified()
    post.begin()
    acte = post.bench.acknowledged()
    prefecture.sends(letter("3-1", acte.id_acte), reference="812")
    post.bench.in_doubt()
    post.bench.tdt.on_submit = Refused("non")
    submit(post.bench.tools, post.bench.prepared())
    post.run()
    assert sorted(post.told) == [
        ("agent@example.org", "Télétransmission : 1 courrier de la préfecture"),
        (
            "operateur@example.org",
            "Télétransmission : 1 envoi incertain, 1 envoi en attente d'un opérateur",
        ),
    ]
    courrier, blocked = sorted(post.mails, key=lambda each: str(each["To"]))
    assert "Demande de pièces complémentaires du 6 mars 2023 : acte" in _body(courrier, "plain")
    assert "Envoi mis en attente d'un opérateur le 10 mars 2023 à 10 h 00" in _body(
        blocked, "plain"
    )
    post.at(11, 7)
    post.run()
    assert post.told[2:] == [("agent@example.org", "Télétransmission : 1 accusé de réception")]


@pytest.mark.parametrize(
    ("zone", "month", "day", "before", "after"),
    [
        ("Europe/Paris", 3, 11, 5, 6),
        ("America/Cayenne", 3, 11, 9, 10),
        # The night when clocks go forward, and the one when they go back.
        ("Europe/Paris", 3, 26, 4, 5),
        ("Europe/Paris", 10, 29, 5, 6),
    ],
)
def test_the_daily_mail_is_written_at_seven_of_the_authority_s_clock(
    post: Post, zone: str, month: int, day: int, before: int, after: int
) -> None:
    post.bench.changed(lambda owner: replace(owner, time_zone=zone))
    post.at(day, before - 12 if before > 12 else 0, month=month)
    post.bench.clock.advance(-8 * 3600)
    post.person("assemblees", Grant(Role.AGENT, HERE))
    post.begin()
    post.bench.acknowledged()
    post.bench.acknowledged()
    post.run()
    post.at(day, before, 59, month)
    post.run()
    assert post.told == []
    post.at(day, after, month=month)
    post.run()
    post.run()
    assert post.told == [(AGENT, "Télétransmission : 2 accusés de réception")]
    post.at(day, after + 5, month=month)
    post.bench.acknowledged()
    post.run()
    assert len(post.mails) == 1


def test_a_service_that_was_away_at_seven_writes_the_daily_mail_once_it_is_back(
    post: Post,
) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE))
    post.begin()
    post.bench.acknowledged()
    post.run()
    post.at(13, 15)
    post.run()
    assert len(post.mails) == 1


@pytest.mark.parametrize("lost", ["role", "account", "wish"])
def test_who_may_no_longer_read_or_wants_no_more_is_not_told(post: Post, lost: str) -> None:
    person_id = post.person("assemblees", Grant(Role.AGENT, HERE))
    post.person("autre", Grant(Role.AGENT, HERE))
    post.begin()
    post.bench.acknowledged()
    post.run()
    if lost == "role":
        revoke_role(post.bench.tools, "assemblees", Grant(Role.AGENT, HERE), BY)
    elif lost == "account":
        disable_person(post.bench.tools, "assemblees", BY)
    else:
        with post.bench.tools.register() as unit:
            unit.keep_wishes(person_id, {Kind.AR: Pace.NEVER})
            unit.commit()
    post.at(11, 7)
    post.run()
    assert post.told == [("autre@example.org", "Télétransmission : 1 accusé de réception")]


def test_nobody_is_told_of_an_authority_where_they_have_no_role(post: Post) -> None:
    post.person("ici", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.person("ailleurs", Grant(Role.AGENT, THERE), wishes=EVERY_KIND)
    post.person("partout", Grant(Role.READER), wishes={Kind.AR: Pace.AT_ONCE})
    post.person("nulle-part", wishes=EVERY_KIND)
    post.person("sans-adresse", Grant(Role.AGENT, HERE), address="", wishes=EVERY_KIND)
    post.begin()
    post.bench.acknowledged()
    post.run()
    assert [to for to, _ in post.told] == ["ici@example.org", "partout@example.org"]
    assert not any(THERE in _body(each, "plain") for each in post.mails)
    post.bench.acknowledged(authority_id=post.bench.second_id)
    post.run()
    assert [to for to, _ in post.told[2:]] == ["ailleurs@example.org", "partout@example.org"]
    assert not any(HERE in _body(each, "plain") for each in post.mails[2:])
    assert all(str(each["To"]).count("@") == 1 and each["Cc"] is None for each in post.mails)


def test_two_people_who_share_an_address_get_one_mail_with_all_of_it(post: Post) -> None:
    shared = "Actes@Example.org"
    post.person("une", Grant(Role.READER, HERE), address=shared, wishes={Kind.AR: Pace.AT_ONCE})
    post.person(
        "autre", Grant(Role.READER, HERE), address=shared.lower(),
        wishes={Kind.AR: Pace.AT_ONCE, Kind.INCERTAIN: Pace.AT_ONCE},
    )  # fmt: skip
    post.begin()
    post.bench.acknowledged()
    post.bench.in_doubt()
    post.run()
    assert [subject for _, subject in post.told] == [
        "Télétransmission : 1 envoi incertain, 1 accusé de réception"
    ]


def test_whoever_decides_is_not_told_of_their_own_decision(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.person("juriste", Grant(Role.READER, HERE), wishes=EVERY_KIND)
    post.begin()
    cancel(post.bench.tools, post.bench.acte().acte_id, Author("assemblees", "à reprendre"))
    post.run()
    assert [to for to, _ in post.told] == ["juriste@example.org"]
    assert "Retiré avant tout envoi" in _body(post.mails[0], "plain")
    assert "à reprendre" not in _body(post.mails[0], "plain")


def test_a_process_that_dies_while_it_writes_writes_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DeadError(BaseException):
        pass

    def die(*_: Any) -> None:
        raise DeadError

    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    post.bench.acknowledged()
    with monkeypatch.context() as dying:
        dying.setattr(PostgresUnitOfWork, "move_followed", die)
        with pytest.raises(DeadError):
            post.write()
    assert notices(post.bench.engine) == []
    post.run()
    assert len(post.mails) == 1


def test_a_process_that_dies_between_writing_and_sending_sends_once_it_is_back(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DeadError(BaseException):
        pass

    def die(*_: Any) -> None:
        raise DeadError

    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    post.bench.acknowledged()
    post.write()
    with monkeypatch.context() as dying:
        dying.setattr(SmtpMailer, "send", die)
        with pytest.raises(DeadError):
            post.bench.run("deliver")
    (written,) = notices(post.bench.engine, "mail")
    assert written.delivered_at is None
    post.bench.clock.advance(3600)
    with post.bench.tools.register() as unit:
        unit.ring("deliver", post.bench.authority_id)
        unit.commit()
    post.run()
    assert len(post.mails) == 1
    assert notices(post.bench.engine, "mail")[0].delivered_at is not None


def test_who_lost_the_right_between_writing_and_sending_is_not_told(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    post.bench.acknowledged()
    post.write()
    revoke_role(post.bench.tools, "assemblees", Grant(Role.AGENT, HERE), BY)
    post.bench.run("deliver")
    assert post.mails == []
    (written,) = notices(post.bench.engine, "mail")
    assert "n'est plus celle" in written.failure
    assert written.next_attempt_at is None


def test_two_runs_at_once_tell_everything_once(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE), wishes=EVERY_KIND)
    post.begin()
    post.bench.acknowledged()
    together = Barrier(4)

    def run() -> None:
        together.wait(20)
        tell_people(post.bench.tools, post.bench.authority_id)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(run) for _ in range(4)]:
            each.result(60)
    assert len(notices(post.bench.engine, "mail")) == 1


def test_what_stays_without_an_answer_is_told_once(post: Post) -> None:
    post.person("operateur", Grant(Role.OPERATOR, HERE))
    post.begin()
    sent = post.bench.sent()
    post.begin()
    found = Finding(
        check=ACCUSE_ABSENT.code, key=f"acte:{sent.acte_id}", severity=Severity.ATTENTION,
        message="m", remedy="r", evidence=(), article="a", rule="EL-3",
        acte_id=sent.acte_id, collectivite_id=post.bench.authority_id,
    )  # fmt: skip
    for _ in range(2):
        with post.bench.tools.register() as unit:
            examined = Examined(frozenset({ACCUSE_ABSENT.code}))
            unit.save_findings(post.bench.authority_id, examined, [found], post.bench.clock.now())
            unit.commit()
        post.run()
    assert [subject for _, subject in post.told] == [
        "Télétransmission : 1 envoi en attente d'un opérateur"
    ]
    assert "toujours sans accusé de réception le 10 mars 2023" in _body(post.mails[0], "plain")


@dataclass(frozen=True)
class Ending:
    """A file that ends."""

    not_after: datetime

    def endings(self, owner: object) -> list[HeldEnding]:
        del owner
        return [HeldEnding("Le certificat du compte chez TdT d'essai", self.not_after)]


def test_what_ends_is_told_sixty_thirty_seven_and_one_days_before_each_once(post: Post) -> None:
    post.person("operateur", Grant(Role.OPERATOR, HERE))
    post.person("lecteur", Grant(Role.READER, HERE))
    end = datetime(2023, 5, 20, 22, 30, tzinfo=UTC)  # the 21st in Paris
    certificates: Any = Ending(end)
    post.bench.tools = replace(post.bench.tools, certificates=certificates)
    post.begin()
    days = []
    for _ in range(75):
        post.bench.clock.advance(24 * 3600)
        before = len(post.mails)
        post.run()
        days += [post.bench.clock.now().date()] * (len(post.mails) - before)
    last = datetime(2023, 5, 21, tzinfo=UTC).date()
    assert [(last - day).days for day in days] == [60, 30, 7, 1]
    assert {to for to, _ in post.told} == {"operateur@example.org"}
    assert post.told[0][1] == "Télétransmission : 1 expiration proche"
    line = "Le certificat du compte chez TdT d'essai expire le 21 mai 2023"
    assert all(line in _body(each, "plain") for each in post.mails)


def test_an_authority_that_nobody_listens_to_any_more_keeps_nothing(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE))
    post.begin()
    post.bench.acknowledged()
    post.run()
    with post.bench.engine.connect() as connection:
        assert len(connection.execute(select(mail_mention)).all()) == 1
    disable_person(post.bench.tools, "assemblees", BY)
    post.run()
    with post.bench.engine.connect() as connection:
        assert connection.execute(select(mail_mention)).all() == []
        assert connection.execute(select(mail_place)).all() == []


def test_a_quiet_run_rings_for_nobody(post: Post) -> None:
    post.person("assemblees", Grant(Role.AGENT, HERE))
    post.begin()
    post.run()
    ring_people(post.bench.tools)
    assert post.bench.bells() == []
    post.bench.clock.advance(timedelta(days=1).total_seconds())
    ring_people(post.bench.tools)
    assert post.bench.bells() == [("inform", post.bench.authority_id)]
