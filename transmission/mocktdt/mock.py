"""A whole mock in one object: `with MockTdt(Settings(directory=…, calm=True)) as mock: …`."""

import json
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from transmission.mocktdt.accounts import Account, Authority, Permission
from transmission.mocktdt.delivery import Delivery
from transmission.mocktdt.management import ManagementServer
from transmission.mocktdt.pki import (
    FILE_PREFIX,
    P12_PASSWORD,
    CertificateAuthority,
    Identity,
    IdentityFiles,
    forget_identities,
    write_identity,
    write_private,
)
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.server import TdtServer, tls_context
from transmission.mocktdt.settings import Mailbox, Settings, is_loopback

DEFAULT_AUTHORITY = Authority("123456782", "042", "2", "31", "Commune de Saint-Exemple")
SERVICE_NAME = "mock-tdt"
_STRANGER = "stranger"


class MockTdt:
    """Listens while entered. Certificates are remade each time, nothing is kept afterwards.

    `settings.directory` receives the certificates; those of a former run are removed from it, its
    CA is never used again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files: dict[str, IdentityFiles] = {}
        self._stems: dict[int, str] = {}
        self._authority = CertificateAuthority()
        with ExitStack() as opened:
            spool = tempfile.TemporaryDirectory(prefix="mock-tdt-", ignore_cleanup_errors=True)
            self.platform = Platform(settings, Path(opened.enter_context(spool)))
            context = tls_context(self._authority, self._server_names())
            self._tdt = TdtServer((settings.listen, settings.port), self.platform, context)
            opened.callback(self._tdt.server_close)
            self._management = ManagementServer((settings.listen, settings.management_port), self)
            opened.callback(self._management.server_close)
            self._delivery = self._delivery_to(settings.mailbox)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        self._settings.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget_identities(self._settings.directory)
        write_private(self.ca_file, self._authority.pem)
        self._write(_STRANGER, self._authority.client("certificat sans compte"))
        for authority in self._settings.authorities or (DEFAULT_AUTHORITY,):
            self.register(authority)
        self._tdt.start()
        self._management.start()
        if self._delivery:
            self._delivery.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Cut every connection and forget everything received."""
        self._tdt.stopping.set()
        if self._delivery:
            self._delivery.stop()
        self._management.stop()
        self._tdt.stop()
        self._opened.close()

    @property
    def url(self) -> str:
        """Root of the platform, without a final slash."""
        return f"https://{self._host()}:{self._tdt.bound_port}"

    @property
    def management_url(self) -> str:
        """Root of the management port, without a final slash."""
        return f"http://{self._host()}:{self._management.bound_port}"

    @property
    def ca_file(self) -> Path:
        """The CA to trust for this run, PEM."""
        return self._settings.directory / f"{FILE_PREFIX}ca.pem"

    @property
    def stranger(self) -> IdentityFiles:
        """A certificate of the right CA that opens no account."""
        return self._files[_STRANGER]

    def identity(self, siren: str) -> IdentityFiles:
        """The client certificate of a registered authority."""
        return self._files[siren]

    def register(self, authority: Authority) -> Account:
        """Open an account and write its certificate. Raises AuthorityError."""
        identity = self._authority.client(f"{authority.siren} {authority.name}")
        account = self.platform.accounts.register(authority, identity.der)
        self._write(authority.siren, identity)
        self._stems[account.id] = authority.siren
        return account

    def add_user(
        self,
        siren: str,
        login: str,
        password: str,
        permission: Permission,
        *,
        own_certificate: bool,
        forwarded: bool = False,
    ) -> Account:
        """One more account, on the authority's certificate or on its own. Raises AuthorityError.

        `forwarded`: its own certificate comes in a header, the authority's in the handshake.
        """
        fresh = own_certificate or forwarded
        identity = self._authority.client(f"{siren} utilisateur") if fresh else None
        account = self.platform.accounts.add(
            siren,
            login,
            password,
            permission,
            identity.der if identity and own_certificate else None,
            forwarded_der=identity.der if identity and forwarded else b"",
        )
        self._stems[account.id] = siren
        if identity is not None:
            self._stems[account.id] = f"{siren}-{account.id}"
            self._write(self._stems[account.id], identity)
        return account

    def describe(self) -> dict[str, Any]:
        """What the program prints when ready, and `GET /` of the management port repeats."""
        settings, accounts = self._settings, self.platform.accounts.all()
        firsts = {account.siren: account for account in reversed(accounts)}
        return {
            "url": self.url,
            "management_url": self.management_url,
            "ca_file": str(self.ca_file),
            "seed": settings.seed,
            "calm": settings.calm,
            "version": settings.version,
            "switches": asdict(self.platform.switches),
            "authorities": [self.describe_account(a) for a in accounts if a == firsts[a.siren]],
            "users": [self.describe_account(a) for a in accounts if a != firsts[a.siren]],
            "stranger": self._describe_files(_STRANGER),
        }

    def describe_account(self, account: Account) -> dict[str, Any]:
        """An authority and where its certificate is."""
        authority = account.authority
        return {
            "siren": authority.siren,
            "departement": authority.departement,
            "arrondissement": authority.arrondissement,
            "nature": authority.nature,
            "name": authority.name,
            "login": account.login,
            **self._describe_files(self._stems[account.id]),
        }

    def ready_line(self) -> str:
        """One line of JSON, ASCII."""
        return json.dumps(self.describe())

    def _describe_files(self, stem: str) -> dict[str, str]:
        files = self._files[stem]
        return {
            "certificate_file": str(files.certificate_file),
            "key_file": str(files.key_file),
            "p12_file": str(files.p12_file),
            "p12_password": P12_PASSWORD,
        }

    def _write(self, stem: str, identity: Identity) -> None:
        self._files[stem] = write_identity(self._settings.directory, stem, identity)

    def _delivery_to(self, mailbox: Mailbox | None) -> Delivery | None:
        platform = self.platform
        if mailbox is None or platform.postman is None:
            return None
        report = platform.record.internal_errors.append
        return Delivery(mailbox, platform.postman, platform.settle, report)

    def _host(self) -> str:
        listen = self._settings.listen
        if not is_loopback(listen):
            return self._server_names()[0]
        return f"[{listen}]" if ":" in listen else listen

    def _server_names(self) -> tuple[str, ...]:
        local = ("localhost", "127.0.0.1", "::1")
        names = (*self._settings.server_names, SERVICE_NAME, *local)
        return tuple(dict.fromkeys(names))
