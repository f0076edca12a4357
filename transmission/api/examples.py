"""One example of each answer, made of the shapes themselves."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from transmission.api import schemas as s
from transmission.api import schemas_given as g

_AT = datetime(2023, 3, 10, 9, 30, tzinfo=UTC)
_DECIDED, _RECEIVED = date(2023, 3, 2), date(2023, 3, 9)
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_HERE = "/api/v1/actes/12"
_FILE = f"{_HERE}/fichiers/{_SHA256}"


@cache
def examples() -> dict[type[s.Shape], dict[str, Any]]:
    """The examples, as JSON, by shape."""
    made = (_acte_entier(), *_lists(), *_given())
    return {type(each): each.model_dump(mode="json") for each in made}


def _etat(code: str = "acknowledged", libelle: str = "Accusé de réception reçu") -> s.Etat:
    return s.Etat(code=code, libelle=libelle, depuis=_AT)


def _resume() -> s.Resume:
    return s.Resume(
        id=12,
        lien=_HERE,
        numero="2023_001",
        date=_DECIDED,
        nature=s.Libelle(code="DE", libelle="Délibération"),
        matiere="7.5",
        objet="Subvention à l'école",
        document_papier=False,
        id_acte="042-123456782-20230302-2023_001-DE",
        remis_le=_AT,
        remis_par="api:assemblees",
        etat=_etat(),
        attend="Rien : l'acte est reçu en préfecture.",
        date_reception=_RECEIVED,
    )


def _envoi(code: str, libelle: str) -> s.Envoi:
    return s.Envoi(
        id=31,
        message=s.Libelle(code=code, libelle=libelle),
        id_acte="042-123456782-20230302-2023_001-DE",
        etat=_etat("submitted", "Transmise"),
        attend="Le service attend l'accusé de réception de la préfecture.",
        date_reception=None,
    )


def _nomme() -> s.ActeNomme:
    return s.ActeNomme(id=12, lien=_HERE, numero="2023_001", objet="Subvention à l'école")


def _document(nom: str) -> s.Document:
    return s.Document(nom=nom, sha256=_SHA256, octets=48213, lien=_FILE)


def _courrier() -> dict[str, Any]:
    return {
        "id": 3,
        "lien": "/api/v1/courriers/3",
        "message": s.Libelle(code="3-1", libelle="demande de pièces complémentaires"),
        "date": date(2023, 3, 15),
        "texte": "Plan de financement",
        "recu_le": _AT,
    }


def _threaded() -> dict[str, Any]:
    answer = _envoi("3-4", "pièces complémentaires")
    return {
        **_courrier(),
        "documents": [_document("demande.pdf")],
        "reponse": answer.etat,
        "reponses": [s.Reponse(envoi=answer, documents=[_document("plan.pdf")])],
    }


def _evenement() -> s.Evenement:
    return s.Evenement(
        id=87,
        quand=_AT,
        evenement="ar_received",
        message="1-1",
        de="submitted",
        vers="acknowledged",
        auteur="service",
        motif=None,
    )


def _constat() -> s.Constat:
    return s.Constat(
        id=5,
        code="transmission_tardive",
        gravite=s.Libelle(code="attention", libelle="Attention"),
        message="L'acte a été transmis 20 jours après sa décision.",
        remede="Transmettez les actes dans les 15 jours.",
        fondement="CGCT L. 2131-1",
        preuves=[s.Preuve(libelle="Décidé le", valeur="2023-03-02")],
        depuis=_AT,
        vu_par=None,
        ferme_le=None,
        acte=_nomme(),
    )


def _lecture() -> s.Lecture:
    limit = s.DateLegale(
        nom="defere",
        libelle="Déféré possible jusqu'au",
        jour=date(2023, 5, 10),
        nature=s.Libelle(code="ferme", libelle="Ferme"),
        regle="DF-1",
        fondement="CGCT L. 2131-6",
        provisoire=False,
        explication="Deux mois francs après la réception en préfecture.",
    )
    return s.Lecture(
        jour=date(2023, 3, 10),
        acte=s.Libelle(code="executoire", libelle="Exécutoire"),
        controle=s.Libelle(code="ouvert", libelle="Déféré possible"),
        tiers=s.Libelle(code="ouvert", libelle="Recours possible"),
        dates=[limit],
        avertissements=[],
    )


def _acte_entier() -> s.ActeEntier:
    return s.ActeEntier(
        **dict(_resume()),
        envois=[_envoi("1-1", "transmission de l'acte")],
        fichiers=[
            s.Fichier(sha256=_SHA256, octets=48213, nom="deliberation.pdf", type="pdf", lien=_FILE)
        ],
        courriers=[s.Courrier(**_threaded())],
        lecture=_lecture(),
        evenements=[_evenement()],
        suite=f"{_HERE}/evenements",
        publications=[
            s.Publication(
                date=date(2023, 3, 10),
                date_minimum=date(2023, 5, 10),
                adresse="https://registre.saint-exemple.example.org/123456782/actes/4",
                registre=True,
                sha256=_SHA256,
                notee_le=_AT,
                retiree_le=None,
                motif_du_retrait=None,
                dernier_controle=s.Controle(
                    quand=_AT, verdict=s.Libelle(code="conforme", libelle="Conforme")
                ),
            )
        ],
        constats=[_constat()],
        horodatages=[],
        documents_scelles=[
            s.DocumentScelle(envoi=7, rang=1, niveau="B-B", sha256=_SHA256, motif=None, lien=_FILE)
        ],
        signatures=[
            s.SignaturePdf(
                envoi=7,
                rang=1,
                reponse=s.Libelle(code="valide", libelle="valide"),
                signataire="CN=Le maire,O=Commune de Saint-Exemple",
                emetteur="CN=Autorité d'essai",
                date=_AT,
                source=s.Libelle(code="declaration", libelle="déclarée par le signataire"),
                couvre="tout le document",
                changements="aucun changement depuis",
                algorithmes="RSA 3072, sha256",
                raisons=[],
            )
        ],
        accuse_reception=f"{_HERE}/accuse-reception",
        tampon=f"{_HERE}/tampon",
    )


def _lists() -> tuple[s.Shape, ...]:
    change = s.Changement(
        curseur=87,
        acte=12,
        lien=_HERE,
        numero="2023_001",
        message="1-1",
        evenement="ar_received",
        de="submitted",
        vers="acknowledged",
        quand=_AT,
        auteur="service",
        motif=None,
    )
    nature = s.Libelle(code="DE", libelle="Délibération")
    return (
        s.PageActes(actes=[_resume()], suivant="12"),
        s.PageChangements(changements=[change], curseur=87, encore=False),
        s.PageCourriers(courriers=[s.CourrierOuvert(**_courrier(), acte=_nomme())], suivant=None),
        s.CourrierEntier(
            **_threaded(),
            acte=_nomme(),
            reponses_possibles=[s.Libelle(code="3-4", libelle="pièces complémentaires")],
        ),
        s.PageEvenements(evenements=[_evenement()], suivant=None),
        s.PageConstats(constats=[_constat()], suivant=None),
        s.Seance(
            date_seance=_DECIDED,
            liste="seance.csv",
            importee_le=_AT,
            importee_par="api:assemblees",
            attendus=1,
            remis=1,
            actes=[
                s.LigneDeSeance(
                    numero="2023_001",
                    sur_la_liste=True,
                    nature=nature,
                    objet="Subvention",
                    acte=_resume(),
                )
            ],
        ),
    )


def _given() -> tuple[s.Shape, ...]:
    refused = s.Probleme(
        champ="matiere",
        code="matiere_classification",
        message="La matière 99 n'existe pas.",
        remede="Choisissez-en une dans la classification.",
    )
    lines = [
        g.LigneDuLot(
            ligne="ligne 2", numero="2023_001", sort="accepte", acte=12, lien=_HERE, problemes=[],
            notes=[],
        ),
        g.LigneDuLot(
            ligne="ligne 3", numero="2023_002", sort="refuse", acte=None, lien=None,
            problemes=[refused], notes=[],
        ),
    ]  # fmt: skip
    return (
        g.ActeRemis(acte=_resume(), deja_remis=False, notes=[]),
        g.Essai(deja_remis=None, notes=[]),
        g.LotRemis(
            lot="séance du 2 mars",
            siren="123456782",
            date=_AT,
            essai=False,
            actes={"accepte": 1, "deja_remis": 0, "refuse": 1},
            problemes=[],
            notes=[],
            seance=g.SeanceDuLot(date_seance=_DECIDED, actes=2),
            lignes=lines,
        ),
        g.ActeChange(acte=_resume()),
        g.Publie(
            acte=_HERE,
            date=date(2023, 3, 10),
            date_minimum=date(2023, 5, 10),
            adresse="https://registre.saint-exemple.example.org/123456782/actes/4",
            avertissements=[],
        ),
        g.Retire(acte=_HERE, avertissements=[]),
        g.Repondu(
            courrier="/api/v1/courriers/3",
            envoi=_envoi("3-4", "pièces complémentaires"),
            deja_donnee=False,
        ),
    )
