"""The direct route against the mock's ministry, with a real mail server between them."""

import email
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.policy import default
from io import BytesIO
from typing import Any

import pytest

from tests.support.dovecot import MailServer, mail_server
from tests.support.parcels import Thread, cancellation, new_act, request_of_classification
from tests.support.sides import START, Mock, running
from transmission.actes.retours import read_retour
from transmission.domain.collectivite import Mailbox, TdtAccount
from transmission.domain.outcomes import Accepted, CannotTell, InDoubt
from transmission.embedded.processes import wait_until
from transmission.ports import InboxItem, Parcel, TdtConnector
from transmission.tdt.registry import ConnectorRegistry, Timeouts

PATIENCE_SECONDS = 30
SCRIPT = "depot"


@dataclass(frozen=True)
class Ministry:
    """The mock, the mail server, and a connector of ours between them."""

    mock: Mock
    mail: MailServer
    connector: TdtConnector

    def deposits(self) -> int:
        return self.mock.calls(SCRIPT)

    def mailed(self) -> list[dict[str, Any]]:
        """What the State has sent, oldest first, once all of it has arrived."""
        assert wait_until(lambda: all(each["delivered"] for each in self._mails()), 30)
        return self._mails()

    def items(self) -> list[InboxItem]:
        found = self.connector.inbox()
        assert not isinstance(found, CannotTell), found
        return list(found)

    def arrived(self, count: int = 1) -> list[InboxItem]:
        """The inbox, once it holds so many mails."""
        assert wait_until(lambda: len(self.items()) >= count, PATIENCE_SECONDS)
        assert len(self.items()) == count
        return self.items()

    def read(self, item: InboxItem) -> bytes:
        target = BytesIO()
        assert self.connector.fetch(item, target) is None
        return target.getvalue()

    def confirm(self, *items: InboxItem) -> None:
        assert [self.connector.confirm(item) for item in items] == [None] * len(items)

    def answered(self, parcel: Parcel) -> dict[str, bytes]:
        """Deposit a parcel; the files of the one mail that answers, which is then removed."""
        assert self.connector.submit(parcel).outcome == Accepted(parcel.archive_name)
        return self.taken()

    def taken(self) -> dict[str, bytes]:
        """The files of the one mail that is there, which is then removed."""
        (item,) = self.arrived()
        files = unpacked(self.read(item))
        self.confirm(item)
        return files

    def _mails(self) -> list[dict[str, Any]]:
        return list(self.mock.received()["mails"])


def unpacked(mail: bytes) -> dict[str, bytes]:
    """Files of a mail by name, read by code that is not ours."""
    parts = email.message_from_bytes(mail, policy=default).walk()
    named = ((part.get_filename(), part.get_payload(decode=True)) for part in parts)
    return {name: content for name, content in named if name and isinstance(content, bytes)}


def message(files: dict[str, bytes], code: str) -> tuple[str, Any]:
    """Name and reading of the one message of a code."""
    (name,) = (each for each in files if f"-{code}_" in each and each.endswith(".xml"))
    return name, read_retour(files[name]).retour


@pytest.fixture(scope="session")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("ministry-mail")) as server:
        yield server


@pytest.fixture(scope="session")
def kept_ministry(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Ministry]:
    mailbox = Mailbox(mail.host, mail.user, str(mail.password_file), str(mail.ca_file), mail.port)
    options = ["--mailbox-host", mailbox.host, "--mailbox-port", str(mailbox.port)]
    options += ["--mailbox-user", mailbox.user, "--mailbox-ca-file", mailbox.ca_file]
    options += ["--mailbox-password-file", mailbox.password_file]
    with running(tmp_path_factory.mktemp("ministry"), *START, *options) as mock:
        account = TdtAccount(
            connector="ministere",
            nom="Commune de Saint-Exemple",
            base_url=mock.ready["url"] + "/ministere/depot",
            certificate_file=mock.account["certificate_file"],
            key_file=mock.account["key_file"],
            passphrase_file=None,
            ca_file=mock.ready["ca_file"],
            mailbox=mailbox,
        )
        registry = ConnectorRegistry(Timeouts(connect=5.0, read=30.0))
        yield Ministry(mock, mail, registry.connector(account))


