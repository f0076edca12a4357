"""A real dossier de preuve: an act sent, received, asked about, answered, anchored, stamped."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from sqlalchemy import Engine

from tests.support.keys import signing_key
from tests.support.scene import AUTHOR, SIREN, START, Scene, pdf, scene
from tests.support.tsa import OpensslTsa, served
from transmission.services.anchor import anchor_journal
from transmission.services.dossier import MadeDossier, make_dossier
from transmission.services.files import DepositedFile
from transmission.services.inbox import inbox
from transmission.services.publish import publish
from transmission.services.reply import reply
from transmission.services.time_stamps import obtain
from transmission.settings import Settings

NUMERO = "D2023_001"
ID_ACTE = f"042-{SIREN}-20230302-{NUMERO}-DE"


@dataclass
class Proven:
    """A scene, its act, its authority of time: ``roots`` is a PEM file of what is trusted (the root
    of the authority of time, the certificate that signs)."""

    scene: Scene
    acte_id: int
    tsa: OpensslTsa
    roots: Path

    def make(self, path: Path, acte_id: int | None = None) -> MadeDossier:
        """Write the dossier of an act, by default the one."""
        with path.open("w+b") as target:
            return make_dossier(self.scene.tools, acte_id or self.acte_id, AUTHOR, target)


@contextmanager
def proven(engine: Engine, folder: Path, settings: Settings) -> Iterator[Proven]:
    """An act of one authority with all that a dossier may hold; nothing is missing."""
    tsa = OpensslTsa(folder / "tsa")
    with served(tsa.answer) as authority:
        given = {
            "home": folder,
            "documents_dir": folder / "documents",
            "anchors_dir": folder / "anchors",
            "tsa_urls": (authority.address,),
            "tsa_roots_file": tsa.roots_file,
        }
        with scene(engine, folder, settings.model_copy(update=given)) as made:
            sign(made, folder)
            acte_id = live(made)
            roots = folder / "racines.pem"
            roots.write_bytes(tsa.roots_file.read_bytes() + certificate_in(folder / "cachet.pem"))
            yield Proven(made, acte_id, tsa, roots)


def sign(made: Scene, folder: Path) -> None:
    """Give the authority a key, that it signs documents with."""
    key = signing_key(folder, START)
    with made.tools.register() as unit:
        owner = unit.authority(made.authority_id).collectivite
        unit.replace_authority(replace(owner, signing_key=key, signs_documents=True))
        unit.commit()


def certificate_in(key_file: Path) -> bytes:
    """The certificate (PEM) in the file of a key."""
    content = key_file.read_bytes()
    return content[content.index(b"-----BEGIN CERTIFICATE") :]


def live(made: Scene, numero: str = NUMERO) -> int:
    """An act is sent, received, asked about, answered, published, anchored; its number."""
    taken = made.accept(numero)
    made.run()
    made.later(30)
    made.manage("courrier", kind="demande_piece_complementaire",
                id_acte=ID_ACTE.replace(NUMERO, numero), date="2023-03-06",
                text="Le plan de financement manque.")  # fmt: skip
    inbox(made.tools, made.authority_id)
    made.run()
    _answer(made, taken.acte_id)
    publish(made.tools, taken.acte_id, date(2023, 3, 10), "https://example.org/acte", AUTHOR)
    made.later(60)
    settle(made)
    return taken.acte_id


def settle(made: Scene) -> None:
    """Anchor what has happened so far, a day later, and obtain every time stamp."""
    made.clock.advance(timedelta(days=1).total_seconds())
    anchor_journal(made.tools)
    obtain(made.tools)
    anchor_journal(made.tools)


def _answer(made: Scene, acte_id: int) -> None:
    with made.tools.register() as unit:
        letter = unit.courriers_of(acte_id)[-1]
    path = made.folder / "reponse.pdf"
    path.write_bytes(pdf("Réponse"))
    reply(
        made.tools, letter.id, "3-4", [DepositedFile(path, "plan de financement.pdf", None)], AUTHOR
    )
    made.run()
    made.manage("clock", advance=timedelta(hours=1).total_seconds())
    for _ in range(3):
        made.later(60)


def contents(path: Path) -> dict[str, bytes]:
    """The members of a dossier."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def told(path: Path) -> dict[str, Any]:
    """What a dossier tells of itself."""
    found: dict[str, Any] = json.loads(contents(path)["dossier.json"])
    return found


def holes(path: Path) -> list[str]:
    """The kinds of what a dossier lacks."""
    return [hole["kind"] for hole in told(path)["holes"]]
