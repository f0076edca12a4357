"""The bodies and headers that the code reads by itself, as the description shows them."""

from typing import Any

from pydantic import BaseModel

from transmission.api.acting import Annulation, MiseEnLigne, Renvoi, Retrait
from transmission.api.answering import ReponseAvecFichiers, ReponseParTeleversements
from transmission.api.tus import BYTES, VERSION
from transmission.domain.uploads import LENGTH_MAX

MODELS: tuple[type[BaseModel], ...] = (
    Annulation,
    Renvoi,
    MiseEnLigne,
    Retrait,
    ReponseAvecFichiers,
    ReponseParTeleversements,
)
"""Bodies that a model reads."""

_FILE = {"type": "string", "format": "binary"}
_FILES = {"type": "array", "items": _FILE}
_TYPOLOGIE = {"type": "string", "minLength": 1, "maxLength": 20, "example": "99_DE"}
_UPLOAD = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1, "example": 7}
_TEXT = {"type": "string", "maxLength": 4000}

_ACTE: dict[str, Any] = {
    "numero": {**_TEXT, "description": "Numéro de l'acte : 15 capitales, chiffres ou _ au plus."},
    "date": {"type": "string", "format": "date", "description": "Jour de la décision."},
    "nature": {**_TEXT, "description": "DE, AR, AI, CC, BF ou AU."},
    "matiere": {**_TEXT, "description": "Matière de la classification, comme 7.5."},
    "objet": _TEXT,
    "document_papier": {"type": "boolean", "default": False},
    "typologie": _TYPOLOGIE,
}
_REQUIRED = ["numero", "date", "nature", "matiere", "objet"]
_SAID = {
    "numero": "2023_001",
    "date": "2023-03-02",
    "nature": "DE",
    "matiere": "7.5",
    "objet": "Subvention à l'école",
    "typologie": "99_DE",
}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


_BY_PARTS = {
    **_object(
        _REQUIRED,
        **_ACTE,
        annexes={
            "type": "array",
            "description": "Une entrée par annexe jointe, dans l'ordre ; ou rien.",
            "items": _object([], typologie=_TYPOLOGIE),
        },
    ),
    "example": {**_SAID, "annexes": [{"typologie": "21_RP"}]},
}
_BY_UPLOADS = _object(
    [*_REQUIRED, "document"],
    **_ACTE,
    document={**_UPLOAD, "description": "Téléversement de l'acte lui-même."},
    annexes={
        "type": "array",
        "items": _object(["televersement"], televersement=_UPLOAD, typologie=_TYPOLOGIE),
    },
)
_ACTE_EXAMPLE = {
    **_SAID,
    "document": 7,
    "annexes": [{"televersement": 8, "typologie": "21_RP"}],
}
_LOT_BY_UPLOADS = _object(
    ["actes"],
    nom={"type": "string", "description": "Ce que le rapport dit du lot."},
    date_seance={"type": "string", "format": "date"},
    actes={"type": "array", "items": _BY_UPLOADS},
)
_MANIFEST = (
    "numero;date;nature;matiere;objet;document;annexes\n"
    "2023_001;2023-03-02;DE;7.5;Subvention à l'école;subvention.pdf;plan.pdf|devis.pdf\n"
)


def _form(required: list[str], json_part: str | None, **properties: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "schema": {"type": "object", "required": required, "properties": properties}
    }
    if json_part:
        form["encoding"] = {json_part: {"contentType": "application/json"}}
    return form


def _body(**content: Any) -> dict[str, Any]:
    names = {"form": "multipart/form-data", "json": "application/json", "bytes": BYTES}
    named = {names[kind]: each for kind, each in content.items()}
    return {"requestBody": {"required": True, "content": named}}


