"""The console as an application: pages, guard, live updates and pages of errors."""

import anyio
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException

from transmission.console import (
    calendar,
    compliance,
    deposit,
    desks,
    entrance,
    etat,
    health,
    lot,
    oidc,
    own_account,
    people,
    seances,
    statistics,
    webhooks,
)
from transmission.console.actions import routes as actions
from transmission.console.container import ConsoleContainer
from transmission.console.guard import HEADERS, METHODS, Guard
from transmission.console.live import Watches, bells
from transmission.console.pages import router
from transmission.console.rendering import error_page
from transmission.console.visitor import ForbiddenError, readable
from transmission.domain.errors import NotFoundError, TransmissionError
from transmission.served import LastResort, protect
from transmission.store.documents import DamagedDocumentError, DocumentsAwayError

_logger = structlog.get_logger()

_REFUSALS = {
    400: (
        "Cette adresse n'est pas correcte",
        "Elle contient un nom de machine, un filtre ou une page que la console ne connaît pas.",
        "Revenez à la file d'attente et recommencez votre recherche.",
    ),
    404: (
        "Page introuvable",
        "Aucun acte, aucun fichier ni aucune page n'est enregistré à cette adresse.",
        "Vérifiez que l'adresse est entière, ou cherchez l'acte dans la file d'attente.",
    ),
    403: (
        "Cette action n'est pas possible",
        "Votre session est terminée, ou le formulaire vient d'un autre site. Rien n'a été fait.",
        "Connectez-vous, ouvrez la page depuis la console, puis recommencez.",
    ),
    413: (
        "Ces fichiers sont trop lourds",
        "Un formulaire et ses fichiers pèsent 151 Mio au plus. Rien n'a été fait.",
        "Allégez les fichiers, ou remettez-les en plusieurs fois.",
    ),
    405: (
        "Cette action n'existe pas ici",
        "Rien ne se fait à cette adresse.",
        "Revenez à la file d'attente.",
    ),
}


def create_app(container: ConsoleContainer) -> FastAPI:
    """The console over a container. Opens nothing before the first request."""
    app = FastAPI(title="Console", docs_url=None, redoc_url=None, openapi_url=None)
    # A page is one consistent picture, and can write nothing whatever happens.
    engine = container.engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )

    watches = Watches(engine)

    async def live(request: Request) -> EventSourceResponse:
        closing = anyio.Event()
        return EventSourceResponse(
            bells(watches.of(readable(request)), closing),
            shutdown_event=closing,
            shutdown_grace_period=1,
        )

    app.add_api_route("/live", live, methods=["GET"], response_model=None)
    app.include_router(router(container, engine))
    app.include_router(statistics.router(container, engine))
    app.include_router(compliance.router(container, engine))
    app.include_router(calendar.router(container, engine))
    app.include_router(desks.router(container, engine))
    app.include_router(deposit.router(container, engine))
    app.include_router(lot.router(container, engine))
    app.include_router(actions.router(container, engine))
    app.include_router(seances.router(container, engine))
    app.include_router(etat.router(container, engine))
    app.include_router(health.router(container))
    app.include_router(entrance.router(container))
    app.include_router(own_account.router(container))
    app.include_router(people.router(container))
    app.include_router(webhooks.router(container, engine))
    app.include_router(oidc.router(container))
    app.add_middleware(
        Guard,
        hosts=container.hosts,
        visit=container.visit,
        refusal=_refusal,
        served_as_https=container.served_as_https,
    )
    app.add_middleware(LastResort, answer=_on_bug)
    _explain_errors(app)
    return app


def _explain_errors(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(TransmissionError, _on_ours)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(kind, _on_register_away)


def _refusal(status: int) -> Response:
    if status == 503:
        return _later("La base de données ne répond pas")
    heading, *advice = _REFUSALS[status if status in _REFUSALS else 400]
    response = error_page(status, heading, *advice)
    if status == 405:
        response.headers["Allow"] = ", ".join(METHODS)
    return response


def _on_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _refusal(400)
    response, said = _refusal(error.status_code), error.headers or {}
    if "Allow" in said:
        response.headers["Allow"] = ", ".join(sorted(said["Allow"].split(", ")))
    return response


def _on_invalid(_request: Request, error: Exception) -> Response:
    places = error.errors() if isinstance(error, RequestValidationError) else []
    return _refusal(404 if any(fault["loc"][0] == "path" for fault in places) else 400)


def _on_ours(request: Request, error: Exception) -> Response:
    if isinstance(error, NotFoundError):
        return error_page(404, "Introuvable", str(error), request=request)
    if isinstance(error, ForbiddenError):
        return error_page(403, "Action non permise", str(error), request=request)
    if isinstance(error, DamagedDocumentError):
        _logger.error("document damaged", path=request.url.path, error=str(error))
        return error_page(
            500,
            "Document endommagé",
            str(error),
            "Rien n'a été envoyé à votre poste. Prévenez l'administrateur du service en lui "
            "donnant l'adresse de cette page.",
        )
    if isinstance(error, DocumentsAwayError):
        _logger.error("documents away", path=request.url.path, error=str(error))
        return _later("Les documents ne répondent pas")
    return error_page(409, "Pas encore disponible", str(error), "Revenez à l'acte.")


def _on_register_away(request: Request, error: Exception) -> Response:
    _logger.error("register away", path=request.url.path, error=type(error).__name__)
    return _later("La base de données ne répond pas")


def _later(heading: str) -> Response:
    response = error_page(
        503,
        heading,
        "Aucun acte n'est perdu : les envois reprendront d'eux-mêmes dès la fin de la panne.",
        "Rechargez la page dans une minute. Si cela dure, prévenez l'administrateur du service.",
    )
    response.headers["Retry-After"] = "60"
    return response


def _on_bug() -> Response:
    # Answered outside the guard, hence its headers here.
    response = error_page(
        500,
        "La console a rencontré une erreur",
        "La page n'a pas pu être préparée. Cela ne change rien aux actes ni à leurs envois.",
        "Rechargez la page ; si l'erreur revient, donnez à l'administrateur du service l'adresse "
        "de cette page et l'heure.",
    )
    protect(response.headers, HEADERS)
    return response
