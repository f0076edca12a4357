"""The webhook that a command names, and the options of all such commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from transmission.cli.context import author_option, authority_option, chosen_authority, wired
from transmission.cli.told import json_option

if TYPE_CHECKING:
    from transmission.bootstrap import Container
    from transmission.domain.webhooks import Webhook
    from transmission.ports import AuthorityRow
    from transmission.services.toolbox import Toolbox

_Command = TypeVar("_Command", bound=Callable[..., Any])
reason_option = click.option(
    "--motif", metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
)


def by(command: _Command) -> _Command:
    """Give a command the options that say whose, by whom, and in which form it answers."""
    return authority_option(author_option(json_option(command)))


@dataclass(frozen=True, slots=True)
class Named:
    """The webhook that a command is about, and what it takes to do something to it."""

    made: "Container"
    owner: "AuthorityRow"
    webhook: "Webhook"

    @property
    def tools(self) -> "Toolbox":
        return self.made.tools

    @property
    def key(self) -> tuple[int, int]:
        return self.owner.id, self.webhook.id


@contextmanager
def named(ctx: click.Context, name: str, siren: str | None) -> Iterator[Named]:
    """The webhook of a name. Raises NotFoundError, and as ``wired``."""
    from transmission.services.webhooks import webhook_named

    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        yield Named(made, owner, webhook_named(made.tools, owner.id, name))
