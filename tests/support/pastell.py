"""A client that makes the calls and the cuts of Pastell (S²LOW API §8.1, §8.2), faults included.

A raw search for a date, a hyphen that breaks a status, everything taken for Latin-1.
"""

import gzip
import http.client
import json
import re
import secrets
import ssl
import tarfile
from base64 import b64encode
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from transmission.mocktdt.mock import MockTdt

SIREN = "123456782"
ACTES = "/modules/actes/"
PDF = b"%PDF-1.4\r\n--\r\n\x00\xff\xfe\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
Files = list[tuple[str, str, bytes]]


class PastellError(Exception):
    """What Pastell shows to its user."""


def cleaned(name: str) -> str:
    """The name that Pastell sends: byte by byte, é becomes two underscores."""
    return re.sub(rb"[^A-Za-z0-9._ ]", b"_", name.encode()).decode("ascii")


class Pastell:
    """One connector object: its POST fields are repeated on every later call."""

    def __init__(self, mock: MockTdt, login: str = "", password: str = "") -> None:
        files = mock.identity(SIREN)
        self._context = ssl.create_default_context(cafile=str(mock.ca_file))
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._context.load_cert_chain(files.certificate_file, files.key_file)
        self._url = mock.url
        self._basic = b64encode(f"{login}:{password}".encode()).decode() if login else ""
        self.fields: list[tuple[str, bytes]] = []
        self._files: Files = []
        self._listed = bool(login)

    def as_browser(self) -> "Pastell":
        """The agent's browser: the certificate alone."""
        self._basic, self._listed = "", True
        return self

    def call(self, path: str) -> bytes:
        if not self._listed:
            self._listed = True
            assert self._fetch("/admin/users/api-list-login.php").strip() not in (b"", b"0")
        return self._fetch(path)

    def text(self, path: str) -> str:
        return self.call(path).decode("iso-8859-1")

    def test_connexion(self) -> bool:
        return self.text("/api/test-connexion.php").startswith("OK")

    def classification(self) -> bytes:
        content = self.call(ACTES + "actes_classification_fetch.php?api=1")
        if not content or content.startswith(b"KO"):
            raise PastellError(content.decode("iso-8859-1"))
        return content

    def ask_classification(self) -> str:
        told = self.text(ACTES + "actes_classification_request.php?api=1")
        if told.startswith("KO"):
            raise PastellError(told)
        return told

    def post_acte(self, number: str, annexes: list[str], **changes: str) -> str:
        fields = {
            "api": "1",
            "nature_code": "1",
            "number": number,
            "subject": "Élèves : réduction à l'école",
            "decision_date": "2026-03-12",
            "en_attente": "0",
            "document_papier": "0",
            "type_acte": "99_DE",
            "classif1": "7",
            "classif2": "1",
            **changes,
        }
        self.fields += [(name, value.encode("iso-8859-1")) for name, value in fields.items()]
        self._files.append(("acte_pdf_file", cleaned("délibération.pdf"), PDF))
        for annexe in annexes:
            self._files.append(("acte_attachments[]", cleaned(annexe), PDF))
            self.fields.append(("type_pj[]", b"21_RP"))
        return self._identifier(ACTES + "actes_transac_create.php")

    def status(self, transaction: str) -> tuple[int, str]:
        lines = self.text(ACTES + f"actes_transac_get_status.php?transaction={transaction}").split(
            "\n"
        )
        if lines[0].strip() != "OK":
            raise PastellError(lines[1])
        return int(lines[1]), "\n".join(lines[2:])

    def date_ar(self, transaction: str) -> str:
        told = self.text(ACTES + f"actes_transac_get_status.php?transaction={transaction}")
        at = told.index("actes:DateReception") + 21
        return told[at : at + 10]

    def bordereau(self, transaction: str) -> bytes:
        return self.call(ACTES + f"actes_create_pdf.php?trans_id={transaction}")

    def files(self, transaction: str) -> list[dict[str, object]]:
        told = self.text(ACTES + f"actes_transac_get_files_list.php?transaction={transaction}")
        assert told.isascii()
        listed: list[dict[str, object]] = json.loads(told)
        return listed

    def acte_tamponne(self, transaction: str) -> bytes:
        try:
            return self._stamped(self.files(transaction)[1])
        except ValueError:
            tampon = "actes_transac_get_tampon.php"
            return self.call(f"{ACTES}{tampon}?transaction={transaction}")

    def annexes_tamponnees(self, transaction: str, sent: list[str]) -> list[bytes]:
        annexes = self.files(transaction)[2:]
        names = [each["posted_filename"] for each in annexes]
        if names != [cleaned(name) for name in sent]:
            raise PastellError("le nom des annexes a changé")
        return [self._stamped(each, "&date_affichage=2026-03-20") for each in annexes]

    def cancel(self, transaction: str) -> str:
        self.fields += [("api", b"1"), ("id", transaction.encode())]
        return self._identifier(ACTES + "actes_transac_cancel.php")

    def answers(self, act: str) -> list[list[str]]:
        """Pastell's own cut: three pieces at hyphens, whatever a negative status does to it."""
        told = self.text(ACTES + f"actes_transac_get_document.php?id={act}")
        return [line.split("-") for line in told.split("\n") if line]

    def letter(self, document: str) -> list[str]:
        content = self.call(ACTES + f"actes_transac_get_document.php?id={document}")
        with tarfile.open(fileobj=BytesIO(gzip.decompress(content))) as tar:
            return tar.getnames()

    def unread(self) -> list[dict[str, object]]:
        told: list[dict[str, object]] = json.loads(
            self.text(ACTES + "api/list_document_prefecture.php")
        )
        return [each for each in told if each["type"] != "2" or each["last_status_id"] == 21]

    def mark_as_read(self, document: object) -> None:
        path = f"{ACTES}api/document_prefecture_mark_as_read.php?transaction_id={document}"
        self.call(path)

    def reply(self, document: object, type_envoie: str, annexes: list[str]) -> str:
        self.fields += [
            ("type_acte", b"99_DE"),
            ("id", str(document).encode()),
            ("api", b"1"),
            ("type_envoie", type_envoie.encode()),
        ]
        self._files.append(("acte_pdf_file", "reponse.pdf", PDF))
        for annexe in annexes:
            self._files.append(("acte_attachments[]", annexe, PDF))
            self.fields.append(("type_pj[]", b"21_RP"))
        return self._identifier(ACTES + "actes_transac_reponse_create.php")

    def nounce(self) -> str:
        return str(json.loads(self.text("/api/get-nounce.php"))["nounce"])

    def redirection(self, path: str) -> str:
        """What the agent's browser is told, without following."""
        answer, _ = self._exchange(path)
        assert answer.status == 302
        return answer.headers["Location"]

    def _identifier(self, path: str) -> str:
        told = self.text(path)
        if not told:
            raise PastellError("pas de réponse")
        if not told.startswith("OK"):
            raise PastellError(told)
        return told.split("\n")[1].strip()

    def _stamped(self, file: dict[str, object], more: str = "") -> bytes:
        stamp = "&tampon=true" if file["mimetype"] == "application/pdf" else ""
        return self.call(f"{ACTES}actes_download_file.php?file={file['id']}{stamp}{more}")

    def _fetch(self, path: str) -> bytes:
        for _ in range(5):
            answer, content = self._exchange(path)
            if answer.status == 404:
                raise PastellError("404")
            if answer.status != 302:
                return content
            path = urljoin(path, answer.headers["Location"].strip())
        raise PastellError("trop de redirections")

    def _exchange(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        wire = http.client.HTTPSConnection(urlsplit(self._url).netloc, context=self._context)
        headers = {"Authorization": f"Basic {self._basic}"} if self._basic else {}
        try:
            if self.fields or self._files:
                boundary = "-" * 28 + secrets.token_hex(6)
                headers |= {
                    "Expect": "100-continue",
                    "Content-Type": f"multipart/form-data; boundary={boundary}",
                }
                wire.request("POST", path, self._body(boundary), headers)
            else:
                wire.request("GET", path, headers=headers)
            answer = wire.getresponse()
            return answer, answer.read()
        finally:
            wire.close()

    def _body(self, boundary: str) -> bytes:
        """cURL's form with at most one annex, else Pastell's own: names without quotes."""
        names = [name for name, *_ in self._files]
        quotes = "" if names.count("acte_attachments[]") > 1 else '"'
        opening = f"--{boundary}\r\nContent-Disposition: form-data; name={quotes}"
        parts = [
            f"{opening}{name}{quotes}\r\n\r\n".encode() + value + b"\r\n"
            for name, value in self.fields
        ]
        parts += [
            f'{opening}{name}{quotes}; filename="{filename}"\r\n'.encode()
            + b"Content-Type: application/octet-stream\r\n\r\n"
            + content
            + b"\r\n"
            for name, filename, content in self._files
        ]
        return b"".join(parts) + f"--{boundary}--\r\n".encode()
