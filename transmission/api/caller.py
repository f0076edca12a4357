"""Who calls, and what it may do: every route asks for a scope."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from transmission.api.guard import ACCESS
from transmission.api.problems import RefusalError
from transmission.domain.access import Access, Scope


def _allowed(*scopes: Scope) -> Callable[[Request], Access]:
    """``scopes``: any of them lets in, the first one is told to whoever has none."""
    scope = scopes[0]
    told = " ou ".join(f"« {each.code} » ({each.label})" for each in scopes)

    def access(request: Request) -> Access:
        caller: Access = request.scope[ACCESS]
        if caller.scopes.isdisjoint(scopes):
            raise RefusalError(
                403,
                "portee",
                "Ce jeton ne permet pas cette action",
                f"Il y faut la portée {told}.",
                headers={
                    "WWW-Authenticate": (f'Bearer error="insufficient_scope", scope="{scope.code}"')
                },
                portee=scope.code,
            )
        return caller

    return access


Depositor = Annotated[Access, Depends(_allowed(Scope.DEPOSIT))]
Reader = Annotated[Access, Depends(_allowed(Scope.READ))]
Manager = Annotated[Access, Depends(_allowed(Scope.WEBHOOKS))]
Actor = Annotated[Access, Depends(_allowed(Scope.ACT))]
Sender = Annotated[Access, Depends(_allowed(Scope.DEPOSIT, Scope.ACT))]
"""Whoever may send a file, for an act or for an answer."""
