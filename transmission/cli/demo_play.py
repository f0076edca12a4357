"""What the demonstration does: an invented authority hands an act over and gets its AR."""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from transmission.bootstrap import Container, container
from transmission.cli.demo import DemonstrationError
from transmission.cli.demo_key import demonstration_key
from transmission.cli.facts import Facts, facts_of
from transmission.cli.files import write_whole
from transmission.cli.handing import Manner, TakerHere, hand_over
from transmission.cli.installation import say
from transmission.cli.interruption import pause
from transmission.cli.items import Annexe, Item
from transmission.cli.proposal import Fields
from transmission.cli.user import make_link
from transmission.cli.waiting import wait_for
from transmission.clock import civil_day
from transmission.domain.accounts import Purpose
from transmission.domain.collectivite import Collectivite, Referent, SigningKey, TdtAccount
from transmission.domain.french_dates import long_date
from transmission.domain.identifiers import Departement, NumeroInterne, Siren
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.embedded.processes import wait_until
from transmission.pdf.numero_template import from_printed
from transmission.ports import AuthorityRow
from transmission.services.accounts import create_person, no_account_yet
from transmission.services.classify import ClassificationUnavailableError, classify
from transmission.services.enroll import enroll, replace
from transmission.services.stamp import received, stamp
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings

SIREN = "123456782"
AUTHORITY = "Commune de Saint-Exemple"
DEMONSTRATION = "démonstration"
LOGIN = "assemblees"
ROLES = (Role.AGENT, Role.OPERATOR, Role.ADMINISTRATOR)
TEMPLATE = "D{year}{seq:05d}10"
_CLASSIFICATION_SECONDS = 30
_AR_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to the act of the demonstration."""

    acte_id: int
    numero: str
    acknowledged: bool
    facts: Facts
    entrance: str
    """Address that lets straight in, once, and shows the act."""


def play(settings: Settings, home: Path, tdt: dict[str, Any]) -> Story:
    """Hand one act over and wait for its AR, then write the stamped act and the AR in ``home``.

    ``tdt`` is what mock-tdt tells of itself. Raises DemonstrationError.
    """
    with container(settings) as made:
        tools = made.tools
        owner = _enrolled(tools, home, tdt)
        say("demande de la classification")
        _await_classification(tools, owner)
        say("remise d'une délibération et de son annexe")
        manner = Manner(yes=True, asks=False)
        taker = TakerHere(tools, owner, Author(DEMONSTRATION))
        acte_id = hand_over(taker, _item(tools, owner, home), manner).acte_id
        say("attente de l'accusé de réception")
        transmission = wait_for(tools, [acte_id], _AR_SECONDS, pause)[0]
        with tools.register() as unit:
            acte = unit.acte(acte_id)
            (case,) = unit.legal_cases([acte_id])
        now = tools.clock.now()
        reading = case.read(civil_day(now, case.time_zone))
        facts = facts_of(owner.collectivite, acte, transmission, reading, now)
        acknowledged = transmission.state is State.ACKNOWLEDGED
        if acknowledged:
            facts |= _papers(tools, acte_id, acte.numero_interne, home)
        entrance = f"{_entrance(made)}?suite=/actes/{acte_id}"
    return Story(acte_id, acte.numero_interne, acknowledged, facts, entrance)


def _entrance(made: Container) -> str:
    """A link that lets a person of the invented authority in; without any password."""
    if no_account_yet(made.tools):
        grants = [Grant(role, SIREN) for role in ROLES]
        create_person(made.tools, LOGIN, "service des assemblées", grants, Author(DEMONSTRATION))
    return make_link(made, LOGIN, DEMONSTRATION, Purpose.ENTER)


def _enrolled(tools: Toolbox, home: Path, tdt: dict[str, Any]) -> AuthorityRow:
    collectivite = _collectivite(home, tdt)
    with tools.register() as unit:
        known = any(row.collectivite.siren == SIREN for row in unit.authorities())
    if known:
        replace(tools, collectivite)
    else:
        enroll(tools, collectivite)
    with tools.register() as unit:
        return unit.authority_by_siren(SIREN)


def _collectivite(home: Path, tdt: dict[str, Any]) -> Collectivite:
    account = next(known for known in tdt["authorities"] if known["siren"] == SIREN)
    key, passphrase = demonstration_key(home / "signature", AUTHORITY)
    return Collectivite(
        siren=Siren(SIREN),
        departement=Departement("042"),
        arrondissement=2,
        nature="31",
        nom=AUTHORITY,
        adresses_retour=("retours@saint-exemple.example.org",),
        referent=Referent("Service des assemblées", "0400000000", "assemblees@example.org"),
        tdt=TdtAccount(
            connector="s2low",
            nom="mock-tdt (fictif)",
            base_url=tdt["url"],
            certificate_file=account["certificate_file"],
            key_file=account["key_file"],
            passphrase_file=None,
            ca_file=tdt["ca_file"],
        ),
        numero_template=TEMPLATE,
        signing_key=SigningKey(str(key), passphrase_file=str(passphrase)),
        signs_documents=True,
    )


def _await_classification(tools: Toolbox, owner: AuthorityRow) -> None:
    last: list[str] = []

    def came() -> bool:
        pause(0)
        try:
            classify(tools, owner.id)
        except ClassificationUnavailableError as error:
            last[:] = [str(error)]
            return False
        return True

    if not wait_until(came, _CLASSIFICATION_SECONDS):
        raise DemonstrationError(last[0])


def _item(tools: Toolbox, owner: AuthorityRow, home: Path) -> Item:
    today = civil_day(tools.clock.now(), owner.collectivite.time_zone)
    seance = today - timedelta(days=1)
    numero = _free_numero(tools, owner, seance)
    folder = home / "actes"
    folder.mkdir(exist_ok=True, mode=0o700)
    act = _written(folder / f"deliberation-{numero}.md", "deliberation.md", numero, seance)
    plan = _written(folder / f"plan-{numero}.md", "plan.md", numero, seance)
    return Item(act, Fields(matiere="7.5"), (Annexe(plan),))


def _free_numero(tools: Toolbox, owner: AuthorityRow, seance: date) -> str:
    with tools.register() as unit:
        for sequence in range(1, 100_000):
            printed = f"{seance.year}.{sequence:05d}"
            numero = NumeroInterne(from_printed(printed, owner.collectivite) or "")
            if not unit.find_acte(owner.id, numero, None, None):
                return printed
    raise DemonstrationError("La démonstration a épuisé ses numéros : prenez un autre dossier.")


def _written(path: Path, model: str, numero: str, seance: date) -> Path:
    text = (files("transmission.cli") / "demo_actes" / model).read_text(encoding="utf-8")
    filled = text.format(numero=numero, seance=long_date(seance).upper(), annee=seance.year)
    path.write_text(filled, encoding="utf-8")
    return path


def _papers(tools: Toolbox, acte_id: int, numero: str, home: Path) -> Facts:
    folder = home / "resultats"
    folder.mkdir(exist_ok=True, mode=0o700)
    stamped, accuse = folder / f"{numero}-tamponne.pdf", folder / f"{numero}-AR.xml"
    write_whole(stamped, lambda target: stamp(tools, acte_id, target))
    content = tools.documents.read(received(tools, acte_id))
    write_whole(accuse, lambda target: target.write(content))
    return {"Acte tamponné": stamped, "Accusé de réception": accuse}
