"""Rows and back: what is laid out in columns comes back the same."""

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bench import COLLECTIVITE
from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    LegalOptions,
    PublicityMode,
    Referent,
    SigningKey,
    TdtAccount,
    Webhook,
)
from transmission.domain.identifiers import Departement, NatureActe, Siren, outgoing_enveloppe
from transmission.domain.lifecycle import State
from transmission.domain.transmission import SealedDocument, SealedParcel, StoredFile
from transmission.store.rows import (
    dump_collectivite,
    dump_parcel,
    load_acte,
    load_collectivite,
    load_parcel,
    load_piece,
    load_transmission,
    nature_of,
)

SIREN = Siren("123456782")
CHOSEN = LegalOptions(
    population=900,
    publicity=((date(2022, 7, 1), PublicityMode.AFFICHAGE),),
    profile="strict",
    settings=(("late_pieces_restart", "oui"),),
    rappels_webhooks=(Webhook("https://example.org/h", "/secret"),),
)
text = st.text(max_size=12)
maybe = st.none() | text
referents = st.builds(Referent, maybe, maybe, maybe)
accounts = st.builds(
    TdtAccount,
    *[text] * 4,
    *[maybe] * 2,
    text,
    login=maybe,
    password_file=maybe,
    mode=st.sampled_from(["enveloppe", "champs"]),
)
signing_keys = st.builds(SigningKey, *(maybe for _ in fields(SigningKey)))
authorities = st.builds(
    Collectivite,
    siren=st.just(SIREN),
    departement=st.sampled_from([Departement("042"), Departement("02A"), Departement("974")]),
    arrondissement=st.integers(0, 9),
    nature=st.sampled_from(["31", "42"]),
    nom=text,
    adresses_retour=st.lists(text, max_size=3).map(tuple),
    tdt=accounts,
    referent=referents,
    time_zone=st.sampled_from(["Europe/Paris", "America/Cayenne"]),
    calendrier=st.sampled_from(Calendrier),
    numero_template=maybe,
    signing_key=st.none() | signing_keys,
    signing_keys=st.lists(signing_keys, max_size=2).map(tuple),
    seal_format=st.sampled_from(["cades", "xades"]),
    signs_documents=st.booleans(),
    droit=st.sampled_from([LegalOptions(), CHOSEN]),
    stamp_corner=st.sampled_from(["top-right", "bottom-left"]),
    seals_pdf=st.sampled_from(["non", "b", "t"]),
    signature_exigee=st.booleans(),
)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
files = st.builds(StoredFile, digests, st.integers(0, 2**40))
enveloppes = st.builds(
    outgoing_enveloppe,
    st.sampled_from(["EACT", "SLOW"]),
    st.just(SIREN),
    st.dates(),
    st.integers(1, 9999),
)
sealed_documents = st.builds(SealedDocument, st.none() | files, maybe, maybe)
parcels = st.builds(
    lambda enveloppe, **rest: SealedParcel(enveloppe, enveloppe.archive("SLO"), **rest),
    enveloppes,
    archive=files,
    message=files,
    seal=st.none() | files,
    signatures=st.lists(maybe, max_size=3).map(tuple),
    seal_format=st.sampled_from(["cades", "xades"]),
    documents=st.lists(st.none() | sealed_documents, max_size=3).map(tuple),
)


def _through_json(value: dict[str, Any]) -> Any:
    return json.loads(json.dumps(value))


def _parcel_row(parcel: SealedParcel) -> Any:
    return SimpleNamespace(
        enveloppe=str(parcel.enveloppe),
        archive_name=parcel.archive_name,
        parcel=_through_json(dump_parcel(parcel)),
    )


@given(authorities)
def test_an_authority_comes_back_the_same_from_json(authority: Collectivite) -> None:
    loaded = load_collectivite(SIREN, _through_json(dump_collectivite(authority)))
    assert loaded == authority
    assert isinstance(loaded.departement, Departement)
    assert hash(loaded) == hash(authority)


@given(authorities)
def test_the_siren_of_an_authority_is_a_column_and_no_setting(authority: Collectivite) -> None:
    assert "siren" not in dump_collectivite(authority)


