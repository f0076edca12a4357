"""Keys in hardware, with a real SoftHSM: they sign as others do, survive forks, hide their PIN."""

import hashlib
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.domain.collectivite import SigningKey
from transmission.signature import hardware
from transmission.signature.cms import sign_detached
from transmission.signature.errors import HardwareAwayError, HardwareKeyError, KeyMismatchError
from transmission.signature.hardware import load_hardware_identity
from transmission.signature.own_seal import OwnSeal
from transmission.signature.signers import SignerCache
from transmission.signature.verification import verify_detached
from transmission.signature.xades import sign_files, verify_files

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN, TOKEN = "pin-8c4e91d7", "mairie"
DIGEST = hashlib.sha256(b"acte").digest()
KINDS = {"rsa-2048": "0a", "p-256": "0b", "p-521": "0c"}
Key = Callable[[str], SigningKey]


def _softhsm(*arguments: object) -> None:
    command = ["softhsm2-util", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory, signer: Callable[[str], Any]) -> Iterator[Path]:
    """A token with a key of each kind, and the folder of the file of its PIN."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "pin").write_text(f"{PIN}\n")
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(configuration))
        _softhsm("--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "so-123456")
        for kind, identifier in KINDS.items():
            _softhsm(
                "--import", _pkcs8(signer(kind), folder), "--token", TOKEN, "--label", kind,
                "--id", identifier, "--pin", PIN,
            )  # fmt: skip
        yield folder
        hardware._PROCESSES.clear()


def _pkcs8(made: Any, folder: Path) -> Path:
    path = folder / "imported.pem"
    path.write_bytes(made.key_file.read_bytes())
    return path


@pytest.fixture
def key(hsm: Path, signer: Callable[[str], Any]) -> Iterator[Key]:
    """Keys of the token by kind; what a test opened or broke is forgotten after it."""

    def named(kind: str) -> SigningKey:
        certificates = hsm / f"{kind}.pem"
        made = signer(kind)
        chain: bytes = made.chain_file.read_bytes()
        certificates.write_bytes(made.certificate_file.read_bytes() + chain)
        return SigningKey(
            certificate_file=str(certificates),
            module_file=MODULE,
            token=TOKEN,
            key_label=kind,
            pin_file=str(hsm / "pin"),
        )

    yield named
    hardware._process()._begin_again(MODULE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_in_hardware_signs_as_a_key_in_a_file(
    key: Key, kind: str, signer: Callable[[str], Any], signed_at: datetime
) -> None:
    held, made = load_hardware_identity(key(kind)), signer(kind).identity
    assert (held.certificate, held.chain) == (made.certificate, made.chain)
    cms = sign_detached(held, DIGEST, signing_time=signed_at)
    assert verify_detached(cms, DIGEST).certificate == made.certificate
    xades = sign_files(held, {"acte.pdf": DIGEST}, signing_time=signed_at)
    assert verify_files(xades, {"acte.pdf": DIGEST}).certificate == made.certificate


def test_openssl_verifies_what_a_key_in_hardware_signs(
    key: Key, openssl: Any, authority: Any, document: Path, signed_at: datetime, tmp_path: Path
) -> None:
    signer = SignerCache(OwnSeal(tmp_path)).signer(key("rsa-2048"), signed_at)
    made = tmp_path / "signature.der"
    made.write_bytes(signer.sign(hashlib.sha256(document.read_bytes()).digest(), signed_at))
    openssl(
        "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", made, "-content", document,
        "-CAfile", authority.file, "-purpose", "any", "-attime", int(signed_at.timestamp()),
        "-out", os.devnull,
    )  # fmt: skip


def test_a_key_is_found_by_its_identifier_too(key: Key, signed_at: datetime) -> None:
    by_id = replace(key("p-256"), key_label=None, key_id=KINDS["p-256"])
    assert sign_detached(load_hardware_identity(by_id), DIGEST, signing_time=signed_at)


def test_the_certificate_may_be_in_the_token(
    key: Key, signer: Callable[[str], Any], signed_at: datetime
) -> None:
    import pkcs11
    from pkcs11 import Attribute

    alone = replace(key("p-521"), certificate_file=None)
    with pytest.raises(KeyMismatchError, match="certificate_file"):
        load_hardware_identity(alone)
    hardware._process()._begin_again(MODULE)
    certificate = signer("p-521").identity.certificate
    with pkcs11.lib(MODULE).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        session.create_object(
            {
                Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.LABEL: "p-521",
                Attribute.SUBJECT: certificate.subject.public_bytes(),
                Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )
    assert load_hardware_identity(alone).certificate == certificate


def test_a_process_that_forks_signs_on_both_sides(key: Key, signed_at: datetime) -> None:
    identity = load_hardware_identity(key("p-256"))
    assert sign_detached(identity, DIGEST, signing_time=signed_at)
    (session,) = hardware._process()._sessions.values()
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        # Later versions of Python warn of threads, and whoever runs the tests may have some.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            made = sign_detached(identity, DIGEST, signing_time=signed_at)
            # Some modules would let it use the session of its parent; others crash.
            if session not in hardware._process()._sessions.values():
                os.write(theirs, made)
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        signed_there = said.read()
    os.waitpid(child, 0)
    assert verify_detached(signed_there, DIGEST)
    assert verify_detached(sign_detached(identity, DIGEST, signing_time=signed_at), DIGEST)


@pytest.mark.parametrize("loss", ["session", "module"])
def test_a_session_that_is_lost_is_opened_again_once(
    key: Key, signed_at: datetime, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    identity = load_hardware_identity(key("p-256"))
    opened = _counted(monkeypatch)
    for times in (1, 2, 3):
        assert verify_detached(sign_detached(identity, DIGEST, signing_time=signed_at), DIGEST)
        assert sign_detached(identity, DIGEST, signing_time=signed_at)
        assert opened() == times
        _lose(loss)


def test_a_token_that_stays_away_is_asked_once_and_told(
    key: Key, signed_at: datetime, hsm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = load_hardware_identity(key("p-256"))
    assert sign_detached(identity, DIGEST, signing_time=signed_at)
    (hsm / "tokens").rename(hsm / "away")
    (hsm / "tokens").mkdir()
    try:
        _lose("module")
        opened = _counted(monkeypatch)
        with pytest.raises(HardwareAwayError, match="Branchez-le"):
            sign_detached(identity, DIGEST, signing_time=signed_at)
        assert opened() == 1
    finally:
        (hsm / "tokens").rmdir()
        (hsm / "away").rename(hsm / "tokens")
    _lose("module")
    assert sign_detached(identity, DIGEST, signing_time=signed_at)


def _counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many times a session was asked for."""
    times: list[SigningKey] = []
    real = hardware._Process._opened

    def counted(self: hardware._Process, key: SigningKey) -> Any:
        times.append(key)
        return real(self, key)

    monkeypatch.setattr(hardware._Process, "_opened", counted)
    return lambda: len(times)


