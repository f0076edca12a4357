"""Take an act off line: never before its two months are over, unless a person says why."""

from transmission.clock import civil_day
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.legal.publicite import publicity_interrupted
from transmission.domain.publication import PublishedCopy
from transmission.domain.transmission import Author
from transmission.services.toolbox import Toolbox

UNPUBLISHED = "unpublished"
"""Event of the journal."""


def unpublish(
    tools: Toolbox, acte_id: int, author: Author, *, early: bool = False
) -> tuple[str, ...]:
    """Stop serving an act, or looking at its address; French sentences for the person who asks.

    ``early`` allows it before the end of the two months (CGCT R. 2131-1 I al. 2; PU-4);
    ``author`` says why in any case. Raises RefusedError with every reason, NotFoundError.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        copy, acte = unit.current_copy(acte_id), unit.acte(acte_id)
        today = civil_day(now, unit.authority(acte.collectivite_id).collectivite.time_zone)
        if copy is None:
            raise RefusedError([_NOTHING])
        interrupted = publicity_interrupted(copy.date_mise_en_ligne, today)
        problems = [_too_early(copy)] if interrupted and not early else []
        if not author.reason:
            problems.append(_NO_REASON)
        if problems:
            raise RefusedError(problems)
        unit.withdraw_copy(copy.id, author.reason or "", now)
        details = _details(copy) | {"interrompue": "oui" if interrupted else None}
        unit.note(unit.current_transmission(acte_id), UNPUBLISHED, author, now, details)
        unit.commit()
    return (_interrupted(copy),) if interrupted else (_FOR_EVER,)


_NOTHING = Problem(
    "retirer",
    "publication",
    "Rien n'est en ligne de cet acte, à ce que sait le service.",
    "Vérifiez le numéro.",
)
_NO_REASON = Problem("motif", "publication", "Retirer un acte demande un motif.", "Donnez-le.")
_FOR_EVER = (
    "Les deux mois de publicité sont passés ; la loi demande pourtant que l'acte reste à la "
    "disposition du public, en permanence et gratuitement (CGCT L. 2131-1 III)."
)


def _too_early(copy: PublishedCopy) -> Problem:
    return Problem(
        "retirer",
        "PU-4",
        f"L'acte doit rester public jusqu'au {copy.date_minimum:%d/%m/%Y} inclus (CGCT R. 2131-1).",
        "Attendez le lendemain, ou ajoutez --forcer si un motif l'impose.",
    )


def _interrupted(copy: PublishedCopy) -> str:
    return (
        f"La publicité est interrompue avant le {copy.date_minimum:%d/%m/%Y} (CGCT R. 2131-1) : "
        "remettez l'acte en ligne dès que possible."
    )


def _details(copy: PublishedCopy) -> dict[str, object]:
    return {
        "publication": copy.id,
        "date_mise_en_ligne": copy.date_mise_en_ligne.isoformat(),
        "date_minimum": copy.date_minimum.isoformat(),
        "adresse": copy.address,
        "sha256": copy.file and copy.file.sha256,
    }
