"""Dossiers made once, for those who only read them: whole, of another act, of an act not sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from tests.support.dossiers import live, proven
from tests.support.keys import signing_key
from tests.support.mutations import Forger
from tests.support.scene import START
from transmission.bootstrap import proof_checker
from transmission.ports.proof import ProofChecker, SoundSignature, SoundTimeStamp, UnsoundError
from transmission.settings import Settings
from transmission.signature.keys import KeySource, load_identity


class RememberingChecker:
    """The real checker, which answers at once what it was already asked."""

    def __init__(self, checker: ProofChecker) -> None:
        self._checker, self._answers = checker, {}

    def cms(self, signature: bytes, digest: bytes) -> SoundSignature:
        return self._answer("cms", signature, digest)

    def xades(self, signature: bytes, digests: Mapping[str, bytes]) -> SoundSignature:
        return self._answer("xades", signature, digests)

    def time_stamp(self, token: bytes, digest: bytes) -> SoundTimeStamp:
        return self._answer("time_stamp", token, digest)

    def forget(self) -> None:
        """Answer anew: what was asked is no longer of use."""
        self._answers.clear()

    def _answer(self, name, raw, over):
        key = name, raw, over if isinstance(over, bytes) else tuple(sorted(over.items()))
        if key not in self._answers:
            try:
                self._answers[key] = getattr(self._checker, name)(raw, over)
            except UnsoundError as error:
                self._answers[key] = error
        answer = self._answers[key]
        if isinstance(answer, UnsoundError):
            raise answer
        return answer


@dataclass(frozen=True)
class Proofs:
    """Dossiers as bytes; ``roots`` is the PEM file of those whom they are trusted by."""

    whole: bytes
    others: tuple[bytes, ...]
    unsent: bytes
    roots: Path
    forger: Forger
    checker: RememberingChecker = field(repr=False)


def make_proofs(engine: Engine, folder: Path, others: int = 1) -> Proofs:
    """Live some acts of one authority, and make their dossiers. ``folder`` is kept."""
    settings = Settings(
        connect_timeout=2,
        read_timeout=5,
        submission_max=60,
        settle_delay=30,
        retry_delays=(30, 60),
        poll_delays=(10, 20, 40),
        lost_bell_delay=60,
    )
    path = folder / "acte.asice"

    def made(acte_id: int) -> bytes:
        scene.make(path, acte_id)
        return path.read_bytes()

    with proven(engine, folder, settings) as scene:
        whole = made(scene.acte_id)
        others_made = tuple(
            made(live(scene.scene, f"D2023_{rank:03d}")) for rank in range(2, 2 + others)
        )
        unsent = made(scene.scene.accept("D2023_900").acte_id)
        at = scene.scene.clock.now()
        other_key = folder / "faussaire"
        other_key.mkdir()
        forger = Forger(load_identity(KeySource.of(signing_key(other_key, START))), at)
        checker = RememberingChecker(proof_checker(scene.roots))
        return Proofs(whole, others_made, unsent, scene.roots, forger, checker)
