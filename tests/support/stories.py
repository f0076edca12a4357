"""What users do, begun in this process and left to the processes of a service to finish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from tests.support.scene import AUTHOR, Scene, pdf
from tests.support.service import Service
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.messages import ANNULATION
from transmission.domain.transmission import Author
from transmission.services.cancel import cancel
from transmission.services.files import DepositedFile
from transmission.services.reply import reply
from transmission.store.tables import outbox, retour
from transmission.store.tables import transmission as transmissions

LETTER = "lettre_observations"
ANSWER = "4-4"
OPERATOR = Author("directrice", "acte rapporté par le conseil")
_STEP, _ROUNDS = 2, 40
_BEFORE = 3600

Over = Callable[[], bool]


@dataclass(frozen=True)
class Story:
    """A use case: ``begin`` takes a service, the beginning of its numbers, how many acts.

    What has ``reads_letters`` is begun last: the others empty the inbox.
    """

    name: str
    begin: Callable[[Service, str, int], Over]
    sends: bool = True
    reads_letters: bool = False


def acts(service: Service, prefix: str, count: int) -> Over:
    """Acts taken in charge; over when the State has acknowledged each."""
    scene, contents = service.scene, (pdf(), pdf("Plan"))
    actes = [scene.accept(number, contents=contents).acte_id for number in _numbers(prefix, count)]
    return lambda: all(scene.transmission(each).state is State.ACKNOWLEDGED for each in actes)


def letters(service: Service, prefix: str, count: int) -> Over:
    """Letters that the State has sent; over when each has its thread and waits there no more."""
    scene = service.scene
    actes = acknowledged(scene, prefix, count)
    for number in _numbers(prefix, count):
        scene.manage("courrier", kind=LETTER, id_acte=id_acte(number), date="2023-03-06")
    return lambda: (
        all(len(threads(scene, each)) == 1 for each in actes)
        and not _unread(scene)
        and _read(scene)
    )


def answers(service: Service, prefix: str, count: int) -> Over:
    """Answers given to letters; over when the State has acknowledged each."""
    scene, path = service.scene, service.logs / f"reponse-{prefix}.pdf"
    path.write_bytes(pdf("Réponse"))
    actes = lettered(scene, prefix, count)
    for each in actes:
        file = DepositedFile(path, "réponse.pdf")
        reply(scene.tools, threads(scene, each)[0], ANSWER, [file], AUTHOR)
    return lambda: all(_sent(scene, each, ANSWER) is State.ACKNOWLEDGED for each in actes)


def cancellations(service: Service, prefix: str, count: int) -> Over:
    """Cancellations asked for; over when the State has acknowledged each."""
    scene = service.scene
    actes = acknowledged(scene, prefix, count)
    for each in actes:
        cancel(scene.tools, each, OPERATOR)
    return lambda: all(
        scene.transmission(each).state is State.CANCELLED
        and _sent(scene, each, ANNULATION) is State.ACKNOWLEDGED
        for each in actes
    )


ACTS = Story("acts", acts)
STORIES = (
    ACTS,
    Story("answers", answers),
    Story("cancellations", cancellations),
    Story("letters", letters, sends=False, reads_letters=True),
)


def acts_of(scene: Scene, prefix: str, count: int) -> list[int]:
    """Acts taken in charge."""
    contents = (pdf(), pdf("Plan"))
    return [scene.accept(number, contents=contents).acte_id for number in _numbers(prefix, count)]


def id_acte(number: str) -> str:
    """The identifier of an act of the scene's authority."""
    return f"042-123456782-20230302-{number}-DE"


def acknowledged(scene: Scene, prefix: str, count: int) -> Sequence[int]:
    """Acts that the State has received, by this process alone."""
    # In the past of the processes, for which everything will then be due.
    scene.clock.advance(-_BEFORE)
    contents = (pdf(),)
    actes = [scene.accept(number, contents=contents).acte_id for number in _numbers(prefix, count)]
    _quiet(scene, lambda: all(scene.transmission(a).state is State.ACKNOWLEDGED for a in actes))
    scene.clock.advance(_BEFORE - _STEP * _ROUNDS)
    return actes


def lettered(scene: Scene, prefix: str, count: int) -> Sequence[int]:
    """Such acts, each with an open letter."""
    actes = acknowledged(scene, prefix, count)
    for number in _numbers(prefix, count):
        scene.manage("courrier", kind=LETTER, id_acte=id_acte(number), date="2023-03-06")
    with scene.tools.register() as unit:
        unit.ring("inbox", scene.authority_id)
        unit.commit()
    scene.run()
    assert all(len(threads(scene, each)) == 1 for each in actes)
    return actes


def threads(scene: Scene, acte_id: int) -> list[int]:
    """The letters under an act."""
    with scene.tools.register() as unit:
        return [kept.id for kept in unit.courriers_of(acte_id)]


def all_over(scene: Scene) -> bool:
    """Whether every transmission is over, whatever its end."""
    with scene.engine.connect() as connection:
        states = connection.execute(select(transmissions.c.state)).scalars()
        return all(State.of(state) in FINAL for state in states)


def outbox_depth(scene: Scene) -> int:
    """Bells that wait for the relay."""
    with scene.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


def written(folder: Path, name: str, text: str) -> Path:
    """A PDF on disk."""
    path = folder / name
    path.write_bytes(pdf(text))
    return path


def _numbers(prefix: str, count: int) -> list[str]:
    return [f"{prefix}_{rank:03d}" for rank in range(count)]


def _quiet(scene: Scene, over: Over) -> None:
    scene.run()
    for _ in range(_ROUNDS):
        if over():
            return
        scene.later(_STEP)
    raise AssertionError("not over")


def _sent(scene: Scene, acte_id: int, message: str) -> State:
    with scene.tools.register() as unit:
        (sent,) = unit.transmissions_about(acte_id, message)
    return sent.state


def _unread(scene: Scene) -> int:
    with scene.tools.register() as unit:
        account = unit.authority(scene.authority_id).collectivite.tdt
    items = scene.tools.tdts.connector(account).inbox()
    assert isinstance(items, Sequence), items
    return len(items)


def _read(scene: Scene) -> bool:
    with scene.engine.connect() as connection:
        statuses = connection.execute(select(retour.c.status)).scalars().all()
    return "stored" not in statuses