def _lose(loss: str) -> None:
    import pkcs11

    if loss == "module":
        with suppress(pkcs11.PKCS11Error):
            pkcs11.lib(MODULE).reinitialize()
    else:
        (session,) = hardware._process()._sessions.values()
        session.close()


def _shown(error: BaseException) -> str:
    """A traceback with the variables of every frame but those of the test."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    del told.stack[0]
    assert "_worked" in {frame.name for frame in told.stack}
    return "".join(told.format())


def test_a_wrong_pin_is_not_tried_twice_nor_shown(
    key: Key, signed_at: datetime, tmp_path: Path, hsm: Path
) -> None:
    wrong = tmp_path / "pin"
    wrong.write_text("pin-wrong-77e1")
    os.utime(wrong, (1, 1))
    identity = load_hardware_identity(replace(key("p-256"), pin_file=str(wrong)))
    for content in ("pin-wrong-77e1", PIN):
        # The second one is right, but nothing says yet that the file changed.
        wrong.write_text(content)
        os.utime(wrong, (1, 1))
        with pytest.raises(HardwareKeyError, match="refuse le code PIN") as refused:
            sign_detached(identity, DIGEST, signing_time=signed_at)
        # For a person at once: trying again would lock the token.
        assert not isinstance(refused.value, OSError)
        assert "pin-" not in _shown(refused.value)
    os.utime(wrong, (2, 2))
    assert sign_detached(identity, DIGEST, signing_time=signed_at)
    assert PIN not in repr((identity, identity.private_key, hardware._process()))


def test_a_failure_in_use_does_not_show_the_pin(key: Key, signed_at: datetime) -> None:
    identity = load_hardware_identity(replace(key("p-256"), key_label="absent"))
    with pytest.raises(HardwareKeyError, match="ne contient pas cette clé") as refused:
        sign_detached(identity, DIGEST, signing_time=signed_at)
    assert PIN not in _shown(refused.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"token": "autre"}, "Branchez-le"),
        ({"module_file": "/nowhere/module.so"}, "n'existe pas"),
        ({"module_file": __file__}, "Vérifiez"),
        ({"pin_file": "/nowhere/pin"}, "code PIN .* ne peut pas être lu"),
    ],
)
def test_what_is_wrong_with_the_settings_is_told(
    key: Key, signed_at: datetime, changes: dict[str, str], told: str
) -> None:
    hardware._process()._begin_again(MODULE)
    identity = load_hardware_identity(replace(key("p-256"), **changes))
    with pytest.raises(HardwareKeyError, match=told):
        sign_detached(identity, DIGEST, signing_time=signed_at)


def test_the_certificate_of_another_key_is_found_out_before_anything_leaves(
    key: Key, signed_at: datetime
) -> None:
    mixed = replace(key("rsa-2048"), certificate_file=None)
    other = replace(mixed, certificate_file=key("p-256").certificate_file, key_label="p-521")
    with pytest.raises(KeyMismatchError, match="n'est pas celui de la clé"):
        sign_detached(load_hardware_identity(other), DIGEST, signing_time=signed_at)


def test_without_the_optional_module_the_way_to_install_it_is_told(
    key: Key, signed_at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = load_hardware_identity(key("p-256"))
    hardware._process()._begin_again(MODULE)
    with monkeypatch.context() as absent:
        absent.setitem(sys.modules, "pkcs11", None)
        with pytest.raises(HardwareKeyError, match=r"pip install 'transmission\[pkcs11\]'"):
            sign_detached(identity, DIGEST, signing_time=signed_at)


def test_the_optional_module_is_not_imported_for_keys_in_files(
    signer: Callable[[str], Any], tmp_path: Path
) -> None:
    made = signer("p-256")
    program = (
        "import sys\n"
        "from transmission.domain.collectivite import SigningKey\n"
        "from transmission.signature.identities import identity_of\n"
        "identity_of(SigningKey(*sys.argv[1:]))\n"
        "sys.exit('pkcs11' in sys.modules or 'transmission.signature.hardware' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, made.key_file, made.certificate_file]
    subprocess.run(list(map(str, command)), check=True, timeout=60)
