"""``transmission watch``: a folder where batches of acts are dropped, handed over as they come."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from transmission.cli.context import (
    author,
    author_option,
    authority_option,
    chosen_authority,
    register_told,
    settings_of,
    wired,
)
from transmission.domain.errors import TransmissionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from transmission.domain.batch_report import BatchReport
    from transmission.services.drop_folder import DropFolder
    from transmission.services.intake import Batch
    from transmission.services.toolbox import Toolbox

_RETRY = 60.0
"""Seconds before a batch that could not be handed over is tried again."""

_EPILOG = """\b
Exemple :
  transmission watch /srv/depot/saint-exemple --siren 123456782

\b
Un lot est un dossier de arrivee/, ses documents et actes.csv (ou .json) :
  numero;date;nature;matiere;objet;document;annexes
  2026_007;2026-03-02;DE;7.5;Subvention;acte.pdf;plan.pdf|devis.pdf:99_AU
"""


@click.command(epilog=_EPILOG)
@click.argument("dossier", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--une-fois", is_flag=True, help="Un seul passage : les lots qui ont « .pret ».")
@authority_option
@author_option
@click.pass_context
def watch(
    ctx: click.Context, dossier: Path, siren: str | None, par: str | None, *, une_fois: bool
) -> None:
    """Surveiller DOSSIER, et remettre les lots d'actes qui y arrivent.

    Un lot est pris quand il contient son manifeste et que rien n'y change plus depuis
    TRANSMISSION_INTAKE_SETTLE secondes, ou dès qu'il contient un fichier « .pret ». Il passe
    ensuite dans fait/, ou dans refuse/ si un de ses actes est refusé, avec son rapport.
    Les actes acceptés le sont une fois, quoi qu'il arrive au lot.
    """
    from transmission.cli.interruption import interruptible, pause
    from transmission.embedded.processes import LOCK, sole_use
    from transmission.services.drop_folder import DropFolder

    settings = settings_of(ctx)
    drop = DropFolder(dossier.absolute(), settings.intake_settle)
    with interruptible(), wired(ctx) as made:
        drop.prepare()
        with sole_use(drop.root):
            chosen_authority(made.tools, siren)

            def between() -> None:
                # What the health of a container is read from.
                os.utime(dossier / LOCK)
                pause(0)

            watcher = _Watcher(made.tools, drop, siren, par, between)
            try:
                watcher.restore_reports()
                watcher.look(time.monotonic())
                while not une_fois:
                    pause(settings.intake_period)
                    watcher.look(time.monotonic())
            except KeyboardInterrupt:
                if une_fois:
                    raise


class _Watcher:
    """Looks, hands over, and tells what happens once."""

    def __init__(
        self,
        tools: "Toolbox",
        drop: "DropFolder",
        siren: str | None,
        par: str | None,
        between: "Callable[[], None]",
    ) -> None:
        self._tools, self._drop, self._siren, self._par = tools, drop, siren, par
        self._between = between
        self._told: dict[str, str] = {}
        self._not_before: dict[str, float] = {}

    def restore_reports(self) -> None:
        """Write again the reports that are missing of what was moved aside."""
        from transmission.services.drop_folder import shown, write_report
        from transmission.services.intake import rehearse

        for place, name in self._drop.unreported():
            try:
                with register_told(), self._drop.opened(place, name) as folder:
                    write_report(folder, rehearse(self._tools, self._batch(name, folder)))
            except (TransmissionError, OSError) as error:
                self._tell(name, f"son rapport manque et n'a pu être réécrit. {_why(error)}")
            else:
                click.echo(f"{shown(name)} ({place}) : son rapport manquait, il est réécrit.")

    def look(self, now: float) -> None:
        """One look at what has come; what cannot be handed over now is left for the next."""
        self._between()
        try:
            ready, waiting = self._drop.complete(now)
        except OSError as error:
            self._tell("", _why(error))
            return
        told = {each.nom: each.why for each in waiting}
        self._told = {name: said for name, said in self._told.items() if name in (*ready, *told)}
        for name, why in told.items():
            self._tell(name, why)
        for name in ready:
            self._between()
            if now >= self._not_before.get(name, now):
                self._try(name, now)

    def _try(self, name: str, now: float) -> None:
        try:
            with register_told():
                self._take(name)
        except (TransmissionError, OSError) as error:
            # Whoever moved it has told.
            if self._drop.holds(name):
                self._not_before[name] = now + _RETRY
                self._tell(name, f"reste en attente, il sera repris. {_why(error)}")

    def _take(self, name: str) -> None:
        from transmission.services.drop_folder import look_at, shown
        from transmission.services.intake import hand_over

        with self._drop.opened("arrivee", name) as folder:
            before = look_at(folder)
            report = hand_over(self._tools, self._batch(name, folder))
            place = self._drop.stow(name, folder, before, report)
        if place is None:
            self._tell(name, f"a changé pendant sa remise ({report.summary()}) : il sera relu")
            return
        self._told.pop(name, None)
        self._not_before.pop(name, None)
        click.echo(f"{shown(name)} : {_said(report)} ; lot dans {shown(str(place))}.")

    def _batch(self, name: str, folder: int) -> "Batch":
        from transmission.pdf.numero_template import from_printed
        from transmission.services.intake import Batch, FolderFiles

        owner = chosen_authority(self._tools, self._siren)
        return Batch(
            nom=name,
            files=FolderFiles(folder),
            owner=owner,
            author=author(self._par),
            number_of=lambda printed: from_printed(printed, owner.collectivite),
            between=self._between,
        )

    def _tell(self, name: str, said: str) -> None:
        from transmission.services.drop_folder import shown

        if self._told.get(name) != said:
            self._told[name] = said
            click.echo(f"{shown(name)} : {said.rstrip('.')}." if name else said, err=True)


def _why(error: Exception) -> str:
    from transmission.cli.failures import explained

    return explained(error) if isinstance(error, OSError) else str(error)


def _said(report: "BatchReport") -> str:
    faults = len(report.problems)
    return report.summary() + (f", {faults} problème(s) du lot" if faults else "")
