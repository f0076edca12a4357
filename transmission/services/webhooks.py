"""Subscriptions of programs: made, changed, paused, ended; their secrets are shown once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from transmission.domain.errors import NotFoundError, Problem
from transmission.domain.transmission import Author
from transmission.domain.webhooks import (
    OVERLAP,
    SECRET_BYTES,
    URL_MAX,
    Webhook,
    WebhookState,
    name_problems,
    raise_if,
    secret_bytes,
    type_problems,
    webhook_secret,
)
from transmission.ports.webhooks import NewWebhook, SealedSecrets
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox

Randomness = Callable[[int], bytes]
"""Gives so many unpredictable bytes (``secrets.token_bytes``)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed of a subscription; None leaves as it is, no types are all of them."""

    name: str | None = None
    url: str | None = None
    types: tuple[str, ...] | None = None


def add_webhook(
    tools: Toolbox,
    authority_id: int,
    name: str,
    url: str,
    types: Iterable[str],
    author: Author,
    *,
    randomness: Randomness,
) -> tuple[Webhook, str]:
    """Subscribe a program to events, from now on; its secret, which nobody can be told again.

    ``types`` are types of events, none for all. Raises RefusedError with every fault, SealError
    when no secret can be kept, ConflictError when another in force bears the name, NotFoundError
    without such an authority.
    """
    kept, chosen, address = _checked(tools, name, url, types)
    secret = webhook_secret(randomness(SECRET_BYTES))
    sealed = tools.sealer.seal(secret.encode("ascii"), _about(authority_id))
    new = NewWebhook(
        collectivite_id=authority_id, name=kept, url=address, types=chosen, secret=sealed
    )
    with tools.register() as unit:
        unit.authority(authority_id)
        number = unit.add_webhook(new, author, tools.clock.now())
        made = unit.webhook(authority_id, number)
        unit.commit()
    return made, secret


def change_webhook(
    tools: Toolbox, authority_id: int, webhook_id: int, changes: Changes, author: Author
) -> Webhook:
    """Change what is given. Raises RefusedError, ConflictError, NotFoundError."""
    with tools.register() as unit:
        known = unit.webhook(authority_id, webhook_id)
    name = known.name if changes.name is None else changes.name
    types = known.types if changes.types is None else changes.types
    # An address is judged again when it is given again, even the same.
    name, chosen, url = _checked(tools, name, changes.url, types)
    with tools.register() as unit:
        held = unit.lock_webhook(authority_id, webhook_id)
        changed = replace(held, name=name, types=chosen, url=url or held.url)
        if changed != held:
            unit.save_webhook(changed, "webhook_changed", author, tools.clock.now())
            unit.commit()
    return changed


def pause_webhook(tools: Toolbox, authority_id: int, webhook_id: int, author: Author) -> Webhook:
    """Tell it nothing until it is resumed: what happens meanwhile waits. Raises NotFoundError."""
    with tools.register() as unit:
        held = unit.lock_webhook(authority_id, webhook_id)
        if held.state is WebhookState.PAUSED:
            return held
        paused = _in_state(held, WebhookState.PAUSED, author.reason, tools.clock.now())
        unit.save_webhook(paused, "webhook_paused", author, tools.clock.now())
        unit.commit()
    return paused


def resume_webhook(tools: Toolbox, authority_id: int, webhook_id: int, author: Author) -> Webhook:
    """Tell it again, first what waited, in order. Raises NotFoundError."""
    with tools.register() as unit:
        held = unit.lock_webhook(authority_id, webhook_id)
        if held.state is WebhookState.ACTIVE and held.rests_until is None:
            return held
        resumed = _in_state(held, WebhookState.ACTIVE, None, tools.clock.now())
        unit.save_webhook(resumed, "webhook_resumed", author, tools.clock.now())
        unit.hasten(webhook_id, tools.clock.now())
        unit.ring("announce", authority_id)
        unit.ring("tell", 0)
        unit.commit()
    return resumed


def end_webhook(tools: Toolbox, authority_id: int, webhook_id: int, author: Author) -> Webhook:
    """End it for good: nothing more is told, its secret is forgotten, its log stays.

    Raises RefusedError without a reason, NotFoundError.
    """
    require_reason(author)
    with tools.register() as unit:
        held = unit.lock_webhook(authority_id, webhook_id)
        ended = _in_state(held, WebhookState.ENDED, author.reason, tools.clock.now())
        unit.save_webhook(ended, "webhook_ended", author, tools.clock.now())
        unit.commit()
    return ended


def rotate_secret(
    tools: Toolbox,
    authority_id: int,
    webhook_id: int,
    author: Author,
    *,
    randomness: Randomness,
    overlap: timedelta = OVERLAP,
) -> tuple[Webhook, str]:
    """Give it a new secret; the former one signs beside it for ``overlap``, from then on it alone.

    Of two changes in a row, the one before last is forgotten at once. Raises NotFoundError,
    SealError.
    """
    secret = webhook_secret(randomness(SECRET_BYTES))
    sealed = tools.sealer.seal(secret.encode("ascii"), _about(authority_id))
    now = tools.clock.now()
    with tools.register() as unit:
        held = unit.lock_webhook(authority_id, webhook_id)
        until = now + overlap if overlap else None
        former = unit.sealed_secrets(webhook_id).current if until else None
        unit.set_secrets(webhook_id, SealedSecrets(sealed, former, until), now)
        told = until and until.isoformat()
        unit.note_webhook(held, "webhook_rotated", author, now, recouvrement_jusqu_au=told)
        rotated = unit.webhook(authority_id, webhook_id)
        unit.commit()
    return rotated, secret


def list_webhooks(tools: Toolbox, authority_id: int) -> Sequence[Webhook]:
    """Those of an authority that were not ended, by name; never a secret."""
    with tools.register() as unit:
        return unit.webhooks(authority_id)


def find_webhook(tools: Toolbox, authority_id: int, webhook_id: int) -> Webhook:
    """One of an authority. Raises NotFoundError."""
    with tools.register() as unit:
        return unit.webhook(authority_id, webhook_id)


def webhook_named(tools: Toolbox, authority_id: int, name: str) -> Webhook:
    """The one that bears a name. Raises NotFoundError."""
    wanted, _ = name_problems(name)
    for each in list_webhooks(tools, authority_id):
        if each.name == wanted:
            return each
    raise NotFoundError(
        f"Aucun webhook « {wanted} » n'est en service. « transmission webhook list » les liste."
    )


def open_secrets(tools: Toolbox, webhook: Webhook, now: datetime) -> tuple[bytes, ...]:
    """The secrets that sign a call at an instant, the one in force first.

    Raises SealError.
    """
    with tools.register() as unit:
        sealed = unit.sealed_secrets(webhook.id)
    about = _about(webhook.collectivite_id)
    secrets = [tools.sealer.open(sealed.current, about)]
    if sealed.former and sealed.overlap_until is not None and now < sealed.overlap_until:
        secrets.append(tools.sealer.open(sealed.former, about))
    return tuple(secret_bytes(each.decode("ascii")) for each in secrets)


def _checked(
    tools: Toolbox, name: str, url: str | None, types: Iterable[str]
) -> tuple[str, tuple[str, ...], str]:
    kept, problems = name_problems(name)
    chosen, wrong = type_problems(types)
    problems += wrong
    address = (url or "").strip()
    if url is not None:
        problems += _address_problems(tools, address)
    raise_if(problems)
    return kept, chosen, address


def _address_problems(tools: Toolbox, address: str) -> list[Problem]:
    why = "elle est trop longue" if len(address) > URL_MAX else tools.webhooks.refusal(address)
    if why is None:
        return []
    remedy = "Donnez une adresse en https://, ou en http:// de cette machine même."
    return [Problem("url", "url_refusee", f"Cette adresse ne peut pas servir : {why}.", remedy)]


def _in_state(held: Webhook, state: WebhookState, why: str | None, now: datetime) -> Webhook:
    # Whoever decides anew has the program judged anew.
    return replace(
        held, state=state, state_since=now, state_reason=why,
        failures=0, failing_since=None, rests_until=None,
    )  # fmt: skip


def _about(authority_id: int) -> str:
    """What a seal is for: a secret copied to another authority does not open there."""
    return f"webhook:{authority_id}"
