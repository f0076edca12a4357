"""A calm mock on free ports with a stopped clock, a client for it, and a builder of archives."""

import email
import gzip
import io
import json
import secrets
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.dovecot import MailServer, mail_server
from transmission.embedded.processes import wait_until
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.mock import MockTdt
from transmission.mocktdt.settings import Mailbox, Settings

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SIREN, NEIGHBOUR = "123456782", "111111118"
SUBMIT = "/modules/actes/actes_transac_submit.php"
CREATE = "/modules/actes/actes_transac_create.php"
DEPOT = "/ministere/depot"
PATIENCE = 30
STATUS = "/modules/actes/actes_transac_get_status.php"


@dataclass
class Archive:
    """Builds one valid archive; any part can be spoiled before `content` is asked for."""

    number: str = "D2026_001"
    day: str = "2026-03-12"
    nature: int = 1
    abbreviation: str = "DE"
    main_type: str = "99_DE"
    annexes: tuple[str, ...] = ("21_RP",)
    nombre: str | None = None
    objet: str = "Tarif de la médiathèque"
    classification: str = "2025-01-15"
    idcl: tuple[str, str, str, str] = (SIREN, "042", "2", "31")
    serial: int = 1
    trigram: str = "SLO"
    quadrigram: str = "EACT"
    pdf: bytes = PDF
    more: dict[str, bytes] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    messages: tuple[tuple[str, bytes], ...] = ()

    @property
    def stem(self) -> str:
        day = self.day.replace("-", "")
        return f"{self.idcl[1]}-{self.idcl[0]}-{day}-{self.number}-{self.abbreviation}"

    @property
    def envelope_name(self) -> str:
        return f"{self.quadrigram}--{self.idcl[0]}--20260316-{self.serial}.xml"

    @property
    def name(self) -> str:
        return f"{self.trigram}-{self.envelope_name.removesuffix('.xml')}.tar.gz"

    @property
    def document(self) -> str:
        return f"{self.main_type}-{self.stem}-1-1_1.pdf"

    @property
    def annexe_names(self) -> list[str]:
        return [
            f"{code}-{self.stem}-1-1_{rank}.pdf" for rank, code in enumerate(self.annexes, start=2)
        ]

    @property
    def message_name(self) -> str:
        return f"{self.stem}-1-1_0.xml"

    def message(self) -> bytes:
        annexes = "".join(
            f"<actes:Annexe><actes:NomFichier>{name}</actes:NomFichier></actes:Annexe>"
            for name in self.annexe_names
        )
        nombre = self.nombre or str(len(self.annexes))
        return (
            f'<?xml version="1.0" encoding="ISO-8859-1"?>'
            f'<actes:Acte xmlns:actes="{ACTES}" actes:Date="{self.day}" '
            f'actes:NumeroInterne="{self.number}" actes:CodeNatureActe="{self.nature}">'
            '<actes:CodeMatiere1 actes:CodeMatiere="7"/><actes:CodeMatiere2 actes:CodeMatiere="1"/>'
            f"<actes:Objet>{self.objet}</actes:Objet>"
            "<actes:ClassificationDateVersion>"
            f"{self.classification}</actes:ClassificationDateVersion>"
            f"<actes:Document><actes:NomFichier>{self.document}</actes:NomFichier></actes:Document>"
            f'<actes:Annexes actes:Nombre="{nombre}">{annexes}</actes:Annexes>'
            "<actes:DocumentPapier>N</actes:DocumentPapier></actes:Acte>"
        ).encode("iso-8859-1")

    def envelope(self) -> bytes:
        siren, departement, arrondissement, nature = self.idcl
        forms = "".join(
            f"<actes:Formulaire><actes:NomFichier>{name}</actes:NomFichier></actes:Formulaire>"
            for name, _ in self.all_messages()
        )
        return (
            f'<?xml version="1.0" encoding="ISO-8859-1"?>'
            f'<actes:EnveloppeCLMISILL xmlns:actes="{ACTES}" '
            'xmlns:insee="http://xml.insee.fr/schema">'
            f'<actes:Emetteur><actes:IDCL insee:SIREN="{siren}" '
            f'actes:Departement="{departement}" actes:Arrondissement="{arrondissement}" '
            f'actes:Nature="{nature}"/></actes:Emetteur><actes:AdressesRetour>'
            "<actes:Email>retour@example.org</actes:Email></actes:AdressesRetour>"
            f"<actes:FormulairesEnvoyes>{forms}</actes:FormulairesEnvoyes>"
            "</actes:EnveloppeCLMISILL>"
        ).encode("iso-8859-1")

    def all_messages(self) -> tuple[tuple[str, bytes], ...]:
        return self.messages or ((self.message_name, self.message()),)

    def members(self) -> dict[str, bytes]:
        members = {self.envelope_name: self.envelope(), **dict(self.all_messages())}
        if not self.messages:
            members |= dict.fromkeys((self.document, *self.annexe_names), self.pdf)
        members |= self.more
        return {name: content for name, content in members.items() if name not in self.without}

    def content(self) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:") as tar:
            for name, content in self.members().items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


