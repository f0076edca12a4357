"""A register where everything has happened once, with keys, time stamps and anchors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from tests.support.dossiers import live, settle, sign
from tests.support.scene import AUTHOR, Scene, pdf, scene
from tests.support.tsa import OpensslTsa, served
from transmission.audit.review import StoreAuditor
from transmission.bootstrap import proof_checker
from transmission.domain.audits import Difference, Page, Stage, Unread
from transmission.domain.transmission import Author
from transmission.ports.audits import EVERYTHING, Scope
from transmission.ports.proof import ProofChecker, SoundSignature
from transmission.services.cancel import cancel
from transmission.services.publish import publish
from transmission.settings import Settings
from transmission.store.anchor_folder import DiskAnchorFolder

ALL = tuple(Stage)


@dataclass
class Audited:
    """A scene after its story, who rereads it, and its folders."""

    scene: Scene
    auditor: StoreAuditor
    documents: Path
    anchors: Path

    def reread(self, *stages: Stage, scope: Scope = EVERYTHING, limit: int = 500) -> Page:
        """Everything that stages give, all of them by default, page after page."""
        differences: list[Difference] = []
        unread: list[Unread] = []
        count = 0
        for stage in stages or ALL:
            after: int | None = 0
            while after is not None:
                page = self.auditor.reread(stage, after, limit, scope)
                differences += page.differences
                unread += page.unread
                count += page.count
                after = page.last
        return Page(count, None, tuple(differences), tuple(unread))

    def again(self) -> "Audited":
        """The same, by an auditor that remembers nothing."""
        return replace(self, auditor=self.auditor.fresh())


def auditor_of(made: Scene, anchors: Path) -> StoreAuditor:
    """An auditor of a scene."""
    documents, folder = made.tools.documents, DiskAnchorFolder(anchors)
    checker = Remembering(proof_checker(None))
    return StoreAuditor(made.engine, documents, folder, lambda: checker)


class Remembering:
    """A checker that judges the same bytes once: a test rereads them a hundred times."""

    def __init__(self, checker: ProofChecker) -> None:
        self._checker = checker
        self.time_stamp = cache(checker.time_stamp)
        self.cms = cache(checker.cms)

    def xades(self, signature: bytes, digests: Mapping[str, bytes]) -> SoundSignature:
        return self._checker.xades(signature, digests)


@contextmanager
def audited(engine: Engine, folder: Path, settings: Settings) -> Iterator[Audited]:
    """One act received, asked about, answered and published; one cancelled, and published on our
    register meanwhile; one just sealed."""
    tsa = OpensslTsa(folder / "tsa")
    with served(tsa.answer) as authority:
        given = {
            "home": folder,
            "documents_dir": folder / "documents",
            "tsa_urls": (authority.address,),
            "tsa_roots_file": tsa.roots_file,
        }
        with scene(engine, folder, settings.model_copy(update=given)) as made:
            sign(made, folder)
            _live(made)
            anchors = folder / "anchors"
            yield Audited(made, auditor_of(made, anchors), folder / "documents", anchors)


def _live(made: Scene) -> None:
    live(made)
    cancelled = made.accept("D2023_002", contents=(pdf("Deuxième"),), key="cle-2").acte_id
    made.run()
    made.later(30)
    publish(made.tools, cancelled, date(2023, 3, 10), None, AUTHOR, on_register=True)
    cancel(made.tools, cancelled, Author("directrice", "erreur"))
    made.run()
    made.later(60)
    made.accept("D2023_003", contents=(pdf("Troisième"),))
    made.run("prepare")
    settle(made)
