"""Words of the law to choose from on the command line: codes to type, and what they mean."""

import textwrap
from collections.abc import Iterable
from typing import Any

import click

_COLUMNS, _START = 78, 28


def codes(kinds: Iterable[Any]) -> click.Choice[str]:
    """The choice between members that have a ``code``."""
    return click.Choice([kind.code for kind in kinds])


def listed(title: str, kinds: Iterable[Any]) -> str:
    """The codes of members with their labels, for the end of a help page."""
    lines = [f"\b\n{title} :"]
    for kind in kinds:
        head = f"  {kind.code}".ljust(_START)
        lines += textwrap.wrap(
            kind.label, _COLUMNS, initial_indent=head, subsequent_indent=" " * _START
        )
    return "\n".join(lines)
