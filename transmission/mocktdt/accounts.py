"""Who may talk to the platform: authorities, their accounts, their certificates."""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

_SIREN = re.compile(r"[0-9]{9}")
_DEPARTEMENT = re.compile(r"[0-9]{2}[0-9AB]")
_ARRONDISSEMENT = re.compile(r"[0-9]")
_NATURE = re.compile(r"[0-9]{2}")


# The only group of authorities of a run.
GROUP_ID = 1


class AuthorityError(ValueError):
    """An authority cannot be registered as described."""


class Permission(StrEnum):
    """Rights on the module "actes" (S²LOW API §2.6)."""

    NONE = "NONE"
    READ = "RO"
    WRITE = "RW"
    CREATE = "CS"
    TRANSMIT = "TT"


class Role(StrEnum):
    """What a user is on the platform (S²LOW API §2.6)."""

    SUPER_ADMIN = "SADM"
    GROUP_ADMIN = "GADM"
    ADMIN = "ADM"
    USER = "USER"
    ARCHIVIST = "ARCH"


@dataclass(frozen=True, slots=True)
class Idcl:
    """How an envelope names its sender (ACTES protocol §2.4)."""

    siren: str
    departement: str
    arrondissement: str
    nature: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A collectivité that the platform knows."""

    siren: str
    departement: str
    arrondissement: str
    nature: str
    name: str
    login: str = ""

    def __post_init__(self) -> None:
        for label, value, pattern in (
            ("SIREN", self.siren, _SIREN),
            ("département", self.departement, _DEPARTEMENT),
            ("arrondissement", self.arrondissement, _ARRONDISSEMENT),
            ("nature", self.nature, _NATURE),
        ):
            if not pattern.fullmatch(value):
                raise AuthorityError(f"{label} {value!r} : attendu {pattern.pattern}")

    @property
    def idcl(self) -> Idcl:
        return Idcl(self.siren, self.departement, self.arrondissement, self.nature)


@dataclass(frozen=True, slots=True)
class Account:
    """A user of an authority. `password`: empty for an account that its certificate suffices to.

    `forwarded`: Base64 of the DER of the end user's certificate, for an account declared with a
    pair of certificates (S²LOW API §2.4). `services`: names shared with colleagues.
    """

    id: int
    authority_id: int
    authority: Authority
    certificate_hash: str
    login: str
    password: str = ""
    permission: Permission = Permission.WRITE
    enabled: bool = True
    rgs: bool = True
    role: Role = Role.USER
    services: frozenset[str] = frozenset()
    forwarded: str = ""

    @property
    def siren(self) -> str:
        return self.authority.siren


class Accounts:
    """Accounts, several of which may share a certificate (S²LOW API §2.1)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._accounts: dict[int, Account] = {}

    def register(self, authority: Authority, certificate_der: bytes) -> Account:
        """Open the first account of `authority`. Raises AuthorityError when it has one."""
        with self._lock:
            if any(account.siren == authority.siren for account in self._accounts.values()):
                raise AuthorityError(f"{authority.siren} est déjà inscrite")
            rank = len({account.siren for account in self._accounts.values()}) + 1
            login = authority.login or f"mock-{authority.siren}"
            return self._open(rank, authority, fingerprint(certificate_der), login)

    def add(
        self,
        siren: str,
        login: str,
        password: str,
        permission: Permission,
        certificate_der: bytes | None,
        *,
        forwarded_der: bytes = b"",
    ) -> Account:
        """One more account of a registered authority, on its certificate unless it has its own.

        `forwarded_der`: the certificate that must come in the header besides. Raises
        AuthorityError.
        """
        with self._lock:
            first = self._named(siren, None)
            if not login or any(other.login == login for other in self._accounts.values()):
                raise AuthorityError(f"login {login!r} vide ou déjà pris")
            shared = first.certificate_hash
            certificate = shared if certificate_der is None else fingerprint(certificate_der)
            account = self._open(first.authority_id, first.authority, certificate, login)
            forwarded = base64.b64encode(forwarded_der).decode("ascii")
            return self._keep(
                replace(account, password=password, permission=permission, forwarded=forwarded)
            )

    def change(
        self,
        siren: str,
        *,
        login: str | None = None,
        password: str | None = None,
        permission: Permission | None = None,
        enabled: bool | None = None,
        rgs: bool | None = None,
        role: Role | None = None,
        services: frozenset[str] | None = None,
    ) -> Account:
        """Change an account, the first one of the authority unless `login` names another.

        Raises AuthorityError when there is none.
        """
        with self._lock:
            account = self._named(siren, login)
            return self._keep(
                replace(
                    account,
                    password=account.password if password is None else password,
                    permission=account.permission if permission is None else permission,
                    enabled=account.enabled if enabled is None else enabled,
                    rgs=account.rgs if rgs is None else rgs,
                    role=account.role if role is None else role,
                    services=account.services if services is None else services,
                )
            )

    def authority(self, siren: str) -> Authority:
        """The registered authority of this SIREN. Raises AuthorityError."""
        return self._named(siren, None).authority

    def holding(self, certificate_hash: str) -> tuple[Account, ...]:
        """The accounts that this certificate opens."""
        return tuple(a for a in self.all() if a.certificate_hash == certificate_hash)

    def of_id(self, account_id: int) -> Account | None:
        """The account of this id."""
        return self._accounts.get(account_id)

    def all(self) -> tuple[Account, ...]:
        """Every account, in order of registration."""
        return tuple(self._accounts.values())

    def _named(self, siren: str, login: str | None) -> Account:
        for account in self._accounts.values():
            if account.siren == siren and login in (None, account.login):
                return account
        raise AuthorityError(f"{siren} n'est pas inscrite, ou n'a pas le compte {login}")

    def _open(self, rank: int, authority: Authority, certificate: str, login: str) -> Account:
        return self._keep(Account(len(self._accounts) + 1, rank, authority, certificate, login))

    def _keep(self, account: Account) -> Account:
        self._accounts[account.id] = account
        return account


def fingerprint(certificate_der: bytes) -> str:
    """Base64 of the SHA-1 of a certificate: how the platform knows it (S²LOW API §2.1)."""
    digest = hashlib.sha1(certificate_der, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")
