"""``transmission demo``: one act of an invented authority through the whole chain."""

import json
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transmission.domain.errors import TransmissionError

if TYPE_CHECKING:
    from transmission.cli.demo_play import Story
    from transmission.cli.installation import Installation
    from transmission.embedded.processes import ChildProcess

QUICK = {
    "sweep_period": 1,
    "inbox_period": 5,
    "assessment_period": 2,
    "poll_delays": (0.5, 1, 1, 2, 5),
    "retry_delays": (1, 2, 5),
    "settle_delay": 2,
    "lost_bell_delay": 5,
}
"""The service's own delays, shortened for a person who watches."""

_OWN_ENGINES: dict[str, Any] = {
    **dict.fromkeys(("database_url", "database_url_file", "broker_url", "broker_url_file")),
    **dict.fromkeys(("database_owner_url", "database_owner_url_file", "anchors_dir")),
    **dict.fromkeys(("broker_ca_file", "broker_master", "documents_dir", "console_url")),
    "documents": "disk",
}
"""An invented authority has no place in a register that serves real ones."""

_HOME = "var/demo"
_MOCK_SECONDS = 30


class DemonstrationError(TransmissionError):
    """The demonstration cannot be shown."""


@click.command(epilog="Exemple : transmission demo --once")
@click.option("--once", is_flag=True, help="S'arrêter à la fin au lieu de rester en service.")
@click.pass_context
def demo(ctx: click.Context, *, once: bool) -> None:
    """Démontrer toute la chaîne avec une collectivité fictive et un TdT fictif.

    Tout est dans un dossier (--home, var/demo par défaut) avec sa propre base de données ; on peut
    relancer la démonstration dans le même. Code de sortie 0 si l'accusé de réception est reçu.
    """
    from transmission.cli.demo_play import play
    from transmission.cli.facts import show
    from transmission.cli.installation import installed, say
    from transmission.cli.up import supervise
    from transmission.settings import load_settings

    settings = load_settings(home=ctx.obj.get("home", _HOME), **QUICK, **_OWN_ENGINES)
    with installed(settings) as installation, _mock(installation.home) as tdt:
        say(f"console : {installation.told.console_url}")
        story = play(settings, installation.home, tdt)
        show(f"Acte {story.numero}", story.facts)
        if not story.acknowledged:
            _tell_where_to_look(installation)
        if not once:
            _tell_what_next(installation, story)
            supervise(installation)
    if not story.acknowledged:
        ctx.exit(1)


def _tell_where_to_look(installation: "Installation") -> None:
    click.echo(
        "L'accusé de réception n'est pas arrivé. « Attend », ci-dessus, dit pourquoi ; le détail "
        f"est dans les journaux :\n{installation.home / 'logs'}",
        err=True,
    )


def _tell_what_next(installation: "Installation", story: "Story") -> None:
    called = "transmission" if shutil.which("transmission") else str(Path(sys.argv[0]).absolute())
    command = shlex.join([called, "--home", str(installation.home)])
    click.secho("\nConsole", bold=True)
    click.echo(f"  {story.entrance}")
    click.echo("  Ce lien entre sans mot de passe, une fois, comme « service des assemblées ».")
    click.echo(f"  Ensuite : {installation.told.console_url}actes/{story.acte_id}")
    click.secho("\nDans un autre terminal", bold=True)
    click.echo(f"  {command} status {story.numero}")
    click.echo(f"  {command} send deliberation.pdf --matiere 7.5 --wait")
    click.echo("\nTout reste en service jusqu'à Ctrl-C.")


@contextmanager
def _mock(home: Path) -> Iterator[dict[str, Any]]:
    from transmission.cli.demo_play import AUTHORITY, SIREN
    from transmission.cli.installation import say
    from transmission.embedded.processes import spawn

    say("démarrage du TdT fictif (mock-tdt)")
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
        yield _told_by(child, log)
    finally:
        child.stop()


def _told_by(child: "ChildProcess", log: Path) -> dict[str, Any]:
    """What mock-tdt tells of itself once it is ready."""
    from transmission.cli.interruption import pause
    from transmission.embedded.processes import wait_until

    def is_ready() -> bool:
        pause(0)
        return log.read_bytes().endswith(b"}\n")

    wait_until(lambda: not child.running or is_ready(), _MOCK_SECONDS)
    if not child.running or not is_ready():
        raise DemonstrationError(
            f"Le TdT fictif n'a pas démarré. La cause est à la fin du journal :\n{log}"
        )
    told: dict[str, Any] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return told
