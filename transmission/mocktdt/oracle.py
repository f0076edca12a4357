"""GET /received of the management port: everything that arrived, and what was mailed back."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from transmission.mocktdt.actions import described
from transmission.mocktdt.arguments import Arguments
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.transactions import Transaction

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

Related = dict[int, list[Transaction]]


def received(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """The oracle. `only=totals` for the counts alone."""
    platform = mock.platform
    platform.settle()
    totals = platform.record.totals()
    if platform.postman:
        totals["mails"] = platform.postman.totals()
    if arguments.get("only") == "totals":
        return {"totals": totals}
    acts = platform.record.acts()
    with platform.lock:
        related = _related(platform)
        for id_acte, act in acts.items():
            act["transactions"] = [_told(t, related) for t in platform.registry.acts(id_acte)]
    return {
        "totals": totals,
        "acts": acts,
        "archives": platform.record.archives(),
        "direct": platform.record.direct(),
        "mails": platform.postman.told() if platform.postman else [],
        "receptions": platform.record.told_receptions(),
        "calls": platform.record.calls(),
    }


def _related(platform: Platform) -> Related:
    related: Related = defaultdict(list)
    for transaction in platform.registry.every():
        if transaction.target is not None:
            related[transaction.target.id].append(transaction)
    return related


def _told(transaction: Transaction, related: Related) -> dict[str, Any]:
    """A transaction, then the letters and cancellations about it, the answers to a letter."""
    return {
        **described(transaction),
        "code": transaction.message.code,
        "related": [_told(each, related) for each in related.get(transaction.id, ())],
    }
