"""Can people log in by the provider of the settings? It has to answer, and to be itself."""

from collections.abc import Iterator
from datetime import datetime

from transmission.cli.diagnosis.findings import Finding, Subject, fine, wrong
from transmission.ports.oidc import IdentityProvider


def login(provider: IdentityProvider | None, at: datetime) -> Iterator[Finding]:
    """Whether the provider answers with a description that can be used; nothing without one."""
    if provider is None:
        return
    trouble = provider.trouble(at)
    if trouble is None:
        yield fine(Subject.LOGIN, f"{provider.name} répond.")
        return
    yield wrong(
        Subject.LOGIN,
        f"Personne ne peut se connecter par {provider.name} : {trouble}. Vérifiez les réglages "
        "TRANSMISSION_OIDC_… ; ceux qui ont un mot de passe se connectent toujours.",
    )
