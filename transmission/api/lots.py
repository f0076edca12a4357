"""The acts of a sitting in one request: each handed over by itself, and once."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from transmission.api import schemas_given, shown
from transmission.api.bodies import blocks, incoming_folder, is_json, read_json
from transmission.api.caller import Depositor
from transmission.api.container import ApiContainer
from transmission.api.deposits import as_json
from transmission.api.given import Given, Wanted, taken, uploads_given
from transmission.api.parts import Expected, Received, ReceivedFile, receive_parts
from transmission.api.problems import RefusalError, malformed, refused
from transmission.api.words import bad_upload, is_upload, unknown_names
from transmission.domain.access import Access
from transmission.domain.batch_files import NamedFile, same_name
from transmission.domain.batch_report import BatchReport, Fate
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.sitting_list import MAX_BYTES
from transmission.domain.texte import printable
from transmission.domain.transmission import Author
from transmission.pdf.numero_template import from_printed
from transmission.services.files import DepositedFile
from transmission.services.intake import Batch, NotReadyError, hand_over, try_out

PARTS_MAX = 2000
"""Parts of a body: the files of some hundred acts."""

_FORM = Expected("manifeste", MAX_BYTES, None, PARTS_MAX)
_KEYS = ("nom", "date_seance", "actes")
_NAME_MAX = 100
_NO_UPLOAD = "?"


@dataclass(frozen=True)
class NamedFiles:
    """The port ``BatchFiles`` over files that were received, each under the name it was given."""

    content: bytes
    files: Mapping[str, DepositedFile] = field(default_factory=dict)
    problems: Mapping[str, Problem] = field(default_factory=dict)

    def manifest(self) -> bytes:
        return self.content

    @contextmanager
    def opened(self, named: NamedFile, field: str) -> Iterator[DepositedFile]:
        """Raises RefusedError for a file that did not come."""
        name = same_name(named.nom)
        if name in self.problems:
            raise RefusedError([replace(self.problems[name], field=field)])
        if name not in self.files:
            raise RefusedError([_missing(named, field)])
        yield replace(self.files[name], code_type_pj=named.code_type_pj)


@dataclass(frozen=True)
class Lots:
    """``POST /api/v1/lots``."""

    container: ApiContainer

    async def hand_over(
        self,
        request: Request,
        access: Depositor,
        dry_run: Annotated[bool, Query(description="Tout vérifier, ne rien enregistrer.")] = False,  # noqa: FBT002 - a parameter of the address
    ) -> Response:
        """Remettre les actes d'une séance, chacun pour soi : ceux qui sont refusés ne retardent pas
        les autres, et le même lot remis deux fois ne double rien."""
        async with incoming_folder(self.container.incoming) as folder:
            if is_json(request):
                said = await read_json(request, MAX_BYTES)
                return await run_in_threadpool(self._by_uploads, access, said, folder, dry_run)
            content_type = request.headers.get("content-type", "")
            received = await receive_parts(content_type, blocks(request), folder, _FORM)
            return await run_in_threadpool(self._by_parts, access, received, dry_run)

    def _by_uploads(
        self,
        access: Access,
        said: dict[str, Any],
        folder: Path,
        dry_run: bool,  # noqa: FBT001 - called by position in a thread
    ) -> Response:
        problems = list(unknown_names(said, _KEYS))
        nom = said.get("nom", "lot")
        if not isinstance(nom, str):
            problems.append(
                Problem("nom", "champ_type", "Ce champ doit être un texte.", "Ôtez-le.")
            )
        if problems:
            raise refused(problems)
        actes, wanted = _renamed(said.get("actes"))
        given = uploads_given(self.container.tools, access, wanted, folder)
        content = {**said, "actes": actes}
        content.pop("nom", None)
        files = NamedFiles(
            json.dumps(content).encode(),
            {each.path.name: each for each in given.files},
            {_NO_UPLOAD: bad_upload(""), **{each.field: each for each in given.problems}},
        )
        return self._handed(access, nom, files, dry_run, given)

    def _by_parts(
        self,
        access: Access,
        received: Received,
        dry_run: bool,  # noqa: FBT001 - as above
    ) -> Response:
        if received.words is None:
            raise malformed("Il manque la partie « manifeste », en CSV ou en JSON.")
        problems = _twice(received.files)
        if problems:
            raise refused(problems)
        files = {
            same_name(each.nom_original): DepositedFile(each.path, each.nom_original)
            for each in received.files
        }
        return self._handed(access, "lot", NamedFiles(received.words, files), dry_run, Given())

    def _handed(
        self,
        access: Access,
        nom: str,
        files: NamedFiles,
        dry_run: bool,  # noqa: FBT001 - as above
        given: Given,
    ) -> Response:
        tools = self.container.tools
        with tools.register() as unit:
            owner = unit.authority_by_siren(access.siren)
        batch = Batch(
            nom=printable(nom)[:_NAME_MAX],
            files=files,
            owner=owner,
            author=Author(f"api:{access.name}"),
            number_of=lambda printed: from_printed(printed, owner.collectivite),
        )
        try:
            report = (try_out if dry_run else hand_over)(tools, batch)
        except NotReadyError as error:
            raise RefusalError(409, "pas_prete", "Rien ne peut être remis", str(error)) from None
        if not report.entries:
            raise refused(report.problems)
        if not dry_run:
            _settled(self.container, files, report, given)
        return as_json(_shown(report, dry_run=dry_run), 207 if report.refused else 200)


def _settled(container: ApiContainer, files: NamedFiles, report: BatchReport, given: Given) -> None:
    """The uploads of the acts that were taken are documents now; the others may still serve."""
    taken_lines = {
        rank for rank, entry in enumerate(report.entries) if entry.fate is not Fate.REFUSED
    }
    actes = json.loads(files.content).get("actes", []) if given.became else []
    named = {
        name
        for rank, each in enumerate(actes)
        if rank in taken_lines
        for name in (each["document"], *(annexe["fichier"] for annexe in each.get("annexes") or ()))
    }
    taken(container.tools, given, [Path(name) for name in named])


def _renamed(actes: Any) -> tuple[list[Any], list[Wanted]]:
    """The acts with the names of their files for the manifest, and the uploads that they want."""
    found: list[Any] = []
    wanted: dict[str, Wanted] = {}

    def named(value: Any) -> str:
        if not is_upload(value):
            return _NO_UPLOAD
        name = f"{value}.upload"
        wanted[name] = Wanted(name, value)
        return name

    for acte in actes if isinstance(actes, list) else []:
        if not isinstance(acte, dict):
            found.append(acte)
            continue
        annexes = acte.get("annexes")
        if isinstance(annexes, list):
            annexes = [_with_file(each, named) for each in annexes]
        found.append({**acte, "document": named(acte.get("document")), "annexes": annexes})
    return found, list(wanted.values())


def _with_file(annexe: Any, named: Callable[[Any], str]) -> Any:
    if not isinstance(annexe, dict):
        return None
    others = {name: value for name, value in annexe.items() if name != "televersement"}
    return {**others, "fichier": named(annexe.get("televersement"))}


def _twice(files: Sequence[ReceivedFile]) -> list[Problem]:
    names = [same_name(each.nom_original) for each in files]
    return [
        Problem(
            "fichiers",
            "fichier_double",
            f"Deux fichiers s'appellent « {printable(name)[:80]} ».",
            "Donnez à chacun son nom.",
        )
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def _missing(named: NamedFile, field: str) -> Problem:
    return Problem(
        field,
        "fichier_du_lot",
        f"« {printable(named.nom)} » n'est pas avec le lot.",
        "Joignez le fichier lui-même, sous ce nom.",
    )


def _shown(report: BatchReport, *, dry_run: bool) -> schemas_given.LotRemis:
    seance = None
    if report.date_seance is not None:
        seance = schemas_given.SeanceDuLot(
            date_seance=report.date_seance, actes=None if dry_run else report.seance_actes
        )
    return schemas_given.LotRemis(
        lot=report.lot,
        siren=report.siren,
        date=report.at,
        essai=dry_run,
        actes={fate.code: report.count(fate) for fate in Fate},
        problemes=[shown.probleme(each) for each in report.problems],
        notes=list(report.notes),
        seance=seance,
        lignes=[
            schemas_given.LigneDuLot.model_validate(
                {
                    "ligne": entry.where,
                    "numero": entry.numero,
                    "sort": entry.fate.code,
                    "acte": entry.acte_id,
                    "lien": None if entry.acte_id is None else shown.link(entry.acte_id),
                    "problemes": [shown.probleme(each) for each in entry.problems],
                    "notes": list(entry.notes),
                }
            )
            for entry in report.entries
        ],
    )
