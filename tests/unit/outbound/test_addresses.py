"""Which machines a call may reach."""

import socket

import pytest

from transmission.outbound.addresses import ForbiddenAddressError, Reach, resolve

PRIVATE = (
    "127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "::", "fe80::1", "fc00::1", "fec0::1", "224.0.0.1", "ff0e::1", "255.255.255.255",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_local_address_is_not_public_however_it_is_written(address: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="n'est pas une adresse publique"):
        resolve(address, 443, Reach.PUBLIC)
    assert resolve(address, 443, Reach.ANYWHERE)


@pytest.mark.parametrize("address", ["192.0.2.1", "203.0.113.5", "2001:db8::1"])
def test_an_address_of_the_documentation_belongs_to_nobody(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        resolve(address, 443, Reach.PUBLIC)


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe"])
def test_a_public_address_is_public_and_not_this_machine(address: str) -> None:
    assert resolve(address, 443, Reach.PUBLIC)[0][4][:2] == (address, 443)
    with pytest.raises(ForbiddenAddressError, match="de cette machine même"):
        resolve(address, 443, Reach.LOOPBACK)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_very_machine_has_several_addresses(address: str) -> None:
    assert resolve(address, 80, Reach.LOOPBACK)


def test_one_private_address_among_public_ones_condemns_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answers(*_: object, **__: object) -> list[object]:
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, ("9.9.9.9", 443)), (*stream, ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(ForbiddenAddressError, match=r"« site\.example » .* 10\.0\.0\.1"):
        resolve("site.example", 443, Reach.PUBLIC)
