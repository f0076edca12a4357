"""The processes of an installation: ``web``, ``worker``, ``scheduler``; and ``migrate``."""

import signal
from threading import Event
from types import FrameType

import click

from transmission.bootstrap import addresses
from transmission.cli.context import settings_of, wired
from transmission.settings import PREFIX


@click.command()
@click.option("--host", help=f"Adresse d'écoute (sinon {PREFIX}WEB_HOST).")
@click.option("--port", type=int, help=f"Port d'écoute (sinon {PREFIX}WEB_PORT).")
@click.pass_context
def web(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Servir la console web."""
    import uvicorn

    from transmission.console.wiring import console_of

    settings = settings_of(ctx)
    with wired(ctx) as made:
        uvicorn.run(
            console_of(made),
            host=host or settings.web_host,
            port=settings.web_port if port is None else port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=2,
        )


@click.command()
@click.option(
    "--pool",
    type=click.Choice(["prefork", "solo"]),
    default="prefork",
    help="prefork : plusieurs processus ; solo : un seul.",
)
@click.pass_context
def worker(ctx: click.Context, pool: str) -> None:
    """Exécuter les tâches."""
    from workers.run import run_worker

    run_worker(settings_of(ctx), pool)


@click.command()
@click.pass_context
def scheduler(ctx: click.Context) -> None:
    """Relayer les tâches et lancer les travaux périodiques."""
    from workers.app import make_app
    from workers.relay import Relay
    from workers.schedule import periodic_runs

    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    settings = settings_of(ctx)
    with wired(ctx) as made:
        app = make_app(addresses(settings).broker_url)
        Relay(app, made.engine, made.tools, periodic_runs(settings), settings.relay_pause).run(stop)


@click.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Mettre la base de données à la version du programme ; sans effet si elle y est déjà."""
    from transmission.store.migrations import upgrade

    upgrade(addresses(settings_of(ctx)).database_url)
    click.echo("La base de données est à jour.")


@click.command()
def lifecycle() -> None:
    """Imprimer le diagramme des états (Mermaid)."""
    from transmission.domain.lifecycle import diagram

    click.echo(diagram(), nl=False)
