"""A real IMAP server for a test: Dovecot over TLS, on loopback, with one mailbox.

It runs as an ordinary user; where the tests run as root, that user is `nobody`, since Dovecot
serves no mail to root.
"""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from transmission.embedded.accounts import Account, own_account
from transmission.embedded.processes import ChildProcess, spawn, wait_until
from transmission.mocktdt.pki import CertificateAuthority

HOST = "127.0.0.1"
USER, PASSWORD = "retours@saint-exemple.example", "secret du test"
_PATIENCE_SECONDS = 30
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"

_CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = {host}
default_internal_user = {account}
default_login_user = {account}
default_internal_group = {group}
ssl = required
ssl_cert = <{home}/server.crt
ssl_key = <{home}/server.key
auth_mechanisms = plain
auth_failure_delay = 0
mail_location = maildir:{home}/mail
mail_max_userip_connections = 0
first_valid_uid = {uid}
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""


class MailServerError(Exception):
    """Dovecot is missing, or it did not start."""


@dataclass(slots=True)
class _Dovecot:
    """The process. `home`: its private folder. `port`: the same after a restart."""

    home: Path
    port: int
    account: Account
    process: ChildProcess | None = None

    def start(self) -> None:
        """Raises MailServerError. It dies with this process, however that ends."""
        self.process = spawn(
            [_program(), "-F", "-c", str(self.home / "dovecot.conf")],
            name="dovecot",
            log=self.home / "errors",
            account=self.account if os.geteuid() == 0 else None,
        )
        self._wait_until_open(self.process)

    def stop(self) -> None:
        """End the server and whatever it started: nothing is left when this returns."""
        if self.process is None:
            return
        process, self.process = self.process, None
        # Its children share a group of their own: a session still open would outlive the master.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE_SECONDS)
        wait_until(lambda: not living(process.pid), _PATIENCE_SECONDS)

    def _wait_until_open(self, process: ChildProcess) -> None:
        wait_until(lambda: self._is_open() or not process.running, _PATIENCE_SECONDS)
        if not (process.running and self._is_open()):
            self.stop()
            raise MailServerError(f"dovecot did not start:\n{self._said()}")

    def _is_open(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            return True
        return False

    def _said(self) -> str:
        files = (self.home / name for name in ("errors", "log"))
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())


@dataclass(frozen=True)
class MailServer:
    """Where the mailbox is. `ca_file`: PEM to trust. The file of the password has no line end."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    password_file: Path
    ca_file: Path
    _dovecot: _Dovecot = field(repr=False)
    folder: str = "INBOX"

    @property
    def process_id(self) -> int:
        """Of the server while it is up, and of the group of all its processes."""
        assert self._dovecot.process is not None
        return self._dovecot.process.pid

    def mails(self) -> list[bytes]:
        """What is in the mailbox now, oldest first. Nothing is marked as read."""
        with self._opened() as session:
            session.select(self.folder, readonly=True)
            _, found = session.search(None, "ALL")
            fetched = (session.fetch(n, "(BODY.PEEK[])")[1][0] for n in found[0].decode().split())
            return [item[1] for item in fetched if isinstance(item, tuple)]

    def put(self, mail: bytes) -> None:
        """Append a mail."""
        with self._opened() as session:
            answer, said = session.append(self.folder, "", "", mail)
            assert answer == "OK", said

    def with_folder(self, folder: str) -> "MailServer":
        """The same server, seen through a new folder of the mailbox."""
        with self._opened() as session:
            answer, said = session.create(folder)
            assert answer == "OK", said
        return replace(self, folder=folder)

    def stop(self) -> None:
        """Down: its port refuses connections until `start`. The mails stay."""
        self._dovecot.stop()

    def start(self) -> None:
        """Up again, on the same port. Raises MailServerError."""
        self._dovecot.start()

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        with imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=10) as session:
            session.login(self.user, self.password)
            yield session


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    """A running server with an empty mailbox; it ends with the block and leaves no process.

    `folder`: receives what a client needs, the password and the CA. Raises MailServerError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority = CertificateAuthority()
    password_file, ca_file = folder / "mailbox-password", folder / "mailbox-ca.pem"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o600)
    ca_file.write_bytes(authority.pem)
    # Not in `folder`: it may be closed to `nobody`, and too long for the name of a socket.
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    dovecot = _Dovecot(home, _free_port(), _account())
    try:
        _prepare(dovecot, authority)
        dovecot.start()
        yield MailServer(HOST, dovecot.port, USER, PASSWORD, password_file, ca_file, dovecot)
    finally:
        dovecot.stop()
        shutil.rmtree(home)


def living(group: int) -> list[int]:
    """The processes of a group that are not dead yet, whoever has to bury them."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, member_of = file.read_text().rpartition(")")[2].split()[:3]
            if int(member_of) == group and state not in "ZX":
                found.append(int(file.parent.name))
    return found


def _prepare(dovecot: _Dovecot, authority: CertificateAuthority) -> None:
    home, account = dovecot.home, dovecot.account
    identity = authority.server((HOST, "localhost"))
    (home / "server.crt").write_bytes(identity.certificate)
    (home / "server.key").write_bytes(identity.key)
    (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    (home / "dovecot.conf").write_text(
        _CONFIGURATION.format(
            home=home,
            host=HOST,
            port=dovecot.port,
            account=account.name,
            group=grp.getgrgid(account.gid).gr_name,
            uid=account.uid,
            gid=account.gid,
        )
    )
    if os.geteuid() != account.uid:
        for path in (home, *home.iterdir()):
            os.chown(path, account.uid, account.gid)


def _account() -> Account:
    if os.geteuid():
        return own_account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)


def _program() -> str:
    folders = f"{os.environ.get('PATH', '')}{os.pathsep}{_SYSTEM_FOLDERS}"
    if found := shutil.which("dovecot", path=folders):
        return found
    raise MailServerError("dovecot is missing: apt-get install dovecot-imapd")


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as free:
        port: int = free.getsockname()[1]
    return port
