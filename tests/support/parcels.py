"""Messages sealed as the service seals them, and the story of a letter and of what answers it."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from tests.support.sides import SIREN
from transmission.actes.archive import ArchiveEntry, write_archive
from transmission.actes.enveloppe import build_enveloppe_clmisill
from transmission.actes.messages import build_message
from transmission.domain.acte import Acte, DemandeClassification, FichierSigne, Matiere
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.courriers import (
    Annulation,
    ARDemandePieceComplementaire,
    ARLettreObservations,
    PieceComplementaire,
    RefusPieceComplementaire,
    RejetLettreObservations,
    ReponseCourrierSimple,
    ReponseLettreObservations,
)
from transmission.domain.identifiers import (
    Departement,
    IdActe,
    NatureActe,
    NomFichier,
    Siren,
    outgoing_enveloppe,
)
from transmission.domain.messages import kind_of
from transmission.ports import Bearings, InboxItem, Parcel, ParcelDocument

PDF = b"%%PDF-1.4\n%% %s\n1 0 obj<<>>endobj\ntrailer<<>>\n%%%%EOF\n"
LETTER_OF = {
    "2-2": "courrier_simple",
    "3-2": "demande_piece_complementaire",
    "3-3": "demande_piece_complementaire",
    "3-4": "demande_piece_complementaire",
    "4-2": "lettre_observations",
    "4-3": "lettre_observations",
    "4-4": "lettre_observations",
}
"""The letter that each message of the authority answers, as the mock names it."""

_AUTHORITY = Collectivite(
    siren=Siren(SIREN),
    departement=Departement("042"),
    arrondissement=2,
    nature="31",
    nom="Commune de Saint-Exemple",
    adresses_retour=("retour@saint-exemple.example.org",),
    tdt=TdtAccount("s2low", "TdT", "https://tdt.invalid", "c.pem", "k.pem", None, "ca.pem"),
)
_numbers = itertools.count(1)
_enveloppes = itertools.count(5_000)


def new_act(
    prefix: str = "D",
    *,
    codes: tuple[str, ...] = ("99_DE", "21_RP"),
    signatures: tuple[str | None, ...] = (),
    objet: str = "Vote du tarif de la médiathèque (été)",
) -> Parcel:
    """A new act; ``prefix`` begins its number, ``codes`` are the typologies of its files."""
    number = f"{prefix}_{next(_numbers)}"
    id_acte = IdActe("042", SIREN, date(2026, 3, 12), number, NatureActe.DELIBERATION)
    names = _names(id_acte, "1-1", codes)
    signatures = signatures or (None,) * len(codes)
    main, *annexes = (FichierSigne(*pair) for pair in zip(names, signatures, strict=True))
    acte = Acte(id_acte, Matiere((7, 1)), objet, date(2025, 1, 15), main, tuple(annexes))
    return sealed(acte, dict(zip(names, signatures, strict=True)))


def request_of_classification() -> Parcel:
    """A new 7-1, from an authority that holds none."""
    return sealed(DemandeClassification(None), {})


def cancellation(act: Parcel, reference: str, known: frozenset[str] = frozenset()) -> Parcel:
    """The 6-1 of an act that the TdT calls ``reference``."""
    return sealed(Annulation(_id_acte(act)), {}, Bearings(reference, None, known))


@dataclass(frozen=True)
class Thread:
    """A letter about an act: the act, its reference, the item of the inbox, the letter's date."""

    act: Parcel
    reference: str
    item: InboxItem
    day: date

    def answer(
        self, code: str, *, known: Sequence[str] = (), codes: tuple[str, ...] = ("99_DE",)
    ) -> Parcel:
        """The answer of that code, with one file for each typology of ``codes``."""
        id_acte = _id_acte(self.act)
        names = _names(id_acte, code, codes)
        first, *_ = fichiers = tuple(FichierSigne(name) for name in names)
        about = id_acte, self.day
        messages: dict[str, Any] = {
            "2-2": partial(ReponseCourrierSimple, *about, first),
            "3-2": partial(ARDemandePieceComplementaire, *about),
            "3-3": partial(RefusPieceComplementaire, *about, first),
            "3-4": partial(PieceComplementaire, *about, fichiers),
            "4-2": partial(ARLettreObservations, *about),
            "4-3": partial(RejetLettreObservations, *about, first),
            "4-4": partial(ReponseLettreObservations, *about, first),
        }
        files = {} if code in ("3-2", "4-2") else dict.fromkeys(names)
        bearings = Bearings(self.reference, self.item.reference, frozenset(known))
        return sealed(messages[code](), files, bearings)


def sealed(
    message: Any, files: Mapping[str, str | None], bearings: Bearings | None = None
) -> Parcel:
    """Any message with its files, whose signatures are given by name; each content is new."""
    code = kind_of(message).code or ""
    if isinstance(message, DemandeClassification):
        name = NomFichier.for_classification("042", SIREN, code)
    else:
        name = NomFichier.for_message(message.id_acte, code)
    rank = next(_enveloppes)
    contents = {each: PDF % f"{rank} {each}".encode() for each in files}
    enveloppe = outgoing_enveloppe("EACT", Siren(SIREN), date(2026, 3, 16), rank)
    formulaire = build_enveloppe_clmisill(_AUTHORITY, [str(name)], _AUTHORITY.adresses_retour)
    members = {enveloppe.xml: formulaire, str(name): build_message(message), **contents}
    target = BytesIO()
    entries = [ArchiveEntry(n, len(c), partial(BytesIO, c)) for n, c in members.items()]
    write_archive(entries, target)
    return Parcel(
        message=message,
        stem=str(name).removesuffix("_0.xml"),
        archive_name=enveloppe.archive("SLO"),
        archive_size=len(target.getvalue()),
        archive_sha256=hashlib.sha256(target.getvalue()).hexdigest(),
        open_archive=partial(BytesIO, target.getvalue()),
        documents=tuple(
            ParcelDocument(n, n[:5], "application/pdf", len(c), files[n], partial(BytesIO, c))
            for n, c in contents.items()
        ),
        bearings=bearings or Bearings(),
    )


def renamed(parcel: Parcel, **changes: Any) -> Parcel:
    """The same act under another identifier."""
    id_acte = replace(_id_acte(parcel), **changes)
    message = replace(parcel.message, id_acte=id_acte)  # type: ignore[call-arg]
    return replace(parcel, message=message, stem=id_acte.stem())


def _names(id_acte: IdActe, code: str, typologies: Sequence[str]) -> list[str]:
    name = NomFichier.for_message(id_acte, code)
    return [str(name.document(each, rank, "pdf")) for rank, each in enumerate(typologies, 1)]


def _id_acte(parcel: Parcel) -> IdActe:
    assert not isinstance(parcel.message, DemandeClassification)
    return parcel.message.id_acte