DEPOSIT = _body(
    form=_form(["acte", "document"], "acte", acte=_BY_PARTS, document=_FILE, annexes=_FILES),
    json={"schema": _BY_UPLOADS, "example": _ACTE_EXAMPLE},
)
LOT = _body(
    form=_form(
        ["manifeste"],
        None,
        manifeste={
            "type": "string",
            "description": "actes.csv ou actes.json : un acte par ligne, et ses fichiers.",
            "example": _MANIFEST,
        },
        fichiers={**_FILES, "description": "Chacun sous le nom que le manifeste lui donne."},
    ),
    json={
        "schema": _LOT_BY_UPLOADS,
        "example": {"date_seance": "2023-03-02", "actes": [_ACTE_EXAMPLE]},
    },
)
_REPLY = "#/components/schemas/"
REPLY = _body(
    form=_form(
        ["documents"],
        "reponse",
        reponse={"$ref": f"{_REPLY}{ReponseAvecFichiers.__name__}"},
        documents=_FILES,
    ),
    json={
        "schema": {"$ref": f"{_REPLY}{ReponseParTeleversements.__name__}"},
        "example": {"documents": [{"televersement": 7, "typologie": "21_RP"}]},
    },
)
_DECISIONS: dict[type[BaseModel], dict[str, Any]] = {
    Annulation: {"motif": "Erreur de pièce jointe"},
    Renvoi: {"motif": "Matière corrigée", "numero": "2023_001_2"},
    MiseEnLigne: {"date": "2023-03-10", "registre": True},
    Retrait: {"motif": "Des noms y figurent", "forcer": True},
}


def decision(model: type[BaseModel]) -> dict[str, Any]:
    """The body of a decision."""
    reference = {"$ref": f"{_REPLY}{model.__name__}"}
    return _body(json={"schema": reference, "example": _DECISIONS[model]})


def _header(
    name: str, schema: dict[str, Any], example: Any, description: str, *, required: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": schema,
        "example": example,
        "description": description,
    }


_BYTES_COUNT = {"type": "integer", "minimum": 0, "maximum": LENGTH_MAX}
_VERSION = _header(
    "Tus-Resumable", {"type": "string", "enum": [VERSION]}, VERSION, "Le protocole.", required=True
)
_CHECKSUM = _header(
    "Upload-Checksum",
    {"type": "string", "pattern": "^(sha256|sha1) [A-Za-z0-9+/=]+$"},
    "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
    "Empreinte des octets de cette demande : ils sont pris tous, ou aucun.",
)
TUS: dict[str, Any] = {"parameters": [_VERSION]}
CREATE: dict[str, Any] = {
    "parameters": [
        _VERSION,
        _header("Upload-Length", _BYTES_COUNT, 48213, "Octets du fichier entier.", required=True),
        _header(
            "Upload-Metadata",
            {"type": "string", "maxLength": 4096},
            "filename YWN0ZS5wZGY=",
            "« clé valeur-en-base64 », séparées par des virgules ; filename nomme le fichier.",
        ),
        _CHECKSUM,
    ],
    "requestBody": {
        "required": False,
        "description": "Le début du fichier, s'il est envoyé tout de suite.",
        "content": {BYTES: {"schema": _FILE}},
    },
}
PATCH: dict[str, Any] = {
    "parameters": [
        _VERSION,
        _header(
            "Upload-Offset", _BYTES_COUNT, 0, "Octets déjà reçus : où commencent ceux-ci.",
            required=True,
        ),
        _CHECKSUM,
    ],
    **_body(bytes={"schema": _FILE}),
}  # fmt: skip
OVERRIDE: dict[str, Any] = {
    "parameters": [
        _VERSION,
        _header(
            "X-HTTP-Method-Override",
            {"type": "string", "enum": ["HEAD", "PATCH", "DELETE"]},
            "PATCH",
            "Le verbe voulu, avec les en-têtes et le corps qu'il demande.",
            required=True,
        ),
    ],
    "requestBody": {"required": False, "content": {BYTES: {"schema": _FILE}}},
}


def _told(example: str, description: str) -> dict[str, Any]:
    return {"schema": {"type": "string"}, "example": example, "description": description}


OFFSET_TOLD = {
    "Upload-Offset": _told("16384", "Octets reçus."),
    "Upload-Expires": _told("Fri, 10 Mar 2023 09:00:00 GMT", "Instant de l'oubli."),
}
PLACE_TOLD = {"Location": _told("/api/v1/televersements/7", "Adresse du téléversement.")}
LENGTH_TOLD = {
    "Upload-Length": _told("48213", "Octets du fichier entier."),
    "Upload-Metadata": _told("filename YWN0ZS5wZGY=", "Ce qui a été dit du fichier."),
}
PROTOCOL_TOLD = {
    "Tus-Version": _told(VERSION, "Versions parlées."),
    "Tus-Extension": _told("creation,termination", "Extensions parlées."),
    "Tus-Max-Size": _told(str(LENGTH_MAX), "Octets d'un fichier, au plus."),
    "Tus-Checksum-Algorithm": _told("sha256,sha1", "Empreintes connues."),
}
