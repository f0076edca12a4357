"""What the checks of a dossier share: what is read, what checks signatures, what was found."""

from collections.abc import Callable
from dataclasses import dataclass

from transmission.audit.container import Container
from transmission.audit.dossier_contents import Contents
from transmission.audit.dossier_report import Findings, Vouched, Vouching
from transmission.ports.proof import (
    ProofChecker,
    SoundSignature,
    SoundTimeStamp,
    UnsoundError,
)

SMALL = 64 * 1024 * 1024
"""Bytes of the longest member that is read at once: all but archives and documents."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Reads members, and has signatures and time stamps checked: what holds is kept."""

    container: Container
    checker: ProofChecker
    findings: Findings
    vouched: list[Vouched]

    def read(self, name: str) -> bytes | None:
        """A small member; None, and a fault, when it lacks or is too long to be one."""
        member = self.container.members.get(name)
        if member is None:
            self.findings.fault(name, "ce membre manque.")
            return None
        if member.size > SMALL:
            self.findings.fault(name, "ce membre est trop long pour être ce qu'il dit être.")
            return None
        return self.container.read(name)

    def digest(self, name: str | None) -> bytes | None:
        """SHA-256 of a member; None when it is not there."""
        member = self.container.members.get(name or "")
        return member.sha256 if member else None

    def signed(
        self,
        vouching: Vouching,
        name: str,
        over: str,
        check: Callable[[bytes], SoundSignature],
    ) -> None:
        """A member must be a signature that holds."""
        raw = self.read(name)
        if raw is None:
            return
        try:
            sound = check(raw)
        except UnsoundError as error:
            self.findings.fault(name, str(error))
            return
        told = (sound.signer, sound.signing_time, sound.trust, sound.why)
        self.vouched.append(Vouched(vouching, name, over, *told))

    def stamped(
        self, vouching: Vouching, name: str, over: str, digest: bytes
    ) -> SoundTimeStamp | None:
        """A member must be a time stamp that holds for a digest; it is given back."""
        raw = self.read(name)
        if raw is None:
            return None
        try:
            sound = self.checker.time_stamp(raw, digest)
        except UnsoundError as error:
            self.findings.fault(name, str(error))
            return None
        self.vouched.append(
            Vouched(vouching, name, over, sound.tsa, sound.at, sound.trust, sound.why)
        )
        return sound


@dataclass(frozen=True, slots=True)
class Case:
    """A dossier whose contents could be read."""

    witness: Witness
    contents: Contents

    @property
    def findings(self) -> Findings:
        """What was found."""
        return self.witness.findings
