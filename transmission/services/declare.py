"""Declare what no message tells of an act: its signature, its nature in law, its amounts."""

from collections.abc import Collection, Mapping
from typing import Any

from transmission.clock import civil_day
from transmission.domain.errors import RefusedError
from transmission.domain.legal.declaration import (
    NOTHING,
    Declaration,
    declared,
    impossible,
    read_declaration,
)
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox


def declare(
    tools: Toolbox,
    acte_id: int,
    stated: Mapping[str, Any],
    author: Author,
    withdrawn: Collection[str] = (),
) -> Declaration:
    """State some facts and withdraw others, under the names of the declaration; all that counts.

    What was declared before and is not named stays. To change or to withdraw a fact takes a
    reason. The act is then read again. Raises RefusedError with every problem at once,
    NotFoundError.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        unit.hold_acte(acte_id)
        before = declared(declaration_of(unit, acte_id))
        kept = {name: value for name, value in before.items() if name not in withdrawn}
        made = read_declaration(kept | dict(stated))
        acte = unit.acte(acte_id)
        today = civil_day(now, unit.authority(acte.collectivite_id).collectivite.time_zone)
        if problems := list(impossible(made, acte.nature, acte.date_decision, today)):
            raise RefusedError(problems)
        after = declared(made)
        if any(after.get(name) != value for name, value in before.items()):
            require_reason(author)
        if after != before:
            unit.add_legal_facts(acte_id, made, author, now)
            unit.commit()
    return made


def declaration_of(unit: UnitOfWork, acte_id: int) -> Declaration:
    """What counts as declared of an act."""
    history = unit.legal_facts(acte_id)
    return history[0].declaration if history else NOTHING
