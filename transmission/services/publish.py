"""Record that an act was put on line, and where."""

from datetime import date

from transmission.clock import civil_day
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.transmission import Author
from transmission.services.toolbox import Toolbox


def publish(tools: Toolbox, acte_id: int, day: date, address: str | None, author: Author) -> None:
    """Record the civil date of mise en ligne (CGCT L. 2131-1), given by a person.

    Raises RefusedError when it is in the future or before the decision.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        acte = unit.acte(acte_id)
        zone = unit.authority(acte.collectivite_id).collectivite.time_zone
        today = civil_day(now, zone)
        if not acte.date_decision <= day <= today:
            raise RefusedError(
                [
                    Problem(
                        "date",
                        "date_mise_en_ligne",
                        f"Le {day:%d/%m/%Y} ne peut pas être la date de mise en ligne d'un acte du "
                        f"{acte.date_decision:%d/%m/%Y}.",
                        f"Donnez une date entre la décision et aujourd'hui ({today:%d/%m/%Y}).",
                    )
                ]
            )
        unit.set_publication(acte_id, day, address, author, now)
        unit.commit()
