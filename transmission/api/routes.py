"""Every address of the API, with what it answers."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Response
from sqlalchemy import Engine

from transmission.api import request_shapes as shapes
from transmission.api import schemas, schemas_given
from transmission.api.acting import Acting, Annulation, MiseEnLigne, Renvoi, Retrait
from transmission.api.answering import Answering
from transmission.api.container import ApiContainer
from transmission.api.deposits import Deposits
from transmission.api.description import BINARY, answer, empty, refusals
from transmission.api.listing import Listing
from transmission.api.lots import Lots
from transmission.api.reading import Reading
from transmission.api.uploads import UPLOADS, Televersements
from transmission.api.webhooks import route_webhooks

ACTES = "/api/v1/actes"
ACTE = f"{ACTES}/{{acte_id}}"
COURRIERS = "/api/v1/courriers"

Answers = dict[int | str, dict[str, Any]]
_WITH_BODY = (408, 413, 415)


def route(app: FastAPI, container: ApiContainer, engine: Engine) -> None:
    """Give an application its addresses; ``engine`` opens read-only transactions."""
    _deposits(app, Deposits(container, engine), Lots(container))
    _reading(app, Reading(container, engine), Listing(engine))
    _acting(app, Acting(container, engine), Answering(container, engine))
    _uploads(app, Televersements(container))
    route_webhooks(app, container, engine)


def _deposits(app: FastAPI, deposits: Deposits, lots: Lots) -> None:
    taken, tried = schemas_given.ActeRemis, schemas_given.Essai
    answers: Answers = {
        201: answer(taken, "L'acte est pris en charge ; Location est son adresse"),
        200: answer(taken, "Cet acte l'était déjà ; ou l'essai demandé", tried),
        **refusals(409, *_WITH_BODY),
    }
    _add(app, "POST", ACTES, deposits.deposit, "deposerActe", "Remettre", answers, shapes.DEPOSIT)
    report = schemas_given.LotRemis
    answers = {
        200: answer(report, "Tous les actes sont pris en charge, ou l'étaient"),
        207: answer(report, "Certains actes sont refusés, ou un point du lot est à corriger"),
        **refusals(409, *_WITH_BODY),
    }
    _add(
        app, "POST", "/api/v1/lots", lots.hand_over, "remettreLot", "Remettre", answers, shapes.LOT
    )


def _reading(app: FastAPI, reading: Reading, listing: Listing) -> None:
    rows: tuple[tuple[str, Callable[..., Any], str, str, Any, tuple[int, ...]], ...] = (
        (ACTES, listing.actes, "listerActes", "Lire", schemas.PageActes, ()),
        ("/api/v1/changements", reading.changements, "lireChangements", "Suivre",
         schemas.PageChangements, ()),
        (COURRIERS, listing.courriers, "listerCourriers", "Suivre", schemas.PageCourriers, ()),
        (f"{COURRIERS}/{{courrier_id}}", reading.courrier, "lireCourrier", "Suivre",
         schemas.CourrierEntier, (404,)),
        ("/api/v1/constats", listing.constats, "listerConstats", "Suivre",
         schemas.PageConstats, ()),
        ("/api/v1/seances/{date_seance}", listing.seance, "lireSeance", "Lire",
         schemas.Seance, (404,)),
        (ACTE, reading.acte, "lireActe", "Lire", schemas.ActeEntier, (404,)),
        (f"{ACTE}/evenements", reading.evenements, "lireEvenements", "Lire",
         schemas.PageEvenements, (404,)),
    )  # fmt: skip
    for path, endpoint, name, tag, model, statuses in rows:
        answers: Answers = {200: answer(model, "Voici"), **refusals(*statuses)}
        _read(app, path, endpoint, name, tag, answers, response_model=model)
    files: tuple[tuple[str, Callable[..., Any], str], ...] = (
        ("fichiers/{sha256}", reading.fichier, "telechargerFichier"),
        ("accuse-reception", reading.accuse, "telechargerAccuse"),
        ("tampon", reading.tampon, "telechargerTampon"),
        ("dossier", reading.dossier, "telechargerDossier"),
    )
    for path, endpoint, name in files:
        answers = {**refusals(404, 409, 416), **BINARY}
        _read(
            app, f"{ACTE}/{path}", endpoint, name, "Lire", answers,
            response_model=None, response_class=Response,
        )  # fmt: skip


def _acting(app: FastAPI, acting: Acting, answering: Answering) -> None:
    given, refused = schemas_given, refusals(404, 409, *_WITH_BODY)
    for path, endpoint, name, model, body in (
        ("annulation", acting.annuler, "annulerActe", given.ActeChange, Annulation),
        ("renvoi", acting.renvoyer, "renvoyerActe", given.ActeChange, Renvoi),
        ("publication", acting.publier, "publierActe", given.Publie, MiseEnLigne),
        ("publication/retrait", acting.retirer, "retirerPublication", given.Retire, Retrait),
    ):
        answers: Answers = {200: answer(model, "C'est fait"), **refused}
        _add(app, "POST", f"{ACTE}/{path}", endpoint, name, "Agir", answers, shapes.decision(body))
    answers = {
        201: answer(given.Repondu, "La réponse est prise en charge"),
        200: answer(given.Repondu, "Cette même réponse l'était déjà"),
        **refused,
    }
    path = f"{COURRIERS}/{{courrier_id}}/reponse"
    _add(app, "POST", path, answering.repondre, "repondreCourrier", "Agir", answers, shapes.REPLY)


def _uploads(app: FastAPI, uploads: Televersements) -> None:
    one, offset = f"{UPLOADS}/{{upload_id}}", shapes.OFFSET_TOLD
    more = (404, 409, 412, 460, *_WITH_BODY)
    rows: tuple[tuple[str, str, Callable[..., Any], str, Answers, dict[str, Any]], ...] = (
        ("OPTIONS", UPLOADS, uploads.options, "decrireTeleversements",
         {204: empty("Ce que le service sait du protocole", shapes.PROTOCOL_TOLD), **refusals()},
         {}),
        ("POST", UPLOADS, uploads.create, "creerTeleversement",
         {201: empty("Le fichier est annoncé", shapes.PLACE_TOLD, offset),
          **refusals(409, 412, 460, *_WITH_BODY)},
         shapes.CREATE),
        ("HEAD", one, uploads.head, "lireTeleversement",
         {200: empty("Où en est le fichier", offset, shapes.LENGTH_TOLD), **refusals(404, 412)},
         shapes.TUS),
        ("PATCH", one, uploads.extend, "continuerTeleversement",
         {204: empty("Les octets sont gardés", offset), **refusals(*more)}, shapes.PATCH),
        ("DELETE", one, uploads.end, "abandonnerTeleversement",
         {204: empty("Le fichier est oublié"), **refusals(404, 412)}, shapes.TUS),
        ("POST", one, uploads.overridden, "autreVerbeTeleversement",
         {200: empty("Où en est le fichier", offset, shapes.LENGTH_TOLD),
          204: empty("C'est fait"), **refusals(405, *more)},
         shapes.OVERRIDE),
    )  # fmt: skip
    for verb, path, endpoint, name, answers, extra in rows:
        _add(
            app, verb, path, endpoint, name, "Téléverser", answers, extra,
            response_model=None, response_class=Response,
        )  # fmt: skip


def _read(
    app: FastAPI,
    path: str,
    endpoint: Callable[..., Any],
    name: str,
    tag: str,
    answers: Answers,
    **model: Any,
) -> None:
    _add(app, "GET", path, endpoint, name, tag, answers, {}, **model)
    # Described once: the same, without its content.
    app.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False, **model)


def _add(
    app: FastAPI,
    verb: str,
    path: str,
    endpoint: Callable[..., Any],
    name: str,
    tag: str,
    answers: Answers,
    extra: dict[str, Any],
    **model: Any,
) -> None:
    said = " ".join((endpoint.__doc__ or "").split())
    first = min((status for status in answers if isinstance(status, int)), default=200)
    usual = 201 if 201 in answers else first
    app.add_api_route(
        path,
        endpoint,
        methods=[verb],
        status_code=usual,
        operation_id=name,
        tags=[tag],
        summary=said.split(" ; ")[0].split(" : ")[0].rstrip("."),
        description=said,
        responses=answers,
        openapi_extra=extra,
        **({"response_model": None} | model),
    )
