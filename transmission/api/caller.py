"""Who calls, and what it may do: every route asks for a scope."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from transmission.api.guard import ACCESS
from transmission.api.problems import RefusalError
from transmission.domain.access import Access, Scope


def _allowed(scope: Scope) -> Callable[[Request], Access]:
    def access(request: Request) -> Access:
        caller: Access = request.scope[ACCESS]
        if scope not in caller.scopes:
            raise RefusalError(
                403,
                "portee",
                "Ce jeton ne permet pas cette action",
                f"Il y faut la portée « {scope.code} » ({scope.label}).",
                headers={
                    "WWW-Authenticate": (f'Bearer error="insufficient_scope", scope="{scope.code}"')
                },
                portee=scope.code,
            )
        return caller

    return access


Depositor = Annotated[Access, Depends(_allowed(Scope.DEPOSIT))]
Reader = Annotated[Access, Depends(_allowed(Scope.READ))]
