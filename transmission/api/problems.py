"""What is refused, told to programs and to those who write them (RFC 9457), in French."""

from collections.abc import Sequence
from typing import Any

from fastapi.responses import JSONResponse

from transmission.domain.errors import Problem

MEDIA_TYPE = "application/problem+json"


class RefusalError(Exception):
    """A request that cannot be answered.

    ``code`` is stable and for programs, ``title`` and ``detail`` are French; ``more`` are members
    of the answer besides those of the RFC.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.more = more


def answered(error: RefusalError) -> JSONResponse:
    """The answer that tells a refusal."""
    content = {
        "type": f"urn:transmission:erreur:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.more,
    }
    return JSONResponse(content, error.status, error.headers, MEDIA_TYPE)


def refused(problems: Sequence[Problem]) -> RefusalError:
    """Everything that is wrong with a deposit, at once."""
    several = len(problems) > 1
    return RefusalError(
        422,
        "depot_refuse",
        "Cet acte ne peut pas être pris en charge",
        f"{len(problems)} {'points sont' if several else 'point est'} à corriger. "
        "Rien n'a été enregistré.",
        problemes=[as_json(problem) for problem in problems],
    )


def invalid(problems: Sequence[Problem]) -> RefusalError:
    """Parameters of an address that mean nothing."""
    return RefusalError(
        422,
        "parametres",
        "Paramètres refusés",
        "Cette adresse porte un paramètre que le service ne comprend pas.",
        problemes=[as_json(problem) for problem in problems],
    )


def as_json(problem: Problem) -> dict[str, str]:
    """One reason: the field, the rule, what is wrong and what to do."""
    return {
        "champ": problem.field,
        "code": problem.rule,
        "message": problem.message,
        "remede": problem.remedy,
    }


def unauthorised(detail: str, error: str | None = None) -> RefusalError:
    """Nobody knows who calls. ``error`` is a code of RFC 6750."""
    told = f', error="{error}"' if error else ""
    return RefusalError(
        401,
        "jeton",
        "Jeton absent ou refusé",
        detail,
        headers={"WWW-Authenticate": f'Bearer realm="transmission"{told}'},
    )


def not_found() -> RefusalError:
    """One text for what is unknown and for what is another authority's."""
    return RefusalError(
        404,
        "introuvable",
        "Introuvable",
        "Rien de votre collectivité n'est enregistré à cette adresse.",
    )


def too_large(limit: int) -> RefusalError:
    """A body, or a part of it, over its limit in bytes."""
    return RefusalError(
        413,
        "trop_volumineux",
        "Dépôt trop volumineux",
        f"Ce qui est envoyé dépasse {limit} octets. Rien n'a été enregistré : allégez les annexes.",
        headers={"Connection": "close"},
        limite=limit,
    )


def too_many(detail: str, wait: int, headers: dict[str, str]) -> RefusalError:
    """More than a limit allows; ``wait`` seconds and it may be tried again."""
    return RefusalError(
        429,
        "trop_de_demandes",
        "Trop de demandes",
        detail,
        headers={"Retry-After": str(wait), **headers},
    )


def too_slow(seconds: int) -> RefusalError:
    """A body that took too long to come."""
    return RefusalError(
        408,
        "trop_lent",
        "Envoi trop long",
        f"Le corps de cette demande n'est pas arrivé en entier en {seconds} secondes. Rien n'a été "
        "pris en charge : réessayez, ou envoyez les fichiers par morceaux (téléversements).",
        headers={"Connection": "close"},
    )


def malformed(detail: str) -> RefusalError:
    """A request that nobody can read."""
    return RefusalError(400, "requete", "Requête illisible", detail)


def unsupported(detail: str) -> RefusalError:
    """A content of another type than the one that is read."""
    return RefusalError(415, "type_de_contenu", "Type de contenu refusé", detail)
