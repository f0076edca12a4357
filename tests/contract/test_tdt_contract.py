"""What every connector must do, tried against a real program that speaks the other side."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from transmission.domain.outcomes import (
    Absent,
    Accepted,
    CannotTell,
    Duplicate,
    Found,
    InDoubt,
    Refused,
    Unavailable,
)
from transmission.ports import Collected, Parcel, Situation, TdtConnector
from transmission.tdt.registry import ConnectorRegistry, Timeouts

SIREN = "123456782"
SCRIPT = {"enveloppe": "actes_transac_submit.php", "champs": "actes_transac_create.php"}
NewParcel = Callable[..., Parcel]


def accepted(connector: TdtConnector, parcel: Parcel) -> str:
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, Accepted)
    return outcome.reference


def collected(connector: TdtConnector, reference: str) -> Collected:
    found = connector.collect(reference)
    assert isinstance(found, Collected)
    return found


# --- sending -----------------------------------------------------------------------------------


def test_the_account_is_known(connector: TdtConnector) -> None:
    assert connector.check() is None


def test_a_parcel_is_accepted_with_one_request(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    before = mock.deposits()
    parcel = new_parcel()
    exchange = connector.submit(parcel)
    assert isinstance(exchange.outcome, Accepted)
    assert mock.deposits() == before + 1
    assert exchange.response.startswith(b"HTTP/1.1 200 ")
    assert parcel.archive_sha256 in exchange.request


def test_what_arrives_is_what_was_sealed(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel, mode: str
) -> None:
    parcel = new_parcel(codes=("99_DE", "21_RP", "99_AU"))
    accepted(connector, parcel)
    received = mock.received()
    act = received["acts"][str(parcel.message.id_acte)]
    sent = {
        document.nom_fichier: hashlib.sha256(document.open().read()).hexdigest()
        for document in parcel.documents
    }
    assert {each["name"]: each["sha256"] for each in act["documents"]} == sent
    if mode == "enveloppe":
        assert received["archives"][parcel.archive_sha256]["name"] == parcel.archive_name


def test_the_same_parcel_again_is_a_duplicate_of_the_first(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    parcel = new_parcel()
    reference = accepted(connector, parcel)
    before = mock.deposits()
    assert connector.submit(parcel).outcome == Duplicate(reference)
    assert mock.deposits() == before + 1
    assert mock.received()["acts"][str(parcel.message.id_acte)]["accepted"] == 1


def test_a_refusal_keeps_nothing(mock: Any, connector: TdtConnector, new_parcel: NewParcel) -> None:
    parcel = new_parcel("REFUSE")
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, Refused)
    assert outcome.reason == "Refus demandé au simulateur"
    assert connector.find(parcel) == Absent()


def test_the_number_of_another_act_is_a_refusal(
    connector: TdtConnector, new_parcel: NewParcel
) -> None:
    first = new_parcel()
    accepted(connector, first)
    other = new_parcel()
    stolen = replace(
        other.message,
        id_acte=replace(other.message.id_acte, numero_interne=first.message.id_acte.numero_interne),
    )
    finding = connector.find(replace(first, acte=stolen, stem=first.stem))
    assert isinstance(finding, Found)
    another_day = replace(stolen.id_acte, date_decision=other.message.date_classification)
    absent = replace(first, acte=replace(stolen, id_acte=another_day), stem=another_day.stem())
    assert connector.find(absent) == Absent()


def test_a_long_object_passes_up_to_the_bound(
    connector: TdtConnector, new_parcel: NewParcel
) -> None:
    accepted(connector, new_parcel(objet="é" * connector.capabilities.objet_max))


def test_as_many_annexes_as_announced_pass(connector: TdtConnector, new_parcel: NewParcel) -> None:
    annexes = ("99_AU",) * connector.capabilities.annexes_max
    accepted(connector, new_parcel(codes=("99_DE", *annexes)))


# --- finding -----------------------------------------------------------------------------------


def test_a_parcel_is_absent_before_and_found_after(
    connector: TdtConnector, new_parcel: NewParcel
) -> None:
    parcel = new_parcel()
    assert connector.find(parcel) == Absent()
    reference = accepted(connector, parcel)
    assert connector.find(parcel) == Found(reference)


# --- rights ------------------------------------------------------------------------------------


def test_a_pkcs12_opens_the_account_too(
    mock: Any, registry: Any, account_at: Any, new_parcel: NewParcel, mode: str, tmp_path: Any
) -> None:
    (tmp_path / "secret").write_text(mock.account["p12_password"])
    account = account_at(
        mock,
        mode,
        certificate_file=mock.account["p12_file"],
        key_file=None,
        passphrase_file=str(tmp_path / "secret"),
    )
    accepted(registry.connector(account), new_parcel())


# --- collecting --------------------------------------------------------------------------------


def test_an_ar_is_collected_to_the_byte_after_a_wait(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    mock.set("/delays", check=10, sending=10, answer=3600)
    reference = accepted(connector, new_parcel())
    seen = []
    for _ in range(3):
        seen.append(collected(connector, reference).situation)
        mock.set("/clock", advance=10)
    assert seen == [Situation.WAITING] * 3
    mock.set("/clock", advance=3600)
    found = collected(connector, reference)
    alone = mock.plain(f"/modules/actes/actes_transac_get_ARActe.php?id={reference}&api=1")
    assert found.situation is Situation.ANSWERED
    assert found.message == alone
    assert b"ARActe" in alone
    assert found.body == b"OK\n4\n" + alone


# --- classification ----------------------------------------------------------------------------


def test_a_classification_that_is_missing_is_asked_for_then_fetched(
    mock: Any, connector: TdtConnector
) -> None:
    mock.set("/classification", forget=True)
    assert connector.fetch_classification() is None
    assert isinstance(connector.request_classification(None).outcome, Accepted)
    assert isinstance(connector.fetch_classification(), bytes)
