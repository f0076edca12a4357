"""The page of one's own account: roles, password, sessions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from transmission.console.container import ConsoleContainer
from transmission.console.cookies import origin_of, secret_of
from transmission.console.entrance import repeated, told
from transmission.console.forms import Posted, posted
from transmission.console.people_page import named_grants
from transmission.console.rendering import render
from transmission.domain.errors import RefusedError
from transmission.domain.notifications import Kind, Pace
from transmission.domain.transmission import Author
from transmission.domain.wishes import Wishes, paces_of
from transmission.services.log_in import (
    Known,
    LoginRefusedError,
    change_password,
    choose_language,
    end_my_sessions,
    my_sessions,
    recognise,
)
from transmission.services.passwords import CrowdedError
from transmission.services.wishes import (
    Chosen,
    MailRefusedError,
    choose,
    find_listener,
    try_mail,
)
from transmission.store.queries.counts import authority_names

_DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Vos autres sessions sont fermées.",
    "langue": "La console vous parle maintenant dans cette langue.",
    "sessions": "Ces sessions sont fermées.",
    "annonces": "Vos choix sont enregistrés.",
    "essai": "Un courriel d'essai est parti : regardez s'il arrive, indésirables compris.",
}


def router(container: ConsoleContainer) -> APIRouter:
    """The page, and what is done on it."""
    account, routes = OwnAccount(container), APIRouter()
    routes.add_api_route("/compte", account.page, methods=["GET", "HEAD"], response_model=None)
    for path, acting in (
        ("/compte/mot-de-passe", account.password),
        ("/compte/langue", account.language),
        ("/compte/sessions", account.sessions),
        ("/compte/annonces", account.wishes),
        ("/compte/essai", account.trial),
    ):
        routes.add_api_route(path, acting, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True)
class OwnAccount:
    """What a person sees and does of their own account."""

    container: ConsoleContainer

    def page(self, request: Request, fait: Annotated[str, Query(max_length=20)] = "") -> Response:
        """Who I am here, what I may do, from where I came."""
        return self._page(request, self._known(request), done=_DONE.get(fait, ""))

    async def password(self, request: Request) -> Response:
        """Choose another password."""
        async with posted(request) as form:
            return await run_in_threadpool(self._password, request, form)

    def _password(self, request: Request, form: Posted) -> Response:
        known, wanted = self._known(request), form.exact("nouveau")
        again = repeated(wanted, form.exact("encore"))
        if again is not None:
            return self._page(request, known, 422, problems={"encore": again})
        try:
            change_password(
                self.container.tools, known, form.exact("actuel"), wanted, origin_of(request)
            )
        except RefusedError as error:
            fields = {"mot_de_passe": "nouveau"}
            problems = {
                fields.get(each.field, each.field): f"{each.message} {each.remedy}"
                for each in error.problems
            }
            return self._page(request, known, 422, problems=problems)
        except (LoginRefusedError, CrowdedError) as error:
            return self._page(request, known, 422, problems={"actuel": str(error)})
        return RedirectResponse("/compte?fait=mot-de-passe", 303)

    async def language(self, request: Request) -> Response:
        """Choose the language of the console."""
        async with posted(request) as form:
            return await run_in_threadpool(self._language, request, form)

    def _language(self, request: Request, form: Posted) -> Response:
        known = self._known(request)
        try:
            choose_language(self.container.tools, known, form.text("langue"))
        except RefusedError as error:
            return self._page(request, known, 422, problems={"langue": told(error)})
        return RedirectResponse("/compte?fait=langue", 303)

    async def sessions(self, request: Request) -> Response:
        """End one of my sessions, or all the others."""
        async with posted(request) as form:
            return await run_in_threadpool(self._sessions, request, form)

    def _sessions(self, request: Request, form: Posted) -> Response:
        which = form.text("session")
        if which and not (which.isascii() and which.isdecimal() and len(which) < 19):
            raise HTTPException(400)
        end_my_sessions(self.container.tools, self._known(request), int(which) if which else None)
        return RedirectResponse("/compte?fait=sessions", 303)

    async def wishes(self, request: Request) -> Response:
        """Choose what I am told by e-mail, and where."""
        async with posted(request) as form:
            return await run_in_threadpool(self._wishes, request, form)

    def _wishes(self, request: Request, form: Posted) -> Response:
        known, wanted = self._known(request), wishes_of(form)
        chosen = Chosen(wanted, form.text("courriel"))
        try:
            choose(self.container.tools, known.account.login, chosen, Author(known.account.name))
        except RefusedError as error:
            problems = {each.field: f"{each.message} {each.remedy}" for each in error.problems}
            return self._page(request, known, 422, problems=problems, typed=chosen)
        return RedirectResponse("/compte?fait=annonces", 303)

    async def trial(self, request: Request) -> Response:
        """Have a mail sent to my address, to see that it comes."""
        async with posted(request):
            return await run_in_threadpool(self._trial, request)

    def _trial(self, request: Request) -> Response:
        known = self._known(request)
        try:
            try_mail(self.container.tools, known.account)
        except MailRefusedError as error:
            return self._page(request, known, 422, problems={"essai": str(error)})
        return RedirectResponse("/compte?fait=essai", 303)

    def _page(
        self,
        request: Request,
        known: Known,
        status: int = 200,
        *,
        done: str = "",
        problems: dict[str, str] | None = None,
        typed: Chosen | None = None,
    ) -> Response:
        listener = find_listener(self.container.tools, known.account.login)
        wishes = {**listener.shown, **(typed.wishes if typed else {})}
        with self.container.engine.connect() as connection:
            names = dict(authority_names(connection, None, known.account.sirens))
        return render(
            request,
            "compte.html",
            status,
            account=known.account,
            roles=named_grants(known.account, names),
            current=known.session.id,
            sessions=my_sessions(self.container.tools, known),
            wishes=wishes,
            typed_email=typed.email if typed else listener.account.email or "",
            paces_of=paces_of,
            done=done,
            problems=problems or {},
        )

    def _known(self, request: Request) -> Known:
        secret = secret_of(request, served_as_https=self.container.served_as_https)
        known = recognise(self.container.tools, secret)
        if known is None:
            raise HTTPException(403)
        return known


def wishes_of(form: Posted) -> Wishes:
    """What a form asks for, of the kinds that it speaks of. Raises HTTPException 400."""
    found: dict[Kind, Pace] = {}
    for kind in Kind:
        said = form.text(kind.code)
        pace = next((each for each in paces_of(kind) if each.code == said), None)
        if said and pace is None:
            raise HTTPException(400)
        if pace is not None:
            found[kind] = pace
    return found
