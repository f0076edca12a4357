"""What is particular to S²LOW: its scripts, its rights, its versions, its archives."""

import json
import tarfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.support.parcels import Thread, new_act
from tests.support.sides import S2LOW_SIDES, SIREN, START, S2low
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
from transmission.tdt.registry import ConnectorRegistry

ACTES = "/modules/actes/"
FAULTS = [
    "cut_before_body",
    "cut_mid_body",
    "cut_before_accept",
    "error_500_before",
    "redirect",
    "cut_after_accept",
    "cut_mid_answer",
    "error_500",
]


@pytest.fixture(params=S2LOW_SIDES, ids=lambda side: side.name)
def side(request: pytest.FixtureRequest) -> S2low:
    chosen: S2low = request.param
    return chosen


def accepted(connector: TdtConnector, parcel: Parcel) -> str:
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, Accepted)
    return outcome.reference


def collected(connector: TdtConnector, reference: str) -> Collected:
    found = connector.collect(reference)
    assert isinstance(found, Collected)
    return found


# --- sending -----------------------------------------------------------------------------------


def test_an_envelope_arrives_under_its_name(mock: Any, side: S2low, connector: Any) -> None:
    parcel = new_act()
    accepted(connector, parcel)
    archives = mock.received()["archives"]
    if side.mode == "enveloppe":
        assert archives[parcel.archive_sha256]["name"] == parcel.archive_name
    else:
        assert parcel.archive_sha256 not in archives


def test_one_annexe_too_many_is_refused_field_by_field(
    side: S2low, connector: TdtConnector
) -> None:
    if side.mode == "enveloppe":
        pytest.skip("nothing bounds what an envelope holds")
    annexes = ("99_AU",) * (connector.capabilities.annexes_max + 1)
    outcome = connector.submit(new_act(codes=("99_DE", *annexes))).outcome
    assert isinstance(outcome, Refused)
    assert "Trop de fichiers" in outcome.reason


def test_signatures_reach_their_own_files(mock: Any, connector: TdtConnector) -> None:
    signatures = ("-----main-----", None, "-----annexe 2-----")
    parcel = new_act(codes=("99_DE", "99_AU", "21_RP"), signatures=signatures)
    reference = accepted(connector, parcel)
    listed = json.loads(
        mock.plain(f"{ACTES}actes_transac_get_files_list.php?transaction={reference}")
    )
    names = [document.nom_fichier for document in parcel.documents]
    assert [file["name"] for file in listed][1:] == names
    message = mock.plain(f"{ACTES}actes_download_file.php?file={listed[0]['id']}")
    assert message.count(b"Signature>") == 4
    assert b"-----annexe 2-----" in message


def test_an_answer_is_a_transaction_that_carries_its_files_in_order(
    mock: Any, connector: TdtConnector, write: Callable[..., Thread]
) -> None:
    thread = write("demande_piece_complementaire", day="2026-03-14")
    parcel = thread.answer("3-4", codes=("99_DE", "21_RP", "99_AU"))
    reference = accepted(connector, parcel)
    location, _ = mock.asked(f"{ACTES}actes_transac_get_document.php?id={reference}")
    archive = mock.plain(f"{ACTES}{location}")
    with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as opened:
        files = {each.name: opened.extractfile(each).read() for each in opened}  # type: ignore[union-attr]
    sent = {document.nom_fichier: document.open().read() for document in parcel.documents}
    assert sent.items() <= files.items()
    (message,) = (raw for name, raw in files.items() if name.endswith("-3-4_0.xml"))
    assert b'DateCourrierPref="2026-03-14"' in message
    places = [message.index(name.encode()) for name in sent]
    assert places == sorted(places)


def test_a_platform_that_fails_its_test_is_sent_nothing(mock: Any, side: S2low) -> None:
    cold = ConnectorRegistry().connector(side.account(mock))
    before = mock.calls(side.script("1-1"))
    mock.set("/faults", fault="error_500_before", paths=["test-connexion.php"])
    assert isinstance(cold.submit(new_act()).outcome, Unavailable)
    assert mock.calls(side.script("1-1")) == before


