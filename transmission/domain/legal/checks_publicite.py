"""Checks of the publicity of a received act: missing, in a mode that is not valid, interrupted."""

from collections.abc import Iterator
from datetime import date, timedelta

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, Evidence, dated
from transmission.domain.legal.checked import Absence, CheckedActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.horloge_publicite import Publicity, publicity_of
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.publicite import publicity_interrupted, publicity_until

PUBLICITE_MANQUANTE = Check(
    "publicite_manquante",
    "Acte reçu, sans la publicité qui lui donne force",
    Severity.ATTENTION,
    "Les actes reçus qu'aucune publicité qui compte n'a suivis dans les jours laissés à une "
    "formalité (formality_days), et ceux affichés en urgence que la publication normale n'a pas "
    "suivis.",
    "Mettez l'acte en ligne et enregistrez-le (« transmission publish NUMERO ») ; une "
    "notification, un affichage ou une publication sur papier s'enregistre par « transmission "
    "event NUMERO ».",
    ("EX-1", "EX-2"),
)
PUBLICATION_INVALIDE = Check(
    "publication_invalide",
    "Publicité par un mode qui ne compte pas",
    Severity.GRAVE,
    "Les affichages et publications sur papier d'une collectivité qui n'a pas choisi ce mode, ou "
    "ne peut pas le choisir, quand aucune autre publicité ne vaut.",
    "Mettez l'acte en ligne et enregistrez-le (« transmission publish NUMERO »). Si une "
    "délibération a choisi ce mode, ajoutez-la aux réglages de la collectivité (« transmission "
    "authority add --replace »).",
    ("PU-2",),
)
PUBLICITE_INTERROMPUE = Check(
    "publicite_interrompue",
    "Acte publié, absent pendant les deux mois de publicité",
    Severity.GRAVE,
    "Les contrôles quotidiens de ce qui est publié : une absence qui a duré plusieurs contrôles "
    "(interruption_checks) pendant les deux mois qui suivent la mise en ligne, ou un retrait du "
    "site.",
    "Remettez l'acte en ligne à la même adresse et gardez la preuve de l'interruption : un tiers "
    "peut soutenir que son délai de recours n'a pas couru. Pour repartir d'une date sûre, publiez "
    "de nouveau et enregistrez-le (« transmission publish NUMERO »).",
    ("PU-4",),
)
CHECKS = (PUBLICITE_MANQUANTE, PUBLICATION_INVALIDE, PUBLICITE_INTERROMPUE)


def publicite_manquante(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """Received, and nothing gives it force; or posted in urgency alone (EX-1, EX-2)."""
    publicity, receipt, urgent = _publicity(acte), acte.receipt, _publicity(acte).urgent
    before = acte.today - timedelta(days=settings.formality_days)
    if publicity.published is not None or not acte.stands:
        return
    if urgent is not None:
        if urgent.received < before:
            yield _never_published(acte, urgent)
        return
    elsewhere = acte.reading.day(DateName.EXECUTOIRE) is not None or _invalid(publicity)
    if receipt is not None and receipt.received < before and not elsewhere:
        yield _without_publicity(acte, publicity, receipt)


def publication_invalide(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """Published in a mode that does not count, and in no other (PU-2)."""
    publicity = _publicity(acte)
    invalid = _invalid(publicity)
    if not invalid or publicity.by is not None or not acte.stands:
        return
    event, reason = invalid[0]
    mode = event.mode.label if event.mode else event.kind.label
    yield acte.finding(
        PUBLICATION_INVALIDE,
        f"{mode.lower()} du {long_date(event.received)}, qui ne compte pas ; {reason}.",
        (
            ("Mode", mode),
            *dated(("Publicité du", event.received)),
            ("Autorité", acte.reading.owner.kind.label),
            *_population(acte),
        ),
    )


def publicite_interrompue(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """Published, then absent within the two months (PU-4, TP-1)."""
    published = _publicity(acte).published
    if published is None or not acte.stands:
        return
    for absence in acte.absences:
        looks = (absence.last - absence.first).days + 1
        enough = looks >= settings.interruption_checks
        if enough and publicity_interrupted(published.received, absence.first):
            yield _interrupted(acte, published.received, absence)


def _publicity(acte: CheckedActe) -> Publicity:
    return publicity_of(acte.reading.acte, acte.reading.owner, acte.past())


def _invalid(publicity: Publicity) -> tuple[tuple[LegalEvent, str], ...]:
    """Publications in a mode that does not count, each with the French reason."""
    if publicity.to_notify:
        return ()
    return tuple(each for each in publicity.ignored if each[0].kind is EventKind.PUBLICATION)


def _without_publicity(acte: CheckedActe, publicity: Publicity, receipt: LegalEvent) -> Finding:
    missing = "aucune notification" if publicity.to_notify else "aucune publication"
    doubt = (("Incertain", publicity.doubt),) if publicity.doubt else ()
    return acte.finding(
        PUBLICITE_MANQUANTE,
        f"reçu en préfecture le {long_date(receipt.received)}, {missing} qui compte n'est "
        "enregistrée.",
        (
            *dated(("Reçu en préfecture le", receipt.received)),
            *acte.force_evidence(),
            *doubt,
        ),
        rule="EX-1",
    )


def _never_published(acte: CheckedActe, urgent: LegalEvent) -> Finding:
    return acte.finding(
        PUBLICITE_MANQUANTE,
        f"affiché en urgence le {long_date(urgent.received)}, et pas publié depuis : le délai de "
        "recours des tiers n'a pas commencé.",
        dated((urgent.kind.label, urgent.received)),
        rule="EX-2",
    )


def _population(acte: CheckedActe) -> Evidence:
    known = acte.reading.owner.population
    return () if known is None else (("Population", f"{known:,} habitants".replace(",", " ")),)


def _interrupted(acte: CheckedActe, published: date, absence: Absence) -> Finding:
    until = publicity_until(published)
    return acte.finding(
        PUBLICITE_INTERROMPUE,
        f"publié le {long_date(published)}, absent à partir du {long_date(absence.first)}, alors "
        f"qu'il devait rester public jusqu'au {long_date(until)}.",
        dated(
            ("Publié le", published),
            ("Absent du", absence.first),
            ("À garder public jusqu'au", until),
        ),
        part=absence.first.isoformat(),
    )
