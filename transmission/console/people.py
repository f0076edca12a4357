"""The addresses of whoever administers accounts, within the authorities that they administer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from transmission.console.container import ConsoleContainer
from transmission.console.forms import Posted, posted
from transmission.console.people_page import (
    EVERYWHERE,
    AccountLine,
    EventLine,
    named_grants,
    read_grant,
)
from transmission.console.rendering import render
from transmission.console.visitor import forbidden, signed, visit
from transmission.domain.accounts import Account
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.people import Grant, Person, Right, Role
from transmission.domain.transmission import Author
from transmission.services.accounts import (
    Within,
    create_person,
    disable_person,
    enable_person,
    end_sessions_of,
    find_person,
    grant_role,
    list_events,
    list_people,
    password_link,
    revoke_role,
)
from transmission.store.queries.counts import authority_names

Login = Annotated[str, Path(max_length=100)]
Done = Annotated[str, Query(max_length=20)]

_DONE = {
    "role": "Le rôle est donné.",
    "sans-role": "Le rôle est retiré, dès la prochaine page que cette personne ouvrira.",
    "desactive": "Le compte est désactivé, et ses sessions sont fermées.",
    "active": "Le compte est de nouveau en service.",
    "sessions": "Les sessions de cette personne sont fermées.",
}


def router(container: ConsoleContainer) -> APIRouter:
    """The list, the page of each account, and what is done there; the journal of accounts."""
    people, routes = People(container), APIRouter()
    for path, reading in (
        ("/comptes", people.every),
        ("/comptes/{login}", people.one),
        ("/journal-des-comptes", people.events),
    ):
        routes.add_api_route(path, reading, methods=["GET", "HEAD"], response_model=None)
    for path, acting in (("/comptes", people.add), ("/comptes/{login}", people.act)):
        routes.add_api_route(path, acting, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True)
class People:
    """The accounts of the authorities that a person administers."""

    container: ConsoleContainer

    def every(self, request: Request) -> Response:
        """Everybody, and the form to add somebody."""
        return self._list(request, administered(request))

    async def add(self, request: Request) -> Response:
        """Add somebody, with a link to choose a password; it is shown once, and in no address."""
        async with posted(request) as form:
            return await run_in_threadpool(self._add, request, form)

    def _add(self, request: Request, form: Posted) -> Response:
        within, tools = administered(request), self.container.tools
        typed = {name: form.text(name) for name in ("identifiant", "nom", "courriel", "role", "ou")}
        author = signed(visit(request).person)
        try:
            grants = _grants(typed)
            made = create_person(
                tools, typed["identifiant"], typed["nom"], grants, author,
                email=typed["courriel"], within=within,
            )  # fmt: skip
        except RefusedError as error:
            problems = {each.field: f"{each.message} {each.remedy}" for each in error.problems}
            return self._list(request, within, 422, typed=typed, problems=problems)
        except (ConflictError, NotFoundError) as error:
            field = "identifiant" if isinstance(error, ConflictError) else "ou"
            return self._list(request, within, 422, typed=typed, problems={field: str(error)})
        return self._linked(request, within, made.login, author)

    def one(self, request: Request, login: Login, fait: Done = "") -> Response:
        """One account: roles, standing, what happened."""
        return self._one(request, administered(request), login, done=_DONE.get(fait, ""))

    async def act(self, request: Request, login: Login) -> Response:
        """What a button of the page of an account asks for."""
        async with posted(request) as form:
            return await run_in_threadpool(self._act, request, login, form)

    def _act(self, request: Request, login: str, form: Posted) -> Response:
        within, reason = administered(request), form.text("motif")
        author, action = signed(visit(request).person, reason or None), form.text("action")
        account = find_person(self.container.tools, login, within)
        try:
            if action == "lien":
                return self._linked(request, within, account.login, author)
            done = self._done(visit(request).person, account, action, form, author, within)
        except RefusedError as error:
            told = " ".join(f"{each.message} {each.remedy}" for each in error.problems)
            return self._one(request, within, login, 422, problem=told, reason=reason)
        except (ConflictError, NotFoundError) as error:
            return self._one(request, within, login, 422, problem=str(error), reason=reason)
        return RedirectResponse(f"{AccountLine(account, ()).url}?fait={done}", 303)

    def _done(
        self,
        person: Person,
        account: Account,
        action: str,
        form: Posted,
        author: Author,
        within: Within,
    ) -> str:
        tools, login = self.container.tools, account.login
        if action == "donner":
            grant = _grants({name: form.text(name) for name in ("role", "ou")})[0]
            grant_role(tools, login, grant, author, within=within)
            return "role"
        if action == "retirer":
            taken = read_grant(form.text("lequel"))
            if taken is None:
                raise HTTPException(400)
            _require_another(person, account, taken)
            revoke_role(tools, login, taken, author, within=within)
            return "sans-role"
        if action == "desactiver":
            _require_another(person, account)
            disable_person(tools, login, author, within=within)
            return "desactive"
        if action == "activer":
            enable_person(tools, login, author, within=within)
            return "active"
        if action == "sessions":
            end_sessions_of(tools, login, author, within=within)
            return "sessions"
        raise HTTPException(400)

    def events(self, request: Request) -> Response:
        """What happened to accounts, for auditors and administrators."""
        found = list_events(self.container.tools, within=audited(request))
        return render(request, "journal_comptes.html", events=tuple(map(EventLine, found)))

    def _linked(self, request: Request, within: Within, login: str, author: Author) -> Response:
        link = password_link(
            self.container.tools, login, author, randomness=secrets.token_bytes, within=within
        )
        base = self.container.tools.console_url or str(request.base_url).rstrip("/")
        return render(
            request, "compte_lien.html", login=login, link=f"{base}/connexion/premiere/{link}"
        )

    def _list(
        self,
        request: Request,
        within: Within,
        status: int = 200,
        *,
        typed: dict[str, str] | None = None,
        problems: dict[str, str] | None = None,
    ) -> Response:
        names = self._names(within)
        lines = [
            AccountLine(each, named_grants(each, dict(names)))
            for each in list_people(self.container.tools, within)
        ]
        return render(
            request,
            "comptes.html",
            status,
            lines=lines,
            typed=typed or {},
            problems=problems or {},
            **_choices(names, within),
        )

    def _one(
        self,
        request: Request,
        within: Within,
        login: str,
        status: int = 200,
        *,
        done: str = "",
        problem: str = "",
        reason: str = "",
    ) -> Response:
        tools, names = self.container.tools, self._names(within)
        account = find_person(tools, login, within)
        return render(
            request,
            "compte_de.html",
            status,
            line=AccountLine(account, named_grants(account, dict(names))),
            events=tuple(map(EventLine, list_events(tools, account.login, within, 50))),
            done=done,
            problem=problem,
            reason=reason,
            own=account.id == visit(request).person.id,
            **_choices(names, within),
        )

    def _names(self, within: Within) -> Sequence[tuple[str, str]]:
        with self.container.engine.connect() as connection:
            return authority_names(connection, None, within)


def administered(request: Request) -> Within:
    """The authorities that the visitor administers. Raises ForbiddenError without any."""
    return _of(request, Right.ADMINISTER)


def audited(request: Request) -> Within:
    """The authorities whose accounts the visitor may read about. Raises ForbiddenError."""
    person = visit(request).person
    several = [person.sirens(right) for right in (Right.AUDIT, Right.ADMINISTER)]
    if None in several:
        return None
    sirens = frozenset[str]().union(*(each for each in several if each))
    if not sirens:
        raise forbidden(Right.AUDIT)
    return sirens


def _of(request: Request, right: Right) -> Within:
    sirens = visit(request).person.sirens(right)
    if sirens is not None and not sirens:
        raise forbidden(right)
    return sirens


def _choices(names: Sequence[tuple[str, str]], within: Within) -> dict[str, Any]:
    everywhere = [(EVERYWHERE, "Toutes les collectivités")] if within is None else []
    return {"places": [*everywhere, *names], "roles": tuple(Role)}


def _grants(typed: dict[str, str]) -> Sequence[Grant]:
    grant = read_grant(f"{typed['role']}@{typed['ou']}")
    if grant is None:
        raise NotFoundError("Choisissez un rôle, et la collectivité où il vaut.")
    return [grant]


def _require_another(person: Person, account: Account, taken: Grant | None = None) -> None:
    """Nobody shuts the door behind themselves. Raises ConflictError."""
    if person.id == account.id and (taken is None or Right.ADMINISTER in taken.role.rights):
        raise ConflictError(
            "Vous ne pouvez pas vous retirer à vous-même l'administration : demandez-le à un autre "
            "administrateur, ou passez par la commande « transmission user »."
        )
