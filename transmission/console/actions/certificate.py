"""Certify that an act has force: the certificate is kept, and taken from its page."""

from io import BytesIO
from typing import Any

from transmission.console.actions.action import ActeAction, ActeSubject, Deed, rehearsing, since
from transmission.console.actions.page_words import problem_for_pages
from transmission.console.actions.sheet import Field, Sheet, Typed, reason_field, refuse
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.ports import DocumentStore
from transmission.ports.certificat import Signatory
from transmission.services.certify import ISSUED, certify
from transmission.services.toolbox import Toolbox
from transmission.store.documents import DamagedDocumentError
from transmission.store.queries.decided import IssuedCertificate, issued_certificates

_NOBODY = Signatory("—", None)


class Certify(ActeAction):
    """Issue the certificate of executory character; the page has those that were issued."""

    right = Right.FOLLOW
    done_code = "certifie"

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        with self.engine.connect() as connection:
            issued = issued_certificates(connection, about.story.acte_id)
        return Sheet(
            title="Certificat de caractère exécutoire",
            path=about.path,
            about=about.name,
            happens=(
                "Le certificat est écrit (PDF), à signer ; sa délivrance entre au journal avec son "
                "empreinte, et il reste sur cette page."
            ),
            undo="Non : un certificat délivré reste au journal. Il peut en être délivré un autre.",
            warns=tuple(self._missing(about)),
            confirm="Délivrer le certificat",
            template="action_certificat.html",
            extra=[(each, self._is_kept(each)) for each in issued],
            time_zone=about.story.collectivite.time_zone,
            fields=(
                since(about),
                Field(
                    name="fonction",
                    label="Fonction de qui signe",
                    value=typed.text("fonction"),
                    hint="« Le maire », « La présidente »…",
                    required=True,
                    most=200,
                ),
                Field(
                    name="nom",
                    label="Nom de qui signe",
                    value=typed.text("nom"),
                    hint="Facultatif.",
                    most=200,
                ),
                reason_field(typed),
            ),
        )

    def closed(self, about: ActeSubject) -> str:
        if not any(self._missing(about)):
            return ""
        return "Le certificat ne peut pas être délivré tant qu'une formalité manque."

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        if told := self.done(about, typed, author):
            return told
        fonction = typed.line("fonction")
        if not fonction:
            refuse([_no_fonction()])
        signatory = Signatory(fonction, typed.line("nom") or None)
        certify(tools, about.story.acte_id, signatory, author, _Kept(tools.documents))
        return self.told_at(about, typed)

    def told_at(self, about: ActeSubject, typed: Typed) -> str:
        del typed
        return f"{about.url}/certificat?fait={self.done_code}"

    def deed(self, about: ActeSubject, typed: Typed) -> Deed:
        del about
        nom = typed.line("nom") or None
        return Deed([ISSUED], {"fonction": typed.line("fonction"), "nom": nom})

    def _is_kept(self, issued: IssuedCertificate) -> bool:
        """Whether we have its bytes: the command line writes it where it is told, alone."""
        try:
            self.container.documents.open(issued.file).close()
        except DamagedDocumentError:
            return False
        return True

    def _missing(self, about: ActeSubject) -> list[str]:
        """Every formality that is missing, as the service would say it."""
        tools, author = rehearsing(self.container.tools), Author("console")
        try:
            certify(tools, about.story.acte_id, _NOBODY, author, BytesIO())
        except RefusedError as error:
            found = map(problem_for_pages, error.problems)
            return [f"{problem.message} {problem.remedy}" for problem in found]
        return []


class _Kept(BytesIO):
    """Where the certificate is written: it is kept before its issue is said."""

    def __init__(self, documents: DocumentStore) -> None:
        super().__init__()
        self._documents = documents

    def write(self, content: Any, /) -> int:
        return self._documents.put_bytes(bytes(content)).size


def _no_fonction() -> Problem:
    return Problem(
        "fonction", "fonction_absente", "Il manque la fonction de qui signe.", "Donnez-la."
    )
