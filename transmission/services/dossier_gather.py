"""Everything that the register knows of an act, read as one picture for its dossier de preuve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transmission.clock import civil_day
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.reading import Reading
from transmission.domain.transmission import AdoptedActe, Piece, Transmission
from transmission.ports import UnitOfWork
from transmission.ports.archiving import Disposal
from transmission.ports.dossiers import Acceptance, KeptAttempt, KeptRetour
from transmission.ports.scans import Verdict
from transmission.ports.time_stamps import KnownTimeStamp
from transmission.services.chain import ActeProofs, proofs_of
from transmission.services.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Sending:
    """A transmission, its rank in the dossier (from 1), its files and its submissions."""

    rank: int
    transmission: Transmission
    pieces: tuple[Piece, ...]
    attempts: tuple[KeptAttempt, ...]

    @property
    def folder(self) -> str:
        """Where its members are."""
        return f"envoi/{self.rank}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """An act and all that is kept of it; ``current`` is the sending of the act that counts.

    ``decisive`` gives, by transmission, the retour which it has its day of receipt from;
    ``infected`` the virus that was recognised in a content, by its SHA-256; ``disposal`` the
    decision to let the files of the act go, None while they are kept.
    """

    acte: AdoptedActe
    owner: Collectivite
    acceptance: Acceptance
    current: Transmission
    sendings: tuple[Sending, ...]
    retours: tuple[KeptRetour, ...]
    decisive: Mapping[int, int]
    stamps: Sequence[KnownTimeStamp]
    proofs: ActeProofs
    reading: Reading
    infected: Mapping[str, str]
    disposal: Disposal | None

    def sending(self, transmission_id: int | None) -> Sending | None:
        """The sending of a transmission, None for a retour that is about none."""
        return next(
            (each for each in self.sendings if each.transmission.id == transmission_id), None
        )


def gather(tools: Toolbox, acte_id: int) -> Gathered:
    """Read the register, in one transaction that nobody else moves. Raises NotFoundError."""
    with tools.register() as unit:
        unit.stand_still()
        acte, acceptance = unit.acte(acte_id), unit.acceptance(acte_id)
        owner = unit.authority(acte.collectivite_id).collectivite
        case = unit.legal_cases([acte_id])[0]
        sendings, retours = _sendings(unit, acte_id), tuple(unit.retours_about(acte_id))
        return Gathered(
            acte=acte,
            owner=owner,
            acceptance=acceptance,
            current=unit.current_transmission(acte_id),
            sendings=sendings,
            retours=retours,
            decisive=unit.decisive_retours(acte_id),
            stamps=unit.time_stamps_about(acte_id),
            proofs=proofs_of(unit, acte_id),
            reading=case.read(civil_day(tools.clock.now(), owner.time_zone)),
            infected=_infected(unit, sendings, retours),
            disposal=unit.disposal_of(acte_id),
        )


def _infected(
    unit: UnitOfWork, sendings: Sequence[Sending], retours: Sequence[KeptRetour]
) -> Mapping[str, str]:
    received = {piece.file.sha256 for each in sendings for piece in each.pieces}
    arrived = {piece.file.sha256 for each in retours for piece in each.pieces}
    scans = unit.scans_of(received | arrived)
    return {sha256: scan.detail for sha256, scan in scans.items() if scan.verdict is Verdict.FOUND}


def _sendings(unit: UnitOfWork, acte_id: int) -> tuple[Sending, ...]:
    attempts = unit.attempts_about(acte_id)
    oldest_first = sorted(unit.transmissions_about(acte_id), key=lambda sent: sent.id)
    return tuple(
        Sending(
            rank,
            sent,
            unit.pieces_sent(sent),
            tuple(each for each in attempts if each.transmission_id == sent.id),
        )
        for rank, sent in enumerate(oldest_first, start=1)
    )
