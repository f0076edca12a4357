"""What the service holds of the people who come to it: given to them, erased, forgotten in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from transmission.domain.accounts import Account, folded_login
from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.ports.personal import ERASED
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox

VISITS_KEPT = timedelta(days=365)
"""How long the address and the browser of a session are kept after its end."""


@dataclass(frozen=True, slots=True)
class Erased:
    """An account that is no more: its number, and the lines of the journal that keep its name."""

    person_id: int
    lines: int


def personal_data(tools: Toolbox, login: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Everything held about the person of an account, by table (GDPR, art. 15).

    Raises NotFoundError.
    """
    with tools.register() as unit:
        return unit.personal_rows(_named(unit, login).id)


def erase(tools: Toolbox, login: str, author: Author) -> Erased:
    """End an account for good and erase what it held of a person (GDPR, art. 17).

    The names under which decisions were taken stay in the journal, which is proof (art. 17-3 b and
    e). Raises RefusedError without a reason, NotFoundError.
    """
    require_reason(author)
    with tools.register() as unit:
        account = _named(unit, login)
        lines = unit.lines_signed(account.name)
        now = tools.clock.now()
        unit.erase_person(account.id, author, now)
        unit.tell_of_person(account.id, ERASED, author, now)
        unit.commit()
    return Erased(account.id, lines)


def forget_visits(tools: Toolbox) -> int:
    """Remove sessions and one-time links over for ``VISITS_KEPT``; how many."""
    with tools.register() as unit:
        gone = unit.forget_visits(tools.clock.now() - VISITS_KEPT)
        unit.commit()
    return gone


def _named(unit: UnitOfWork, login: str) -> Account:
    account = unit.account_by_login(folded_login(login))
    if account is None:
        raise NotFoundError(
            f"Aucun compte ne s'appelle « {login} ». « transmission user list » les donne."
        )
    return account
