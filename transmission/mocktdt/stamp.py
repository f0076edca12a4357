"""The stamped copy: a page of its own, for the mock does not draw on other people's PDFs."""

from transmission.mocktdt import xmlio
from transmission.mocktdt.clock import civil_day
from transmission.mocktdt.pages import pdf_of
from transmission.mocktdt.transactions import Status, StoredFile, Transaction


def stamped_pdf(transaction: Transaction, file: StoredFile, published: str) -> bytes:
    """A one-page PDF with the words of S²LOW's stamp. `published`: as the caller wrote it."""
    return pdf_of(_lines(transaction, file, published))


def _printable(text: str) -> str:
    # Bytes of the query that were not UTF-8 are no characters.
    return text.encode("utf-8", "replace").decode()


def _lines(transaction: Transaction, file: StoredFile, published: str) -> list[str]:
    received = transaction.step_of(Status.ACKNOWLEDGED)
    lines = ["TAMPON FICTIF produit par mock-tdt, sans valeur", file.name]
    if sent := transaction.step_of(Status.SENT):
        lines.append(f"Envoyé en préfecture le {civil_day(sent.at):%d/%m/%Y}")
    if received:
        day = xmlio.first(xmlio.parse(received.xml), "@actes:DateReception")
        lines.append(f"Reçu en préfecture le {day}")
    if published:
        lines.append(f"Publié le {_printable(published)}")
    if transaction.unique_id:
        lines.append(f"ID : {transaction.unique_id}")
    return lines
