"""``dossier.json`` as the contract says it is [D2]: its fields, typed, or all that is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from transmission.audit.chain import ContractError
from transmission.audit.dossier_fields import Fields, read_json
from transmission.audit.dossier_report import Findings

CONTENTS = "dossier.json"
ACTE = "1-1"
"""Code of the message that transmits an act (ACTES protocol §2.2)."""
SEALERS = ("collectivite", "service")


@dataclass(frozen=True, slots=True)
class About:
    """What a member is about; None for what has no meaning for it."""

    transmission: int | None = None
    attempt: int | None = None
    piece: int | None = None
    of: str | None = None
    anchor: int | None = None
    name: str | None = None
    kind: str | None = None
    status: str | None = None
    received_at: datetime | None = None
    date_reception: date | None = None


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member as ``dossier.json`` lists it."""

    name: str
    size: int
    sha256: bytes
    role: str
    about: About


@dataclass(frozen=True, slots=True)
class ToldHole:
    """What the dossier itself says that it lacks."""

    kind: str
    message: str
    of: str | None


@dataclass(frozen=True, slots=True)
class SentOnce:
    """A transmission: ``archives`` are the digests of the archive at each attempt."""

    rank: int
    message: str
    id_acte: str
    enveloppe: str | None
    archive_name: str | None
    date_reception: date | None
    archives: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """The civil day of receipt, the rank of the sending, the member that it was read from."""

    date_reception: date
    transmission: int
    retour: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the other checks rest on."""

    made_at: datetime
    made_by: str
    sealed_by: str
    collectivite: str
    siren: str
    nature: int
    matiere: str
    objet: str
    date_decision: date
    id_acte: str
    transmissions: tuple[SentOnce, ...]
    reception: Reception | None
    members: tuple[ListedMember, ...]
    holes: tuple[ToldHole, ...]

    def of_role(self, *roles: str) -> list[ListedMember]:
        """The members of these roles, in order."""
        return [each for each in self.members if each.role in roles]

    def sending(self, rank: int | None) -> SentOnce | None:
        """The transmission of a rank."""
        return next((each for each in self.transmissions if each.rank == rank), None)

    def lost(self) -> set[str | None]:
        """The members which the dossier says that it could not be given."""
        return {each.of for each in self.holes if each.kind == "unreadable_file"}

    def tells(self, kind: str, of: str | None = None) -> bool:
        """Whether a hole of that kind is told, of that member when one is named."""
        return any(each.kind == kind and of in (None, each.of) for each in self.holes)


def read_contents(raw: bytes, findings: Findings) -> Contents | None:
    """The contents, or None when something in them is not what [D2] says: each is then a fault."""
    problems: list[str] = []
    try:
        contents = _contents(Fields(read_json(raw), "", problems), problems)
    except ContractError as error:
        problems = [str(error)]
    else:
        if not problems:
            problems = _inconsistencies(contents)
        if not problems:
            return contents
    for problem in problems:
        findings.fault(CONTENTS, f"{problem}.")
    return None


def _contents(fields: Fields, problems: list[str]) -> Contents:
    if fields.number("version") != 1:
        problems.append("version n'est pas 1")
    acte = Fields(fields.value("acte"), "acte.", problems)
    contents = Contents(
        made_at=fields.instant("made_at"),
        made_by=fields.text("made_by"),
        sealed_by=fields.text("sealed_by"),
        collectivite=acte.text("collectivite"),
        siren=acte.text("siren"),
        nature=acte.number("nature"),
        matiere=acte.text("matiere"),
        objet=acte.text("objet"),
        date_decision=acte.day("date_decision"),
        id_acte=acte.text("id_acte"),
        transmissions=_each(fields, "transmissions", _sending, problems),
        reception=_reception(fields.value("reception"), problems),
        members=_each(fields, "members", _member, problems),
        holes=_each(fields, "holes", _hole, problems),
    )
    (
        acte.text("numero_interne"),
        acte.text("nature_label"),
        acte.instant("accepted_at"),
        acte.text("accepted_by"),
    )
    acte.end()
    fields.end()
    return contents


def _each(
    fields: Fields, key: str, reader: Callable[[Fields, list[str]], Any], problems: list[str]
) -> tuple[Any, ...]:
    items = []
    for item, path in fields.array(key):
        inner = Fields(item, f"{path}.", problems)
        items.append(reader(inner, problems))
        inner.end()
    return tuple(items)


def _sending(fields: Fields, problems: list[str]) -> SentOnce:
    sending = SentOnce(
        rank=fields.number("rank"),
        message=fields.text("message"),
        id_acte=fields.text("id_acte"),
        enveloppe=fields.maybe("enveloppe", fields.text),
        archive_name=fields.maybe("archive_name", fields.text),
        date_reception=fields.maybe("date_reception", fields.day),
        archives=_each(fields, "attempts", _attempt, problems),
    )
    fields.text("label"), fields.text("state"), fields.text("state_label")
    fields.instant("state_since"), fields.maybe("reference", fields.text)
    return sending


def _attempt(fields: Fields, _problems: list[str]) -> bytes:
    fields.number("number"), fields.text("connector"), fields.instant("started_at")
    fields.maybe("finished_at", fields.instant)
    fields.maybe("outcome", fields.text), fields.maybe("detail", fields.text)
    return fields.digest("archive_sha256")


def _reception(value: Any, problems: list[str]) -> Reception | None:
    if value is None:
        return None
    fields = Fields(value, "reception.", problems)
    reception = Reception(
        fields.day("date_reception"),
        fields.number("transmission"),
        fields.maybe("retour", fields.text),
    )
    fields.end()
    return reception


def _member(fields: Fields, problems: list[str]) -> ListedMember:
    name = fields.text("name")
    about = Fields(fields.value("about"), f"members « {name[:80]} » about.", problems)
    member = ListedMember(
        name, fields.number("size"), fields.digest("sha256"), fields.text("role"), _about(about)
    )
    about.end()
    return member


def _about(fields: Fields) -> About:
    readers: dict[str, Callable[[str], Any]] = {
        **dict.fromkeys(("transmission", "attempt", "piece", "anchor"), fields.number),
        **dict.fromkeys(("of", "name", "kind", "status"), fields.text),
        "received_at": fields.instant,
        "date_reception": fields.day,
    }
    return About(**{key: read(key) for key, read in readers.items() if fields.has(key)})


def _hole(fields: Fields, _problems: list[str]) -> ToldHole:
    return ToldHole(fields.text("kind"), fields.text("message"), fields.maybe("of", fields.text))


def _inconsistencies(contents: Contents) -> list[str]:
    problems = []
    if contents.sealed_by not in SEALERS:
        problems.append("sealed_by n'est ni « collectivite » ni « service »")
    ranks = [each.rank for each in contents.transmissions]
    if ranks != list(range(1, len(ranks) + 1)):
        problems.append("transmissions ne sont pas numérotées à partir de 1")
    names = [each.name for each in contents.members]
    if len(set(names)) != len(names):
        problems.append("members nomme deux fois un même membre")
    reception = contents.reception
    if reception is not None:
        sending = contents.sending(reception.transmission)
        if sending is None or sending.date_reception != reception.date_reception:
            problems.append("reception.date_reception n'est pas celle de sa transmission")
        elif sending.id_acte != contents.id_acte or sending.message != ACTE:
            problems.append("acte.id_acte n'est pas celui de la transmission reçue")
    return problems
