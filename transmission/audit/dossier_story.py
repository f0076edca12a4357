"""The journal, which is chained and anchored, tells the same days and archives as the contents."""

from collections.abc import Sequence
from datetime import date

from transmission.audit.chain import Line
from transmission.audit.dossier_case import Case
from transmission.audit.dossier_contents import CONTENTS, ListedMember, SentOnce
from transmission.audit.dossier_journal import LINES
from transmission.audit.dossier_retours import APPLIED
from transmission.audit.messages import UnreadableMessageError, read_message

_LETTER = "courrier_received"
_LETTERS = frozenset(
    {"CourrierSimple", "DemandePieceComplementaire", "LettreObservations", "DefereTA"}
)


def check_story(case: Case, lines: Sequence[Line]) -> None:
    """Each archive that is kept was prepared; each day of receipt was written when it was read."""
    for sending in case.contents.transmissions:
        _check_archive(case, lines, sending)
        day = sending.date_reception
        if day and not any(_day_told(line) == day.isoformat() for line in lines):
            said = f"aucune ligne ne dit la transmission {sending.rank} reçue le {day}"
            case.findings.fault(LINES, f"{said}, comme le fait {CONTENTS}.")
    reception = case.contents.reception
    told = {_day_told(line) for line in lines if _is_receipt_of(line, case.contents.id_acte)}
    if reception is not None and told - {reception.date_reception.isoformat()}:
        days = ", ".join(sorted(map(str, told)))
        said = f"l'acte y est dit reçu le {days}, au lieu du {reception.date_reception}."
        case.findings.fault(LINES, said)
    days_of_letters = [line.details.get("date") for line in lines if line.event == _LETTER]
    for member in case.contents.of_role("retour"):
        day = _day_of_letter(case, member)
        if day and day.isoformat() not in days_of_letters:
            said = f"il est daté du {day}, ce qu'aucune ligne du journal ne dit."
            case.findings.fault(member.name, said)


def _check_archive(case: Case, lines: Sequence[Line], sending: SentOnce) -> None:
    member = f"envoi/{sending.rank}/archive.tar.gz"
    digest = case.witness.digest(member)
    if sending.archive_name is None or digest is None:
        return
    told = [line.details for line in lines if line.details.get("archive") == sending.archive_name]
    if digest.hex() not in [each.get("sha256") for each in told]:
        case.findings.fault(LINES, f"aucune ligne ne dit préparée l'archive « {member} ».")


def _day_of_letter(case: Case, member: ListedMember) -> date | None:
    """The day of a letter that the journal took note of."""
    raw = case.witness.read(member.name) if member.about.status == APPLIED else None
    try:
        message = read_message(raw) if raw is not None else None
    except UnreadableMessageError:
        return None
    return message.date_courrier if message and message.root in _LETTERS else None


def _day_told(line: Line) -> object:
    return line.details.get("date_reception")


def _is_receipt_of(line: Line, id_acte: str) -> bool:
    told = line.details.get("id_acte")
    return isinstance(told, str) and told.casefold() == id_acte.casefold() and bool(_day_told(line))