@pytest.fixture
def ministry(kept_ministry: Ministry) -> Iterator[Ministry]:
    """Calm, its mailbox empty; its rules are forgotten after each test."""
    yield kept_ministry
    kept_ministry.mock.set("/faults", fault="clear")
    kept_ministry.mock.set("/scenario", scenario="clear")
    kept_ministry.mailed()
    kept_ministry.confirm(*kept_ministry.items())


# --- depositing --------------------------------------------------------------------------------


def test_the_deposit_and_the_mailbox_let_us_in(ministry: Ministry) -> None:
    assert ministry.connector.check() is None


def test_a_parcel_is_delivered_with_one_request_as_it_was_sealed(ministry: Ministry) -> None:
    before = ministry.deposits()
    parcel = new_act(codes=("99_DE", "21_RP", "99_AU"))
    exchange = ministry.connector.submit(parcel)
    assert exchange.outcome == Accepted(parcel.archive_name)
    assert exchange.response.startswith(b"HTTP/1.1 200 ")
    assert ministry.deposits() == before + 1
    archives = ministry.mock.received()["archives"]
    assert archives[parcel.archive_sha256]["name"] == parcel.archive_name
    ministry.arrived()


@pytest.mark.parametrize("fault", ["cut_after_accept", "cut_mid_answer", "error_500"])
def test_a_deposit_whose_answer_is_lost_is_in_doubt_until_its_mail(
    ministry: Ministry, fault: str
) -> None:
    ministry.mock.set("/faults", fault=fault, paths=[SCRIPT])
    before, parcel = ministry.deposits(), new_act()
    exchange = ministry.connector.submit(parcel)
    assert isinstance(exchange.outcome, InDoubt)
    assert isinstance(ministry.connector.find(parcel), CannotTell)
    assert ministry.deposits() == before + 1
    _, ar = message(ministry.taken(), "1-2")
    assert ar.id_acte == parcel.message.id_acte
    assert ministry.mock.received()["acts"][str(parcel.message.id_acte)]["accepted"] == 1


@pytest.mark.parametrize(
    "fault", ["cut_mid_body", "cut_before_accept", "error_500_before", "redirect"]
)
def test_a_deposit_that_nobody_took_is_in_doubt_all_the_same(
    ministry: Ministry, fault: str
) -> None:
    ministry.mock.set("/faults", fault=fault, paths=[SCRIPT])
    before, parcel = ministry.deposits(), new_act()
    assert isinstance(ministry.connector.submit(parcel).outcome, InDoubt)
    assert isinstance(ministry.connector.find(parcel), CannotTell)
    assert ministry.deposits() == before + 1
    assert ministry.items() == []


# --- what the State mails ----------------------------------------------------------------------


def test_a_mail_is_read_to_the_byte_and_names_its_message(ministry: Ministry) -> None:
    parcel = new_act()
    ministry.connector.submit(parcel)
    (item,) = ministry.arrived()
    content = ministry.read(item)
    told = ministry.mailed()[-1]
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    assert len(content) == told["size"]
    name, ar = message(unpacked(content), "1-2")
    assert name in [each["file_name"] for each in told["messages"]]
    assert ar.id_acte == parcel.message.id_acte
    assert (item.reference, item.acte) == (None, None)


def test_what_is_not_confirmed_comes_again_and_what_is_does_not(ministry: Ministry) -> None:
    for _ in range(3):
        ministry.connector.submit(new_act())
    first, second, third = ministry.arrived(3)
    contents = [ministry.read(each) for each in (first, second, third)]
    assert ministry.items() == [first, second, third]
    ministry.confirm(second)
    assert ministry.items() == [first, third]
    assert [ministry.read(each) for each in (first, third)] == [contents[0], contents[2]]
    assert ministry.mail.mails() == [contents[0], contents[2]]
    ministry.confirm(second)


def test_an_anomaly_of_the_act_comes_by_mail(ministry: Ministry) -> None:
    parcel = new_act("ANOACT002")
    _, anomaly = message(ministry.answered(parcel), "1-3")
    assert anomaly.id_acte == parcel.message.id_acte
    assert anomaly.nature == "002"


def test_an_anomaly_of_the_envelope_comes_by_mail_under_its_name(ministry: Ministry) -> None:
    parcel = new_act("ANOENV")
    files = ministry.answered(parcel)
    name = parcel.archive_name.removeprefix("SLO-").removesuffix(".tar.gz")
    assert f"ANO_{name}.xml" in files
    read_retour(files[f"ANO_{name}.xml"])


