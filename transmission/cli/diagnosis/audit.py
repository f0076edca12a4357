"""What the background round found: nothing, differences that last, or nothing for too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.store.queries import Health


def audit(health: Health, days: int, now: datetime) -> Iterator[Finding]:
    """Whether all that is kept is still what it was, as far as it was reread.

    ``days`` is how long a round is to last, 0 when nobody rereads.
    """
    if health.differing.count:
        yield wrong(
            Subject.AUDIT,
            f"{health.differing.count} différence(s) entre ce qui est conservé et ce qui devrait "
            "l'être : « transmission audit --etat » les dit, et quoi faire de chacune.",
        )
    elif days == 0:
        yield warning(
            Subject.AUDIT,
            "Rien n'est relu (TRANSMISSION_AUDIT_DAYS vaut 0) : lancez « transmission audit » de "
            "temps en temps.",
        )
    elif health.reread_at is not None and now - health.reread_at > timedelta(days=2 * days + 1):
        yield warning(
            Subject.AUDIT,
            f"La dernière relecture complète date du {health.reread_at:%d/%m/%Y} : "
            "« transmission audit --etat » dit où en est celle en cours.",
        )
    elif health.reread_at is None:
        yield fine(Subject.AUDIT, "Rien ne diffère de ce qui a été relu jusqu'ici.")
    else:
        day = f"{health.reread_at:%d/%m/%Y}"
        yield fine(Subject.AUDIT, f"Tout a été relu au {day} : rien ne diffère.")