class Client:
    """A session of one account, and its shortest calls."""

    def __init__(self, mock: MockTdt, certificate: Path, key: Path) -> None:
        self.url = mock.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(mock.ca_file)
        self.session.cert = (str(certificate), str(key))
        # A cookie would hide later credentials (S²LOW API §2.7).
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def get(self, path: str, **query: object) -> requests.Response:
        return self.session.get(
            self.url + path, params={k: str(v) for k, v in query.items()}, allow_redirects=False
        )

    def post(self, path: str, **arguments: Any) -> requests.Response:
        return self.session.post(self.url + path, allow_redirects=False, **arguments)

    def submit(self, archive: Archive, **data: str) -> requests.Response:
        file = {"enveloppe": (archive.name, archive.content(), "application/x-gzip")}
        return self.post(SUBMIT, data={"api": "1", **data}, files=file)

    def submitted(self, archive: Archive) -> int:
        answer = self.submit(archive).content
        assert answer.startswith(b"OK\n1\n"), answer
        return int(answer.split(b"\n")[2])

    def create(self, files: Any = None, **changes: Any) -> requests.Response:
        fields: dict[str, Any] = {
            "api": "1",
            "nature_code": "1",
            "classif1": "7",
            "classif2": "1",
            "number": "2026_07A",
            "decision_date": "2026-03-12",
            "subject": "Tarif de la médiathèque".encode("iso-8859-1"),
            "type_acte": "99_DE",
            **changes,
        }
        data = [(name, value) for name, value in fields.items() if value is not None]
        types = [("type_pj[]", code) for code in fields.pop("type_pj", None) or ()]
        data = [(name, value) for name, value in data if name != "type_pj"]
        usual = [("acte_pdf_file", ("deliberation.pdf", PDF, "application/pdf"))]
        return self.post(CREATE, data=data + types, files=usual if files is None else files)

    def created(self, **changes: Any) -> int:
        answer = self.create(**changes).content
        assert answer.startswith(b"OK\n"), answer
        return int(answer.split(b"\n")[1])

    def status(self, transaction: int) -> bytes:
        return self.get(STATUS, transaction=transaction, api=1).content


class Management:
    """The management port, in Python values."""

    def __init__(self, mock: MockTdt) -> None:
        self.url = mock.management_url
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> Any:
        answer = self.session.get(self.url + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **arguments: object) -> Any:
        answer = self.session.post(self.url + path, data=json.dumps(arguments))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **arguments: object) -> str:
        answer = self.session.post(self.url + path, data=json.dumps(arguments))
        assert answer.status_code == 400
        return str(answer.json()["error"])


