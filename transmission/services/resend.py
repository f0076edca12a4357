"""Send a refused act again, in one action: classification refreshed, number changed if need be."""

from dataclasses import replace

from transmission.domain.acceptance import ExaminedFile, typologie_problems, unknown_matiere
from transmission.domain.acte import Classification
from transmission.domain.errors import IdentifierError, Problem, RefusedError, TransmissionError
from transmission.domain.identifiers import IdActe, NumeroInterne
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.transmission import AdoptedActe, Author, Transmission
from transmission.ports import Opening, UnitOfWork
from transmission.services.classify import classification_of, classify
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox


def resend(tools: Toolbox, acte_id: int, author: Author, numero: str | None = None) -> Transmission:
    """Open a new transmission of an act that was refused, or withdrawn before it left.

    It is sent with the classification now in force, first asked of the TdT; ``numero`` is the
    number that it then bears on the wire, which a TdT may require to be new (S²LOW API §4.8): the
    act keeps the one that it was adopted under. Raises RefusedError with every problem at once,
    ConflictError, NotFoundError.
    """
    require_reason(author)
    with tools.register() as unit:
        former = unit.current_transmission(acte_id)
    _refresh(tools, former.collectivite_id)
    now = tools.clock.now()
    with tools.register() as unit:
        former = unit.current_transmission(acte_id)
        classification = _classification(tools, unit, former)
        acte = unit.acte(acte_id)
        problems = _problems(acte, former, classification)
        id_acte = _id_acte(tools, unit, former, numero, problems)
        if problems:
            raise RefusedError(problems)
        opening = Opening(
            acte_id,
            former.collectivite_id,
            ACTE,
            id_acte,
            date_classification=classification.date_classification,
        )
        opened = unit.open_transmission(opening, author, now, tools.delays.bell_at(now))
        unit.ring("prepare", opened.id)
        unit.commit()
    return opened


def _refresh(tools: Toolbox, authority_id: int) -> None:
    try:
        classify(tools, authority_id)
    except TransmissionError:
        # The version held serves; if it is outdated the State says so again.
        return


def _classification(tools: Toolbox, unit: UnitOfWork, former: Transmission) -> Classification:
    held = unit.classification_file(former.collectivite_id)
    assert held is not None  # noqa: S101 - the act was taken in charge with one
    return classification_of(tools.documents.read(held[1]))


def _problems(
    acte: AdoptedActe, former: Transmission, classification: Classification
) -> list[Problem]:
    problems = []
    if not _may_go_again(former):
        problems.append(
            Problem(
                "etat",
                "renvoi_permis",
                f"Cet acte n'a pas été refusé (état : {former.state.label}).",
                "Seul un acte rejeté, ou retiré avant tout envoi, peut être renvoyé.",
            )
        )
    if classification.libelle(acte.matiere) is None:
        problems.append(unknown_matiere(acte.matiere, classification))
    for piece in acte.pieces:
        facts = ExaminedFile(
            piece.nom_original, piece.file.size, piece.extension, "", None, piece.code_type_pj
        )
        field = "document" if piece.ordre == 1 else f"annexes[{piece.ordre - 1}]"
        problems += typologie_problems(field, facts, acte.nature, classification)
    return problems


def _may_go_again(former: Transmission) -> bool:
    if former.state is State.CANCELLED:
        # Once the State has had it, its number may never serve again (ACTES protocol §13).
        return former.attempts == 0
    return former.state is State.REJECTED


def _id_acte(
    tools: Toolbox,
    unit: UnitOfWork,
    former: Transmission,
    numero: str | None,
    problems: list[Problem],
) -> IdActe:
    tdt = unit.authority(former.collectivite_id).collectivite.tdt
    is_burnt = tools.tdts.capabilities(tdt).numero_unique and former.attempts > 0
    if numero is None:
        if is_burnt:
            problems.append(_burnt(former, tdt.nom))
        return former.id_acte
    try:
        wanted = NumeroInterne(numero)
    except IdentifierError as error:
        problems.append(Problem("numero", "numero_forme", str(error), "Par exemple 2023_001_2."))
        return former.id_acte
    if _is_used(unit, former, wanted, is_burnt=is_burnt):
        problems.append(
            Problem(
                "numero",
                "numero_deja_utilise",
                f"Le numéro {wanted} a déjà servi.",
                f"Ajoutez un suffixe, par exemple {_suffixed(former)}.",
            )
        )
    return replace(former.id_acte, numero_interne=wanted)


def _is_used(
    unit: UnitOfWork, former: Transmission, wanted: NumeroInterne, *, is_burnt: bool
) -> bool:
    used = unit.find_acte(former.collectivite_id, wanted, None, None)
    return any(other != former.acte_id or is_burnt for other in used)


def _burnt(former: Transmission, tdt: str) -> Problem:
    return Problem(
        "numero",
        "numero_deja_utilise",
        f"{tdt} refuse qu'un numéro serve deux fois, même après un rejet.",
        f"Donnez-en un autre, par exemple {_suffixed(former)}.",
    )


def _suffixed(former: Transmission) -> str:
    return f"{former.id_acte.numero_interne[:13]}_2"
