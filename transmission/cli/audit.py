"""``audit``: reread all that is stored with code that did not write it, and say what differs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from time import sleep
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from transmission.cli.context import Day, authority_option, named_acte, wired
from transmission.cli.progress import bar
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.domain.audits import Difference, Page, Stage, Unread
    from transmission.ports.audits import Auditor, KnownDifference, Round, Scope
    from transmission.services.toolbox import Toolbox

_PAGE = 25
_SHOWN = 1000
_DIFFERS = 1
_UNREAD = 3


@dataclass
class _Found:
    actes: int = 0
    differences: "list[Difference]" = field(default_factory=list)
    unread: "list[Unread]" = field(default_factory=list)

    def add(self, page: "Page") -> None:
        self.differences += page.differences
        self.unread += page.unread

    @property
    def status(self) -> int:
        if self.differences:
            return _DIFFERS
        return _UNREAD if self.unread else 0


@click.command(
    epilog="""\b
Exemples :
  transmission audit
  transmission audit --acte 2023_001
  transmission audit --depuis 2023-01-01 --debit 5
  transmission audit --etat
"""
)
@click.option("--acte", "numero", metavar="NUMERO", help="Cet acte seul.")
@click.option("--date", "day", type=Day(), help="Avec --acte : la date de la décision, si besoin.")
@click.option("--depuis", type=Day(), help="Les actes pris en charge depuis ce jour, seuls.")
@click.option(
    "--debit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Au plus N actes par seconde.",
)
@click.option("--etat", is_flag=True, help="Dire où en est la relecture continue, sans relire.")
@authority_option
@json_option
@click.pass_context
def audit(
    ctx: click.Context,
    numero: str | None,
    day: date | None,
    depuis: date | None,
    debit: float | None,
    siren: str | None,
    *,
    etat: bool,
) -> None:
    """Relire tout ce qui est conservé, et dire ce qui n'est plus comme il devrait.

    Chaque fichier est comparé à son empreinte ; chaque archive, message, accusé, signature et
    horodatage est relu et comparé au registre ; les états et les identifiants sont recalculés, la
    chaîne du journal et ses ancres aussi. Rien n'est modifié.
    """
    if etat:
        _tell_round(ctx)
        return
    found = _Found()
    if numero is not None:
        from transmission.ports.audits import Scope

        with named_acte(ctx, numero, day, siren) as named:
            _reread(_auditor(named.tools), Scope(acte_id=named.acte_id), found, debit)
    else:
        with wired(ctx) as made:
            _reread(_auditor(made.tools), _scope(made.tools, siren, depuis), found, debit)
    tell(lambda: _document(found), lambda: _show(found))
    ctx.exit(found.status)


def _auditor(tools: "Toolbox") -> "Auditor":
    assert tools.auditor is not None  # noqa: S101 - bootstrap wires one
    return tools.auditor.fresh()


def _scope(tools: "Toolbox", siren: str | None, since: date | None) -> "Scope":
    from transmission.ports.audits import Scope

    owner, zone = None, ZoneInfo("Europe/Paris")
    if siren is not None:
        with tools.register() as unit:
            row = unit.authority_by_siren(siren.replace(" ", ""))
        owner, zone = row.id, ZoneInfo(row.collectivite.time_zone)
    begun = None if since is None else datetime(since.year, since.month, since.day, tzinfo=zone)
    return Scope(owner_id=owner, since=begun)


def _stages(scope: "Scope") -> "Sequence[Stage]":
    from transmission.domain.audits import Stage

    if scope.acte_id is not None or scope.since is not None:
        return (Stage.ACTES,)
    if scope.owner_id is not None:
        return (Stage.AUTHORITIES, Stage.JOURNAL, Stage.RETOURS, Stage.ACTES)
    return tuple(Stage)


def _reread(auditor: "Auditor", scope: "Scope", found: _Found, pace: float | None) -> None:
    from transmission.domain.audits import Stage

    total = 1 if scope.acte_id is not None else auditor.count(scope)
    limit = _PAGE if pace is None else max(1, min(_PAGE, int(pace)))
    with bar("Relecture") as report:
        for stage in _stages(scope):
            for page in _pages(auditor, stage, limit, scope):
                found.add(page)
                if stage is Stage.ACTES:
                    found.actes += page.count
                    report(found.actes, total)
                    if pace is not None and page.last is not None:
                        sleep(page.count / pace)


def _pages(auditor: "Auditor", stage: "Stage", limit: int, scope: "Scope") -> "Iterator[Page]":
    after: int | None = 0
    while after is not None:
        page = auditor.reread(stage, after, limit, scope)
        yield page
        after = page.last


def _document(found: _Found) -> dict[str, Any]:
    return {
        "actes": found.actes,
        "differences": [_difference(each) for each in found.differences],
        "non_lus": [{"lieu": asdict(each.place), "raison": each.why} for each in found.unread],
    }


def _difference(each: "Difference") -> dict[str, Any]:
    return {
        "genre": each.kind.code,
        "lieu": asdict(each.place),
        "attendu": each.expected,
        "trouve": each.found,
        "constat": each.kind.label,
        "a_faire": each.kind.remedy,
    }


def _show(found: _Found) -> None:
    from transmission.cli.facts import show

    for each in found.differences:
        show(f"[{each.kind.code}] {each.place}", _facts(each))
    for missing in found.unread:
        click.echo(f"Non lu : {missing.place} ({missing.why})")
    said = f"{found.actes} acte(s) relu(s)"
    if found.differences:
        click.echo(f"{said} : {len(found.differences)} différence(s).")
    elif found.unread:
        click.echo(f"{said} : rien ne diffère, mais {len(found.unread)} lieu(x) n'ont pu être lus.")
    else:
        click.echo(f"{said} : rien ne diffère.")


def _facts(each: "Difference") -> dict[str, Any]:
    return {
        "Constat": each.kind.label,
        "Attendu": each.expected,
        "Trouvé": each.found,
        "À faire": each.kind.remedy,
    }


def _tell_round(ctx: click.Context) -> None:
    with wired(ctx) as made, made.tools.register() as unit:
        last, complete = unit.last_round(), unit.last_complete_round()
        known = unit.open_differences(_SHOWN)
    tell(lambda: _round_document(last, complete, known), lambda: _show_round(last, complete, known))
    ctx.exit(_DIFFERS if known else 0)


def _round_document(
    last: "Round | None", complete: "Round | None", known: "Sequence[KnownDifference]"
) -> dict[str, Any]:
    return {
        "en_cours": None if last is None or last.finished_at else _round(last),
        "derniere_complete": complete and _round(complete),
        "differences": [
            _difference(each.difference)
            | {"vue_le": each.first_seen_at, "revue_le": each.last_seen_at}
            for each in known
        ],
    }


def _round(each: "Round") -> dict[str, Any]:
    return {
        "numero": each.number,
        "commencee": each.started_at,
        "finie": each.finished_at,
        "etape": each.stage.value,
        "actes": each.actes,
        "relus": each.reread,
        "non_lus": each.unread,
        "dernier_non_lu": each.last_unread,
    }


def _show_round(
    last: "Round | None", complete: "Round | None", known: "Sequence[KnownDifference]"
) -> None:
    from transmission.cli.facts import show

    for each in known:
        place = each.difference.place
        show(f"[{each.difference.kind.code}] {place}", _facts(each.difference))
    if last is None:
        click.echo("Aucune relecture continue n'a encore commencé.")
    elif last.finished_at is None:
        click.echo(f"Relecture n° {last.number} : {last.reread} acte(s) sur {last.actes}.")
    if complete is not None and complete.finished_at is not None:
        day = f"{complete.finished_at:%d/%m/%Y}"
        click.echo(f"Dernière relecture complète : n° {complete.number}, finie le {day} (UTC).")
    click.echo(f"{len(known)} différence(s) ouverte(s).")
