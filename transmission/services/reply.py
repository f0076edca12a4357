"""Answer a letter of the préfecture: checked, stored, then sent like an act."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from transmission.domain.answers import PIECES, check_answer
from transmission.domain.errors import ConflictError, Problem, RefusedError
from transmission.domain.lifecycle import State
from transmission.domain.messages import ANSWERS, label_of
from transmission.domain.transmission import Author, KeptCourrier, Piece, Transmission
from transmission.ports import AuthorityRow, Opening, UnitOfWork
from transmission.services.classify import kept_classification
from transmission.services.files import DepositedFile, ExaminedDeposit, examined, pieces_of
from transmission.services.toolbox import Toolbox

_OVER = (State.REJECTED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Answered:
    """The promise: the answer exists. ``repeated`` when the very same was already given."""

    transmission: Transmission
    repeated: bool


def reply(
    tools: Toolbox, courrier_id: int, message: str, files: Sequence[DepositedFile], author: Author
) -> Answered:
    """Take an answer in charge; the same answer twice is one.

    ``message`` is its code: 2-2, 3-4 or 3-3, 4-4 or 4-3. The date of the letter is repeated as the
    letter says it (ACTES protocol §7.2). Raises RefusedError with every problem at once,
    NotFoundError, ConflictError.
    """
    with tools.register() as unit:
        letter = unit.courrier(courrier_id)
        owner = unit.authority(letter.collectivite_id)
    with examined(tools, files) as items:
        pieces = _checked(tools, owner, letter, message, items)
        fingerprint = _fingerprint(message, pieces)
        if known := _already(tools, letter, message, fingerprint):
            return Answered(known, repeated=True)
        for item in items:
            item.draft.keep()
    return Answered(_store(tools, letter, message, pieces, fingerprint, author), repeated=False)


def _checked(
    tools: Toolbox,
    owner: AuthorityRow,
    letter: KeptCourrier,
    message: str,
    items: Sequence[ExaminedDeposit],
) -> tuple[Piece, ...]:
    with tools.register() as unit:
        nature = unit.acte(letter.acte_id).nature
        held = unit.classification_file(owner.id)
    if held is None:
        raise RefusedError([_no_classification(owner)])
    classification = kept_classification(tools, held[1])
    most = tools.tdts.capabilities(owner.collectivite.tdt).files_per_reply
    facts = [item.facts for item in items]
    problems = check_answer(letter.message, message, facts, nature, classification, most)
    if problems:
        raise RefusedError(problems)
    return pieces_of(items, nature)


def _already(
    tools: Toolbox, letter: KeptCourrier, message: str, fingerprint: str
) -> Transmission | None:
    """The very same answer if it was given. Raises ConflictError when no other may be."""
    with tools.register() as unit:
        given = _given(unit, letter)
    for answer in given:
        if answer.fingerprint == fingerprint:
            return answer
    if not given:
        return None
    latest = given[0]
    if message == PIECES == latest.message and latest.state is State.ACKNOWLEDGED:
        # Further documents may complete the first ones, once these are received.
        return None
    raise ConflictError(
        f"Ce courrier a déjà reçu une réponse ({label_of(latest.message)}, « "
        f"{latest.state.label} »). Rien n'a été ajouté."
    )


def _given(unit: UnitOfWork, letter: KeptCourrier) -> list[Transmission]:
    return [
        sent
        for sent in unit.transmissions_about(letter.acte_id)
        if sent.courrier_id == letter.id
        and sent.message in ANSWERS[letter.message]
        and sent.state not in _OVER
    ]


def _store(
    tools: Toolbox,
    letter: KeptCourrier,
    message: str,
    pieces: tuple[Piece, ...],
    fingerprint: str,
    author: Author,
) -> Transmission:
    now = tools.clock.now()
    with tools.register() as unit:
        opening = Opening(
            acte_id=letter.acte_id,
            collectivite_id=letter.collectivite_id,
            message=message,
            id_acte=unit.current_transmission(letter.acte_id).id_acte,
            courrier_id=letter.id,
            pieces=pieces,
            fingerprint=fingerprint,
        )
        opened = unit.open_transmission(opening, author, now, now)
        unit.ring("send", opened.collectivite_id)
        unit.commit()
    return opened


def _fingerprint(message: str, pieces: tuple[Piece, ...]) -> str:
    content = [message, [[piece.file.sha256, piece.code_type_pj] for piece in pieces]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _no_classification(owner: AuthorityRow) -> Problem:
    return Problem(
        "collectivite",
        "classification_absente",
        f"Aucune classification n'a encore été reçue pour {owner.collectivite.nom}.",
        "Demandez-la : « transmission authority classification ».",
    )
