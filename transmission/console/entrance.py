"""The addresses where one comes in, and leaves; nobody has to be known for them."""

import secrets
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from transmission.console.container import ConsoleContainer
from transmission.console.cookies import (
    drop_secret,
    keep_secret,
    local_path,
    origin_of,
    secret_of,
)
from transmission.console.forms import Posted, from_a_stranger, posted
from transmission.console.rendering import render
from transmission.console.visitor import VISIT
from transmission.domain.errors import RefusedError
from transmission.services.accounts import no_account_yet
from transmission.services.log_in import (
    LinkSpentError,
    LoginDelayedError,
    LoginRefusedError,
    choose_password,
    enter_by_link,
    log_in,
    log_out,
    whose_link,
)
from transmission.services.passwords import CrowdedError

_logger = structlog.get_logger()

Link = Annotated[str, Path(max_length=100)]
Onward = Annotated[str, Query(max_length=2000)]


def router(container: ConsoleContainer) -> APIRouter:
    """Coming in by a password or a link, and leaving."""
    entrance, routes = Entrance(container), APIRouter()
    for path, reading in (
        ("/connexion", entrance.door),
        ("/connexion/premiere/{link}", entrance.choice),
        ("/connexion/directe/{link}", entrance.straight),
    ):
        routes.add_api_route(path, reading, methods=["GET", "HEAD"], response_model=None)
    for path, acting in (
        ("/connexion", entrance.come_in),
        ("/connexion/premiere/{link}", entrance.choose),
        ("/deconnexion", entrance.leave),
    ):
        routes.add_api_route(path, acting, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True)
class Entrance:
    """What is said at the door."""

    container: ConsoleContainer

    def door(
        self, request: Request, suite: Onward = "", sorti: Annotated[str, Query()] = ""
    ) -> Response:
        """The form; whoever is in goes on."""
        if VISIT in request.scope:
            return RedirectResponse(local_path(suite), 303)
        return self._door(request, suite, left=bool(sorti))

    async def come_in(self, request: Request) -> Response:
        """What was typed in it."""
        async with from_a_stranger(request) as form:
            return await run_in_threadpool(self._come_in, request, form)

    def _come_in(self, request: Request, form: Posted) -> Response:
        login, suite = form.text("identifiant"), form.text("suite")
        tools, origin = self.container.tools, origin_of(request)
        try:
            secret = log_in(
                tools, login, form.exact("mot_de_passe"), origin, randomness=secrets.token_bytes
            )
        except (LoginRefusedError, CrowdedError) as error:
            _logger.info("login refused", address=origin.address, kind=type(error).__name__)
            page = self._door(request, suite, 422, login=login, problem=str(error))
            if isinstance(error, LoginDelayedError):
                page.status_code = 429
                page.headers["Retry-After"] = str(error.seconds)
            return page
        return self._inside(request, secret, local_path(suite))

    def choice(self, request: Request, link: Link) -> Response:
        """The form of whoever was given a link to choose a password."""
        try:
            account = whose_link(self.container.tools, link)
        except LinkSpentError as error:
            return self._spent(request, error)
        return render(request, "premiere.html", account=account, problem=None)

    async def choose(self, request: Request, link: Link) -> Response:
        """The password that they chose."""
        async with from_a_stranger(request) as form:
            return await run_in_threadpool(self._choose, request, link, form)

    def _choose(self, request: Request, link: str, form: Posted) -> Response:
        tools, password = self.container.tools, form.exact("mot_de_passe")
        try:
            account = whose_link(tools, link)
            problem = repeated(password, form.exact("encore"))
            if problem is None:
                secret = choose_password(
                    tools, link, password, origin_of(request), randomness=secrets.token_bytes
                )
                return self._inside(request, secret, "/")
        except LinkSpentError as error:
            return self._spent(request, error)
        except RefusedError as error:
            problem = told(error)
        except (LoginRefusedError, CrowdedError) as error:
            problem = str(error)
        return render(request, "premiere.html", 422, account=account, problem=problem)

    def straight(self, request: Request, link: Link, suite: Onward = "") -> Response:
        """Straight in, by a link that serves once."""
        # What is only fetched in advance must not spend it.
        ahead = "prefetch" in request.headers.get("sec-purpose", "")
        if request.method == "HEAD" or ahead:
            return Response(status_code=204)
        try:
            secret = enter_by_link(
                self.container.tools, link, origin_of(request), randomness=secrets.token_bytes
            )
        except (LinkSpentError, LoginRefusedError) as error:
            return self._spent(request, error)
        return self._inside(request, secret, local_path(suite))

    async def leave(self, request: Request) -> Response:
        """End the session of this browser."""
        async with posted(request):
            await run_in_threadpool(log_out, self.container.tools, self._secret(request))
        onward = "/connexion/oidc/depart" if self.container.tools.provider else "/connexion?sorti=1"
        response = RedirectResponse(onward, 303)
        drop_secret(response, request, served_as_https=self.container.served_as_https)
        return response

    def _inside(self, request: Request, secret: str, onward: str) -> Response:
        # Whoever comes in leaves the session that the browser had, whosever it was.
        log_out(self.container.tools, self._secret(request))
        response = RedirectResponse(onward, 303)
        keep_secret(response, request, secret, served_as_https=self.container.served_as_https)
        return response

    def _door(
        self,
        request: Request,
        suite: str,
        status: int = 200,
        *,
        login: str = "",
        problem: str | None = None,
        left: bool = False,
    ) -> Response:
        return render(
            request,
            "connexion.html",
            status,
            suite=local_path(suite),
            login=login,
            problem=problem,
            left=left,
            nobody=no_account_yet(self.container.tools),
            provider=self.container.tools.provider and self.container.tools.provider.name,
        )

    def _spent(self, request: Request, error: Exception) -> Response:
        return render(
            request,
            "erreur.html",
            410,
            code=410,
            heading="Ce lien ne sert plus",
            advice=[str(error)],
        )

    def _secret(self, request: Request) -> str:
        return secret_of(request, served_as_https=self.container.served_as_https)


def repeated(password: str, again: str) -> str | None:
    """What is wrong with a password typed twice, None when they are the same."""
    if password == again:
        return None
    return "Les deux mots de passe tapés ne sont pas les mêmes. Tapez-les de nouveau."


def told(error: RefusedError) -> str:
    """The problems of one field, in sentences."""
    return " ".join(f"{each.message} {each.remedy}" for each in error.problems)