@given(authorities)
def test_settings_of_before_the_legal_clock_are_read_with_its_defaults(
    authority: Collectivite,
) -> None:
    kept = dump_collectivite(replace(authority, droit=LegalOptions()))
    # What an older version of the program would not know is not there.
    assert not {"droit", "rappels"} & set(kept)
    assert load_collectivite(SIREN, _through_json(kept)).droit == LegalOptions()


def test_a_key_in_a_file_is_written_as_before_there_were_keys_in_hardware() -> None:
    kept = dump_collectivite(replace(COLLECTIVITE, signing_key=SigningKey("cachet.p12")))
    assert kept["signing_key"].keys() == {"key_file", "certificate_file", "passphrase_file"}
    assert not {"signing_keys", "seal_format"} & kept.keys()


def test_an_authority_that_seals_no_pdf_is_written_as_before_there_were_seals() -> None:
    assert not {"seals_pdf", "signature_exigee"} & dump_collectivite(COLLECTIVITE).keys()
    chosen = dump_collectivite(replace(COLLECTIVITE, seals_pdf="t"))
    assert chosen["seals_pdf"] == "t"
    assert "signature_exigee" not in chosen


@given(authorities)
def test_an_option_that_only_a_later_version_knows_is_left_aside(authority: Collectivite) -> None:
    kept = dump_collectivite(replace(authority, droit=CHOSEN))
    kept["droit"]["futur"] = 1
    kept["droit"]["reglages"]["C-99"] = "oui"
    assert load_collectivite(SIREN, kept).droit == CHOSEN


@given(parcels)
def test_a_sealed_parcel_comes_back_the_same_from_json(parcel: SealedParcel) -> None:
    assert load_parcel(_parcel_row(parcel)) == parcel


def test_before_preparation_there_is_no_parcel() -> None:
    assert load_parcel(SimpleNamespace(parcel=None)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("nature", NatureActe)
def test_a_nature_is_found_again_under_its_code(nature: NatureActe) -> None:
    assert nature_of(nature.code) is nature


def test_an_act_and_its_pieces_are_read_from_their_columns() -> None:
    piece_row: Any = SimpleNamespace(
        ordre=1, nom_original="acte.pdf", code_type_pj="99_DE", extension="pdf", sha256="ab", size=3
    )
    row: Any = SimpleNamespace(
        collectivite_id=7,
        numero_interne="D2023_001",
        date_decision=date(2023, 3, 2),
        nature=1,
        matiere="7.10",
        objet="Subvention",
        date_classification=date(2023, 1, 2),
        document_papier=True,
        fingerprint="cd",
    )
    piece = load_piece(piece_row)
    acte = load_acte(row, (piece,))
    assert (piece.ordre, piece.file) == (1, StoredFile("ab", 3))
    assert (acte.nature, acte.matiere.niveaux) == (NatureActe.DELIBERATION, (7, 10))
    assert (acte.pieces, acte.document_papier) == ((piece,), True)


@given(parcels, st.sampled_from(State))
def test_a_transmission_is_read_from_its_columns(parcel: SealedParcel, state: State) -> None:
    since = datetime(2023, 3, 10, 9, tzinfo=UTC)
    columns = {
        "id": 1,
        "acte_id": 2,
        "collectivite_id": 3,
        "message": "3-4",
        "courrier_id": 7,
        "date_classification": date(2023, 1, 2),
        "fingerprint": "00",
        "state_since": since,
        "attempts": 4,
        "polls": 5,
        "failures": 6,
        "claims": 7,
        "next_attempt_at": since,
        "waiting_for": "l'envoi",
        "reference": "12",
        "date_reception": date(2023, 3, 9),
    }
    row: Any = SimpleNamespace(
        **columns,
        state=state.code,
        id_acte="042-123456782-20230302-D2023_001-DE",
        **vars(_parcel_row(parcel)),
    )
    loaded = load_transmission(row)
    assert {name: getattr(loaded, name) for name in columns} == columns
    assert (loaded.state, loaded.parcel) == (state, parcel)
    assert loaded.id_acte.numero_interne == "D2023_001"
