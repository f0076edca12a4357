"""What a command has to say: words for a person, or JSON for a program (``--json``).

Keys are stable and told in docs/cli.md; days and instants are ISO 8601, codes those of the API.
"""

import json
from collections.abc import Callable
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import click

_JSON = "transmission.json"
_QUIET = "transmission.quiet"


def _keep(key: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def kept(ctx: click.Context, _option: click.Parameter, given: bool) -> None:  # noqa: FBT001
        ctx.meta[key] = given

    return kept


json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_keep(_JSON),
    help="Répondre en JSON, pour un programme.",
)
quiet_option = click.option(
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_keep(_QUIET),
    help="N'écrire que ce qui est refusé.",
)


def wants_json() -> bool:
    """Whether a program asks."""
    return bool(_given(_JSON))


def is_quiet() -> bool:
    """Whether nobody wants to be told that all goes well."""
    return bool(_given(_QUIET))


def tell(document: Callable[[], Any], words: Callable[[], None]) -> None:
    """Answer with a document, indented, or in words; that of the two which is not asked for is not
    made."""
    if wants_json():
        click.echo(json.dumps(document(), ensure_ascii=False, indent=2, default=_plain))
    elif not is_quiet():
        words()


def tell_line(document: Callable[[], Any], words: Callable[[], None]) -> None:
    """The same for one of a series: a document on a line of its own, told as soon as known."""
    if wants_json():
        click.echo(json.dumps(document(), ensure_ascii=False, default=_plain))
    elif not is_quiet():
        words()


def _given(key: str) -> Any:
    context = click.get_current_context(silent=True)
    return context.meta.get(key) if context is not None else None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return getattr(value, "code", value.value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)
