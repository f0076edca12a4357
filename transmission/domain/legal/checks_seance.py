"""Check of the acts of a meeting, by an imported list, against what the register holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from transmission.domain.french_dates import long_date
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.check import Check, CheckSettings, Evidence, dated
from transmission.domain.legal.echeances import transmission_limit
from transmission.domain.legal.findings import Finding, Severity

ADOPTE_JAMAIS_TRANSMIS = Check(
    "adopte_jamais_transmis",
    "Acte adopté en séance, jamais transmis",
    Severity.ATTENTION,
    "La liste importée de chaque séance : les actes que le registre n'a pas, ou dont aucun envoi "
    "n'est parti, passés les jours admis (adopted_days). Grave si la nature de l'acte fixe un "
    "délai de transmission, et qu'il est dépassé.",
    "L'acte n'a pas de force avant d'être reçu. Remettez-le (« transmission send ») ou, s'il est "
    "déjà au registre, voyez ce que son envoi attend (« transmission status NUMERO »). S'il ne se "
    "transmet pas, prenez acte de l'alerte en le disant (« transmission check »).",
    ("EX-1", "DT-1", "DT-2"),
)
CHECKS = (ADOPTE_JAMAIS_TRANSMIS,)

_RULES = {NatureActe.INDIVIDUEL: "DT-1", NatureActe.CONTRAT: "DT-2"}


@dataclass(frozen=True, slots=True)
class RegisteredActe:
    """What the register holds of a listed act.

    ``sent``: a sending of it left, and was neither refused nor taken back. ``must_transmit`` is
    what its reading says.
    """

    acte_id: int
    sent: bool
    must_transmit: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedActe:
    """A line of the list of a meeting; ``found`` is None when the register has no such act."""

    collectivite_id: int
    date_seance: date
    numero: str
    nature: NatureActe | None = None
    objet: str | None = None
    found: RegisteredActe | None = None


def adopte_jamais_transmis(
    listed: Iterable[ListedActe], today: date, settings: CheckSettings
) -> Iterator[Finding]:
    """Adopted in a meeting, and never sent (EX-1, DT-1, DT-2).

    ``today`` is a civil day of the authority. A number listed twice in a meeting is one act.
    """
    wait = timedelta(days=settings.adopted_days)
    for line in {(each.date_seance, each.numero.upper()): each for each in listed}.values():
        if today > line.date_seance + wait and not _is_done(line):
            yield _never_sent(line, today)


def _is_done(line: ListedActe) -> bool:
    return line.found is not None and (line.found.sent or not line.found.must_transmit)


def _never_sent(line: ListedActe, today: date) -> Finding:
    limit = transmission_limit(line.nature, line.date_seance) if line.nature else None
    late = limit is not None and today > limit
    known = "n'est pas dans le registre" if line.found is None else "n'a pas été envoyé"
    return ADOPTE_JAMAIS_TRANSMIS.found(
        f"seance:{line.date_seance.isoformat()}:{line.numero.upper()}",
        f"Acte {line.numero}, adopté en séance le {long_date(line.date_seance)} : il {known}.",
        (*_evidence(line), *dated(("Dernier jour pour le transmettre", limit))),
        rule=_RULES[line.nature] if late and line.nature else None,
        severity=Severity.GRAVE if late else None,
        numero=line.numero,
        acte_id=line.found.acte_id if line.found else None,
        collectivite_id=line.collectivite_id,
    )


def _evidence(line: ListedActe) -> Evidence:
    nature = line.nature.label if line.nature else None
    pairs = (("Numéro", line.numero), ("Nature", nature), ("Objet", line.objet))
    return (
        *dated(("Séance du", line.date_seance)),
        *((label, text) for label, text in pairs if text),
    )
