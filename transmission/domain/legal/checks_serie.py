"""Checks of the numbers of one nature in one year: gaps, duplicates, series that do not count."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from transmission.domain.french_dates import long_date
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.check import Check, CheckSettings, Evidence
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.series import Gap, Serial, gaps, in_series, serial_of

_NO_TEXT = "Contrôle de cohérence du registre : aucun texte cité"
_EXAMPLES = 3

NUMERO_MANQUANT = Check(
    "numero_manquant",
    "Numéro manquant dans une série",
    Severity.ATTENTION,
    "Les numéros d'une nature et d'une année qui finissent par un compteur : ceux qui manquent "
    "entre deux numéros connus, une fois l'acte suivant assez ancien (series_days). Information "
    "hors délibérations, beaucoup d'arrêtés ne se transmettant pas.",
    "Cherchez l'acte NUMERO dans le registre de la collectivité. S'il a été adopté et se transmet, "
    "remettez-le (« transmission send ») ; s'il n'existe pas ou ne se transmet pas, prenez acte de "
    "l'alerte en le disant (« transmission check »).",
    source=_NO_TEXT,
)
NUMERO_DOUBLE = Check(
    "numero_double",
    "Numéro porté par plusieurs actes",
    Severity.ATTENTION,
    "Les actes d'une même nature et d'une même année qui portent le même numéro, aux zéros et aux "
    "capitales près. Un acte refusé ou retiré ne compte pas.",
    "Vérifiez qu'un même acte n'a pas été transmis deux fois. Si l'un d'eux est de trop, demandez "
    "l'annulation de sa transmission (« transmission cancel NUMERO --date AAAA-MM-JJ ») ; si les "
    "deux existent, prenez acte de l'alerte (« transmission check »).",
    source=_NO_TEXT,
)
SERIE_NON_RECONNUE = Check(
    "serie_non_reconnue",
    "Numérotation dont les manques ne peuvent pas être contrôlés",
    Severity.INFO,
    "Les natures dont la plupart des numéros ne forment pas une suite : pas de compteur à la fin, "
    "trop peu de numéros par série (series_members), ou trop de manques (series_gap_percent).",
    "Rien n'est contrôlé : comparez les actes transmis avec la liste de chaque séance (« "
    "transmission sitting »). Prenez acte de l'alerte (« transmission check ») si cette "
    "numérotation est voulue.",
    source=_NO_TEXT,
)
CHECKS = (NUMERO_MANQUANT, NUMERO_DOUBLE, SERIE_NON_RECONNUE)


@dataclass(frozen=True, slots=True)
class NumberedActe:
    """A number and its act. ``over``: every sending of it was refused, taken back or annulled."""

    acte_id: int
    numero: str
    date_decision: date
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """The acts of one nature that an authority adopted in one year, read on ``today``.

    ``elsewhere`` are numbers seen that year under another nature or on the list of a meeting: they
    are not missing here.
    """

    collectivite_id: int
    nature: NatureActe
    year: int
    today: date
    actes: tuple[NumberedActe, ...]
    elsewhere: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Every number seen, in capitals."""
        own = (each.numero for each in self.actes)
        return frozenset(numero.strip().upper() for numero in (*own, *self.elsewhere))

    @property
    def named(self) -> str:
        """How messages name it."""
        return f"{self.nature.label}, année {self.year}"

    def key(self, part: str = "") -> str:
        """What a finding on it is about."""
        return f"serie:{self.nature.abrege}:{self.year}" + (f":{part}" if part else "")


def numero_manquant(numbering: Numbering, settings: CheckSettings) -> Iterator[Finding]:
    """A number is skipped, and the act that follows it is not of these last days."""
    dates = {each.numero: each.date_decision for each in numbering.actes}
    old = numbering.today - timedelta(days=settings.series_days)
    deliberations = numbering.nature is NatureActe.DELIBERATION
    for _, skipped in _continuous(numbering, settings):
        for gap in skipped:
            if dates[gap.after.numero] > old:
                continue
            yield NUMERO_MANQUANT.found(
                numbering.key(gap.numero),
                f"{numbering.named} : le numéro {gap.numero} manque, alors que {gap.after.numero} "
                "est connu.",
                _neighbours(gap, dates),
                severity=None if deliberations else Severity.INFO,
                numero=gap.numero,
                collectivite_id=numbering.collectivite_id,
            )


def numero_double(numbering: Numbering, _: CheckSettings) -> Iterator[Finding]:
    """Two acts of a nature and a year bear one number."""
    same: dict[str, list[NumberedActe]] = defaultdict(list)
    for acte in numbering.actes:
        if not acte.over:
            same[_canonical(acte.numero, numbering.year)].append(acte)
    for number, actes in same.items():
        if len(actes) > 1:
            found = sorted(actes, key=lambda each: (each.date_decision, each.acte_id))
            numeros = " et ".join(dict.fromkeys(each.numero for each in found))
            yield NUMERO_DOUBLE.found(
                numbering.key(number),
                f"{numbering.named} : le numéro {numeros} est porté par {len(actes)} actes.",
                tuple((each.numero, long_date(each.date_decision)) for each in found),
                numero=found[-1].numero,
                collectivite_id=numbering.collectivite_id,
            )


def serie_non_reconnue(numbering: Numbering, settings: CheckSettings) -> Iterator[Finding]:
    """Most numbers are in no series that counts, so that no gap can be told."""
    numeros = {each.numero for each in numbering.actes}
    counted = {each.numero for serials, _ in _continuous(numbering, settings) for each in serials}
    if len(numeros) < settings.series_members or 2 * len(counted) >= len(numeros):
        return
    examples = sorted(numeros - counted)[:_EXAMPLES]
    yield SERIE_NON_RECONNUE.found(
        numbering.key(),
        f"{numbering.named} : la plupart des numéros ne forment pas une suite, leurs manques ne "
        "sont pas contrôlés.",
        (("Exemples", ", ".join(examples)),),
        collectivite_id=numbering.collectivite_id,
    )


def _continuous(
    numbering: Numbering, settings: CheckSettings
) -> Iterator[tuple[tuple[Serial, ...], tuple[Gap, ...]]]:
    """The series that are long enough, and that have few gaps, with those that nothing fills."""
    known = numbering.known
    numeros = dict.fromkeys(each.numero for each in numbering.actes)
    for serials in in_series(numeros, numbering.year).values():
        ranks = {each.rank for each in serials}
        found = gaps(serials, settings.series_jump)
        skipped = tuple(each for each in found if each.numero not in known)
        few = len(skipped) * 100 < settings.series_gap_percent * (len(skipped) + len(ranks))
        if few and len(ranks) >= settings.series_members:
            yield serials, skipped


def _canonical(numero: str, year: int) -> str:
    serial = serial_of(numero, year)
    if serial is None:
        return numero.strip().upper()
    return f"{serial.prefix}{serial.rank}{serial.bis}{serial.suffix}"


def _neighbours(gap: Gap, dates: dict[str, date]) -> Evidence:
    return tuple(
        (label, f"{each.numero}, du {long_date(dates[each.numero])}")
        for label, each in (("Avant", gap.before), ("Après", gap.after))
    )