def thread(ministry: Ministry, prefix: str, code: str) -> tuple[Thread, dict[str, bytes]]:
    """An act, its AR, and the letter that comes about it, whose mail stays."""
    act = new_act(prefix)
    assert isinstance(ministry.connector.submit(act).outcome, Accepted)
    ar, item = ministry.arrived(2)
    message(unpacked(ministry.read(ar)), "1-2")
    files = unpacked(ministry.read(item))
    _, letter = message(files, code)
    ministry.confirm(ar, item)
    return Thread(act, act.archive_name, item, letter.date_courrier_pref), files


@pytest.mark.parametrize(
    ("prefix", "code"), [("COUSIM", "2-1"), ("DEMPIE", "3-1"), ("LETOBS", "4-1")]
)
def test_a_letter_comes_by_mail_with_its_document(
    ministry: Ministry, prefix: str, code: str
) -> None:
    about, files = thread(ministry, prefix, code)
    _, letter = message(files, code)
    assert letter.id_acte == about.act.message.id_acte
    assert files[letter.document.nom_fichier].startswith(b"%PDF-")


def test_a_referral_to_the_court_comes_by_mail_with_its_documents(ministry: Ministry) -> None:
    act = new_act("DEFERE")
    ministry.connector.submit(act)
    ar, item = ministry.arrived(2)
    files = unpacked(ministry.read(item))
    _, defere = message(files, "5-1")
    assert defere.id_acte == act.message.id_acte
    assert all(each.nom_fichier in files for each in defere.pieces_jointes)
    ministry.confirm(ar, item)


@pytest.mark.parametrize(
    ("prefix", "letter", "receipt", "answer", "ar"),
    [
        ("DEMPIE", "3-1", "3-2", "3-4", "3-5"),
        ("DEMPIE", "3-1", "3-2", "3-3", "3-5"),
        ("LETOBS", "4-1", "4-2", "4-4", "4-5"),
        ("LETOBS", "4-1", "4-2", "4-3", "4-5"),
    ],
)
def test_an_answer_is_acknowledged_by_mail_and_a_receipt_is_not(
    ministry: Ministry, prefix: str, letter: str, receipt: str, answer: str, ar: str
) -> None:
    about, _ = thread(ministry, prefix, letter)
    owed = about.answer(receipt)
    assert ministry.connector.submit(owed).outcome == Accepted(owed.archive_name)
    _, read = message(ministry.answered(about.answer(answer)), ar)
    assert read.id_acte == about.act.message.id_acte
    assert read.date_courrier_pref == about.day
    assert ministry.items() == []


def test_a_simple_letter_is_answered_without_a_mail(ministry: Ministry) -> None:
    about, _ = thread(ministry, "COUSIM", "2-1")
    parcel = about.answer("2-2")
    assert ministry.connector.submit(parcel).outcome == Accepted(parcel.archive_name)
    ministry.mailed()
    assert ministry.items() == []


def test_a_cancellation_is_acknowledged_by_mail(ministry: Ministry) -> None:
    act = new_act()
    ministry.answered(act)
    _, ar = message(ministry.answered(cancellation(act, act.archive_name)), "6-2")
    assert ar.id_acte == act.message.id_acte


def test_a_classification_is_asked_for_by_a_deposit_and_comes_by_mail(ministry: Ministry) -> None:
    parcel = request_of_classification()
    exchange = ministry.connector.request_classification(parcel)
    assert exchange.outcome == Accepted(parcel.archive_name)
    assert ministry.connector.fetch_classification() is None
    _, classification = message(ministry.taken(), "7-2")
    assert classification is not None


# --- what goes wrong ---------------------------------------------------------------------------


def test_a_mail_server_that_is_down_loses_nothing(ministry: Ministry) -> None:
    ministry.connector.submit(new_act())
    (item,) = ministry.arrived()
    content = ministry.read(item)
    ministry.mail.stop()
    try:
        asked: list[Callable[[], Any]] = [
            ministry.connector.check,
            ministry.connector.inbox,
            lambda: ministry.connector.confirm(item),
        ]
        assert all(isinstance(ask(), CannotTell) for ask in asked)
        parcel = new_act()
        assert ministry.connector.submit(parcel).outcome == Accepted(parcel.archive_name)
    finally:
        ministry.mail.start()
    assert ministry.read(item) == content
    assert len(ministry.arrived(2)) == 2
