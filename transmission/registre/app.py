"""The public register as an application: pages, guard and pages of errors."""

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from transmission.registre.container import RegistreContainer
from transmission.registre.guard import HEADERS, METHODS, Guard
from transmission.registre.links import Links
from transmission.registre.pages import PATIENCE, GoneError, router
from transmission.registre.rendering import error_page
from transmission.served import LastResort, protect
from transmission.store.documents import DamagedDocumentError, DocumentsAwayError
from transmission.store.migrations import is_behind

_logger = structlog.get_logger()

_REFUSALS = {
    400: (
        "Cette adresse n'est pas correcte",
        "Elle contient un nom de site, une année ou une page que ce registre ne connaît pas.",
    ),
    404: (
        "Page introuvable",
        "Aucun acte ni aucune page n'est en ligne à cette adresse.",
        "Vérifiez que l'adresse est entière, ou cherchez l'acte dans le registre.",
    ),
    405: ("Cette action n'existe pas ici", "Ce registre se lit : rien ne s'y modifie."),
}


def create_app(container: RegistreContainer) -> FastAPI:
    """The register over a container. Opens nothing before the first request."""
    app = FastAPI(
        title="Registre", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    # A page is one consistent picture, and can write nothing whatever happens.
    engine = container.engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    errors = _Errors(Links.within(container.public_url))
    _probes(app, engine)
    app.include_router(router(container, engine))
    app.add_middleware(Guard, hosts=container.hosts, refusal=errors.refusal)
    app.add_middleware(LastResort, answer=errors.on_bug)
    errors.explain(app)
    return app


def _probes(app: FastAPI, engine: Engine) -> None:
    def alive() -> Response:
        return PlainTextResponse("vivant\n")

    def ready() -> Response:
        try:
            with engine.connect() as connection:
                connection.execute(PATIENCE)
                behind = is_behind(connection)
        except SQLAlchemyError:
            behind = True
        return PlainTextResponse("pas prêt\n" if behind else "prêt\n", 503 if behind else 200)

    for path, endpoint in (("/healthz", alive), ("/readyz", ready)):
        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)


class _Errors:
    """What went wrong, told to the public: what it is, and nothing of how it came about."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def explain(self, app: FastAPI) -> None:
        """Put the pages of errors in place."""
        app.add_exception_handler(HTTPException, self._on_http)
        app.add_exception_handler(RequestValidationError, self._on_invalid)
        app.add_exception_handler(GoneError, self._on_gone)
        app.add_exception_handler(DamagedDocumentError, self._on_damaged)
        for kind in (DocumentsAwayError, OperationalError, InterfaceError, PoolTimeoutError):
            app.add_exception_handler(kind, self._on_away)

    def refusal(self, status: int) -> Response:
        """The page of a request that cannot be answered."""
        status = status if status in _REFUSALS else 400
        response = error_page(status, self._links, *_REFUSALS[status])
        if status == 405:
            response.headers["Allow"] = ", ".join(METHODS)
        return response

    def _on_http(self, _request: Request, error: Exception) -> Response:
        return self.refusal(error.status_code if isinstance(error, HTTPException) else 400)

    def _on_invalid(self, _request: Request, error: Exception) -> Response:
        places = error.errors() if isinstance(error, RequestValidationError) else []
        return self.refusal(404 if any(fault["loc"][0] == "path" for fault in places) else 400)

    def _on_gone(self, _request: Request, error: Exception) -> Response:
        heading = "Cet acte n'est plus en ligne à cette adresse"
        if isinstance(error, GoneError) and error.successor:
            again = "La collectivité l'a publié de nouveau : il a maintenant une autre adresse."
            return error_page(410, self._links, heading, again, way=error.successor)
        gone = "La collectivité l'a retiré. Adressez-vous à elle pour le consulter."
        return error_page(410, self._links, heading, gone)

    def _on_damaged(self, request: Request, error: Exception) -> Response:
        _logger.error("document damaged", path=request.url.path, error=str(error))
        return error_page(
            500,
            self._links,
            "Ce fichier ne peut pas être donné",
            "Celui qui est conservé n'est plus identique à celui qui a été publié : rien n'en a "
            "été envoyé.",
            "Signalez-le à la collectivité, en lui donnant l'adresse de cette page.",
        )

    def _on_away(self, request: Request, error: Exception) -> Response:
        _logger.error("register away", path=request.url.path, error=type(error).__name__)
        response = error_page(
            503,
            self._links,
            "Le registre ne répond pas pour le moment",
            "Les actes sont conservés. Rechargez la page dans une minute.",
        )
        response.headers["Retry-After"] = "60"
        return response

    def on_bug(self) -> Response:
        """The page of a fault of ours."""
        # Answered outside the guard, hence its headers here.
        response = error_page(
            500,
            self._links,
            "Le registre a rencontré une erreur",
            "La page n'a pas pu être préparée. Rechargez-la ; si l'erreur revient, signalez-le à "
            "la collectivité, avec l'adresse de cette page et l'heure.",
        )
        protect(response.headers, HEADERS)
        return response