@pytest.mark.parametrize("fault", ["error_500_before", "redirect", "cut_before_body"])
@pytest.mark.parametrize("script", ["actes_transac_get_status.php", "list_actes.php"])
def test_a_find_that_fails_decides_nothing(
    mock: Any, connector: TdtConnector, fault: str, script: str
) -> None:
    parcel = new_act()
    reference = accepted(connector, parcel)
    mock.set("/faults", fault=fault, paths=[script])
    assert isinstance(connector.find(parcel), CannotTell)
    assert connector.find(parcel) == Found(reference)


@pytest.mark.parametrize("fault", ["error_500_before", "redirect", "cut_mid_answer"])
def test_a_find_of_an_answer_that_fails_decides_nothing(
    mock: Any, connector: TdtConnector, write: Callable[..., Thread], fault: str
) -> None:
    parcel = write("lettre_observations").answer("4-4")
    mock.set("/faults", fault=fault, paths=["actes_transac_get_document.php"])
    assert isinstance(connector.find(parcel), CannotTell)
    assert connector.find(parcel) == Absent()


# --- collecting --------------------------------------------------------------------------------


def test_an_ar_is_the_one_that_the_platform_gives_alone(mock: Any, connector: TdtConnector) -> None:
    reference = accepted(connector, new_act())
    alone = mock.plain(f"{ACTES}actes_transac_get_ARActe.php?id={reference}&api=1")
    found = collected(connector, reference)
    assert (found.message, found.body) == (alone, b"OK\n4\n" + alone)


@pytest.mark.parametrize("fault", ["cut_before_body", "cut_mid_answer", "error_500", "redirect"])
def test_a_collection_that_fails_decides_nothing(
    mock: Any, connector: TdtConnector, fault: str
) -> None:
    reference = accepted(connector, new_act())
    mock.set("/faults", fault=fault, paths=["actes_transac_get_status.php"])
    assert isinstance(connector.collect(reference), CannotTell)
    assert collected(connector, reference).situation is Situation.ANSWERED


@pytest.mark.parametrize("fault", ["error_500_before", "redirect", "cut_mid_answer"])
def test_lists_that_fail_tell_nothing_of_what_waits(
    mock: Any, connector: TdtConnector, fault: str
) -> None:
    mock.set("/faults", fault=fault, paths=["list_actes.php"])
    assert isinstance(connector.waiting(), CannotTell)
    assert not isinstance(connector.waiting(), CannotTell)


def test_an_act_kept_for_a_confirmation_says_so(
    mock: Any, side: S2low, connector: TdtConnector
) -> None:
    if side.mode == "enveloppe":
        pytest.skip("an envelope is never kept for a confirmation")
    mock.set("/account", siren=SIREN, permission="CS")
    parcel = new_act()
    reference = accepted(connector, parcel)
    mock.set("/account", siren=SIREN, permission="RW")
    found = collected(connector, reference)
    assert found.situation is Situation.WAITING
    assert "confirmer sur la plateforme" in found.text
    assert connector.find(parcel) == Found(reference)
    waiting = connector.waiting()
    assert not isinstance(waiting, CannotTell)
    assert waiting[reference].text == found.text


def test_a_classification_is_fetched_to_the_byte(mock: Any, connector: TdtConnector) -> None:
    fetched = connector.fetch_classification()
    assert isinstance(fetched, bytes)
    assert fetched == mock.plain(f"{ACTES}actes_classification_fetch.php?api=1")
    assert fetched.endswith(b"\r\n")


# --- letters -----------------------------------------------------------------------------------


def test_a_letter_is_the_archive_that_the_platform_gives_anyone(
    mock: Any, connector: TdtConnector, write: Callable[..., Thread]
) -> None:
    item = write("defere_ta").item
    location, _ = mock.asked(f"{ACTES}actes_transac_get_document.php?id={item.key}")
    target = BytesIO()
    assert connector.fetch(item, target) is None
    assert target.getvalue() == mock.plain(f"{ACTES}{location}")


