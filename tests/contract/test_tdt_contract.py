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
    act = received["acts"][str(parcel.acte.id_acte)]
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
    assert mock.received()["acts"][str(parcel.acte.id_acte)]["accepted"] == 1


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
        other.acte,
        id_acte=replace(other.acte.id_acte, numero_interne=first.acte.id_acte.numero_interne),
    )
    finding = connector.find(replace(first, acte=stolen, stem=first.stem))
    assert isinstance(finding, Found)
    another_day = replace(stolen.id_acte, date_decision=other.acte.date_classification)
    absent = replace(first, acte=replace(stolen, id_acte=another_day), stem=another_day.stem())
    assert connector.find(absent) == Absent()


def test_a_long_object_passes_up_to_the_bound(
    connector: TdtConnector, new_parcel: NewParcel
) -> None:
    accepted(connector, new_parcel(objet="é" * connector.capabilities.objet_max))


def test_as_many_annexes_as_announced_pass(connector: TdtConnector, new_parcel: NewParcel) -> None:
    annexes = ("99_AU",) * connector.capabilities.annexes_max
    accepted(connector, new_parcel(codes=("99_DE", *annexes)))


def test_one_annexe_too_many_is_refused_field_by_field(
    mock: Any, registry: Any, account_at: Any, new_parcel: NewParcel
) -> None:
    connector = registry.connector(account_at(mock, "champs"))
    annexes = ("99_AU",) * (connector.capabilities.annexes_max + 1)
    outcome = connector.submit(new_parcel(codes=("99_DE", *annexes))).outcome
    assert isinstance(outcome, Refused)
    assert "Trop de fichiers" in outcome.reason


