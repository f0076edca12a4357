"""The identity that the settings name, wherever its key is."""

from pathlib import Path

from transmission.domain.collectivite import SigningKey
from transmission.signature.keys import KeySource, SigningIdentity, load_identity


def identity_of(key: SigningKey) -> SigningIdentity:
    """Read and check a signing key. Raises SignatureError."""
    if key.module_file is None:
        return load_identity(KeySource.of(key))
    # Here, for those who have such hardware.
    from transmission.signature.hardware import load_hardware_identity

    return load_hardware_identity(key)


def place_of(key: SigningKey) -> str:
    """Where a key is, as people know it."""
    if key.module_file is None:
        return str(key.key_file)
    called = key.key_label or key.key_id
    return f"{key.certificate_file or key.module_file} (jeton {key.token}, clé {called})"


def written_at(key: SigningKey) -> tuple[float, ...]:
    """When the files of a key were last written, in seconds; a change makes it read again."""
    named = (key.key_file, key.certificate_file, key.passphrase_file, key.pin_file)
    paths = [Path(name) for name in named if name]
    return tuple(path.stat().st_mtime for path in paths if path.exists())
