"""What the code cannot say by itself of the API: the body of a deposit, refusals, the token."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from transmission.api import schemas
from transmission.api.problems import MEDIA_TYPE

_TITLES = {
    401: "Jeton absent ou refusé",
    403: "Portée insuffisante",
    404: "Rien de votre collectivité à cette adresse",
    409: "Déjà remis avec un autre contenu, ou pas encore disponible",
    413: "Dépôt trop volumineux",
    415: "Type de contenu refusé",
    416: "Plage hors du fichier",
    422: "Tout ce qui est à corriger, d'un coup",
}
_ALWAYS = (401, 403, 422)

BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Le fichier",
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    },
    206: {"description": "La plage demandée (en-tête Range)"},
    304: {"description": "Inchangé (en-tête If-None-Match)"},
}

_FILE = {"type": "string", "format": "binary"}
_TYPOLOGIE = {"type": "string", "example": "99_DE"}

_WORDS = {
    "type": "object",
    "required": ["numero", "date", "nature", "matiere", "objet"],
    "additionalProperties": False,
    "properties": {
        "numero": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "nature": {"type": "string", "description": "DE, AR, AI, CC, BF ou AU"},
        "matiere": {"type": "string"},
        "objet": {"type": "string"},
        "document_papier": {"type": "boolean", "default": False},
        "typologie": _TYPOLOGIE,
        "annexes": {
            "type": "array",
            "description": "Une entrée par annexe jointe, dans l'ordre.",
            "items": {"type": "object", "properties": {"typologie": _TYPOLOGIE}},
        },
    },
    "example": {
        "numero": "2023_001",
        "date": "2023-03-02",
        "nature": "DE",
        "matiere": "7.5",
        "objet": "Subvention à l'école",
        "typologie": "99_DE",
        "annexes": [{"typologie": "21_RP"}],
    },
}

DEPOSIT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["acte", "document"],
                    "properties": {
                        "acte": _WORDS,
                        "document": _FILE,
                        "annexes": {"type": "array", "items": _FILE},
                    },
                },
                "encoding": {"acte": {"contentType": "application/json"}},
            }
        },
    }
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What may be refused at an address, besides what may be at all."""
    schema = {"$ref": "#/components/schemas/Erreur"}
    return {
        status: {"description": _TITLES[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*_ALWAYS, *statuses})
    }


def described(app: FastAPI) -> None:
    """Make the description of an application, once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, routes=app.routes)
    parts = made.setdefault("components", {})
    template = "#/components/schemas/{model}"
    error = schemas.Erreur.model_json_schema(ref_template=template)
    parts.setdefault("schemas", {}).update(error.pop("$defs", {}), Erreur=error)
    parts["securitySchemes"] = {"jeton": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"jeton": []}]
    return made
