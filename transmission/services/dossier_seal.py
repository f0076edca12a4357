"""The end of a dossier de preuve: summary, contents, signature over all members, time stamp."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from transmission.domain.dossier import Dossier, Hole, HoleKind, Member, Role, dossier_json
from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import Author
from transmission.ports import Signer
from transmission.ports.dossiers import Container
from transmission.ports.time_stamps import Stamped
from transmission.services.dossier_gather import Gathered
from transmission.services.dossier_told import dossier_of, summary_facts
from transmission.services.toolbox import Toolbox

_NO_STAMPER = "aucune autorité d'horodatage n'est configurée"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What ends a dossier; ``contents`` is ``dossier.json``."""

    dossier: Dossier
    summary: bytes
    contents: bytes
    signatures: bytes
    token: bytes | None


def seal(
    tools: Toolbox,
    gathered: Gathered,
    author: Author,
    members: Sequence[Member],
    holes: Sequence[Hole],
) -> Sealed:
    """Seal members: by the authority's key, else by the service's own; then time stamp the seal.

    Sealed once more when no authority of time answered, to say so. Raises SignatureError when
    nothing can seal.
    """
    sealing = _sealing(tools, gathered, author)
    if tools.time_stamper is None:
        return sealing.over(members, [*holes, _unstamped(_NO_STAMPER)])
    made = sealing.over(members, holes)
    answer = tools.time_stamper.stamp(hashlib.sha256(made.signatures).digest())
    if isinstance(answer, Stamped):
        return replace(made, token=answer.token)
    return sealing.over(members, [*holes, _unstamped(answer.reason)])


def write_sealed(tools: Toolbox, container: Container, sealed: Sealed) -> None:
    """Write the last members (docs/evidence.md [D1])."""
    container.add_bytes("synthese.pdf", sealed.summary)
    container.add_bytes("dossier.json", sealed.contents)
    names = [each.name for each in sealed.dossier.members]
    container.add_bytes("META-INF/manifest.xml", tools.binder.manifest([*names, "dossier.json"]))
    container.add_bytes("META-INF/signatures.xml", sealed.signatures)
    if sealed.token is not None:
        container.add_bytes("META-INF/horodatage.tsr", sealed.token)


@dataclass(frozen=True, slots=True)
class _Sealing:
    """Who seals, when, and for whom; ``why`` the service does."""

    tools: Toolbox
    gathered: Gathered
    signer: Signer
    author: Author
    now: datetime
    why: tuple[Hole, ...]

    def over(self, members: Sequence[Member], holes: Sequence[Hole]) -> Sealed:
        """Summary, contents and signature over members, and what they lack."""
        dossier = dossier_of(
            self.gathered,
            members,
            (*self.why, *holes),
            made_at=self.now,
            made_by=self.author.name,
            sealed_by="service" if self.why else "collectivite",
        )
        printed = BytesIO()
        self.tools.summariser.summarise(summary_facts(self.gathered, dossier), printed)
        summary = printed.getvalue()
        sha256 = hashlib.sha256(summary).hexdigest()
        last = Member("synthese.pdf", len(summary), sha256, Role.SUMMARY, {})
        whole = replace(dossier, members=(*dossier.members, last))
        contents = dossier_json(whole)
        digests = {each.name: bytes.fromhex(each.sha256) for each in whole.members}
        digests["dossier.json"] = hashlib.sha256(contents).digest()
        return Sealed(whole, summary, contents, self.signer.sign_files(digests, self.now), None)


def _unstamped(reason: str) -> Hole:
    told = f"Le dossier lui-même n'est pas horodaté : {reason}."
    return Hole(HoleKind.NO_DOSSIER_TIME_STAMP, told)


def _sealing(tools: Toolbox, gathered: Gathered, author: Author) -> _Sealing:
    now = tools.clock.now()
    try:
        signer = tools.signers.of(gathered.owner, now)
        because = "la collectivité n'a pas de clé de signature"
    except TransmissionError as error:
        signer, because = None, f"la clé de la collectivité ne peut pas servir ({error})"
    if signer is not None:
        return _Sealing(tools, gathered, signer, author, now, ())
    told = f"Le dossier est scellé par le service : {because}."
    why = (Hole(HoleKind.SEALED_BY_SERVICE, told),)
    return _Sealing(tools, gathered, tools.signers.own(now), author, now, why)
