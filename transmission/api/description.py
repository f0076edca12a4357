"""What the code cannot say by itself of the API: refusals, examples, bodies, the token."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from transmission.api import schemas
from transmission.api.downloads import MEDIA_TYPES
from transmission.api.examples import examples
from transmission.api.problems import MEDIA_TYPE
from transmission.api.request_shapes import MODELS

_REFUSALS = {
    400: ("requete", "Requête illisible", "La partie « acte » n'est pas un objet JSON lisible."),
    401: (
        "jeton",
        "Jeton absent ou refusé",
        "Donnez votre jeton dans l'en-tête « Authorization: Bearer … ».",
    ),
    403: (
        "portee",
        "Ce jeton ne permet pas cette action",
        "Il y faut la portée « actes:agir » (Répondre, annuler, publier).",
    ),
    404: (
        "introuvable",
        "Introuvable",
        "Rien de votre collectivité n'est enregistré à cette adresse.",
    ),
    405: (
        "methode",
        "Cette action n'existe pas ici",
        "Cette adresse ne connaît pas ce verbe HTTP.",
    ),
    408: ("trop_lent", "Envoi trop long", "Le corps n'est pas arrivé en entier en 1800 secondes."),
    409: ("etat", "L'acte n'en est pas là", "Cet acte est déjà en cours d'annulation."),
    412: (
        "version_tus",
        "Version du protocole tus",
        "Donnez l'en-tête « Tus-Resumable: 1.0.0 ».",
    ),
    413: ("trop_volumineux", "Dépôt trop volumineux", "Ce qui est envoyé dépasse la limite."),
    415: (
        "type_de_contenu",
        "Type de contenu refusé",
        "Envoyez ce corps en application/json.",
    ),
    416: ("plage", "Plage hors du fichier", "Le fichier compte 48213 octets."),
    422: (
        "depot_refuse",
        "Tout ce qui est à corriger, d'un coup",
        "1 point est à corriger. Rien n'a été enregistré.",
    ),
    429: (
        "trop_de_demandes",
        "Trop de demandes : réessayez après Retry-After",
        "Ce jeton a fait plus de 600 demandes. Réessayez dans 42 s.",
    ),
    460: (
        "empreinte",
        "Empreinte différente",
        "Les octets arrivés ne sont pas ceux de l'en-tête Upload-Checksum.",
    ),
    503: (
        "indisponible",
        "Le service ne répond pas pour le moment : réessayez après Retry-After",
        "Réessayez dans une minute, avec la même clé d'idempotence.",
    ),
}
_EXAMPLE = ("example", "examples")
_PROBLEM = {
    "champ": "numero",
    "code": "numero_forme",
    "message": "Le numéro « d2023_001 » doit être écrit en capitales.",
    "remede": "Utilisez par exemple D2023_001.",
}
_ALWAYS = (400, 401, 403, 422, 429, 503)
_TAGS = {
    "Remettre": "Remettre des actes : un par un, ou ceux d'une séance d'un coup.",
    "Lire": "Où en sont les actes, leurs dates, leurs fichiers.",
    "Suivre": "Ce qui a changé, ce que la préfecture écrit, ce que les contrôles trouvent.",
    "Agir": "Annuler, renvoyer, publier, répondre : une fois, avec un motif.",
    "Téléverser": "Envoyer un fichier par morceaux et le reprendre où il s'est arrêté (tus 1.0.0).",
    "Webhooks": "Les logiciels à prévenir.",
}
_ABOUT = (
    "Le logiciel de la collectivité remet ses actes au service, qui les télétransmet à la "
    "préfecture, et lit où ils en sont. Un jeton ne voit qu'une collectivité. Les erreurs sont des "
    "`application/problem+json` (RFC 9457), en français."
)

_CONTENT = {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES}
BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Le fichier",
        "content": _CONTENT,
    },
    206: {"description": "La plage demandée (en-tête Range)", "content": _CONTENT},
    304: {"description": "Inchangé (en-tête If-None-Match)"},
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What may be refused at an address, besides what may be at all."""
    return {status: _refusal(status) for status in sorted({*_ALWAYS, *statuses})}


def _refusal(status: int) -> dict[str, Any]:
    code, title, detail = _REFUSALS[status]
    example: dict[str, Any] = {
        "type": f"urn:transmission:erreur:{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if status == 422:
        example["problemes"] = [_PROBLEM]
    schema = {"$ref": "#/components/schemas/Erreur"}
    return {"description": title, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


def answer(model: Any, description: str, *others: type[schemas.Shape]) -> dict[str, Any]:
    """An answer in JSON with an example of each shape that it may have."""
    shapes = (model, *others)
    if not others:
        content: dict[str, Any] = {"example": examples()[model]}
    else:
        content = {"examples": {each.__name__: {"value": examples()[each]} for each in shapes}}
    union = model
    for each in others:
        union = union | each
    return {
        "model": union,
        "description": description,
        "content": {"application/json": content},
    }


def empty(description: str, *headers: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without a body, and what it bears."""
    told = {name: each for some in headers for name, each in some.items()}
    return {"description": description, "headers": told}


def described(app: FastAPI) -> None:
    """Make the description of an application, once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    parts = made.setdefault("components", {})
    known = parts.setdefault("schemas", {})
    template = "#/components/schemas/{model}"
    models: tuple[type[BaseModel], ...] = (schemas.Erreur, *MODELS)
    for model in models:
        shape = model.model_json_schema(ref_template=template)
        known.update(shape.pop("$defs", {}))
        known[model.__name__] = shape
    _show_again(made, app)
    parts["securitySchemes"] = {"jeton": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"jeton": []}]
    return made


def _show_again(made: dict[str, Any], app: FastAPI) -> None:
    """Give the examples back the members that are null: the framework takes them away."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        for verb in route.methods or ():
            answers = made["paths"][route.path_format][verb.lower()]["responses"]
            for status, told in route.responses.items():
                for kind, content in told.get("content", {}).items():
                    shown = {name: content[name] for name in _EXAMPLE if name in content}
                    answers[str(status)]["content"][kind].update(shown)
