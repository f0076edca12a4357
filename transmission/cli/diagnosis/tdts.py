"""Every account of every TdT, asked at once and never waited for long."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TypeAlias

from transmission.cli.diagnosis.findings import Finding, Subject, fine, listed, warning, wrong
from transmission.clock import Clock
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.errors import TransmissionError
from transmission.ports import TdtRegistry

SECONDS = 45.0
_AT_ONCE = 8

_DRIFT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is wrong with an account, if anything; how far the TdT's clock is from ours, if told."""

    trouble: str | None = None
    drift: timedelta | None = None


_NO_ANSWER = Answer("il n'a pas répondu à temps")

Answers: TypeAlias = dict[TdtAccount, Answer]


def tdts(
    authorities: Sequence[Collectivite],
    registry: TdtRegistry,
    ours: Clock,
    seconds: float = SECONDS,
) -> Iterator[Finding]:
    """Whether each TdT answers, knows each account and agrees on the time; nothing is sent."""
    owners: dict[TdtAccount, list[str]] = {}
    for each in authorities:
        owners.setdefault(each.tdt, []).append(each.nom)
    answers = asked(list(owners), lambda account: _check(registry, account, ours), seconds)
    troubles: dict[tuple[str, str], list[str]] = {}
    for account, noms in owners.items():
        trouble = answers.get(account, _NO_ANSWER).trouble
        if trouble is not None:
            troubles.setdefault((account.nom, trouble), []).extend(noms)
    yield from _clocks(answers)
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
    accounts: Sequence[TdtAccount], check: Callable[[TdtAccount], Answer], seconds: float
) -> Answers:
    """What each account answered within some seconds; an account that did not is not there."""
    todo: SimpleQueue[TdtAccount] = SimpleQueue()
    done: SimpleQueue[tuple[TdtAccount, Answer]] = SimpleQueue()
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
    done: "SimpleQueue[tuple[TdtAccount, Answer]]", expected: int, until: float
) -> Answers:
    answers: Answers = {}
    while len(answers) < expected and (left := until - time.monotonic()) > 0:
        try:
            account, answer = done.get(timeout=left)
        except Empty:
            break
        answers[account] = answer
    return answers


def _check(registry: TdtRegistry, account: TdtAccount, ours: Clock) -> Answer:
    try:
        connector = registry.connector(account)
        cannot = connector.check()
        told, now = connector.told_at, ours.now()
    except TransmissionError as error:
        return Answer(str(error))
    except Exception as error:  # noqa: BLE001 - a fault with one account hides no other
        return Answer(f"la vérification a échoué ({type(error).__name__})")
    return Answer(cannot.reason if cannot else None, now - told if told else None)


def _clocks(answers: Answers) -> Iterator[Finding]:
    drifts = {account.nom: answer.drift for account, answer in answers.items() if answer.drift}
    for nom, drift in drifts.items():
        if abs(drift) > _DRIFT:
            side = "avance" if drift > timedelta() else "retarde"
            yield warning(
                Subject.CLOCK,
                f"L'horloge de cette machine {side} de {abs(drift).total_seconds():.0f} s sur "
                f"celle de {nom} : réglez-la par le réseau (NTP).",
            )
