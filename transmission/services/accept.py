"""Take an adopted act in charge: everything checked, then everything stored, or nothing."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from transmission.clock import civil_day
from transmission.domain.acceptance import (
    Bounds,
    CheckedForm,
    Form,
    check_files,
    check_form,
)
from transmission.domain.acte import Classification, Matiere
from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import (
    AlreadyTakenError,
    ConflictError,
    IdentifierError,
    Problem,
    RefusedError,
)
from transmission.domain.identifiers import NatureActe
from transmission.domain.transmission import AdoptedActe, Author, Piece, StoredFile
from transmission.killpoints import reach
from transmission.ports import AuthorityRow, KnownActe, UnitOfWork
from transmission.services.budget_seal import seal_notes
from transmission.services.classify import kept_classification
from transmission.services.files import (
    DepositedFile,
    ExaminedDeposit,
    examined,
    pieces_of,
)
from transmission.services.toolbox import Toolbox

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Deposit:
    """An adopted act as handed over; the first file is the act, annexes follow in order."""

    form: Form
    files: tuple[DepositedFile, ...]
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class TakenInCharge:
    """The promise: the act exists. ``repeated`` when it already did, for the same deposit."""

    acte_id: int
    acte: AdoptedActe
    repeated: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A deposit that would be taken; ``acte_id`` is the act when it already was."""

    acte_id: int | None
    notes: tuple[str, ...]


def accept(tools: Toolbox, siren: str, deposit: Deposit, author: Author) -> TakenInCharge:
    """Check a deposit and take it in charge; the same deposit twice gives the same act.

    Raises RefusedError with every problem at once (nothing is stored then), ConflictError when
    the legal key or the idempotency key already stands for something else (AlreadyTakenError, with
    what differs), NotFoundError for an unknown authority.
    """
    owner, classification = _sender(tools, siren)
    with examined(tools, deposit.files) as items:
        checked = _check(tools, owner, classification, deposit.form, items)
        acte = _adopted(owner, classification, checked, items)
        if known := _known(tools, owner.collectivite, deposit, acte):
            return TakenInCharge(known, acte, repeated=True, notes=checked.notes)
        reach("accept.checked")
        for item in items:
            item.draft.keep()
    return _store(tools, owner.collectivite, deposit, acte, author, checked.notes)


def check(tools: Toolbox, siren: str, deposit: Deposit) -> CheckedForm:
    """Say whether a form and files would be taken, whatever was handed over before.

    Stores nothing. Raises RefusedError, NotFoundError.
    """
    owner, classification = _sender(tools, siren)
    with examined(tools, deposit.files) as items:
        return _check(tools, owner, classification, deposit.form, items)


def rehearse(tools: Toolbox, siren: str, deposit: Deposit) -> Rehearsal:
    """Check a deposit against what was handed over before too, and store nothing.

    Raises as :func:`accept`.
    """
    owner, classification = _sender(tools, siren)
    with examined(tools, deposit.files) as items:
        checked = _check(tools, owner, classification, deposit.form, items)
        acte = _adopted(owner, classification, checked, items)
    return Rehearsal(_known(tools, owner.collectivite, deposit, acte), checked.notes)


def _sender(tools: Toolbox, siren: str) -> tuple[AuthorityRow, Classification]:
    with tools.register() as unit:
        owner = unit.authority_by_siren(siren)
        return owner, _classification(tools, unit, owner)


def _classification(tools: Toolbox, unit: UnitOfWork, owner: AuthorityRow) -> Classification:
    held = unit.classification_file(owner.id)
    if held is None:
        raise RefusedError(
            [
                Problem(
                    "collectivite",
                    "classification_absente",
                    f"Aucune classification n'a encore été reçue pour {owner.collectivite.nom}.",
                    "Elle est demandée au TdT automatiquement ; pour l'obtenir tout de suite : "
                    "« transmission authority classification ».",
                )
            ]
        )
    return kept_classification(tools, held[1])


def _check(
    tools: Toolbox,
    owner: AuthorityRow,
    classification: Classification,
    form: Form,
    items: Sequence[ExaminedDeposit],
) -> CheckedForm:
    collectivite = owner.collectivite
    capabilities = tools.tdts.capabilities(collectivite.tdt)
    bounds = Bounds(capabilities.objet_max, capabilities.annexes_max)
    today = civil_day(tools.clock.now(), collectivite.time_zone)
    checked = check_form(form, classification, bounds, today)
    problems = checked if isinstance(checked, list) else []
    nature = _or_none(NatureActe.parse, form.nature)
    matiere = _or_none(Matiere.parse, form.matiere)
    if not items:
        problems.append(
            Problem("document", "document_absent", "Il manque l'acte lui-même.", "Joignez son PDF.")
        )
        raise RefusedError(problems)
    problems += check_files([item.facts for item in items], nature, matiere, classification, bounds)
    if problems or isinstance(checked, list):
        raise RefusedError(problems)
    said = (note for item in items for note in item.notes)
    return replace(checked, notes=(*checked.notes, *seal_notes(tools.budgets, items[0]), *said))


