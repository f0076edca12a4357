"""What the préfecture sends, written here: letters, ARs, and the envelopes that carry them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from functools import partial
from io import BytesIO
from itertools import count
from typing import Any

from tests.support.bench import Bench
from tests.support.scene import SIREN, pdf
from transmission.actes.archive import ArchiveEntry, write_archive
from transmission.actes.messages import build_message
from transmission.domain.acte import FichierSigne
from transmission.domain.courriers import (
    ARAnnulation,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
)
from transmission.domain.enveloppes import EnveloppeMISILLCL, EnveloppeRecue
from transmission.domain.identifiers import IdActe, IDSousPref, NomFichier, incoming_enveloppe
from transmission.domain.messages import kind_of
from transmission.domain.retours import AccuseReception, ActeRecu, AnomalieActe, AnomalieEnveloppe
from transmission.domain.transmission import KeptCourrier, KeptPiece, Transmission
from transmission.ports import Arrived, InboxItem
from transmission.services.apply_retour import apply_retour

LETTER_DAY = date(2023, 3, 6)
CLASSIFICATION_DAY = date(2023, 1, 2)
SOUS_PREF = IDSousPref("042", 2)


@dataclass(frozen=True)
class Written:
    """A message as it is put in an envelope: its name, its bytes, its documents by name."""

    name: str
    raw: bytes
    documents: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        return {self.name: self.raw, **self.documents}


def letter(
    code: str,
    about: IdActe,
    *,
    day: date = LETTER_DAY,
    texte: str = "Plan de financement",
    contents: Sequence[bytes] = (),
    rank: int = 1,
) -> Written:
    """A letter of that code; its documents are numbered from ``rank``, the message after them."""
    name = NomFichier.for_message(about, code)
    given = contents or (pdf(f"Lettre {code} du {day}"),)
    documents = {str(name.document(None, n, "pdf")): raw for n, raw in enumerate(given, rank)}
    fichiers = tuple(map(FichierSigne, documents))
    kinds: dict[str, Callable[[], Any]] = {
        "2-1": lambda: CourrierSimple(about, day, fichiers[0]),
        "3-1": lambda: DemandePieceComplementaire(about, day, texte, fichiers[0]),
        "4-1": lambda: LettreObservations(about, day, texte, fichiers[0]),
        "5-1": lambda: DefereTA(about, day, texte, fichiers),
    }
    return written(kinds[code](), documents, rank + len(documents))


def answer_received(
    code: str, about: IdActe, reception: date, day: date = LETTER_DAY, rank: int = 1
) -> Written:
    """The AR of an answer: 3-5 or 4-5."""
    kinds = {"3-5": ARPieceComplementaire, "4-5": ARReponseRejetLettreObservations}
    return written(kinds[code](about, day, reception), rank=rank)


def annulation_received(about: IdActe, reception: date) -> Written:
    """The AR of a cancellation: 6-2."""
    return written(ARAnnulation(about, reception))


def acte_received(about: IdActe, reception: date) -> Written:
    """The AR of an act: 1-2."""
    return written(AccuseReception(about, reception, _echo(about), CLASSIFICATION_DAY))


def acte_refused(about: IdActe, nature: str = "005", detail: str = "illisible") -> Written:
    """The anomaly of an act: 1-3."""
    anomalie = AnomalieActe(date(2023, 3, 9), nature, detail, _echo(about), CLASSIFICATION_DAY)
    name = NomFichier.for_classification(about.departement, about.siren, "1-3", 1)
    return Written(str(name), build_message(anomalie))


def enveloppe_refused(sent: Transmission, *names: str, named: bool = True) -> Written:
    """The anomaly of an envelope; ``names`` are the messages that it lists, that sent if none."""
    assert sent.parcel is not None
    own = (f"{sent.id_acte.stem(sent.message)}_0.xml",)
    echo = EnveloppeRecue(
        sent.id_acte.siren, "042", 2, "31", ("retours@example.org",),
        tuple(map(FichierSigne, names or own)),
    )  # fmt: skip
    anomalie = AnomalieEnveloppe(date(2023, 3, 9), "003", "enveloppe illisible", echo)
    name = sent.parcel.enveloppe.anomaly().xml if named else "anomalie.xml"
    return Written(name, build_message(anomalie))


def written(message: Any, documents: Mapping[str, bytes] | None = None, rank: int = 1) -> Written:
    """A message about an act, under the name that the State gives it."""
    name = NomFichier.for_message(message.id_acte, kind_of(message).code or "", rank)
    return Written(str(name), build_message(message), documents or {})


def enveloped(
    *messages: Written, siren: str = SIREN, listed: Sequence[str] = (), numero: int = 1
) -> dict[str, bytes]:
    """The files of an envelope of the State; ``listed`` are announced on top of its messages."""
    names = [each.name for each in messages] + list(listed)
    formulaires = tuple(map(FichierSigne, names))
    xml = incoming_enveloppe("EACT", SOUS_PREF, siren, date(2023, 3, 9), numero).xml
    files = {xml: build_message(EnveloppeMISILLCL(SOUS_PREF, siren, formulaires))}
    for each in messages:
        files |= each.files
    return files


def archived(files: Mapping[str, bytes]) -> bytes:
    """Files in a tar.gz, as S²LOW gives them."""
    target = BytesIO()
    write_archive([ArchiveEntry(n, len(c), partial(BytesIO, c)) for n, c in files.items()], target)
    return target.getvalue()


def mailed(files: Mapping[str, bytes]) -> bytes:
    """Files in a mail, as the direct route gives them."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "actes@prefecture.example.org", "retours@example.org"
    mail["Subject"] = "Courrier de la préfecture"
    mail.set_content("Veuillez trouver ci-joint.")
    for name, content in files.items():
        kind = "xml" if name.endswith("xml") else "pdf"
        mail.add_attachment(content, maintype="application", subtype=kind, filename=name)
    return mail.as_bytes()


