"""The archive that the platform builds from an act deposited field by field."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from transmission.mocktdt import names, xmlio
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.templating import fill


class ActFile(Protocol):
    """A file of the act, on disk."""

    @property
    def path(self) -> Path: ...
    @property
    def typology(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def signature(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Act:
    """What the caller said of an act; the first file is the act itself."""

    authority: Authority
    nature: str
    classification: tuple[str, ...]
    number: str
    day: date | None
    objet: str
    classification_date: date
    paper: bool
    files: Sequence[ActFile]

    @property
    def stem(self) -> str:
        """`042-123456782-20260312-2026_07A-DE-1-1`, with holes where a field is missing."""
        nature = names.nature_of(self.nature)
        return "-".join(
            (
                self.authority.departement,
                self.authority.siren,
                f"{self.day:%Y%m%d}" if self.day else "",
                self.number,
                nature.abbreviation if nature else "",
                "1-1",
            )
        )

    def file_name(self, rank: int) -> str:
        """The name in the archive of the file of this rank, 0 for the act itself."""
        file = self.files[rank]
        return f"{file.typology}-{self.stem}_{rank + 1}.{file.extension}"


def build_archive(act: Act, envelope_name: str, path: Path) -> None:
    """Write the tar.gz of `act` at `path`: envelope, message, act, annexes, stored uncompressed."""
    message_name = f"{act.stem}_0.xml"
    write_archive(
        path,
        (
            (envelope_name, envelope_of(act.authority, message_name)),
            (message_name, _message(act)),
            *((act.file_name(rank), file.path) for rank, file in enumerate(act.files)),
        ),
    )


def write_archive(path: Path, members: Iterable[tuple[str, bytes | Path]]) -> None:
    """Write a tar.gz at `path`, stored uncompressed. `members`: names, and contents or files."""
    with (
        gzip.GzipFile(path, "wb", compresslevel=0, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w:", format=tarfile.GNU_FORMAT) as tar,
    ):
        for name, content in members:
            entry = tarfile.TarInfo(name)
            if isinstance(content, Path):
                entry.size = content.stat().st_size
                with content.open("rb") as stream:
                    tar.addfile(entry, stream)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))


def envelope_of(authority: Authority, message_name: str) -> bytes:
    """The XML of an outgoing envelope of one message."""
    content = fill(
        "enveloppe.xml",
        siren=authority.siren,
        departement=authority.departement,
        arrondissement=authority.arrondissement,
        nature=authority.nature,
        referent=xmlio.text(authority.name),
        message=xmlio.text(message_name),
    )
    return content.encode("iso-8859-1", "replace")


def _message(act: Act) -> bytes:
    matieres = "".join(
        f"  <actes:CodeMatiere{level}{xmlio.attribute('actes:CodeMatiere', code)}/>\n"
        for level, code in enumerate(act.classification, start=1)
    )
    annexes = "".join(
        f"\n    <actes:Annexe>{_reference(act, rank)}</actes:Annexe>"
        for rank in range(1, len(act.files))
    )
    content = fill(
        "acte.xml",
        attributes=(
            xmlio.attribute("actes:Date", act.day.isoformat() if act.day else "")
            + xmlio.attribute("actes:NumeroInterne", act.number)
            + xmlio.attribute("actes:CodeNatureActe", act.nature)
        ),
        matieres=matieres,
        objet=xmlio.text(act.objet),
        classification=act.classification_date.isoformat(),
        document=_reference(act, 0),
        nombre=str(len(act.files) - 1),
        annexes=annexes,
        papier="O" if act.paper else "N",
    )
    # PHP's converter: what ISO-8859-1 has not becomes a question mark.
    return content.encode("iso-8859-1", "replace")


def _reference(act: Act, rank: int) -> str:
    signature = act.files[rank].signature
    signed = f"<actes:Signature>{xmlio.text(signature)}</actes:Signature>" if signature else ""
    return f"<actes:NomFichier>{xmlio.text(act.file_name(rank))}</actes:NomFichier>{signed}"
