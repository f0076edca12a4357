"""Checks of the means: certificates that end too soon, dates that a new computation would move,
time stamps that nobody gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, Evidence, dated
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.mots import in_days
from transmission.domain.legal.noms import LABELS

CERTIFICAT_EXPIRE = Check(
    "certificat_expire",
    "Certificat qui finit avant le prochain envoi attendu",
    Severity.ATTENTION,
    "La fin de chaque certificat, comparée au prochain envoi attendu (l'intervalle habituel entre "
    "deux envois, et au moins certificate_days) et au dernier jour des obligations en cours. "
    "Grave quand il est fini, ou finit dans les jours de rappel (reminder_days).",
    "Demandez dès maintenant un nouveau certificat, mettez ses fichiers en place (« transmission "
    "authority add --replace » si leur nom change), et vérifiez-les (« transmission doctor »).",
    source="Contrôle technique : sans certificat valide, rien ne part",
)
RECALCUL_DIFFERENT = Check(
    "recalcul_different",
    "Date qui change par un nouveau calcul sur les mêmes données",
    Severity.ATTENTION,
    "Chaque date déjà donnée pour un acte, comparée à ce que donnent aujourd'hui les règles du "
    "programme sur les mêmes événements.",
    "Une règle ou le programme a changé. Lisez les deux calculs (« transmission explain NUMERO "
    "»), retenez la date la plus prudente tant qu'un juriste n'a pas tranché, et prenez acte de "
    "l'alerte (« transmission check »).",
    source="La règle de la date recalculée",
)
HORODATAGE_MANQUANT = Check(
    "horodatage_manquant",
    "Horodatage demandé et toujours pas obtenu",
    Severity.ATTENTION,
    "Le plus ancien horodatage demandé pour un envoi ou un accusé de la collectivité, et pas "
    "encore obtenu, comparé au délai réglé (TRANSMISSION_TSA_LATE).",
    "Rien n'est retardé, et les horodatages seront obtenus dès qu'une autorité répondra. Vérifiez "
    "l'autorité d'horodatage et les réglages (« transmission doctor » et « transmission "
    "timestamps »).",
    source="Contrôle technique : un horodatage tardif prouve moins",
)
CHECKS = (CERTIFICAT_EXPIRE, RECALCUL_DIFFERENT, HORODATAGE_MANQUANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that an authority sends with.

    ``usage`` is a stable code, ``label`` its French words, ``subject`` what the certificate says of
    itself. Instants are aware UTC. ``usual_interval`` is the time in which the next sending usually
    comes, None when too few are known; ``limits`` are the running limits of the authority's duties,
    each with French words that name its act.
    """

    collectivite_id: int
    usage: str
    label: str
    subject: str
    not_after: datetime
    zone: tzinfo
    usual_interval: timedelta | None = None
    limits: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """One date of an act, as ``stored`` (at ``read_at``, aware UTC) and as ``computed`` now.

    ``name`` is the code of the date, ``rule`` the rule that gives it now; None is no day.
    """

    acte_id: int
    collectivite_id: int
    numero: str
    name: str
    rule: str
    stored: date | None
    computed: date | None
    read_at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstamped:
    """The time stamps of an authority that are not obtained: how many, since when the oldest was
    asked for (aware UTC), and why its last attempt failed (French)."""

    collectivite_id: int
    count: int
    oldest_at: datetime
    reason: str | None
    zone: tzinfo


def horodatage_manquant(unstamped: Unstamped, _: CheckSettings) -> Iterator[Finding]:
    """Time stamps that were asked for too long ago are still missing."""
    if not unstamped.count:
        return
    several = unstamped.count > 1
    asked = unstamped.oldest_at.astimezone(unstamped.zone)
    yield HORODATAGE_MANQUANT.found(
        "horodatages",
        f"{unstamped.count} horodatage{'s' * several} {'manquent' if several else 'manque'}, le "
        f"plus ancien demandé le {long_date(asked.date())}.",
        (
            ("Manquants", str(unstamped.count)),
            ("Le plus ancien demandé le", f"{asked:%d/%m/%Y à %H:%M:%S (UTC%z)}"),
            *((("Dernier essai", unstamped.reason),) if unstamped.reason else ()),
        ),
        collectivite_id=unstamped.collectivite_id,
    )


def certificat_expire(
    certificate: Certificate, now: datetime, settings: CheckSettings
) -> Iterator[Finding]:
    """A certificate ends before the next expected sending; ``now`` is an aware UTC instant."""
    ends, last_day = (
        certificate.not_after,
        certificate.not_after.astimezone(certificate.zone).date(),
    )
    ahead = max(
        timedelta(days=settings.certificate_days), certificate.usual_interval or timedelta()
    )
    limit = min(
        (each for each in certificate.limits if each[1] >= last_day),
        key=lambda each: each[1],
        default=None,
    )
    if ends > now + ahead and limit is None:
        return
    soon = ends <= now + timedelta(days=settings.reminder_days)
    yield CERTIFICAT_EXPIRE.found(
        f"certificat:{certificate.usage}",
        f"Certificat de {certificate.label} ({certificate.subject}) : il finit le "
        f"{long_date(last_day)}, avant le prochain envoi attendu.",
        _certificate_evidence(certificate, limit),
        severity=Severity.GRAVE if soon else None,
        collectivite_id=certificate.collectivite_id,
    )


def recalcul_different(recomputed: Recomputed, _: CheckSettings) -> Iterator[Finding]:
    """The same inputs give another day than the one that was given."""
    if recomputed.stored == recomputed.computed:
        return
    label = LABELS.get(recomputed.name, recomputed.name)
    stored, computed = _day(recomputed.stored), _day(recomputed.computed)
    read_at = recomputed.read_at.astimezone(recomputed.zone)
    yield RECALCUL_DIFFERENT.found(
        f"acte:{recomputed.acte_id}:{recomputed.name}",
        f"Acte {recomputed.numero}, « {label} » : {stored} auparavant, {computed} par un nouveau "
        "calcul sur les mêmes données.",
        (
            ("Date", label),
            ("Donnée auparavant", stored),
            ("Calculée le", f"{read_at:%d/%m/%Y à %H:%M:%S (UTC%z)}"),
            ("Nouveau calcul", computed),
        ),
        rule=recomputed.rule,
        numero=recomputed.numero,
        acte_id=recomputed.acte_id,
        collectivite_id=recomputed.collectivite_id,
    )


def _day(day: date | None) -> str:
    return "pas de date" if day is None else long_date(day)


def _certificate_evidence(certificate: Certificate, limit: tuple[str, date] | None) -> Evidence:
    ends = certificate.not_after.astimezone(certificate.zone)
    usual = certificate.usual_interval
    return (
        ("Certificat", certificate.subject),
        ("Fin du certificat", f"{ends:%d/%m/%Y à %H:%M:%S (UTC%z)}"),
        *((("Intervalle habituel entre deux envois", in_days(usual.days)),) if usual else ()),
        *(dated(limit) if limit else ()),
    )