@dataclass
class Prefecture:
    """The State's side of a bench: what it sends waits in the inbox of the played TdT."""

    bench: Bench
    waiting: dict[str, tuple[InboxItem, bytes]] = field(default_factory=dict)
    _keys: Any = field(default_factory=lambda: count(900))

    def __post_init__(self) -> None:
        tdt = self.bench.tdt
        tdt.on_inbox = lambda _: [item for item, _ in self.waiting.values()]
        tdt.on_fetch_item = lambda item: self.waiting[item.key][1]
        tdt.on_confirm = lambda item: self.waiting.pop(item.key) and None

    def puts(self, container: bytes, reference: str | None = None) -> InboxItem:
        """Leave a container in the inbox."""
        item = InboxItem(f"cle-{next(self._keys)}", reference)
        self.waiting[item.key] = item, container
        return item

    def sends(self, *messages: Written, reference: str | None = None, **changes: Any) -> None:
        """Send messages in one envelope, and let the service take them in and read them."""
        self.puts(archived(enveloped(*messages, **changes)), reference)
        self.is_read()

    def opens(self, acte: Transmission, code: str = "3-1", rank: int = 1) -> KeptCourrier:
        """The thread of a letter, the ``rank``-th about its act."""
        sent = letter(code, acte.id_acte, rank=10 * rank)
        self.sends(sent, reference=f"{800 + rank}", numero=rank)
        return self.bench.letters(acte.acte_id)[-1]

    def is_read(self) -> None:
        """Let the service take its inbox in, and read all of it."""
        with self.bench.tools.register() as unit:
            unit.ring("inbox", self.bench.authority_id)
            unit.commit()
        self.bench.run("inbox", "apply")

    def answers(
        self, sent: Transmission | None, message: Written, *, apply: bool = True, source: str = ""
    ) -> int:
        """A message collected under the reference of ``sent``, or under none; its key."""
        documents = self.bench.tools.documents
        with self.bench.tools.register() as unit:
            retour_id = unit.add_retour(
                Arrived(
                    collectivite_id=self.bench.authority_id,
                    file=documents.put_bytes(message.raw),
                    source=source or f"essai:{next(self._keys)}",
                    at=self.bench.clock.now(),
                    transmission_id=sent.id if sent else None,
                    nom_fichier=message.name,
                    reference=sent.reference if sent else None,
                    pieces=tuple(
                        KeptPiece(name, documents.put_bytes(raw))
                        for name, raw in message.documents.items()
                    ),
                )
            )
            unit.commit()
        assert retour_id is not None
        if apply:
            apply_retour(self.bench.tools, retour_id)
        return retour_id


def _echo(about: IdActe) -> ActeRecu:
    name = NomFichier.for_message(about).document("99_DE", 1, "pdf")
    return ActeRecu(
        about.numero_interne, about.date_decision, about.nature.code, (7, 5),
        "Subvention à l’école", CLASSIFICATION_DAY, FichierSigne(str(name)), (), 0, False,
    )  # fmt: skip
