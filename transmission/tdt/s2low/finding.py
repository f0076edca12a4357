"""Whether a platform has a parcel. A wrong « absent » would send it twice."""

from collections.abc import Collection, Iterable, Set

from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.courriers import (
    Annulation,
    ARDemandePieceComplementaire,
    ARLettreObservations,
    CourrierEnvoye,
)
from transmission.domain.identifiers import IdActe
from transmission.domain.messages import kind_of
from transmission.domain.outcomes import Absent, CannotTell, Finding, Found
from transmission.ports import Bearings, Parcel
from transmission.tdt.s2low import wire
from transmission.tdt.s2low.errors import (
    ERREUR,
    STATUTS_OF_A_LETTER,
    UndecidedError,
    statut_in_french,
)
from transmission.tdt.s2low.questions import ACTES, GET_STATUS, Questions

GET_DOCUMENT = ACTES + "actes_transac_get_document.php"

_TYPE_ACTE, _TYPE_ANNULATION = "1", "6"
# In the order in which a thing goes through them: one that moves while we look is met further on.
_STATUTS_OF_AN_ACTE = (17, 18, 1, 2, 3, 4, 0)
_STATUTS_OF_A_REPLY = (1, 2, 3, 4, ERREUR)


def find(questions: Questions, parcel: Parcel) -> Finding:
    """Ask for an act by itself, for anything else among what concerns its act.

    Raises UndecidedError.
    """
    match parcel.message:
        case Acte() as acte:
            return _act(questions, parcel.stem, acte.id_acte)
        case Annulation():
            return _cancellation(questions, parcel.bearings)
        case DemandeClassification() | ARDemandePieceComplementaire() | ARLettreObservations():
            raise UndecidedError("le TdT ne garde pas ce message sous une référence")
        case answer:
            return _reply(questions, answer, parcel.bearings)


# --- an act ---


def _act(questions: Questions, stem: str, id_acte: IdActe) -> Finding:
    """By the name of its XML, then by number and date (S²LOW API §4.9).

    Absent is only said when both say so: get_status may also refuse for want of rights.
    """
    statut = wire.parsed_statut(questions.ask(GET_STATUS, {"unique_id": stem}))
    known = statut.code if isinstance(statut, wire.Statut) else ERREUR
    # The dead last: an older one, refused, must not hide a living one.
    for code in dict.fromkeys((*_STATUTS_OF_AN_ACTE, known, ERREUR)):
        references = _listed(questions, code, id_acte, _TYPE_ACTE)
        if references:
            return _only(references, "cet acte")
    if isinstance(statut, wire.Refusal):
        return Absent()
    words = statut_in_french(known)
    return CannotTell(f"le TdT connaît cet acte ({words}) mais ne le montre dans aucune liste")


def _listed(
    questions: Questions,
    code: int,
    id_acte: IdActe,
    kind: str,
    ours: Set[str | None] = frozenset(),
) -> set[str]:
    wanted = (id_acte.numero_interne, id_acte.date_decision.isoformat(), kind)
    for page in questions.pages(code):
        found = {each.reference for each in page if (each.number, each.day, each.kind) == wanted}
        if found := found - ours:
            return found
    return set()


# --- what is about an act ---


def _cancellation(questions: Questions, bearings: Bearings) -> Finding:
    fresh = {
        line.reference
        for line in _related(questions, bearings)
        if line.kind == _TYPE_ANNULATION and line.reference not in bearings.known
    }
    return _only(fresh, "l'annulation de cet acte") if fresh else Absent()


def _reply(questions: Questions, message: CourrierEnvoye, bearings: Bearings) -> Finding:
    """A letter has one line: its own, then that of what answered it (S²LOW API §4.16).

    The reference of a reply unknown here is ours if our letter no longer has its own line.
    """
    if bearings.courrier is None:
        raise UndecidedError("la référence du courrier au TdT est inconnue : sa réponse non plus")
    kind = _type_of(message)
    lines = [line for line in _related(questions, bearings) if line.kind == kind]
    ours = {*bearings.known, bearings.courrier}
    replies = [line for line in lines if line.code not in STATUTS_OF_A_LETTER]
    fresh = {line.reference for line in replies} - ours
    if any(line.reference == bearings.courrier for line in lines):
        return _unanswered(fresh)
    if fresh:
        return _only(fresh, "ce courrier")
    if not replies:
        return CannotTell("le TdT ne montre plus ni ce courrier, ni ce qui lui répond")
    return _behind_a_known_reply(questions, message, ours)


def _unanswered(fresh: Collection[str]) -> Finding:
    if not fresh:
        return Absent()
    # They answer another letter, or this platform shows a letter beside its answer.
    return CannotTell(
        "le TdT montre ce courrier sans réponse, et pourtant une réponse inconnue ici : "
        + _enumerated(fresh)
    )


def _behind_a_known_reply(
    questions: Questions, message: CourrierEnvoye, ours: Set[str | None]
) -> Finding:
    """A first answer, refused since, has the line of the letter: a second may stand behind it.

    Nothing says which of the two the platform shows, so the lists are asked too.
    """
    for code in _STATUTS_OF_A_REPLY:
        if hidden := _listed(questions, code, message.id_acte, _type_of(message), ours):
            return _only(hidden, "ce courrier")
    return Absent()


def _related(questions: Questions, bearings: Bearings) -> tuple[wire.Related, ...]:
    if bearings.acte is None:
        raise UndecidedError("la référence de l'acte au TdT est inconnue : il ne peut être demandé")
    return wire.parsed_related(questions.ask(GET_DOCUMENT, {"id": bearings.acte}))


def _type_of(message: CourrierEnvoye) -> str:
    return (kind_of(message).code or "")[:1]


def _only(references: Collection[str], what: str) -> Finding:
    if len(references) == 1:
        (reference,) = references
        return Found(reference)
    return CannotTell(f"le TdT a plusieurs transactions pour {what} : {_enumerated(references)}")


def _enumerated(references: Iterable[str]) -> str:
    return ", ".join(sorted(references))