def _adopted(
    owner: AuthorityRow,
    classification: Classification,
    checked: CheckedForm,
    items: Sequence[ExaminedDeposit],
) -> AdoptedActe:
    pieces = pieces_of(items, checked.nature)
    return AdoptedActe(
        collectivite_id=owner.id,
        numero_interne=checked.numero_interne,
        date_decision=checked.date_decision,
        nature=checked.nature,
        matiere=checked.matiere,
        objet=checked.objet,
        date_classification=classification.date_classification,
        document_papier=checked.document_papier,
        pieces=pieces,
        fingerprint=_fingerprint(checked, pieces),
    )


def _fingerprint(checked: CheckedForm, pieces: tuple[Piece, ...]) -> str:
    content = {
        "numero": checked.numero_interne,
        "date": checked.date_decision.isoformat(),
        "nature": checked.nature.code,
        "matiere": str(checked.matiere),
        "objet": checked.objet,
        "document_papier": checked.document_papier,
        "pieces": [[piece.file.sha256, piece.code_type_pj] for piece in pieces],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _store(
    tools: Toolbox,
    owner: Collectivite,
    deposit: Deposit,
    acte: AdoptedActe,
    author: Author,
    notes: tuple[str, ...],
) -> TakenInCharge:
    now = tools.clock.now()
    id_acte = acte.id_acte(owner.departement, owner.siren)
    try:
        with tools.register() as unit:
            acte_id, _ = unit.add_acte(acte, id_acte, author, now, deposit.idempotency_key, now)
            reach("accept.before_commit")
            unit.commit()
    except ConflictError:
        # Two callers at once: the loser finds what the winner stored, or a true conflict.
        if known := _known(tools, owner, deposit, acte):
            return TakenInCharge(known, acte, repeated=True, notes=notes)
        raise
    reach("accept.committed")
    return TakenInCharge(acte_id, acte, repeated=False, notes=notes)


def _known(tools: Toolbox, owner: Collectivite, deposit: Deposit, acte: AdoptedActe) -> int | None:
    """The act that this very deposit already made, if any. Raises as :func:`accept`."""
    with tools.register() as unit:
        known = unit.known_actes(acte, deposit.idempotency_key)
        same = [each for each in known if each.by_key] or [
            each for each in known if _is_the_same(each, acte)
        ]
        if not same:
            _refuse_used_number(tools, owner, known, acte)
            return None
        if same[0].fingerprint == acte.fingerprint:
            return same[0].id
        changes = _changes(unit.acte(same[0].id), acte)
    raise AlreadyTakenError(
        f"L'acte {acte.numero_interne} a déjà été remis avec un autre contenu (diffère : "
        f"{', '.join(changes)}). Rien n'a été changé. S'il s'agit d'un autre acte, donnez-lui un "
        "autre numéro.",
        same[0].id,
        changes,
    )


def _changes(known: AdoptedActe, given: AdoptedActe) -> list[str]:
    fields = ("numero_interne", "date_decision", "nature", "matiere", "objet", "document_papier")
    changed = [name for name in fields if getattr(known, name) != getattr(given, name)]
    return changed + (["fichiers"] if _contents(known) != _contents(given) else [])


def _contents(acte: AdoptedActe) -> list[tuple[StoredFile, str]]:
    return [(piece.file, piece.code_type_pj) for piece in acte.pieces]


def _is_the_same(known: KnownActe, acte: AdoptedActe) -> bool:
    return (known.nature, known.date_decision) == (acte.nature, acte.date_decision)


def _refuse_used_number(
    tools: Toolbox, owner: Collectivite, known: Sequence[KnownActe], acte: AdoptedActe
) -> None:
    if not known or not tools.tdts.capabilities(owner.tdt).numero_unique:
        return
    other = known[0]
    raise RefusedError(
        [
            Problem(
                "numero",
                "numero_deja_utilise",
                f"Le numéro {acte.numero_interne} a déjà servi le {other.date_decision:%d/%m/%Y} "
                f"({other.nature.label}) ; {owner.tdt.nom} refuse qu'un numéro serve deux fois.",
                f"Ajoutez un suffixe, par exemple {acte.numero_interne[:13]}_2.",
            )
        ]
    )


def _or_none(reader: Callable[[str], _T], text: str) -> _T | None:
    try:
        return reader(text)
    except IdentifierError:
        return None
