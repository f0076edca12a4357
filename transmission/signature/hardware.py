"""Keys in hardware, by PKCS#11: they sign where they are, under a PIN read from a file.

A module keeps one state for the whole process, and a process that forks must begin again with it
(PKCS#11 v2.40 §6.7.6): so what is open is kept by process, and opened by whoever signs first there.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from transmission.domain.collectivite import SigningKey
from transmission.signature.algorithms import PublicKey
from transmission.signature.errors import HardwareAwayError, HardwareKeyError, KeyMismatchError
from transmission.signature.key_files import read_certificates
from transmission.signature.keys import SigningIdentity, public_key_of

if TYPE_CHECKING:
    import pkcs11

_Found = TypeVar("_Found")

_SAID: Final = {
    "MultipleTokensReturned": "plusieurs jetons portent ce nom. Renommez-en un",
    "NoSuchKey": "il ne contient pas cette clé. Corrigez key_label ou key_id",
    "MultipleObjectsReturned": "plusieurs de ses clés portent ce nom. Donnez aussi key_id",
    "PinLocked": "son code PIN est bloqué. Débloquez-le avec l'outil de son fabricant",
}
_REFUSED: Final = {"PinIncorrect", "PinInvalid", "PinLenRange"}


class TokenKey:
    """A private key in a token; the port ``HardwareKey``.

    Each signature is verified before it is given: the certificate may be that of another key.
    """

    def __init__(self, key: SigningKey, public_key: PublicKey) -> None:
        self._key = key
        self._public_key = public_key

    def sign(self, content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """RSA PKCS#1 v1.5, or the DER of ECDSA.

        Raises HardwareKeyError; KeyMismatchError when the certificate is that of another key.
        """
        try:
            return self._signed(content, algorithm)
        except InvalidSignature:
            raise KeyMismatchError(
                f"Le certificat configuré n'est pas celui de la clé « {_called(self._key)} » du "
                f"jeton « {self._key.token} ». Donnez celui qui a été délivré pour elle."
            ) from None

    def _signed(self, content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        public = self._public_key
        if isinstance(public, rsa.RSAPublicKey):
            value = _process().with_key(self._key, lambda key: _sign_rsa(key, content, algorithm))
            public.verify(value, content, padding.PKCS1v15(), algorithm)
        else:
            value = _process().with_key(self._key, lambda key: _sign_ec(key, content, algorithm))
            public.verify(value, content, ec.ECDSA(algorithm))
        return value


def load_hardware_identity(key: SigningKey) -> SigningIdentity:
    """The identity of a key in hardware; its certificate is the first of its file, or the token's.

    The token is not spoken to when there is a file. Raises SignatureError.
    """
    if key.certificate_file is not None:
        certificates = read_certificates(Path(key.certificate_file))
    else:
        certificates = _process().with_session(key, lambda session: _certificates(session, key))
    if not certificates:
        raise KeyMismatchError(
            f"Le jeton « {key.token} » ne contient pas le certificat de la clé « {_called(key)} ». "
            "Nommez par certificate_file celui qui a été délivré pour elle."
        )
    certificate, *chain = certificates
    held = TokenKey(key, public_key_of(certificate))
    return SigningIdentity(held, certificate, tuple(chain))


class _Process:
    """What this process has open, one session for each token: its login is the process's own."""

    def __init__(self, inherited: frozenset[str]) -> None:
        self._inherited = set(inherited)
        self._lock = Lock()
        self._sessions: dict[tuple[str, str], pkcs11.Session] = {}
        self._keys: dict[SigningKey, pkcs11.SignMixin] = {}
        self._refused: dict[tuple[str, str, str], float] = {}
        self.modules: set[str] = set(inherited)

    def with_key(self, key: SigningKey, work: "Callable[[pkcs11.SignMixin], _Found]") -> _Found:
        """Do some work with a private key. Raises HardwareKeyError."""
        return self.with_session(key, lambda session: work(self._private_key(session, key)))

    def with_session(self, key: SigningKey, work: "Callable[[pkcs11.Session], _Found]") -> _Found:
        """Do some work in a session; where it was lost, once more in a new one."""
        with self._lock:
            try:
                return self._worked(key, work)
            except ModuleNotFoundError as error:
                if error.name != "pkcs11":
                    raise
                raise HardwareKeyError(
                    "La clé de signature est dans un matériel (PKCS#11), et le module "
                    "python-pkcs11 manque : installez-le avec « pip install "
                    "'transmission[pkcs11]' »."
                ) from None

    def _worked(self, key: SigningKey, work: "Callable[[pkcs11.Session], _Found]") -> _Found:
        from pkcs11.exceptions import PKCS11Error

        place = (str(key.module_file), str(key.token))
        known = self._sessions.get(place)
        if known is not None:
            with suppress(PKCS11Error):
                return work(known)
        try:
            if known is not None:
                self._begin_again(place[0])
            session = self._sessions[place] = self._opened(key)
            return work(session)
        except PKCS11Error as error:
            raise _told(key, type(error).__name__) from None

    def _private_key(self, session: "pkcs11.Session", key: SigningKey) -> "pkcs11.SignMixin":
        # A search costs as much as a signature, and one in a lost session complains by itself.
        if key not in self._keys:
            self._keys[key] = _private_key(session, key)
        return self._keys[key]

    def _opened(self, key: SigningKey) -> "pkcs11.Session":
        module, pin_file = str(key.module_file), Path(str(key.pin_file))
        written = _written(pin_file)
        place = (module, str(key.token), str(pin_file))
        if self._refused.get(place) == written:
            # Asking again and again would lock the token.
            raise _told(key, "PinIncorrect")
        token = self._module(module).get_token(token_label=key.token)
        try:
            session: pkcs11.Session = token.open(user_pin=_read_pin(pin_file))
        except Exception as error:
            if type(error).__name__ in _REFUSED:
                self._refused[place] = written
            raise
        return session

    def _module(self, path: str) -> Any:
        import pkcs11

        if not Path(path).is_file():
            raise HardwareKeyError(
                f"Le module PKCS#11 « {path} » n'existe pas. Installez-le, ou corrigez module_file."
            )
        if path in self._inherited:
            self._begin_again(path)
        self.modules.add(path)
        return pkcs11.lib(path)

    def _begin_again(self, path: str) -> None:
        """Forget all that a module had open, in this process or in the one that it came from."""
        import pkcs11

        module = pkcs11.lib(path)
        # In a new process some say that they were never begun.
        with suppress(pkcs11.PKCS11Error):
            module.finalize()
        module.initialize()
        self._inherited.discard(path)
        self._sessions = {place: one for place, one in self._sessions.items() if place[0] != path}
        self._keys = {key: one for key, one in self._keys.items() if key.module_file != path}


