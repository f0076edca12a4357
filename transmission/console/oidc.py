"""Coming in by the provider of OpenID Connect, and leaving it."""

import secrets
from dataclasses import dataclass
from typing import Annotated

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from transmission.console.container import ConsoleContainer
from transmission.console.cookies import (
    is_secure,
    keep_secret,
    local_path,
    origin_of,
    secret_of,
)
from transmission.console.rendering import render
from transmission.console.visitor import VISIT
from transmission.ports.oidc import Declined, Homecoming, IdentityProvider
from transmission.ports.outbound import Unavailable
from transmission.services.log_in import log_out
from transmission.services.oidc import Arrival, begin, farewell, finish

START, BACK, LEAVING = "/connexion/oidc", "/connexion/oidc/retour", "/connexion/oidc/depart"

_TICKET, _ID_TOKEN = "oidc", "oidc_depart"
_PATHS = {_TICKET: "/", _ID_TOKEN: START}
"""Cookies, and where they travel: the large one to the addresses of this module alone."""
_TICKET_SECONDS = 600
_PATH_MAX, _COOKIE_MAX = 1500, 3800
"""Bytes: browsers keep cookies of 4096, their name and attributes included."""
_AT_ONCE = 8
"""Browsers for which the provider is asked at a time: a slow one keeps no other page waiting."""

_logger = structlog.get_logger()

Text = Annotated[str, Query(max_length=4096)]


def router(container: ConsoleContainer) -> APIRouter:
    """The three addresses; they do not exist without a provider."""
    way, routes = ProviderWay(container, CapacityLimiter(_AT_ONCE)), APIRouter()
    for path, answer in ((START, way.start), (BACK, way.back), (LEAVING, way.leave)):
        routes.add_api_route(path, answer, methods=["GET"], response_model=None)
    return routes


@dataclass(frozen=True)
class ProviderWay:
    """The way in that goes by the provider."""

    container: ConsoleContainer
    limiter: CapacityLimiter

    async def start(self, request: Request, suite: Text = "") -> Response:
        """Send a browser to the provider."""
        return await to_thread.run_sync(self._start, request, suite, limiter=self.limiter)

    async def back(
        self,
        request: Request,
        state: Text = "",
        code: Text = "",
        error: Text = "",
        iss: Text = "",
    ) -> Response:
        """A browser that the provider sent back."""
        brought = Homecoming(
            ticket=request.cookies.get(self._name(request, _TICKET), ""),
            state=state,
            code=code,
            error=error,
            issuer=iss,
        )
        return await to_thread.run_sync(self._back, request, brought, limiter=self.limiter)

    async def leave(self, request: Request) -> Response:
        """Send a browser, whose session here has ended, to end the one at the provider."""
        return await to_thread.run_sync(self._leave, request, limiter=self.limiter)

    def _start(self, request: Request, suite: str) -> Response:
        provider, onward = self._provider(), local_path(suite)
        if VISIT in request.scope:
            return RedirectResponse(onward, 303)
        if len(onward.encode("utf-8", "replace")) > _PATH_MAX:
            onward = "/"
        departure = begin(self.container.tools, provider, onward)
        if isinstance(departure, Unavailable):
            return self._away(request, provider, departure)
        response = RedirectResponse(departure.address, 303)
        self._keep(response, request, _TICKET, departure.ticket, _TICKET_SECONDS)
        return response

    def _back(self, request: Request, brought: Homecoming) -> Response:
        provider, tools = self._provider(), self.container.tools
        outcome = finish(
            tools, provider, brought, origin_of(request), randomness=secrets.token_bytes
        )
        if isinstance(outcome, Unavailable):
            return self._away(request, provider, outcome)
        response = (
            self._inside(request, outcome)
            if isinstance(outcome, Arrival)
            else self._declined(request, outcome)
        )
        # A ticket serves once, whatever comes of it.
        self._keep(response, request, _TICKET, "", 0)
        return response

    def _leave(self, request: Request) -> Response:
        provider = self._provider()
        given = request.cookies.get(self._name(request, _ID_TOKEN), "")
        address = given and farewell(self.container.tools, provider, given)
        response = (
            render(request, "depart_oidc.html", address=address, provider=provider.name)
            if address
            else RedirectResponse("/connexion?sorti=1", 303)
        )
        self._keep(response, request, _ID_TOKEN, "", 0)
        return response

    def _inside(self, request: Request, arrival: Arrival) -> Response:
        https, tools = self.container.served_as_https, self.container.tools
        log_out(tools, secret_of(request, served_as_https=https))
        response = RedirectResponse(arrival.path, 303)
        keep_secret(response, request, arrival.secret, served_as_https=https)
        # Without it the provider asks whether one really wants to leave, which is no harm.
        token = arrival.id_token if len(arrival.id_token) <= _COOKIE_MAX else ""
        self._keep(response, request, _ID_TOKEN, token, tools.stay.longest.total_seconds())
        return response

    def _declined(self, request: Request, outcome: Declined) -> Response:
        tell = _logger.warning if outcome.suspect else _logger.info
        tell("oidc login refused", address=origin_of(request).address, reason=outcome.reason)
        return self._refusal(
            request, 403, "Vous n'êtes pas connecté", outcome.reason, outcome.remedy
        )

    def _away(self, request: Request, provider: IdentityProvider, outcome: Unavailable) -> Response:
        # Whoever is at the door is told nothing of our files and our machines.
        _logger.error("oidc provider away", reason=outcome.reason)
        response = self._refusal(
            request,
            503,
            "Le fournisseur d'identité ne répond pas",
            f"La connexion par {provider.name} n'est pas possible pour l'instant.",
            "Recommencez dans quelques minutes. Si cela dure, prévenez l'administrateur du "
            "service : « transmission doctor » et le journal technique disent pourquoi.",
        )
        response.headers["Retry-After"] = "60"
        return response

    def _refusal(self, request: Request, status: int, heading: str, *advice: str) -> Response:
        return render(request, "connexion_refusee.html", status, heading=heading, advice=advice)

    def _provider(self) -> IdentityProvider:
        provider = self.container.tools.provider
        if provider is None:
            raise HTTPException(404)
        return provider

    def _keep(
        self, response: Response, request: Request, name: str, value: str, seconds: float
    ) -> None:
        """Give a browser a cookie, or take it back."""
        response.set_cookie(
            self._name(request, name),
            value,
            max_age=int(seconds),
            path=_PATHS[name],
            httponly=True,
            secure=is_secure(request.scope, served_as_https=self.container.served_as_https),
            # The return comes from another site.
            samesite="lax",
        )

    def _name(self, request: Request, name: str) -> str:
        secure = is_secure(request.scope, served_as_https=self.container.served_as_https)
        if not secure:
            return name
        # By its name no other machine of the domain can set a ticket, which would let a visitor in
        # as somebody else.
        return f"{'__Host-' if _PATHS[name] == '/' else '__Secure-'}{name}"
