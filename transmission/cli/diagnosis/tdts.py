"""Every account of every TdT, asked at once and never waited for long."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import TypeAlias

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, wrong
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.errors import TransmissionError
from transmission.ports import TdtRegistry

SECONDS = 45.0
_AT_ONCE = 8
_LATE = "il n'a pas répondu à temps"

Answers: TypeAlias = dict[TdtAccount, str | None]


def tdts(
    authorities: Sequence[Collectivite], registry: TdtRegistry, seconds: float = SECONDS
) -> Iterator[Finding]:
    """Whether each TdT answers and knows each account; nothing is sent."""
    owners: dict[TdtAccount, list[str]] = {}
    for each in authorities:
        owners.setdefault(each.tdt, []).append(each.nom)
    answers = asked(list(owners), lambda account: _check(registry, account), seconds)
    troubles: dict[tuple[str, str], list[str]] = {}
    for account, noms in owners.items():
        trouble = answers.get(account, _LATE)
        if trouble is not None:
            troubles.setdefault((account.nom, trouble), []).extend(noms)
    for (nom, trouble), noms in troubles.items():
        yield wrong(
            Subject.TDT,
            f"{nom} ({listed(noms)}) : {trouble.rstrip('.')}. Les envois attendent et reprendront "
            "d'eux-mêmes ; si cela dure, vérifiez le compte et le réseau, ou appelez le TdT.",
        )
    if owners and not troubles:
        yield fine(
            Subject.TDT, f"{listed(account.nom for account in owners)} : les comptes sont reconnus."
        )
    if not owners:
        yield fine(Subject.TDT, "Aucune collectivité n'est enregistrée.")


def asked(
    accounts: Sequence[TdtAccount], check: Callable[[TdtAccount], str | None], seconds: float
) -> Answers:
    """What each account answered within some seconds; an account that did not is not there."""
    todo: SimpleQueue[TdtAccount] = SimpleQueue()
    done: SimpleQueue[tuple[TdtAccount, str | None]] = SimpleQueue()
    for account in accounts:
        todo.put(account)

    def work() -> None:
        while True:
            try:
                account = todo.get_nowait()
            except Empty:
                return
            done.put((account, check(account)))

    for _ in range(min(_AT_ONCE, len(accounts))):
        # Nobody waits for a daemon at the end of the program, however long the TdT takes.
        threading.Thread(target=work, daemon=True).start()
    return _gathered(done, len(accounts), time.monotonic() + seconds)


def _gathered(
    done: "SimpleQueue[tuple[TdtAccount, str | None]]", expected: int, until: float
) -> Answers:
    answers: Answers = {}
    while len(answers) < expected and (left := until - time.monotonic()) > 0:
        try:
            account, trouble = done.get(timeout=left)
        except Empty:
            break
        answers[account] = trouble
    return answers


def _check(registry: TdtRegistry, account: TdtAccount) -> str | None:
    try:
        cannot = registry.connector(account).check()
    except TransmissionError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a fault with one account hides no other
        return f"la vérification a échoué ({type(error).__name__})"
    return None if cannot is None else cannot.reason
