"""What the description of a signing key must say."""

from dataclasses import replace

import pytest

from transmission.domain.collectivite import SigningKey
from transmission.domain.signing_keys import key_flaws

IN_A_FILE = SigningKey("cachet.p12", passphrase_file="phrase")
IN_HARDWARE = SigningKey(module_file="m.so", token="mairie", key_label="cachet", pin_file="pin")


@pytest.mark.parametrize(
    "key", [IN_A_FILE, IN_HARDWARE, replace(IN_HARDWARE, key_label=None, key_id="0A1b")]
)
def test_a_key_in_a_file_or_in_hardware_is_well_described(key: SigningKey) -> None:
    assert list(key_flaws(key)) == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (SigningKey(), "donnez key_file"),
        (replace(IN_A_FILE, module_file="m.so"), "ou module_file"),
        (replace(IN_A_FILE, token="mairie", pin_file="pin"), "token, pin_file ne vaut que"),
        (replace(IN_HARDWARE, token=None), "il manque token"),
        (replace(IN_HARDWARE, pin_file=None), "il manque pin_file"),
        (replace(IN_HARDWARE, key_label=None), "donnez key_label ou key_id"),
        (replace(IN_HARDWARE, key_id="0A1"), "hexadécimal"),
        (replace(IN_HARDWARE, passphrase_file="phrase"), "pin_file et non par passphrase_file"),
    ],
)
def test_each_flaw_is_told(key: SigningKey, said: str) -> None:
    (flaw,) = key_flaws(key)
    assert said in flaw