# --- rights ------------------------------------------------------------------------------------


def test_a_stranger_is_told_so_and_sends_nothing(
    mock: Any, registry: ConnectorRegistry, side: S2low
) -> None:
    files = mock.ready["stranger"]
    stranger = side.account(
        mock, certificate_file=files["certificate_file"], key_file=files["key_file"]
    )
    before = mock.calls(side.script("1-1"))
    connector = registry.connector(stranger)
    assert isinstance(connector.check(), CannotTell)
    assert isinstance(connector.submit(new_act()).outcome, Unavailable)
    assert isinstance(connector.inbox(), CannotTell)
    assert isinstance(connector.waiting(), CannotTell)
    assert mock.calls(side.script("1-1")) == before


def test_a_certificate_that_is_not_rgs_is_a_refusal(mock: Any, connector: TdtConnector) -> None:
    mock.set("/account", siren=SIREN, rgs=False)
    outcome = connector.submit(new_act()).outcome
    assert isinstance(outcome, Refused)
    assert "RGS" in outcome.reason
    assert "<br" not in outcome.reason


def test_without_the_right_to_read_a_status_the_lists_still_tell(
    mock: Any, connector: TdtConnector
) -> None:
    parcel = new_act()
    reference = accepted(connector, parcel)
    mock.set("/account", siren=SIREN, permission="RO")
    assert connector.find(parcel) == Found(reference)
    assert isinstance(connector.collect(reference), CannotTell)


# --- other platforms ---------------------------------------------------------------------------


def test_version_6_takes_no_envelope_but_fields(start_mock: Any) -> None:
    registry = ConnectorRegistry()
    with start_mock("--calm", "--version", "6") as mock:
        parcel = new_act()
        ready_made = registry.connector(S2low("", "enveloppe").account(mock))
        outcome = ready_made.submit(parcel).outcome
        assert isinstance(outcome, Unavailable)
        assert "« champs »" in outcome.reason
        accepted(registry.connector(S2low("", "champs").account(mock)), parcel)


def test_version_4_writes_its_numbers_as_texts(start_mock: Any) -> None:
    with start_mock(*START, "--version", "4") as mock:
        connector = ConnectorRegistry().connector(S2low("", "champs").account(mock))
        reference = accepted(connector, new_act())
        mock.set("/courrier", kind="defere_ta", transaction=int(reference))
        (item,) = connector.inbox()
        assert item.acte == reference
        assert connector.fetch(item, BytesIO()) is None
        assert connector.confirm(item) is None
        assert connector.inbox() == []


@pytest.mark.parametrize("mode", ["enveloppe", "champs"])
def test_an_unpleasant_platform_gets_every_act_once(start_mock: Any, mode: str) -> None:
    side = S2low("", mode)
    with start_mock("--seed", "7", "--ar-delay", "0") as mock:
        connector = ConnectorRegistry().connector(side.account(mock))
        parcels = [new_act() for _ in range(3 * len(FAULTS))]
        references = {}
        for rank, parcel in enumerate(parcels):
            if rank % 3 == 0:
                mock.set("/faults", fault=FAULTS[rank // 3], paths=[side.script("1-1")])
            references[parcel.stem] = reference_in_the_end(connector, parcel)
        totals = mock.received()["totals"]
    assert totals["acts_accepted"] == len(parcels) == len(set(references.values()))
    assert totals["acts_accepted_twice"] == []


def reference_in_the_end(connector: TdtConnector, parcel: Parcel) -> str:
    """What the service does: never send again without proof of absence."""
    for _ in range(20):
        outcome: Any = connector.submit(parcel).outcome
        while isinstance(outcome, InDoubt | CannotTell):
            outcome = connector.find(parcel)
        if isinstance(outcome, Accepted | Duplicate | Found):
            return outcome.reference
        assert isinstance(outcome, Absent | Unavailable)
    raise AssertionError(parcel.stem)
