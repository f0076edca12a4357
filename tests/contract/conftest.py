"""The real ``mock-tdt`` program, its oracle, and parcels for it."""

import http.client
import itertools
import json
import ssl
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from transmission.actes.archive import ArchiveEntry, write_archive
from transmission.actes.enveloppe import build_enveloppe_clmisill
from transmission.actes.messages import build_acte
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.identifiers import (
    Departement,
    IdActe,
    NatureActe,
    NomFichier,
    Siren,
    outgoing_enveloppe,
)
from transmission.ports import Parcel, ParcelDocument, TdtConnector
from transmission.tdt.registry import ConnectorRegistry, Timeouts

SIREN = "123456782"
PDF = b"%%PDF-1.4\n%% %s\n1 0 obj<<>>endobj\ntrailer<<>>\n%%%%EOF\n"
PROGRAM = Path(sys.executable).with_name("mock-tdt")


@dataclass
class Mock:
    """A running mock: what it printed when ready, its management port, a plain client for it."""

    ready: dict[str, Any]

    @property
    def account(self) -> dict[str, str]:
        (account,) = self.ready["authorities"]
        return dict(account)

    def set(self, path: str, **arguments: Any) -> dict[str, Any]:
        return self._managed("POST", path, json.dumps(arguments))

    def received(self) -> dict[str, Any]:
        return self._managed("GET", "/received")

    def deposits(self) -> int:
        """Requests to the scripts that take acts, complete or not."""
        calls = self.received()["totals"]["calls"]
        return sum(calls.get(f"actes_transac_{verb}.php", 0) for verb in ("submit", "create"))

    def plain(self, target: str) -> bytes:
        """What the platform answers to a client that shares no code with ours."""
        context = ssl.create_default_context(cafile=self.ready["ca_file"])
        context.load_cert_chain(self.account["certificate_file"], self.account["key_file"])
        address = urllib.parse.urlsplit(self.ready["url"])
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=context
        )
        with closing(connection):
            connection.request("GET", target)
            return connection.getresponse().read()

    def _managed(self, method: str, path: str, body: str | None = None) -> dict[str, Any]:
        address = urllib.parse.urlsplit(self.ready["management_url"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        with closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status == 200, content
        return dict(json.loads(content))


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Mock]:
    authority = f"{SIREN}:042:2:31:Commune de Saint-Exemple"
    command = [PROGRAM, "--directory", folder, "--authority", authority, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Mock(json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def calm_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    start = ("--now", "2026-03-16T10:00:00+0000", "--frozen")
    with running(tmp_path_factory.mktemp("calm"), "--calm", *start) as mock:
        yield mock


@pytest.fixture
def mock(calm_mock: Mock) -> Iterator[Mock]:
    """The calm mock, its rules forgotten after each test."""
    yield calm_mock
    calm_mock.set("/faults", fault="clear")
    calm_mock.set("/scenario", scenario="clear")
    calm_mock.set("/delays", check=0, sending=0, answer=0)
    calm_mock.set("/account", siren=SIREN, permission="RW", enabled=True, rgs=True)
    calm_mock.set("/classification", date="2025-01-15", known_to_platform=True)


@pytest.fixture(scope="session")
def start_mock(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Starts another mock, with options of its own, for the time of a ``with``."""

    def start(*options: str) -> Any:
        return running(tmp_path_factory.mktemp("mock"), *options)

    return start


@pytest.fixture(scope="session")
def account_at() -> Callable[..., TdtAccount]:
    """The account of the authority at a mock."""

    def account(mock: Mock, mode: str = "enveloppe", **changes: Any) -> TdtAccount:
        fields: dict[str, Any] = {
            "connector": "s2low",
            "nom": "TdT simulé",
            "base_url": mock.ready["url"],
            "certificate_file": mock.account["certificate_file"],
            "key_file": mock.account["key_file"],
            "passphrase_file": None,
            "ca_file": mock.ready["ca_file"],
            "mode": mode,
        }
        return TdtAccount(**fields | changes)

    return account


@pytest.fixture(params=["enveloppe", "champs"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def registry() -> ConnectorRegistry:
    return ConnectorRegistry(Timeouts(connect=5.0, read=30.0))


@pytest.fixture
def connector(
    registry: ConnectorRegistry, account_at: Callable[..., TdtAccount], mock: Mock, mode: str
) -> TdtConnector:
    return registry.connector(account_at(mock, mode))


_numbers = itertools.count(1)
_enveloppes = itertools.count(1)


@pytest.fixture(scope="session")
def new_parcel(account_at: Callable[..., TdtAccount], calm_mock: Mock) -> Callable[..., Parcel]:
    """Seals a new act; ``prefix`` begins its number, ``codes`` are the typologies of its files."""
    authority = Collectivite(
        siren=Siren(SIREN),
        departement=Departement("042"),
        arrondissement=2,
        nature="31",
        nom="Commune de Saint-Exemple",
        adresses_retour=("retour@saint-exemple.example.org",),
        tdt=account_at(calm_mock),
    )

    def seal(
        prefix: str = "D",
        *,
        codes: tuple[str, ...] = ("99_DE", "21_RP"),
        signatures: tuple[str | None, ...] = (),
        objet: str = "Vote du tarif de la médiathèque (été)",
    ) -> Parcel:
        number = f"{prefix}_{next(_numbers)}"
        id_acte = IdActe("042", SIREN, date(2026, 3, 12), number, NatureActe.DELIBERATION)
        name = NomFichier.for_message(id_acte)
        names = [str(name.document(code, rank, "pdf")) for rank, code in enumerate(codes, 1)]
        signatures = signatures or (None,) * len(codes)
        fichiers = [FichierSigne(*pair) for pair in zip(names, signatures, strict=True)]
        contents = {each: PDF % each.encode() for each in names}
        acte = Acte(
            id_acte, Matiere((7, 1)), objet, date(2025, 1, 15), fichiers[0], tuple(fichiers[1:])
        )
        enveloppe = outgoing_enveloppe(
            "EACT", Siren(SIREN), date(2026, 3, 16), 5_000 + next(_enveloppes)
        )
        formulaire = build_enveloppe_clmisill(authority, [str(name)], authority.adresses_retour)
        members = {enveloppe.xml: formulaire, str(name): build_acte(acte), **contents}
        target = BytesIO()
        sealed = write_archive(
            [ArchiveEntry(n, len(c), lambda c=c: BytesIO(c)) for n, c in members.items()], target
        )
        archive = target.getvalue()
        return Parcel(
            acte=acte,
            stem=id_acte.stem(),
            archive_name=enveloppe.archive("SLO"),
            archive_size=len(archive),
            archive_sha256=sealed.sha256,
            open_archive=lambda: BytesIO(archive),
            documents=tuple(
                ParcelDocument(
                    fichier.nom_fichier,
                    fichier.nom_fichier[:5],
                    "application/pdf",
                    len(contents[fichier.nom_fichier]),
                    fichier.signature,
                    lambda c=contents[fichier.nom_fichier]: BytesIO(c),
                )
                for fichier in fichiers
            ),
        )

    return seal
