"""``transmission demo``: one act of an invented authority through the whole chain."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from transmission.bootstrap import container
from transmission.cli.demo_key import demonstration_key
from transmission.cli.installation import Installation, installed
from transmission.cli.proposal import Fields, as_document, completed, proposed
from transmission.cli.status import facts_of, show
from transmission.cli.up import supervise
from transmission.cli.waiting import wait_for
from transmission.clock import civil_day
from transmission.domain.acceptance import Form
from transmission.domain.collectivite import Collectivite, Referent, SigningKey, TdtAccount
from transmission.domain.identifiers import Departement, NumeroInterne, Siren
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.processes import spawn, wait_until
from transmission.pdf.french_dates import long_date
from transmission.pdf.numero_template import apply_numero_template
from transmission.ports import AuthorityRow
from transmission.services.accept import Deposit, DepositedFile, accept
from transmission.services.classify import ClassificationUnavailableError, classify
from transmission.services.enroll import enroll, replace
from transmission.services.stamp import received, stamp
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings, load_settings

SIREN = "123456782"
AUTHORITY = "Commune de Saint-Exemple"
TEMPLATE = "D{year}{seq:05d}10"
QUICK = {
    "sweep_period": 1,
    "poll_delays": (0.5, 1, 1, 2, 5),
    "retry_delays": (1, 2, 5),
    "settle_delay": 2,
    "lost_bell_delay": 5,
}
"""The service's own delays, shortened for a person who watches."""


@dataclass(frozen=True, slots=True)
class _Story:
    """What happened to the act of the demonstration."""

    numero: str
    acknowledged: bool
    facts: dict[str, str]


@click.command()
@click.option("--once", is_flag=True, help="S'arrêter à la fin au lieu de rester en service.")
@click.pass_context
def demo(ctx: click.Context, *, once: bool) -> None:
    """Démontrer toute la chaîne avec une collectivité fictive et un TdT fictif."""
    home = Path(ctx.obj.get("home", "var/demo"))
    settings = load_settings(home=home, **QUICK)
    try:
        with installed(settings, _say) as installation, _mock(installation.home) as tdt:
            story = _play(settings, installation, tdt)
            show(f"Acte {story.numero}", story.facts)
            if not once:
                click.echo("Tout reste en service jusqu'à Ctrl-C.")
                supervise(installation)
    except EngineUnavailableError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if story.acknowledged else 1)


def _say(text: str) -> None:
    click.echo(f"… {text}")


@contextmanager
def _mock(home: Path) -> Iterator[dict[str, Any]]:
    _say("démarrage du TdT fictif (mock-tdt)")
    log = home / "logs" / "mock-tdt.log"
    log.unlink(missing_ok=True)
    child = spawn(
        [
            str(Path(sys.executable).with_name("mock-tdt")),
            "--calm",
            "--ar-delay=2",
            f"--directory={home / 'mock-tdt'}",
            f"--authority={SIREN}:042:2:31:{AUTHORITY}",
        ],
        name="mock-tdt",
        log=log,
    )
    try:
        if not wait_until(lambda: log.read_bytes().endswith(b"}\n"), 30):
            raise click.ClickException(f"Le TdT fictif ne démarre pas ; voyez {log}.")
        yield json.loads(log.read_text().splitlines()[-1])
    finally:
        child.stop()


def _play(settings: Settings, installation: Installation, tdt: dict[str, Any]) -> _Story:
    told = installation.told
    with container(settings) as made:
        owner = _enrolled(made.tools, installation.home, tdt)
        _say("demande de la classification")
        _await_classification(made.tools, owner)
        _say("remise d'une délibération et de son annexe")
        acte_id = _hand_over(made.tools, owner, installation.home)
        transmission = wait_for(made.tools, [acte_id])[0]
        with made.tools.register() as unit:
            acte = unit.acte(acte_id)
        facts = facts_of(owner.collectivite, acte, transmission)
        acknowledged = transmission.state is State.ACKNOWLEDGED
        if acknowledged:
            facts |= _papers(made.tools, acte_id, acte.numero_interne, installation.home)
        facts["Console"] = f"{told.console_url}actes/{acte_id}"
    return _Story(acte.numero_interne, acknowledged, facts)


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
        try:
            classify(tools, owner.id)
        except ClassificationUnavailableError as error:
            last[:] = [str(error)]
            return False
        return True

    if not wait_until(came, 30):
        raise click.ClickException(last[0])


def _hand_over(tools: Toolbox, owner: AuthorityRow, home: Path) -> int:
    today = civil_day(tools.clock.now(), owner.collectivite.time_zone)
    seance = today - timedelta(days=1)
    numero = _free_numero(tools, owner, seance)
    folder = home / "actes"
    folder.mkdir(exist_ok=True)
    act = _written(folder / f"deliberation-{numero}.md", "deliberation.md", numero, seance)
    plan = _written(folder / f"plan-{numero}.md", "plan.md", numero, seance)
    fields, _ = completed(Fields(matiere="7.5"), proposed(act, owner.collectivite))
    form = Form(
        fields.numero or "",
        fields.date or "",
        fields.nature or "",
        fields.matiere or "",
        fields.objet or "",
    )
    with as_document(act) as document, as_document(plan) as annexe:
        deposited = (
            DepositedFile(document, act.with_suffix(".pdf").name),
            DepositedFile(annexe, plan.with_suffix(".pdf").name),
        )
        taken = accept(tools, SIREN, Deposit(form, deposited), Author("démonstration"))
    return taken.acte_id


def _free_numero(tools: Toolbox, owner: AuthorityRow, seance: date) -> str:
    with tools.register() as unit:
        for sequence in range(1, 100_000):
            printed = f"{seance.year}.{sequence:05d}"
            numero = NumeroInterne(apply_numero_template(TEMPLATE, printed))
            if not unit.find_acte(owner.id, numero, None, None):
                return printed
    raise click.ClickException("La démonstration a épuisé ses numéros : supprimez var/demo.")


def _written(path: Path, model: str, numero: str, seance: date) -> Path:
    text = (files("transmission.cli") / "demo_actes" / model).read_text(encoding="utf-8")
    filled = text.format(numero=numero, seance=long_date(seance).upper(), annee=seance.year)
    path.write_text(filled, encoding="utf-8")
    return path


def _papers(tools: Toolbox, acte_id: int, numero: str, home: Path) -> dict[str, str]:
    folder = home / "resultats"
    folder.mkdir(exist_ok=True)
    stamped, accuse = folder / f"{numero}-tamponne.pdf", folder / f"{numero}-AR.xml"
    with stamped.open("wb") as target:
        stamp(tools, acte_id, target)
    accuse.write_bytes(tools.documents.read(received(tools, acte_id)))
    return {"Acte tamponné": str(stamped), "Accusé de réception": str(accuse)}
