"""What a person makes of a quarantined retour: of which act it is, or of none."""

from transmission.domain.errors import NotFoundError, Problem, RefusedError, TransmissionError
from transmission.domain.transmission import Author, RetourStatus, StoredRetour
from transmission.ports import UnitOfWork
from transmission.services.apply_retour import apply_message
from transmission.services.decisions import require_reason
from transmission.services.matching import SeveralAnswersError
from transmission.services.toolbox import Toolbox


def attach(
    tools: Toolbox, retour_id: int, acte_id: int, author: Author, courrier_id: int | None = None
) -> str | None:
    """Attach a quarantined retour to an act, in a person's name and with a reason.

    What it says then happens to the act, if the lifecycle allows it: None. Otherwise it is only
    kept with the act, which stays as it is, and why is returned (French): no hand changes a date
    or a state against the rules. ``courrier_id`` says which letter was answered: an AR that could
    be that of several answers is otherwise refused, and stays in quarantine. Raises RefusedError,
    NotFoundError.
    """
    require_reason(author)
    now = tools.clock.now()
    with tools.register() as unit:
        retour = _quarantined(unit, retour_id)
        about = unit.current_transmission(acte_id)
        if about.collectivite_id != retour.collectivite_id:
            raise _refused(
                "acte",
                "Ce retour et cet acte ne sont pas de la même collectivité.",
                "Désignez un acte de la collectivité qui a reçu ce retour.",
            )
        refusal = _applied(tools, unit, retour, author, (acte_id, courrier_id))
        details = {"retour": retour_id, "sans_effet": refusal}
        unit.note(about, "retour_attached", author, now, details)
        unit.commit()
    return refusal


def set_aside(tools: Toolbox, retour_id: int, author: Author) -> None:
    """Take a retour that concerns no act off the desk; its bytes stay. Raises as :func:`attach`."""
    require_reason(author)
    with tools.register() as unit:
        retour = _quarantined(unit, retour_id)
        reason = f"Classé sans suite par {author.name} : {author.reason}"
        unit.settle_retour(retour.id, RetourStatus.SET_ASIDE, "sans suite", reason=reason)
        unit.note_retour(retour, "retour_set_aside", author, tools.clock.now())
        unit.commit()


def _quarantined(unit: UnitOfWork, retour_id: int) -> StoredRetour:
    retour = unit.lock_retour(retour_id)
    if retour is None:
        raise NotFoundError(f"Aucun retour n° {retour_id} n'attend de décision.")
    if retour.status is not RetourStatus.QUARANTINED:
        raise _refused(
            "retour",
            f"Le retour n° {retour_id} n'est pas en quarantaine ({retour.status.label}).",
            "Choisissez-en un dans la liste « transmission quarantine ».",
        )
    return retour


def _applied(
    tools: Toolbox,
    unit: UnitOfWork,
    retour: StoredRetour,
    author: Author,
    named: tuple[int, int | None],
) -> str | None:
    try:
        if retour.container:
            raise _refused(
                "retour", "Ce retour ne contient aucun message lisible.", "Lisez-le vous-même."
            )
        with unit.trial():
            apply_message(tools, unit, retour, author, *named)
    except SeveralAnswersError as several:
        remedy = "Dites à quel courrier répondait l'envoi dont c'est l'accusé."
        raise _refused("courrier", str(several), remedy) from several
    except TransmissionError as refusal:
        unit.settle_retour(
            retour.id,
            RetourStatus.ATTACHED,
            "rattaché à la main",
            acte_id=named[0],
            reason=f"Rattaché par {author.name} : {author.reason}. Sans effet : {refusal}",
        )
        return str(refusal)
    return None


def _refused(field: str, fact: str, remedy: str) -> RefusedError:
    return RefusedError([Problem(field, "rattachement", fact, remedy)])
