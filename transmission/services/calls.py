"""A request that acts, under the key that its program gave: it acts once, however often it comes.

The key is taken in a commit of its own before anything is done, and the answer is written in
another one after. A process that dies between the two leaves a key without an answer: once it is
surely dead, the same request acts again, and the state of the act tells what it may still do.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from transmission.domain.errors import ConflictError
from transmission.services.toolbox import Toolbox

DEAD_AFTER = timedelta(minutes=10)
"""After that long without an answer, whoever had the key has died."""

Answer = tuple[int, dict[str, Any]]
"""A status of HTTP and the JSON object that goes with it."""


class KeyUsedError(ConflictError):
    """The key stands for another request."""


class CallUnderWayError(ConflictError):
    """The very same request is being answered."""


def once(
    tools: Toolbox, collectivite_id: int, key: str | None, asked: str, act: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """The answer of ``act``, and whether it is that of an earlier call under the same key.

    ``asked`` is the SHA-256 of all that is asked. What ``act`` raises is raised, and the key is
    free again. Raises KeyUsedError, CallUnderWayError.
    """
    if key is None:
        return act(), False
    now = tools.clock.now()
    with tools.register() as unit:
        known = unit.begin_call(collectivite_id, key, asked, now, now - DEAD_AFTER)
        unit.commit()
    if known is None:
        return _acted(tools, collectivite_id, key, act), False
    if known.asked != asked:
        raise KeyUsedError(
            "Cette clé d'idempotence a déjà servi à une autre demande. Donnez-en une autre."
        )
    if known.status is None or known.answer is None:
        raise CallUnderWayError(
            "Cette même demande est en cours de traitement. Refaites-la dans une minute."
        )
    return (known.status, known.answer), True


def _acted(tools: Toolbox, collectivite_id: int, key: str, act: Callable[[], Answer]) -> Answer:
    try:
        answer = act()
    except BaseException:
        with tools.register() as unit:
            unit.drop_call(collectivite_id, key)
            unit.commit()
        raise
    with tools.register() as unit:
        unit.end_call(collectivite_id, key, *answer)
        unit.commit()
    return answer
