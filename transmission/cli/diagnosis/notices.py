"""Are people told? Reminders need a mail server, and what it refuses needs somebody."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, warning
from transmission.domain.collectivite import Collectivite
from transmission.store.queries import Waiting

RECENT = timedelta(days=30)
"""How long a notice that could not be delivered is told of."""


def notices(
    authorities: Iterable[Collectivite], failed: Waiting, *, mails: bool
) -> Iterator[Finding]:
    """Whether what authorities want to be told can be; nothing when none wants anything.

    ``failed`` are the recent notices that were refused or given up; ``mails`` whether a mail server
    is in the settings.
    """
    asking = [each for each in authorities if each.droit.rappels_jours]
    mailed = [each.nom for each in asking if each.droit.rappels_courriels]
    posted = [each.nom for each in asking if each.droit.rappels_webhooks]
    if mailed and not mails:
        yield warning(
            Subject.NOTICES,
            f"Aucun rappel ne part par courriel ({listed(mailed)}) : donnez "
            "TRANSMISSION_SMTP_HOST et TRANSMISSION_SMTP_FROM.",
        )
    if failed.count:
        some = "avis n'ont pas été remis" if failed.count > 1 else "avis n'a pas été remis"
        yield warning(
            Subject.NOTICES,
            f"{failed.count} {some} depuis {RECENT.days} jours : « transmission notices "
            "--echecs » dit pourquoi.",
        )
    elif posted or (mailed and mails):
        yield fine(Subject.NOTICES, "Aucun avis n'est resté sans être remis.")
