"""Brokers of a machine room: one behind TLS, or a master and its replica under Sentinels."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from transmission.embedded.addresses import free_port
from transmission.embedded.processes import ChildProcess, spawn, wait_until
from transmission.embedded.valkey import usable_server
from transmission.mocktdt.pki import CertificateAuthority, Identity
from workers.app import BrokerAccess

PASSWORD = "s3same"
SENTINEL_PASSWORD = "s3ntinelle"
MASTER = "actes"
_PATIENCE = 30


@contextmanager
def valkey(folder: Path, port: int, *lines: str, sentinel: bool = False) -> Iterator[ChildProcess]:
    """A server of its own on a loopback port; ``lines`` are its configuration."""
    name = f"{'sentinel' if sentinel else 'valkey'}-{port}"
    home = folder / name
    home.mkdir()
    configuration = home / "valkey.conf"
    configuration.write_text("\n".join([f"port {port}", "bind 127.0.0.1", 'save ""', *lines, ""]))
    command = [str(usable_server()), "./valkey.conf", *(["--sentinel"] if sentinel else [])]
    server = spawn(command, name=name, log=folder / f"{name}.log", cwd=home)
    password = SENTINEL_PASSWORD if sentinel else PASSWORD
    try:
        assert wait_until(lambda: not server.running or answers(port, password), _PATIENCE)
        yield server
    finally:
        server.stop()


def answers(port: int, password: str = PASSWORD) -> bool:
    """Whether a server takes commands."""
    with suppress(redis.RedisError), _client(port, password) as client:
        return bool(client.ping())
    return False


def _client(port: int, password: str) -> redis.Redis:
    return redis.Redis(port=port, password=password, socket_timeout=2)


@dataclass
class Watched:
    """A master and its replica, watched by two Sentinels."""

    folder: Path
    master: ChildProcess
    sentinel_ports: list[int]
    access: BrokerAccess = field(default_factory=lambda: BrokerAccess())

    @property
    def url(self) -> str:
        """As the setting has it: the login once, in the first address."""
        first, second = self.sentinel_ports
        return f"sentinel://:{PASSWORD}@127.0.0.1:{first}/0;sentinel://127.0.0.1:{second}"

    def master_port(self) -> int:
        """What the Sentinels say."""
        with _client(self.sentinel_ports[0], SENTINEL_PASSWORD) as client:
            told = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)
        return int(told[1])

    def lose_the_master(self) -> None:
        """Kill it, and wait until the replica has taken its place."""
        lost = self.master_port()
        self.master._popen.kill()
        self.master.wait(_PATIENCE)
        assert wait_until(lambda: self.master_port() != lost, _PATIENCE)
        assert wait_until(self._writes, _PATIENCE)

    def _writes(self) -> bool:
        with suppress(redis.RedisError), _client(self.master_port(), PASSWORD) as client:
            return bool(client.set("promoted", 1))
        return False


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Four servers, the replica in step with its master."""
    login = (f"requirepass {PASSWORD}", f"masterauth {PASSWORD}", "repl-diskless-sync-delay 0")
    ports = [free_port() for _ in range(4)]
    master, replica, *sentinels = ports
    watching = (
        f"requirepass {SENTINEL_PASSWORD}",
        f"sentinel sentinel-pass {SENTINEL_PASSWORD}",
        f"sentinel monitor {MASTER} 127.0.0.1 {master} 2",
        f"sentinel auth-pass {MASTER} {PASSWORD}",
        f"sentinel down-after-milliseconds {MASTER} 500",
        f"sentinel failover-timeout {MASTER} 3000",
    )
    with ExitStack() as stack:
        first = stack.enter_context(valkey(folder, master, *login))
        stack.enter_context(valkey(folder, replica, *login, f"replicaof 127.0.0.1 {master}"))
        for port in sentinels:
            stack.enter_context(valkey(folder, port, *watching, sentinel=True))
        made = Watched(folder, first, sentinels)
        made.access = BrokerAccess(master=MASTER, sentinel_password=SENTINEL_PASSWORD)
        assert wait_until(lambda: all(_in_step(port) for port in sentinels), _PATIENCE)
        yield made


def _in_step(port: int) -> bool:
    with suppress(redis.RedisError), _client(port, SENTINEL_PASSWORD) as client:
        known = client.execute_command("SENTINEL", "MASTER", MASTER)
        replicas = client.execute_command("SENTINEL", "REPLICAS", MASTER)
        others = _told(known, "num-other-sentinels")
        return others == "1" and any(_told(each, "master-link-status") == "ok" for each in replicas)
    return False


def _told(facts: object, name: str) -> str | None:
    if isinstance(facts, dict):
        found = {_text(key): _text(value) for key, value in facts.items()}
    else:
        words = [_text(each) for each in facts]  # type: ignore[attr-defined]
        found = dict(zip(words[::2], words[1::2], strict=True))
    return found.get(name)


def _text(word: object) -> str:
    return word.decode() if isinstance(word, bytes) else str(word)


@dataclass(frozen=True)
class Encrypted:
    """A broker that speaks TLS alone, and to whom its authority vouches for."""

    url: str
    access: BrokerAccess
    stranger: BrokerAccess


@contextmanager
def encrypted(folder: Path) -> Iterator[Encrypted]:
    """A real server behind a TLS front that asks for a client certificate."""
    authority, other = CertificateAuthority(), CertificateAuthority()
    _write(folder, "server", authority.server(("127.0.0.1",)))
    _write(folder, "worker", authority.client("worker"))
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "other.pem").write_bytes(other.pem)
    plain = free_port()
    with valkey(folder, plain, f"requirepass {PASSWORD}"), _front(folder, plain) as port:
        access = BrokerAccess(folder / "ca.pem", folder / "worker.pem", folder / "worker.key")
        stranger = BrokerAccess(folder / "other.pem", folder / "worker.pem", folder / "worker.key")
        yield Encrypted(f"rediss://:{PASSWORD}@127.0.0.1:{port}/0", access, stranger)


def _write(folder: Path, name: str, identity: Identity) -> None:
    (folder / f"{name}.pem").write_bytes(identity.certificate)
    (folder / f"{name}.key").write_bytes(identity.key)


@contextmanager
def _front(folder: Path, plain: int) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "tests.support.tls_front", str(port), str(plain), str(folder)]
    front = spawn(command, name="front", log=folder / "front.log")
    try:
        assert wait_until(lambda: not front.running or _listens(port), _PATIENCE)
        yield port
    finally:
        front.stop()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
