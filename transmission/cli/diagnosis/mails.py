"""People who are to be told by e-mail, and cannot be."""

from collections.abc import Iterator, Sequence

from transmission.cli.diagnosis.findings import Finding, Subject, listed, warning
from transmission.domain.notifications import Kind, Pace
from transmission.domain.wishes import Listener


def mails(listeners: Sequence[Listener], *, server: bool) -> Iterator[Finding]:
    """Those who want mails while no ``server`` is set, or chose some and have no address."""
    living = [each for each in listeners if each.account.disabled_at is None]
    wanting = [each for each in living if each.account.email is not None and _wants(each)]
    if wanting and not server:
        yield warning(
            Subject.NOTICES,
            f"Sans serveur de courriel, rien n'est annoncé à "
            f"{listed(each.account.login for each in wanting)} : donnez TRANSMISSION_SMTP_HOST et "
            "TRANSMISSION_SMTP_FROM.",
        )
    unreachable = [each for each in living if each.account.email is None and _chose(each)]
    if unreachable:
        yield warning(
            Subject.NOTICES,
            "Ces comptes ont choisi des annonces et n'ont pas d'adresse de courriel : "
            f"{listed(each.account.login for each in unreachable)}. Donnez-la : « transmission "
            "user wishes IDENTIFIANT --courriel ADRESSE ».",
        )


def _wants(listener: Listener) -> bool:
    shown = listener.shown
    return bool(listener.account.grants) and any(shown[kind] is not Pace.NEVER for kind in Kind)


def _chose(listener: Listener) -> bool:
    return any(pace is not Pace.NEVER for pace in listener.chosen.values())
