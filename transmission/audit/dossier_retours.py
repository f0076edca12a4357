"""What the State answered: each retour is about the act, and the AR gives the day [D3]."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from transmission.audit.dossier_case import Case
from transmission.audit.dossier_contents import CONTENTS, ListedMember, SentOnce
from transmission.audit.dossier_report import Vouching
from transmission.audit.messages import (
    ToldMessage,
    UnreadableMessageError,
    identifier_of,
    read_message,
    same_identifier,
)

AR = "ARActe"
APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class _Read:
    """A retour and what it says; None when it is no message that can be read."""

    member: ListedMember
    message: ToldMessage | None


def check_retours(case: Case) -> None:
    """Retours, the days of receipt that rest on them, and their time stamps."""
    read = [_read(case, each) for each in case.contents.of_role("retour")]
    for retour in read:
        for said in _retour_faults(case, retour):
            case.findings.fault(retour.member.name, said)
    for sending in case.contents.transmissions:
        if sending.date_reception is not None:
            _require_source(case, sending, read)
    _check_reception(case, read)
    _check_companions(case)
    _check_time_stamps(case, _days(read))


def _read(case: Case, member: ListedMember) -> _Read:
    raw = case.witness.read(member.name)
    try:
        return _Read(member, read_message(raw or b""))
    except UnreadableMessageError as error:
        # What could not be read was kept as it came: no date rests on it.
        if member.about.date_reception is not None:
            case.findings.fault(member.name, str(error))
        return _Read(member, None)


def _retour_faults(case: Case, retour: _Read) -> Iterator[str]:
    message, about = retour.message, retour.member.about
    if message is None:
        return
    if about.date_reception not in (None, message.date_reception):
        yield f"il dit « reçu le {message.date_reception} », et {CONTENTS} {about.date_reception}."
    identifiers = _identifiers(case, about.transmission)
    told: list[str | None] = [message.id_acte] if message.id_acte else []
    if message.acte is not None and message.root in (AR, "AnomalieActe"):
        departement, siren = case.contents.id_acte[:3], case.contents.siren
        told.append(identifier_of(departement, siren, message.acte))
    for identifier in told:
        if not any(same_identifier(identifier, each) for each in identifiers):
            yield f"il est de l'acte {identifier}, au lieu de {', '.join(identifiers)}."


def _identifiers(case: Case, rank: int | None) -> list[str]:
    sending = case.contents.sending(rank)
    sendings = [sending] if sending else case.contents.transmissions
    return list(dict.fromkeys(each.id_acte for each in sendings))


def _require_source(case: Case, sending: SentOnce, read: list[_Read]) -> None:
    """A day of receipt is read in a retour of that transmission, and nowhere else."""
    about = [each for each in read if each.member.about.transmission == sending.rank]
    days = {each.message.date_reception for each in about if each.message}
    if sending.date_reception not in days and not case.contents.tells("unreadable_file"):
        case.findings.fault(
            CONTENTS,
            f"la transmission {sending.rank} est dite reçue le {sending.date_reception}, "
            "ce qu'aucun de ses retours ne dit.",
        )


def _check_reception(case: Case, read: list[_Read]) -> None:
    reception = case.contents.reception
    if reception is None:
        for each in read:
            is_ar = each.message is not None and each.message.root == AR
            if is_ar and each.member.about.status == APPLIED:
                said = f"cet accusé de réception a fixé une date que {CONTENTS} ne donne pas."
                case.findings.fault(each.member.name, said)
        return
    found = next((each for each in read if each.member.name == reception.retour), None)
    if found is None:
        if reception.retour is not None or not case.contents.tells("unreadable_file"):
            said = "le retour d'où vient la date de réception n'est pas dans le dossier."
            case.findings.fault(CONTENTS, said)
        return
    message = found.message
    if message is None or message.root != AR:
        case.findings.fault(found.member.name, "ce n'est pas un accusé de réception d'acte.")
        return
    if message.date_reception != reception.date_reception:
        said = f"il dit « reçu le {message.date_reception} », et {CONTENTS} "
        case.findings.fault(found.member.name, f"{said}{reception.date_reception}.")
    if not same_identifier(message.id_acte, case.contents.id_acte):
        said = f"il est de l'acte {message.id_acte}, au lieu de {case.contents.id_acte}."
        case.findings.fault(found.member.name, said)


def _check_companions(case: Case) -> None:
    """A document came with a retour that is there."""
    known = {each.name for each in case.contents.of_role("retour")} | case.contents.lost()
    for document in case.contents.of_role("retour_document"):
        if document.about.of is not None and document.about.of not in known:
            case.findings.fault(document.name, "le retour qu'il accompagne n'est pas là.")


def _check_time_stamps(case: Case, days: Mapping[str, date]) -> None:
    """Each time stamp covers the member it names; what wants one has it, or a hole says why."""
    stamped = set()
    for member in case.contents.of_role("time_stamp"):
        digest = case.witness.digest(member.about.of)
        if digest is None or member.about.of is None:
            if member.about.of not in case.contents.lost():
                said = "ce qu'il horodate n'est pas dans le dossier."
                case.findings.fault(member.name, said)
            continue
        stamped.add(member.about.of)
        sound = case.witness.stamped(Vouching.TIME, member.name, member.about.of, digest)
        if sound is not None and _is_too_early(sound.at, days.get(member.about.of)):
            said = "il précède le jour de réception qu'il horodate : une horloge se trompait."
            case.findings.hole(member.name, said)
    for name in (*_sealed(case), *days):
        if name not in stamped and not case.contents.tells("no_time_stamp", name):
            case.findings.fault(name, "il n'est pas horodaté, et le dossier ne le dit pas.")


def _sealed(case: Case) -> list[str]:
    """By transmission the seal of its archive, or the archive when it has none."""
    seals = {each.about.of: each.name for each in case.contents.of_role("seal")}
    return [seals.get(each.name, each.name) for each in case.contents.of_role("archive")]


def _days(read: list[_Read]) -> dict[str, date]:
    """The retours that give a day of receipt, and that day."""
    return {
        each.member.name: each.message.date_reception
        for each in read
        if each.message and each.message.date_reception
    }


def _is_too_early(at: datetime, day: date | None) -> bool:
    # A day begins up to fourteen hours before it does in UTC.
    return day is not None and at.date() < day - timedelta(days=1)