def test_signatures_reach_their_own_files(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    signatures = ("-----main-----", None, "-----annexe 2-----")
    parcel = new_parcel(codes=("99_DE", "99_AU", "21_RP"), signatures=signatures)
    reference = accepted(connector, parcel)
    collected(connector, reference)
    target = f"/modules/actes/actes_transac_get_files_list.php?transaction={reference}"
    listed = json.loads(mock.plain(target))
    names = [document.nom_fichier for document in parcel.documents]
    assert [file["name"] for file in listed][1:] == names
    message = mock.plain(f"/modules/actes/actes_download_file.php?file={listed[0]['id']}")
    assert message.count(b"Signature>") == 4
    assert b"-----annexe 2-----" in message


# --- finding -----------------------------------------------------------------------------------


def test_a_parcel_is_absent_before_and_found_after(
    connector: TdtConnector, new_parcel: NewParcel
) -> None:
    parcel = new_parcel()
    assert connector.find(parcel) == Absent()
    reference = accepted(connector, parcel)
    assert connector.find(parcel) == Found(reference)


@pytest.mark.parametrize("fate", ["ar", "anomalie_acte", "tdt_error", "silence"])
def test_a_parcel_is_found_whatever_became_of_it(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel, fate: str
) -> None:
    parcel = new_parcel()
    mock.set("/scenario", scenario=fate, number=parcel.acte.id_acte.numero_interne)
    reference = accepted(connector, parcel)
    assert connector.find(parcel) == Found(reference)


def test_a_parcel_is_found_while_it_waits(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    mock.set("/delays", check=60, sending=60, answer=60)
    parcel = new_parcel()
    reference = accepted(connector, parcel)
    for _ in range(4):
        assert connector.find(parcel) == Found(reference)
        mock.set("/clock", advance=60)


# --- faults on the wire ------------------------------------------------------------------------

NOTHING_DONE = ["cut_before_body", "cut_mid_body", "cut_before_accept", "error_500_before"]
ALL_DONE = ["cut_after_accept", "cut_mid_answer", "error_500"]


@pytest.mark.parametrize("fault", [*NOTHING_DONE, "redirect"])
def test_a_failure_before_acceptance_is_a_doubt_then_an_absence(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel, mode: str, fault: str
) -> None:
    parcel = new_parcel()
    before = mock.deposits()
    mock.set("/faults", fault=fault, paths=[SCRIPT[mode]])
    assert isinstance(connector.submit(parcel).outcome, InDoubt)
    assert mock.deposits() == before + 1
    assert connector.find(parcel) == Absent()
    accepted(connector, parcel)


@pytest.mark.parametrize("fault", ALL_DONE)
def test_a_failure_after_acceptance_is_a_doubt_then_a_find(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel, mode: str, fault: str
) -> None:
    parcel = new_parcel()
    before = mock.deposits()
    mock.set("/faults", fault=fault, paths=[SCRIPT[mode]])
    assert isinstance(connector.submit(parcel).outcome, InDoubt)
    assert mock.deposits() == before + 1
    found = connector.find(parcel)
    assert isinstance(found, Found)
    assert connector.submit(parcel).outcome == Duplicate(found.reference)


def test_an_answer_too_late_is_a_doubt_then_a_find(
    mock: Any, account_at: Any, new_parcel: NewParcel, mode: str
) -> None:
    hurried = ConnectorRegistry(Timeouts(connect=5.0, read=1.0)).connector(account_at(mock, mode))
    parcel = new_parcel()
    before = mock.deposits()
    mock.set("/faults", fault="slow", seconds=3, paths=[SCRIPT[mode]])
    assert isinstance(hurried.submit(parcel).outcome, InDoubt)
    assert mock.deposits() == before + 1
    assert isinstance(hurried.find(parcel), Found)


@pytest.mark.parametrize("fault", ["error_500_before", "redirect", "cut_before_body"])
@pytest.mark.parametrize("script", ["actes_transac_get_status.php", "list_actes.php"])
def test_a_find_that_fails_decides_nothing(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel, fault: str, script: str
) -> None:
    parcel = new_parcel()
    reference = accepted(connector, parcel)
    mock.set("/faults", fault=fault, paths=[script])
    assert isinstance(connector.find(parcel), CannotTell)
    assert connector.find(parcel) == Found(reference)


def test_a_platform_that_fails_its_test_is_sent_nothing(
    mock: Any, account_at: Any, new_parcel: NewParcel, mode: str
) -> None:
    cold = ConnectorRegistry().connector(account_at(mock, mode))
    before = mock.deposits()
    mock.set("/faults", fault="error_500_before", paths=["test-connexion.php"])
    assert isinstance(cold.submit(new_parcel()).outcome, Unavailable)
    assert mock.deposits() == before


# --- rights ------------------------------------------------------------------------------------


def test_a_stranger_is_told_so_and_sends_nothing(
    mock: Any, registry: Any, account_at: Any, new_parcel: NewParcel, mode: str
) -> None:
    files = mock.ready["stranger"]
    stranger = account_at(
        mock, mode, certificate_file=files["certificate_file"], key_file=files["key_file"]
    )
    before = mock.deposits()
    connector = registry.connector(stranger)
    silence = connector.check()
    assert isinstance(silence, CannotTell)
    assert "Aucun compte" in silence.reason
    assert isinstance(connector.submit(new_parcel()).outcome, Unavailable)
    assert mock.deposits() == before


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


def test_a_certificate_that_is_not_rgs_is_a_refusal(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    mock.set("/account", siren=SIREN, rgs=False)
    outcome = connector.submit(new_parcel()).outcome
    assert isinstance(outcome, Refused)
    assert "RGS" in outcome.reason
    assert "<br" not in outcome.reason


def test_without_the_right_to_read_a_status_the_lists_still_tell(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    parcel = new_parcel()
    reference = accepted(connector, parcel)
    mock.set("/account", siren=SIREN, permission="RO")
    assert connector.find(parcel) == Found(reference)
    assert isinstance(connector.collect(reference), CannotTell)


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
    new_parcel: NewParcel,
    fate: str,
    root: bytes,
    words: str,
) -> None:
    parcel = new_parcel()
    mock.set("/scenario", scenario=fate, number=parcel.acte.id_acte.numero_interne)
    found = collected(connector, accepted(connector, parcel))
    assert found.situation is Situation.ANSWERED
    assert found.message is not None
    assert found.message.rstrip().endswith(root)
    assert found.body.startswith(b"OK\n-1\n" + found.message)
    assert found.text.startswith(words)


def test_an_error_of_the_tdt_alone_has_words_and_no_message(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel
) -> None:
    found = collected(connector, accepted(connector, new_parcel("MOINS1")))
    assert (found.situation, found.message) == (Situation.REFUSED_BY_TDT, None)
    assert "fichier infecté" in found.text


def test_an_unknown_reference_decides_nothing(connector: TdtConnector) -> None:
    assert isinstance(connector.collect("999999"), CannotTell)


@pytest.mark.parametrize("fault", ["cut_before_body", "cut_mid_answer", "error_500", "redirect"])
def test_a_collection_that_fails_decides_nothing(
    mock: Any, connector: TdtConnector, new_parcel: NewParcel, fault: str
) -> None:
    reference = accepted(connector, new_parcel())
    mock.set("/faults", fault=fault, paths=["actes_transac_get_status.php"])
    assert isinstance(connector.collect(reference), CannotTell)
    assert collected(connector, reference).situation is Situation.ANSWERED


def test_an_act_kept_for_a_confirmation_says_so(
    mock: Any, registry: Any, account_at: Any, new_parcel: NewParcel
) -> None:
    connector = registry.connector(account_at(mock, "champs"))
    mock.set("/account", siren=SIREN, permission="CS")
    parcel = new_parcel()
    reference = accepted(connector, parcel)
    mock.set("/account", siren=SIREN, permission="RW")
    found = collected(connector, reference)
    assert found.situation is Situation.WAITING
    assert "confirmer sur la plateforme" in found.text
    assert connector.find(parcel) == Found(reference)


# --- classification ----------------------------------------------------------------------------


def test_a_classification_is_fetched_to_the_byte(mock: Any, connector: TdtConnector) -> None:
    fetched = connector.fetch_classification()
    assert isinstance(fetched, bytes)
    assert fetched == mock.plain("/modules/actes/actes_classification_fetch.php?api=1")
    assert fetched.endswith(b"\r\n")
    assert fetched == connector.fetch_classification()


def test_a_classification_that_is_missing_is_asked_for_then_fetched(
    mock: Any, connector: TdtConnector
) -> None:
    mock.set("/classification", forget=True)
    assert connector.fetch_classification() is None
    assert isinstance(connector.request_classification(None).outcome, Accepted)
    assert isinstance(connector.fetch_classification(), bytes)


# --- other platforms ---------------------------------------------------------------------------


def test_version_6_takes_no_envelope_but_fields(
    start_mock: Any, account_at: Any, new_parcel: NewParcel
) -> None:
    registry = ConnectorRegistry()
    with start_mock("--calm", "--version", "6") as mock:
        parcel = new_parcel()
        outcome = registry.connector(account_at(mock, "enveloppe")).submit(parcel).outcome
        assert isinstance(outcome, Unavailable)
        assert "« champs »" in outcome.reason
        reference = accepted(registry.connector(account_at(mock, "champs")), parcel)
        files = mock.ready["stranger"]
        stranger = account_at(
            mock, certificate_file=files["certificate_file"], key_file=files["key_file"]
        )
        assert isinstance(registry.connector(stranger).check(), CannotTell)
        assert isinstance(registry.connector(stranger).collect(reference), CannotTell)


def test_an_unpleasant_platform_gets_every_act_once(
    start_mock: Any, account_at: Any, new_parcel: NewParcel, mode: str
) -> None:
    faults = [*NOTHING_DONE, *ALL_DONE, "redirect"]
    with start_mock("--seed", "7", "--ar-delay", "0") as mock:
        connector = ConnectorRegistry().connector(account_at(mock, mode))
        parcels = [new_parcel() for _ in range(3 * len(faults))]
        references = {}
        for rank, parcel in enumerate(parcels):
            if rank % 3 == 0:
                mock.set("/faults", fault=faults[rank // 3], paths=[SCRIPT[mode]])
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
