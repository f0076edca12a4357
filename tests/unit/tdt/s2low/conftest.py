"""Connectors to the scripted server."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from transmission.domain.acte import DemandeClassification, FichierSigne
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
from transmission.ports import Bearings, Parcel, ParcelDocument, TdtConnector
from transmission.tdt.s2low.connector import S2lowConnector
from transmission.tdt.s2low.questions import Questions


@pytest.fixture(params=["enveloppe", "champs"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(server: Any, open_link: Any, mode: str) -> TdtConnector:
    return S2lowConnector(open_link(server.url), mode)


@pytest.fixture
def enveloppe(server: Any, open_link: Any) -> TdtConnector:
    """For the calls that do not depend on the mode."""
    return S2lowConnector(open_link(server.url), "enveloppe")


@pytest.fixture
def questions(server: Any, open_link: Any) -> Questions:
    return Questions(open_link(server.url))


COURRIER, PDF = date(2026, 4, 2), b"%PDF-1.7"


@pytest.fixture
def about(parcel: Parcel) -> Callable[..., Parcel]:
    """A parcel about the act 4711 and its letter 4730, by the code of its message."""

    def build(code: str, *, documents: int = 1, **bearings: Any) -> Parcel:
        id_acte = parcel.message.id_acte  # type: ignore[union-attr]
        names = [f"99_DE-{id_acte}-{code}_{rank}.pdf" for rank in range(1, documents + 1)]
        fichiers = tuple(FichierSigne(name) for name in names)
        messages: dict[str, Any] = {
            "2-2": lambda: ReponseCourrierSimple(id_acte, COURRIER, fichiers[0]),
            "3-2": lambda: ARDemandePieceComplementaire(id_acte, COURRIER),
            "3-3": lambda: RefusPieceComplementaire(id_acte, COURRIER, fichiers[0]),
            "3-4": lambda: PieceComplementaire(id_acte, COURRIER, fichiers),
            "4-2": lambda: ARLettreObservations(id_acte, COURRIER),
            "4-3": lambda: RejetLettreObservations(id_acte, COURRIER, fichiers[0]),
            "4-4": lambda: ReponseLettreObservations(id_acte, COURRIER, fichiers[0]),
            "6-1": lambda: Annulation(id_acte),
            "7-1": lambda: DemandeClassification(None),
        }
        has_documents = code not in ("3-2", "4-2", "6-1", "7-1")
        return replace(
            parcel,
            message=messages[code](),
            stem=id_acte.stem(code),
            documents=tuple(
                ParcelDocument(
                    name, "99_DE", "application/pdf", 8, None, lambda: BytesIO(b"%PDF-1.7")
                )
                for name in names
            )
            if has_documents
            else (),
            bearings=Bearings(**{"acte": "4711", "courrier": "4730"} | bearings),
        )

    return build