@dataclass
class Ministry:
    """The door of the ministry, and the mailbox where it answers."""

    mock: MockTdt
    client: Client
    management: Management
    mailbox: MailServer

    def deposit(self, archive: Archive, name: str | None = None) -> requests.Response:
        name = name or archive.name
        return self.client.post(DEPOT, files={name: (name, archive.content())})

    def deposited(self, archive: Archive) -> None:
        assert self.deposit(archive).status_code == 200

    def mails(self, count: int) -> list[EmailMessage]:
        """What is in the mailbox once the mock has delivered all that is due: `count` mails."""
        assert wait_until(self._nothing_waits, PATIENCE), self.management.get("/received")["mails"]
        mails = [email.message_from_bytes(m, policy=SMTP) for m in self.mailbox.mails()]
        assert len(mails) == count, [str(mail["Subject"]) for mail in mails]
        return mails

    def retour(self) -> dict[str, bytes]:
        """The files of the one mail delivered, by name, without the logo."""
        (mail,) = self.mails(1)
        return self.files(mail)

    @staticmethod
    def files(mail: EmailMessage) -> dict[str, bytes]:
        """The attachments of a mail, by name, in order, without the logo."""
        parts = ((part.get_filename(), part.get_payload(decode=True)) for part in mail.walk())
        return {name: bytes(c) for name, c in parts if name not in (None, "logo.png")}

    def _nothing_waits(self) -> bool:
        return all(mail["delivered"] for mail in self.management.get("/received")["mails"])


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], bool]:
    """Whether something comes true in a while: a bound for failures, never a measure."""
    return lambda condition: wait_until(condition, PATIENCE)


@pytest.fixture
def archive() -> type[Archive]:
    return Archive


@pytest.fixture
def start_mock(tmp_path: Path) -> Iterator[Callable[..., MockTdt]]:
    started: list[MockTdt] = []

    def start(**changes: Any) -> MockTdt:
        settings: dict[str, Any] = {
            "directory": tmp_path / f"pki{len(started)}",
            "calm": True,
            "start": datetime(2026, 3, 16, 10, tzinfo=UTC),
            "frozen": True,
            "authorities": (
                Authority(SIREN, "042", "2", "31", "Commune de Saint-Exemple"),
                Authority(NEIGHBOUR, "042", "1", "31", "Commune de Modèle", "agent"),
            ),
            **changes,
        }
        mock = MockTdt(Settings(**settings))
        started.append(mock)
        return mock.__enter__()

    yield start
    for mock in started:
        mock.stop()
        assert mock.platform.record.internal_errors == []


@pytest.fixture(scope="session")
def mail_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mailbox")) as server:
        yield server


@pytest.fixture
def mailbox(mail_host: MailServer, request: pytest.FixtureRequest) -> MailServer:
    """A folder of its own on the real mail server."""
    return mail_host.with_folder(f"essai-{secrets.token_hex(8)}")


@pytest.fixture
def ministry(
    start_mock: Callable[..., MockTdt], connect: Callable[..., Client], mailbox: MailServer
) -> Callable[..., Ministry]:
    def open_door(**settings: Any) -> Ministry:
        where = Mailbox(
            host=mailbox.host,
            port=mailbox.port,
            user=mailbox.user,
            password_file=mailbox.password_file,
            ca_file=mailbox.ca_file,
            folder=mailbox.folder,
        )
        mock = start_mock(**{"mailbox": where, **settings})
        return Ministry(mock, connect(mock), Management(mock), mailbox)

    return open_door


@pytest.fixture
def mock(start_mock: Callable[..., MockTdt]) -> MockTdt:
    return start_mock()


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    opened: list[Client] = []

    def connect(mock: MockTdt, siren: str = SIREN) -> Client:
        files = mock.stranger if siren == "stranger" else mock.identity(siren)
        opened.append(Client(mock, files.certificate_file, files.key_file))
        return opened[-1]

    yield connect
    for client in opened:
        client.session.close()


@pytest.fixture
def tdt(mock: MockTdt, connect: Callable[..., Client]) -> Client:
    return connect(mock)


@pytest.fixture
def neighbour(mock: MockTdt, connect: Callable[..., Client]) -> Client:
    return connect(mock, NEIGHBOUR)


@pytest.fixture
def stranger(mock: MockTdt, connect: Callable[..., Client]) -> Client:
    return connect(mock, "stranger")


@pytest.fixture
def manage() -> Iterator[Callable[[MockTdt], Management]]:
    opened: list[Management] = []

    def manage(mock: MockTdt) -> Management:
        opened.append(Management(mock))
        return opened[-1]

    yield manage
    for each in opened:
        each.session.close()


@pytest.fixture
def management(mock: MockTdt, manage: Callable[[MockTdt], Management]) -> Management:
    return manage(mock)
