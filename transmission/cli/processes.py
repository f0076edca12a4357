"""The processes of an installation: ``web``, ``registre``, ``worker``, ``scheduler``; and more."""

import signal
from collections.abc import Sequence
from threading import Event
from types import FrameType
from typing import Any

import click

from transmission.cli.context import register_told, settings_of, wired


@click.command(epilog="Exemple : transmission web --host 0.0.0.0 --port 8000")
@click.option("--host", metavar="ADRESSE", help="Adresse d'écoute (sinon TRANSMISSION_WEB_HOST).")
@click.option("--port", metavar="N", type=int, help="Port d'écoute (sinon TRANSMISSION_WEB_PORT).")
@click.pass_context
def web(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Servir la console web, et l'API des logiciels sous /api."""
    from transmission.api.front import Front
    from transmission.api.wiring import api_of
    from transmission.console.wiring import console_of

    settings = settings_of(ctx)
    with wired(ctx) as made:
        _serve(
            Front(api_of(made), console_of(made)),
            host or settings.web_host,
            settings.web_port if port is None else port,
            settings.web_proxies,
        )


@click.command(epilog="Exemple : transmission registre --host 0.0.0.0 --port 8090")
@click.option(
    "--host", metavar="ADRESSE", help="Adresse d'écoute (sinon TRANSMISSION_REGISTER_HOST)."
)
@click.option(
    "--port", metavar="N", type=int, help="Port d'écoute (sinon TRANSMISSION_REGISTER_PORT)."
)
@click.pass_context
def registre(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Servir le registre public des actes mis en ligne."""
    from transmission.registre.wiring import registre_of

    settings = settings_of(ctx)
    with wired(ctx) as made:
        _serve(
            registre_of(made),
            host or settings.register_host,
            (settings.register_port or 0) if port is None else port,
            settings.web_proxies,
        )


def _serve(app: Any, host: str, port: int, proxies: Sequence[str]) -> None:
    import uvicorn

    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        # Never who asked for which address: some of them let in whoever has them.
        access_log=False,
        # It writes like every other library, instead of in a form of its own.
        log_config=None,
        server_header=False,
        # Said, or the library believes whoever calls from this machine.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=2,
    )


@click.command(epilog="Exemple : transmission worker --pool prefork")
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


@click.command(epilog="Exemple : transmission scheduler")
@click.pass_context
def scheduler(ctx: click.Context) -> None:
    """Relayer les tâches et lancer les travaux périodiques."""
    from workers.app import app_of
    from workers.relay import Relay
    from workers.schedule import periodic_runs

    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    settings = settings_of(ctx)
    with wired(ctx) as made:
        app = app_of(settings)
        Relay(app, made.engine, made.tools, periodic_runs(settings), settings.relay_pause).run(stop)


@click.command(epilog="Exemple : transmission migrate")
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Mettre la base de données à la version du programme ; sans effet si elle y est déjà.

    Elle l'est par le compte de TRANSMISSION_DATABASE_OWNER_URL, sinon par celui du service. Ce que
    chaque rôle peut faire est redit ensuite : voir « transmission roles ».
    """
    from transmission.bootstrap import addresses
    from transmission.store.roles import bring_up_to_date

    with register_told():
        told = addresses(settings_of(ctx))
        made = bring_up_to_date(told.database_url, told.owner_url)
    click.echo("La base de données est à jour.")
    if made.refused:
        from transmission.cli.roles import tell_refused

        tell_refused(made.refused)


@click.command(epilog="Exemple : transmission lifecycle > cycle-de-vie.mmd")
def lifecycle() -> None:
    """Imprimer le diagramme des états (Mermaid)."""
    from transmission.domain.lifecycle import diagram

    click.echo(diagram(), nl=False)