_PROCESSES: Final[dict[int, _Process]] = {}


def _process() -> _Process:
    mine = _PROCESSES.get(os.getpid())
    if mine is None:
        inherited = frozenset(path for each in _PROCESSES.values() for path in each.modules)
        mine = _PROCESSES.setdefault(os.getpid(), _Process(inherited))
    return mine


def _sign_rsa(key: "pkcs11.SignMixin", content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    from pkcs11 import Mechanism

    mechanism = Mechanism[f"{algorithm.name.upper()}_RSA_PKCS"]
    return bytes(key.sign(content, mechanism=mechanism))


def _sign_ec(key: "pkcs11.SignMixin", content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    from pkcs11 import Mechanism

    raw = key.sign(hashlib.new(algorithm.name, content).digest(), mechanism=Mechanism.ECDSA)
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


def _private_key(session: "pkcs11.Session", key: SigningKey) -> "pkcs11.SignMixin":
    from pkcs11 import ObjectClass

    found = session.get_key(
        object_class=ObjectClass.PRIVATE_KEY, label=key.key_label, id=_identifier(key)
    )
    return cast("pkcs11.SignMixin", found)


def _certificates(session: "pkcs11.Session", key: SigningKey) -> list[x509.Certificate]:
    from pkcs11 import Attribute, ObjectClass

    wanted = {Attribute.LABEL: key.key_label, Attribute.ID: _identifier(key)}
    named = {name: value for name, value in wanted.items() if value is not None}
    found = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE, **named})
    return [x509.load_der_x509_certificate(each[Attribute.VALUE]) for each in found]


def _identifier(key: SigningKey) -> bytes | None:
    return None if key.key_id is None else bytes.fromhex(key.key_id)


def _read_pin(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    raise HardwareKeyError(
        f"Le fichier du code PIN « {path} » ne peut pas être lu. Vérifiez le chemin, les droits, "
        "et qu'il est en UTF-8."
    )


def _written(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _called(key: SigningKey) -> str:
    return key.key_label or str(key.key_id)


def _told(key: SigningKey, fault: str) -> HardwareKeyError:
    """What to tell of a fault, known by the name of the library's class."""
    whose = f"Jeton « {key.token} », clé « {_called(key)} » (module {key.module_file})"
    if fault in _REFUSED:
        return HardwareKeyError(
            f"{whose} : il refuse le code PIN de « {key.pin_file} ». Corrigez ce fichier : rien "
            "n'est plus essayé d'ici là, car quelques refus bloquent le jeton."
        )
    if fault in _SAID:
        return HardwareKeyError(f"{whose} : {_SAID[fault]}.")
    if fault == "NoSuchToken":
        return HardwareAwayError(
            f"{whose} : aucun jeton de ce nom n'est branché. Branchez-le, ou corrigez token."
        )
    return HardwareAwayError(
        f"{whose} : il ne répond pas ({fault}). Vérifiez qu'il est branché, et module_file."
    )
