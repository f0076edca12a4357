"""The direct route against the mock's ministry, with a real mail server between them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from tests.support.parcels import Thread, cancellation, new_act, request_of_classification
from tests.support.sides import MINISTERE, Ministere, Mock
from transmission.actes.retours import read_retour
from transmission.domain.outcomes import Accepted, CannotTell, InDoubt
from transmission.ports import InboxItem, Parcel, TdtConnector

Write = Callable[..., Thread]


@dataclass(frozen=True)
class Ministry:
    """The mock, its mail server, and a connector of ours."""

    mock: Mock
    connector: TdtConnector

    def deposits(self) -> int:
        return self.mock.calls(MINISTERE.script("1-1"))

    def items(self) -> list[InboxItem]:
        """The inbox, once all that the State sent has arrived."""
        MINISTERE.settle(self.mock)
        found = self.connector.inbox()
        assert not isinstance(found, CannotTell), found
        return list(found)

    def read(self, item: InboxItem) -> bytes:
        target = BytesIO()
        assert self.connector.fetch(item, target) is None
        return target.getvalue()

    def answered(self, parcel: Parcel) -> dict[str, bytes]:
        """Deposit a parcel; the files of the one mail that answers, which is then removed."""
        assert self.connector.submit(parcel).outcome == Accepted(parcel.archive_name)
        return self.taken()

    def taken(self) -> dict[str, bytes]:
        """The files of the one mail that is there, which is then removed."""
        (item,) = self.items()
        files = MINISTERE.unpacked(self.read(item))
        assert self.connector.confirm(item) is None
        return files


def message(files: dict[str, bytes], code: str) -> tuple[str, Any]:
    """Name and reading of the one message of a code."""
    (name,) = (each for each in files if f"-{code}_" in each and each.endswith(".xml"))
    return name, read_retour(files[name]).retour


@pytest.fixture
def side() -> Ministere:
    return MINISTERE


@pytest.fixture
def ministry(mock: Mock, connector: TdtConnector) -> Ministry:
    return Ministry(mock, connector)


# --- depositing --------------------------------------------------------------------------------


def test_a_parcel_arrives_as_it_was_sealed_and_its_name_is_its_reference(
    ministry: Ministry,
) -> None:
    parcel = new_act()
    assert ministry.connector.submit(parcel).outcome == Accepted(parcel.archive_name)
    archives = ministry.mock.received()["archives"]
    assert archives[parcel.archive_sha256]["name"] == parcel.archive_name


@pytest.mark.parametrize("fault", ["cut_after_accept", "cut_mid_answer", "error_500"])
def test_a_deposit_whose_answer_is_lost_is_in_doubt_until_its_mail(
    ministry: Ministry, fault: str
) -> None:
    ministry.mock.set("/faults", fault=fault, paths=[MINISTERE.script("1-1")])
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
    ministry.mock.set("/faults", fault=fault, paths=[MINISTERE.script("1-1")])
    before, parcel = ministry.deposits(), new_act()
    assert isinstance(ministry.connector.submit(parcel).outcome, InDoubt)
    assert isinstance(ministry.connector.find(parcel), CannotTell)
    assert ministry.deposits() == before + 1
    assert ministry.items() == []


# --- what the State mails ----------------------------------------------------------------------


def test_a_mail_is_read_to_the_byte_and_names_its_message(ministry: Ministry) -> None:
    parcel = new_act()
    ministry.connector.submit(parcel)
    (item,) = ministry.items()
    content = ministry.read(item)
    told = ministry.mock.received()["mails"][-1]
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    assert len(content) == told["size"]
    name, ar = message(MINISTERE.unpacked(content), "1-2")
    assert name in [each["file_name"] for each in told["messages"]]
    assert ar.id_acte == parcel.message.id_acte
    assert (item.reference, item.acte) == (None, None)


def test_what_is_not_confirmed_comes_again_and_what_is_does_not(ministry: Ministry) -> None:
    for _ in range(3):
        ministry.connector.submit(new_act())
    first, second, third = ministry.items()
    contents = [ministry.read(each) for each in (first, second, third)]
    assert ministry.items() == [first, second, third]
    assert ministry.connector.confirm(second) is None
    assert ministry.items() == [first, third]
    assert [ministry.read(each) for each in (first, third)] == [contents[0], contents[2]]
    assert ministry.mock.mail is not None
    assert ministry.mock.mail.mails() == [contents[0], contents[2]]


def test_an_anomaly_of_the_act_comes_by_mail(ministry: Ministry) -> None:
    parcel = new_act("ANOACT002")
    _, anomaly = message(ministry.answered(parcel), "1-3")
    assert anomaly.acte_recu.numero_interne == parcel.message.id_acte.numero_interne
    assert anomaly.nature == "002"


def test_an_anomaly_of_the_envelope_comes_by_mail_under_its_name(ministry: Ministry) -> None:
    parcel = new_act("ANOENV")
    files = ministry.answered(parcel)
    name = parcel.archive_name.removeprefix("SLO-").removesuffix(".tar.gz")
    assert f"ANO_{name}.xml" in files
    read_retour(files[f"ANO_{name}.xml"])


@pytest.mark.parametrize(
    ("prefix", "code"), [("COUSIM", "2-1"), ("DEMPIE", "3-1"), ("LETOBS", "4-1"), ("DEFERE", "5-1")]
)
def test_a_letter_comes_by_mail_after_the_ar_with_its_documents(
    ministry: Ministry, prefix: str, code: str
) -> None:
    act = new_act(prefix)
    ministry.connector.submit(act)
    ar, item = ministry.items()
    message(MINISTERE.unpacked(ministry.read(ar)), "1-2")
    files = MINISTERE.unpacked(ministry.read(item))
    _, letter = message(files, code)
    assert letter.id_acte == act.message.id_acte
    documents = letter.pieces_jointes if code == "5-1" else (letter.document,)
    assert all(files[each.nom_fichier].startswith(b"%PDF-") for each in documents)


@pytest.mark.parametrize(
    ("kind", "receipt", "answer", "ar"),
    [
        ("demande_piece_complementaire", "3-2", "3-4", "3-5"),
        ("demande_piece_complementaire", "3-2", "3-3", "3-5"),
        ("lettre_observations", "4-2", "4-4", "4-5"),
        ("lettre_observations", "4-2", "4-3", "4-5"),
    ],
)
def test_an_answer_is_acknowledged_by_mail_and_a_receipt_is_not(
    ministry: Ministry, write: Write, kind: str, receipt: str, answer: str, ar: str
) -> None:
    about = write(kind, day="2026-03-14")
    before = len(ministry.items())
    owed = about.answer(receipt)
    assert ministry.connector.submit(owed).outcome == Accepted(owed.archive_name)
    assert len(ministry.items()) == before
    ministry.connector.submit(about.answer(answer))
    *_, item = ministry.items()
    _, read = message(MINISTERE.unpacked(ministry.read(item)), ar)
    assert read.id_acte == about.act.message.id_acte
    assert read.date_courrier_pref == about.day
    assert len(ministry.items()) == before + 1


def test_a_simple_letter_is_answered_without_a_mail(ministry: Ministry, write: Write) -> None:
    about = write("courrier_simple")
    before = ministry.items()
    assert isinstance(ministry.connector.submit(about.answer("2-2")).outcome, Accepted)
    assert ministry.items() == before


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
    message(ministry.taken(), "7-2")


# --- what goes wrong ---------------------------------------------------------------------------


def test_a_mail_server_that_is_down_loses_nothing(ministry: Ministry) -> None:
    mail = ministry.mock.mail
    assert mail is not None
    ministry.connector.submit(new_act())
    (item,) = ministry.items()
    content, parcel = ministry.read(item), new_act()
    mail.stop()
    try:
        for silence in (
            ministry.connector.check(),
            ministry.connector.inbox(),
            ministry.connector.confirm(item),
        ):
            assert isinstance(silence, CannotTell)
        assert ministry.connector.submit(parcel).outcome == Accepted(parcel.archive_name)
    finally:
        mail.start()
    assert ministry.read(item) == content
    _, ar = message(MINISTERE.unpacked(ministry.read(ministry.items()[1])), "1-2")
    assert ar.id_acte == parcel.message.id_acte
