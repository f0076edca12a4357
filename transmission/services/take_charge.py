"""Take charge of something that waits for a person, give it back, hand it to a colleague.

It says who deals with it and stops nobody else: the act itself does not change.
"""

from transmission.domain.desks import Charge, WorkItem
from transmission.domain.errors import ConflictError
from transmission.domain.people import Person
from transmission.domain.transmission import Author
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox


def take(tools: Toolbox, item: WorkItem, person: Person, author: Author) -> Charge:
    """Put an item that nobody deals with in a person's charge; in theirs already, it stays so.

    Raises ConflictError when somebody else has it.
    """
    with tools.register() as unit:
        known = unit.charge_of(item)
        if known is None:
            known = unit.take_work(item, person, author, tools.clock.now())
            unit.commit()
    if known is None:
        # Somebody was quicker, and is seen now.
        with tools.register() as unit:
            known = unit.charge_of(item)
    if known is None or known.person_id != person.id:
        raise _taken(known)
    return known


def give_back(tools: Toolbox, item: WorkItem, author: Author) -> None:
    """Put an item back on the desk, whoever had it; of nobody, it stays so."""
    with tools.register() as unit:
        known = unit.charge_of(item)
        if known is not None:
            unit.give_back_work(known, author, tools.clock.now())
            unit.commit()


def confide(tools: Toolbox, item: WorkItem, colleague: Person, author: Author) -> Charge:
    """Put an item in a colleague's charge, whoever had it; both are kept.

    Raises ConflictError when somebody takes it at the same instant.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        known = unit.charge_of(item)
        if known is not None and known.person_id == colleague.id:
            return known
        if known is not None:
            unit.give_back_work(known, author, now)
        given = unit.take_work(item, colleague, author, now)
        if given is None:
            raise _taken(None)
        unit.commit()
    return given


def set_aside(tools: Toolbox, item: WorkItem, author: Author) -> None:
    """Take an item off its desk for good, with a reason: nothing more will be done about it.

    Raises RefusedError without a reason.
    """
    require_reason(author)
    with tools.register() as unit:
        now = tools.clock.now()
        known = unit.charge_of(item)
        if known is not None:
            unit.give_back_work(known, author, now)
        unit.set_work_aside(item, author, now)
        unit.commit()


def _taken(known: Charge | None) -> ConflictError:
    who = f"{known.name} s'en charge déjà" if known else "Quelqu'un vient de s'en charger"
    return ConflictError(f"{who}. Rien n'a été changé : rechargez la page pour voir qui.")
