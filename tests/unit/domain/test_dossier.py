"""The contents of a dossier, as ``dossier.json`` writes them."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

from transmission.domain.dossier import (
    Dossier,
    DossierActe,
    DossierAttempt,
    DossierReception,
    DossierTransmission,
    Hole,
    HoleKind,
    Member,
    Role,
    dossier_json,
    instant,
)

AT = datetime(2023, 3, 10, 9, tzinfo=UTC)
ACTE = DossierActe(
    siren="123456782", collectivite="Commune de Saint-Exemple", numero_interne="D2023_001",
    nature=1, nature_label="Délibération", matiere="7.5", objet="Subvention à l’école",
    date_decision=date(2023, 3, 2), id_acte="042-123456782-20230302-D2023_001-DE",
    accepted_at=AT, accepted_by="service des assemblées",
)  # fmt: skip
SENT = DossierTransmission(
    rank=1, message="1-1", label="transmission de l'acte", id_acte=ACTE.id_acte,
    state="acknowledged", state_label="Accusé de réception reçu", state_since=AT, enveloppe="e",
    archive_name="a.tar.gz", reference="4711", date_reception=date(2023, 3, 10),
    attempts=(DossierAttempt(1, "s2low", AT, None, None, None, "ab" * 32),),
)  # fmt: skip
DOSSIER = Dossier(
    made_at=AT, made_by="greffe", sealed_by="service", acte=ACTE, transmissions=(SENT,),
    reception=DossierReception(date(2023, 3, 10), 1, "retours/01-ar.xml"),
    members=(Member("recu/01-acte.pdf", 12, "cd" * 32, Role.RECEIVED_FILE, {"piece": 1}),),
    holes=(Hole(HoleKind.NO_REVOCATION, "Aucune.", "revocations"),),
)  # fmt: skip


def _schema() -> Any:
    return json.loads(files("schemas.evidence.v1").joinpath("dossier.schema.json").read_bytes())


def test_instants_are_written_in_utc_and_days_as_they_are() -> None:
    told = json.loads(dossier_json(DOSSIER))
    assert told["made_at"] == "2023-03-10T09:00:00.000000Z"
    assert told["acte"]["date_decision"] == "2023-03-02"
    assert told["reception"]["date_reception"] == "2023-03-10"
    assert told["transmissions"][0]["attempts"][0]["finished_at"] is None
    assert instant(datetime(2023, 3, 10, 11, tzinfo=timezone(timedelta(hours=2)))) == instant(AT)


def test_roles_and_holes_are_written_by_their_code() -> None:
    told = json.loads(dossier_json(DOSSIER))
    assert told["members"][0]["role"] == "received_file"
    assert told["holes"][0]["kind"] == "no_revocation"


def test_the_same_contents_are_written_the_same_and_end_with_a_newline() -> None:
    assert dossier_json(DOSSIER) == dossier_json(DOSSIER)
    assert dossier_json(DOSSIER).endswith(b"}\n")
    assert "à l’école".encode() in dossier_json(DOSSIER)


def test_the_schema_knows_every_role_and_every_hole_and_no_other() -> None:
    definitions = _schema()["$defs"]
    assert definitions["member"]["properties"]["role"]["enum"] == [role.code for role in Role]
    assert definitions["hole"]["properties"]["kind"]["enum"] == [kind.code for kind in HoleKind]


def test_the_schema_wants_every_key_that_is_written_and_no_other() -> None:
    told, schema = json.loads(dossier_json(DOSSIER)), _schema()
    for found, shape in (
        (told, schema),
        (told["acte"], schema["$defs"]["acte"]),
        (told["transmissions"][0], schema["$defs"]["transmission"]),
        (told["members"][0], schema["$defs"]["member"]),
        (told["holes"][0], schema["$defs"]["hole"]),
        (told["reception"], schema["$defs"]["reception"]),
    ):
        assert set(found) == set(shape["required"]) == set(shape["properties"])
        assert shape["additionalProperties"] is False
