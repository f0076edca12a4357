"""The files of a create call, paired with their typologies and signatures (errors 14 to 20)."""

from dataclasses import dataclass
from pathlib import Path

from transmission.mocktdt import names
from transmission.mocktdt.analysis import ANNEX_TYPES, BUDGET, MAIN_TYPES, detected_type
from transmission.mocktdt.answers import RefusedError
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.multipart import UploadedFile

_EDGE = 1_024


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file of the act. `extension`: the one that its content deserves."""

    path: Path
    posted_name: str
    typology: str
    extension: str
    signature: str
    sha256: str


def posted_files(
    request: Request, nature: str, classification: tuple[str, ...]
) -> list[PostedFile]:
    """The main file, then the annexes. Raises RefusedError; wrong types are all told at once."""
    refused: list[str] = []
    main = _main_file(request)
    refused.extend(_main_faults(main, nature, classification))
    files = [main]
    for rank, upload in enumerate(request.file_arrays.get("acte_attachments", ())):
        annexe = _annexe(request, rank, upload)
        refused.extend(_annexe_faults(annexe, main))
        files.append(annexe)
    if refused:
        raise RefusedError("\n".join(refused))
    return files


def _main_file(request: Request) -> PostedFile:
    upload = request.files.get("acte_pdf_file")
    if upload is None:
        raise RefusedError("Aucun fichier principal n'a été envoyé")
    name = request.posted_name(upload)
    if not upload.size:
        raise RefusedError(f"Fichier principal : le fichier {name} est vide ou absent")
    typology = request.text("type_acte")
    if not typology:
        raise RefusedError(f"La typologie du fichier {name} est absente")
    signature = request.files.get("acte_pdf_file_sign")
    return posted_file(upload, name, typology, signature)


def _annexe(request: Request, rank: int, upload: UploadedFile) -> PostedFile:
    name = request.posted_name(upload)
    if not upload.size:
        raise RefusedError(f"Annexe : le fichier {name} est vide ou absent")
    typologies = request.arrays.get("type_pj", [])
    typology = typologies[rank].decode("iso-8859-1") if rank < len(typologies) else ""
    if not typology:
        raise RefusedError(f"La typologie du fichier {name} est absente")
    signatures = request.file_arrays.get("acte_attachments_sign", [])
    return posted_file(upload, name, typology, signatures[rank] if rank < len(signatures) else None)


def posted_file(
    upload: UploadedFile, name: str, typology: str, signature: UploadedFile | None
) -> PostedFile:
    """An uploaded file with what its content betrays. `signature`: detached, if any."""
    with upload.path.open("rb") as stream:
        detected = detected_type(stream.read(_EDGE))
    text = signature.path.read_bytes().decode("iso-8859-1") if signature else ""
    extension = ANNEX_TYPES.get(detected, "")
    return PostedFile(upload.path, name, typology, extension, text, upload.sha256)


def _main_faults(main: PostedFile, nature: str, classification: tuple[str, ...]) -> list[str]:
    faults = typology_faults(main)
    if main.extension not in MAIN_TYPES.values():
        faults.append(f"{main.posted_name} : le fichier principal doit être un PDF ou un XML")
    elif main.extension == "xml" and nature != str(BUDGET):
        faults.append(f"{main.posted_name} : XML non autorisé pour cette nature d'acte")
    elif main.extension == "xml" and classification[:2] != ("7", "1"):
        faults.append(f"{main.posted_name} : XML autorisé seulement pour la classification 7.1")
    return faults


def _annexe_faults(annexe: PostedFile, main: PostedFile) -> list[str]:
    faults = typology_faults(annexe)
    if not annexe.extension:
        faults.append(f"{annexe.posted_name} : type de fichier non autorisé")
    elif main.extension == "xml" and annexe.extension != "pdf":
        faults.append(f"{annexe.posted_name} : PDF obligatoire quand l'acte est un XML")
    return faults


def typology_faults(file: PostedFile) -> list[str]:
    """What is wrong with the code of a file: nothing, or one line."""
    if names.TYPOLOGY.fullmatch(file.typology):
        return []
    return [f"{file.posted_name} : code de typologie {file.typology} incorrect"]
