"""What every connector must do with acts, tried against a real program that speaks the other side.

What a kind of TdT cannot do is asked of its capabilities.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.parcels import new_act, renamed, request_of_classification
from tests.support.sides import Side
from transmission.domain.outcomes import Absent, Accepted, Duplicate, Found, InDoubt, Refused
from transmission.ports import Collected, Parcel, Situation, TdtConnector
from transmission.tdt.registry import ConnectorRegistry, Timeouts

Requires = Callable[[bool], None]


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
    mock: Any, side: Side, connector: TdtConnector
) -> None:
    before = mock.calls(side.script("1-1"))
    parcel = new_act()
    exchange = connector.submit(parcel)
    assert isinstance(exchange.outcome, Accepted)
    assert mock.calls(side.script("1-1")) == before + 1
    assert exchange.response.startswith(b"HTTP/1.1 200 ")
    assert parcel.archive_sha256 in exchange.request


def test_what_arrives_is_what_was_sealed(mock: Any, connector: TdtConnector) -> None:
    parcel = new_act(codes=("99_DE", "21_RP", "99_AU"))
    accepted(connector, parcel)
    act = mock.received()["acts"][str(parcel.message.id_acte)]
    sent = {
        document.nom_fichier: hashlib.sha256(document.open().read()).hexdigest()
        for document in parcel.documents
    }
    assert {each["name"]: each["sha256"] for each in act["documents"]} == sent


def test_the_same_parcel_again_is_a_duplicate_of_the_first(
    mock: Any, side: Side, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act()
    reference = accepted(connector, parcel)
    before = mock.calls(side.script("1-1"))
    assert connector.submit(parcel).outcome == Duplicate(reference)
    assert mock.calls(side.script("1-1")) == before + 1
    assert mock.received()["acts"][str(parcel.message.id_acte)]["accepted"] == 1


def test_a_refusal_keeps_nothing(connector: TdtConnector, requires: Requires) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act("REFUSE")
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, Refused)
    assert outcome.reason == "Refus demandé au simulateur"
    assert connector.find(parcel) == Absent()


def test_a_number_is_told_from_the_same_number_of_another_day(
    connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    first, other = new_act(), new_act()
    reference = accepted(connector, first)
    number = first.message.id_acte.numero_interne
    assert connector.find(renamed(other, numero_interne=number)) == Found(reference)
    day = other.message.date_classification
    assert connector.find(renamed(other, numero_interne=number, date_decision=day)) == Absent()


def test_a_long_object_passes_up_to_the_bound(connector: TdtConnector) -> None:
    accepted(connector, new_act(objet="é" * connector.capabilities.objet_max))


def test_as_many_annexes_as_announced_pass(connector: TdtConnector) -> None:
    annexes = ("99_AU",) * connector.capabilities.annexes_max
    accepted(connector, new_act(codes=("99_DE", *annexes)))


def test_a_pkcs12_opens_the_account_too(
    mock: Any, registry: Any, side: Side, tmp_path: Any
) -> None:
    (tmp_path / "secret").write_text(mock.account["p12_password"])
    account = side.account(
        mock,
        certificate_file=mock.account["p12_file"],
        key_file=None,
        passphrase_file=str(tmp_path / "secret"),
    )
    accepted(registry.connector(account), new_act())


# --- finding -----------------------------------------------------------------------------------


def test_a_parcel_is_absent_before_and_found_after(
    connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act()
    assert connector.find(parcel) == Absent()
    reference = accepted(connector, parcel)
    assert connector.find(parcel) == Found(reference)


@pytest.mark.parametrize("fate", ["ar", "anomalie_acte", "tdt_error", "silence"])
def test_a_parcel_is_found_whatever_became_of_it(
    mock: Any, connector: TdtConnector, requires: Requires, fate: str
) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act()
    mock.set("/scenario", scenario=fate, number=parcel.message.id_acte.numero_interne)
    reference = accepted(connector, parcel)
    assert connector.find(parcel) == Found(reference)


def test_a_parcel_is_found_while_it_waits(
    mock: Any, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    mock.set("/delays", check=60, sending=60, answer=60)
    parcel = new_act()
    reference = accepted(connector, parcel)
    for _ in range(4):
        assert connector.find(parcel) == Found(reference)
        mock.set("/clock", advance=60)


# --- faults on the wire ------------------------------------------------------------------------

NOTHING_DONE = ["cut_before_body", "cut_mid_body", "cut_before_accept", "error_500_before"]
ALL_DONE = ["cut_after_accept", "cut_mid_answer", "error_500"]


@pytest.mark.parametrize("fault", [*NOTHING_DONE, "redirect", *ALL_DONE])
def test_a_failure_is_a_doubt_after_one_request(
    mock: Any, side: Side, connector: TdtConnector, fault: str
) -> None:
    before = mock.calls(side.script("1-1"))
    connector.check()
    mock.set("/faults", fault=fault, paths=[side.script("1-1")])
    assert isinstance(connector.submit(new_act()).outcome, InDoubt)
    assert mock.calls(side.script("1-1")) == before + 1


@pytest.mark.parametrize("fault", [*NOTHING_DONE, "redirect"])
def test_after_a_failure_before_acceptance_comes_an_absence(
    mock: Any, side: Side, connector: TdtConnector, requires: Requires, fault: str
) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act()
    mock.set("/faults", fault=fault, paths=[side.script("1-1")])
    assert isinstance(connector.submit(parcel).outcome, InDoubt)
    assert connector.find(parcel) == Absent()
    accepted(connector, parcel)


@pytest.mark.parametrize("fault", ALL_DONE)
def test_after_a_failure_past_acceptance_comes_a_find(
    mock: Any, side: Side, connector: TdtConnector, requires: Requires, fault: str
) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act()
    mock.set("/faults", fault=fault, paths=[side.script("1-1")])
    assert isinstance(connector.submit(parcel).outcome, InDoubt)
    found = connector.find(parcel)
    assert isinstance(found, Found)
    assert connector.submit(parcel).outcome == Duplicate(found.reference)


def test_an_answer_too_late_is_a_doubt(mock: Any, side: Side) -> None:
    hurried = ConnectorRegistry(Timeouts(connect=5.0, read=1.0)).connector(side.account(mock))
    parcel = new_act()
    before = mock.calls(side.script("1-1"))
    mock.set("/faults", fault="slow", seconds=3, paths=[side.script("1-1")])
    assert isinstance(hurried.submit(parcel).outcome, InDoubt)
    assert mock.calls(side.script("1-1")) == before + 1
    if hurried.capabilities.has_status:
        assert isinstance(hurried.find(parcel), Found)


# --- collecting --------------------------------------------------------------------------------


def test_an_ar_is_collected_after_a_wait(
    mock: Any, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    mock.set("/delays", check=10, sending=10, answer=3600)
    reference = accepted(connector, new_act())
    seen = []
    for _ in range(3):
        seen.append(collected(connector, reference).situation)
        mock.set("/clock", advance=10)
    assert seen == [Situation.WAITING, Situation.WAITING, Situation.DELIVERED]
    mock.set("/clock", advance=3600)
    found = collected(connector, reference)
    assert found.situation is Situation.ANSWERED
    assert found.message is not None
    assert b"ARActe" in found.message
    assert found.body.endswith(found.message)


@pytest.mark.parametrize(
    ("fate", "root", "words"),
    [
        ("anomalie_acte", b":AnomalieActe>", "Anomalie signalée"),
        ("anomalie_enveloppe", b":AnomalieEnveloppe>", "Enveloppe rejetée"),
    ],
)
def test_an_anomalie_is_parted_from_the_words_of_the_tdt(
    mock: Any,
    connector: TdtConnector,
    requires: Requires,
    fate: str,
    root: bytes,
    words: str,
) -> None:
    requires(connector.capabilities.has_status)
    parcel = new_act()
    mock.set("/scenario", scenario=fate, number=parcel.message.id_acte.numero_interne)
    found = collected(connector, accepted(connector, parcel))
    assert found.situation is Situation.ANSWERED
    assert found.message is not None
    assert found.message.rstrip().endswith(root)
    assert found.message in found.body
    assert found.text.startswith(words)


def test_an_error_of_the_tdt_alone_has_words_and_no_message(
    connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.has_status)
    found = collected(connector, accepted(connector, new_act("MOINS1")))
    assert (found.situation, found.message) == (Situation.REFUSED_BY_TDT, None)
    assert "fichier infecté" in found.text


def test_an_unknown_reference_decides_nothing(connector: TdtConnector) -> None:
    assert not isinstance(connector.collect("999999"), Collected)


# --- all that waits ----------------------------------------------------------------------------


def test_what_waits_is_listed_and_nothing_else(
    mock: Any, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.lists_waiting)
    accepted(connector, new_act())
    before = set(connector.waiting())
    mock.set("/delays", check=60, sending=60, answer=3600)
    first = accepted(connector, new_act())
    mock.set("/clock", advance=120)
    second = accepted(connector, new_act())
    found = {key: each for key, each in connector.waiting().items() if key not in before}
    assert {key: each.situation for key, each in found.items()} == {
        first: Situation.DELIVERED,
        second: Situation.WAITING,
    }
    assert all(each.message is None and each.text for each in found.values())
    mock.set("/clock", advance=3600)
    assert first not in connector.waiting()
    assert second in connector.waiting()
    assert collected(connector, first).situation is Situation.ANSWERED


def test_more_than_a_page_may_wait(mock: Any, connector: TdtConnector, requires: Requires) -> None:
    requires(connector.capabilities.lists_waiting)
    mock.set("/delays", check=60, sending=60, answer=60)
    references = {accepted(connector, new_act(codes=("99_DE",))) for _ in range(12)}
    assert references <= set(connector.waiting())
    mock.set("/clock", advance=180)
    assert references.isdisjoint(connector.waiting())


# --- classification ----------------------------------------------------------------------------


def test_a_classification_that_is_missing_is_asked_for_then_fetched(
    mock: Any, connector: TdtConnector, requires: Requires
) -> None:
    requires(connector.capabilities.gives_classification)
    mock.set("/classification", forget=True)
    assert connector.fetch_classification() is None
    asked = connector.request_classification(request_of_classification())
    assert isinstance(asked.outcome, Accepted)
    fetched = connector.fetch_classification()
    assert isinstance(fetched, bytes)
    assert fetched == connector.fetch_classification()
