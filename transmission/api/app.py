"""The API as an application: routes, guard, refusals, and its description for programs."""

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from transmission.api.container import ApiContainer
from transmission.api.description import described
from transmission.api.faults import problems_of
from transmission.api.guard import HEADERS, Guard, away, not_allowed
from transmission.api.problems import RefusalError, answered, invalid, malformed, not_found
from transmission.api.routes import route
from transmission.domain.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    TransmissionError,
)
from transmission.served import LastResort, protect
from transmission.store.documents import DamagedDocumentError, DocumentsAwayError

OPENAPI = "/api/v1/openapi.json"

_logger = structlog.get_logger()


def create_app(container: ApiContainer) -> FastAPI:
    """The API over a container. Opens nothing before the first request."""
    app = FastAPI(
        title="Télétransmission des actes",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        redirect_slashes=False,
    )
    # A reading is one consistent picture, and can write nothing whatever happens.
    engine = container.engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    route(app, container, engine)
    app.add_middleware(
        Guard,
        hosts=container.hosts,
        authenticate=container.authenticate,
        rates=container.rates,
        open_paths=(OPENAPI,),
    )
    app.add_middleware(LastResort, answer=_on_bug)
    _explain_errors(app)
    described(app)
    return app


def _explain_errors(app: FastAPI) -> None:
    app.add_exception_handler(RefusalError, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(TransmissionError, _on_ours)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(kind, _on_away)


def _on_refusal(_request: Request, error: Exception) -> Response:
    return answered(error) if isinstance(error, RefusalError) else answered(malformed(str(error)))


def _on_http(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 404:
        return answered(not_found())
    if isinstance(error, HTTPException) and error.status_code == 405:
        return answered(not_allowed(_methods(request)))
    return answered(malformed("Cette requête n'est pas comprise."))


def _methods(request: Request) -> list[str]:
    """Verbs of an address, which several routes may share."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    path = request.url.path
    return sorted(
        {verb for each in routes if each.path_regex.match(path) for verb in each.methods or ()}
    )


def _on_invalid(_request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["loc"][0] == "path" for fault in faults):
        return answered(not_found())
    return answered(invalid(problems_of(faults, skip=1)))


def _on_ours(request: Request, error: Exception) -> Response:
    if isinstance(error, NotFoundError):
        return answered(not_found())
    if isinstance(error, DocumentsAwayError):
        _logger.error("documents away", path=request.url.path, error=type(error).__name__)
        return answered(away())
    if isinstance(error, DamagedDocumentError):
        _logger.error("document damaged", path=request.url.path, error=str(error))
        return answered(
            RefusalError(
                500,
                "document_endommage",
                "Document endommagé",
                "Le fichier conservé n'est plus celui qui a été reçu : rien n'en a été envoyé. "
                "Prévenez l'administrateur du service.",
            )
        )
    status = 422 if isinstance(error, RefusedError) else 409
    code = "conflit" if isinstance(error, ConflictError) else "impossible"
    return answered(RefusalError(status, code, "Action impossible", str(error)))


def _on_gone(_request: Request, _error: Exception) -> Response:
    return answered(malformed("L'envoi a été interrompu. Rien n'a été enregistré."))


def _on_away(request: Request, error: Exception) -> Response:
    _logger.error("register away", path=request.url.path, error=type(error).__name__)
    return answered(away())


def _on_bug() -> Response:
    # Answered outside the guard, hence its headers here.
    response = answered(
        RefusalError(
            500,
            "interne",
            "Le service a rencontré une erreur",
            "Réessayez avec la même clé d'idempotence ; si l'erreur revient, donnez l'heure à "
            "l'administrateur du service.",
        )
    )
    protect(response.headers, HEADERS)
    return response
