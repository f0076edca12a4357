"""Send a refused act again, in one action: classification refreshed, number changed if need be."""

from dataclasses import dataclass, replace
from itertools import count

from transmission.domain.acceptance import ExaminedFile, typologie_problems, unknown_matiere
from transmission.domain.acte import Classification
from transmission.domain.decisions import may_go_again
from transmission.domain.errors import IdentifierError, Problem, RefusedError, TransmissionError
from transmission.domain.identifiers import IdActe, NumeroInterne
from transmission.domain.legal.echeances import transmission_limit
from transmission.domain.messages import ACTE
from transmission.domain.transmission import AdoptedActe, Author, Transmission
from transmission.ports import Opening, UnitOfWork
from transmission.services.classify import classify, kept_classification
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox


def resend(
    tools: Toolbox,
    acte_id: int,
    author: Author,
    numero: str | None = None,
    *,
    renumber: bool = False,
) -> Transmission:
    """Open a new transmission of an act that was refused, or withdrawn before it left.

    It is sent with the classification now in force, first asked of the TdT; ``numero`` is the
    number that it then bears on the wire, which a TdT may require to be new (S²LOW API §4.8): the
    act keeps the one that it was adopted under. With ``renumber`` a free one is taken where that
    is required. Raises RefusedError with every problem at once, ConflictError, NotFoundError.
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
        if renumber and numero is None:
            numero = _required_numero(tools, unit, former)
        id_acte = _id_acte(tools, unit, former, numero, problems)
        if problems:
            raise RefusedError(problems)
        opening = Opening(
            acte_id,
            former.collectivite_id,
            ACTE,
            id_acte,
            date_classification=classification.date_classification,
            date_limite=transmission_limit(acte.nature, acte.date_decision),
        )
        opened = unit.open_transmission(opening, author, now, now)
        unit.ring("send", opened.collectivite_id)
        unit.commit()
    return opened


def required_numero(tools: Toolbox, acte_id: int) -> NumeroInterne | None:
    """A free number for an act that its TdT would refuse under its own; None where it may serve.

    Raises NotFoundError.
    """
    with tools.register() as unit:
        return _required_numero(tools, unit, unit.current_transmission(acte_id))


def _required_numero(
    tools: Toolbox, unit: UnitOfWork, former: Transmission
) -> NumeroInterne | None:
    tdt = unit.authority(former.collectivite_id).collectivite.tdt
    numbers = _Numbers(unit, former, tools.tdts.capabilities(tdt).numero_unique)
    return (
        numbers.free() if numbers.is_burnt(NumeroInterne(former.id_acte.numero_interne)) else None
    )


def _refresh(tools: Toolbox, authority_id: int) -> None:
    try:
        classify(tools, authority_id)
    except TransmissionError:
        # The version held serves; if it is outdated the State says so again.
        return


def _classification(tools: Toolbox, unit: UnitOfWork, former: Transmission) -> Classification:
    held = unit.classification_file(former.collectivite_id)
    assert held is not None  # noqa: S101 - the act was taken in charge with one
    return kept_classification(tools, held[1])


def _problems(
    acte: AdoptedActe, former: Transmission, classification: Classification
) -> list[Problem]:
    problems = []
    if not may_go_again(former):
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


def _id_acte(
    tools: Toolbox,
    unit: UnitOfWork,
    former: Transmission,
    numero: str | None,
    problems: list[Problem],
) -> IdActe:
    tdt = unit.authority(former.collectivite_id).collectivite.tdt
    numbers = _Numbers(unit, former, tools.tdts.capabilities(tdt).numero_unique)
    try:
        wanted = NumeroInterne(numero or former.id_acte.numero_interne)
    except IdentifierError as error:
        problems.append(Problem("numero", "numero_forme", str(error), "Par exemple 2023_001_2."))
        return former.id_acte
    told = None
    if numbers.is_burnt(wanted):
        told = f"{tdt.nom} refuse que le numéro {wanted} serve deux fois, même après un rejet."
    elif numbers.is_of_another_acte(wanted):
        told = f"Le numéro {wanted} a déjà servi à un autre acte."
    if told:
        remedy = f"Donnez-en un autre, par exemple {numbers.free()}."
        problems.append(Problem("numero", "numero_deja_utilise", told, remedy))
    return replace(former.id_acte, numero_interne=wanted)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Which numbers an act may be sent again under; ``unique`` where one serves only once."""

    unit: UnitOfWork
    former: Transmission
    unique: bool

    def is_burnt(self, numero: NumeroInterne) -> bool:
        if not self.unique:
            return False
        about = self.unit.transmissions_about(self.former.acte_id, ACTE)
        return numero in {each.id_acte.numero_interne for each in about if each.attempts > 0}

    def is_of_another_acte(self, numero: NumeroInterne) -> bool:
        sent = self.former.id_acte
        nature, day = (None, None) if self.unique else (sent.nature, sent.date_decision)
        used = self.unit.find_acte(self.former.collectivite_id, numero, nature, day)
        return any(other != self.former.acte_id for other in used)

    def free(self) -> NumeroInterne:
        root = self.former.id_acte.numero_interne
        suffixed = (NumeroInterne(f"{root[: 14 - len(str(n))]}_{n}") for n in count(2))
        return next(
            each for each in suffixed if not (self.is_burnt(each) or self.is_of_another_acte(each))
        )
