"""Can people come in, and does somebody keep their accounts?"""

from collections.abc import Iterator, Sequence

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, warning
from transmission.domain.accounts import Account
from transmission.domain.people import Right


def people(accounts: Sequence[Account]) -> Iterator[Finding]:
    """No account, nobody who administers them, people who can do nothing."""
    living = [each for each in accounts if each.disabled_at is None]
    if not living:
        yield warning(
            Subject.PEOPLE,
            "Personne ne peut entrer dans la console. Créez un compte : « transmission user add "
            'administration --nom "Administration" --role administrateur --partout --lien ».',
        )
        return
    idle = [each.login for each in living if not each.grants]
    ruled = any(each.person.somewhere(Right.ADMINISTER) for each in living)
    if not ruled:
        yield warning(
            Subject.PEOPLE,
            "Personne n'administre les comptes. Donnez ce rôle à quelqu'un : « transmission user "
            "role IDENTIFIANT --donner administrateur --partout ».",
        )
    if idle:
        yield warning(
            Subject.PEOPLE,
            f"Sans rôle, donc sans rien pouvoir lire : {listed(idle)}. Donnez-leur-en un "
            "(« transmission user role »), ou désactivez-les (« transmission user disable »).",
        )
    if ruled and not idle:
        yield fine(Subject.PEOPLE, f"En service : {len(living)}.")
