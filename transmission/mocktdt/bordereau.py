"""The bordereau d'acquittement: what happened to an act, on paper (ACTES protocol §12.1)."""

from collections.abc import Iterator

from transmission.mocktdt import names
from transmission.mocktdt.accounts import Account
from transmission.mocktdt.clock import PARIS
from transmission.mocktdt.pages import pdf_of
from transmission.mocktdt.transactions import KIND_LABELS, LABELS, StoredFile, Transaction

_SIZES = (("Mo", 1_000_000), ("Ko", 1_000))


def bordereau_pdf(transaction: Transaction, account: Account) -> bytes:
    """A PDF, whatever the status: only the row of status 4 makes it a proof."""
    return pdf_of(
        (
            "BORDEREAU FICTIF produit par mock-tdt, sans valeur",
            "Bordereau d'acquittement de transaction",
            f"Collectivité : {account.authority.name}",
            f"Utilisateur : {account.login}",
            "",
            *_parameters(transaction),
            "",
            "Fichiers contenus dans l'archive",
            *(line for rank, file in enumerate(transaction.files) for line in _file(rank, file)),
            "",
            "Cycle de vie de la transaction",
            *_steps(transaction),
        )
    )


def _parameters(transaction: Transaction) -> Iterator[str]:
    yield "Paramètres de la transaction"
    if (acte := transaction.about) is not None:
        yield f"Numéro de l'acte : {acte.number}"
        yield f"Objet : {acte.objet}"
    yield f"Type de transaction : {KIND_LABELS[transaction.kind]}"
    if acte is not None:
        yield f"Date de la décision : {acte.day.isoformat()}"
        yield f"Nature de l'acte : {names.NATURES[acte.nature].label}"
        yield f"Classification matières/sous-matières : {acte.classification}"
    yield f"Identifiant unique : {transaction.unique_id}"
    yield f"URL d'archivage : {transaction.archive_url or 'Non définie'}"
    yield f"Notification : {transaction.notified or 'Non notifiée'}"


def _file(rank: int, file: StoredFile) -> Iterator[str]:
    kind = ("Enveloppe métier", "Document principal")[rank] if rank < 2 else "Annexe"
    yield f"{kind} {file.code_pj} - {file.mimetype} - {_size(file.size)}"
    yield f"    Nom original : {file.posted_filename}"
    yield f"    Nom métier : {file.name}"


def _steps(transaction: Transaction) -> Iterator[str]:
    for step in transaction.steps:
        at = step.at.astimezone(PARIS)
        yield f"{LABELS[step.status]} - {at:%d/%m/%Y %Hh%M} - {step.text}"


def _size(size: int) -> str:
    for unit, base in _SIZES:
        if size >= base:
            return f"{size / base:.1f} {unit}"
    return f"{size} o"
