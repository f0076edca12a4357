"""Names of hosts, as requests write them."""

import pytest

from transmission.registre.guard import HEADERS, bare_host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("actes.example.org", "actes.example.org"),
        ("Actes.Example.ORG:8090", "actes.example.org"),
        ("[::1]:8090", "[::1]"),
        ("[::1]", "[::1]"),
        ("", ""),
        (":80", ""),
        ("example.org:evil", "example.org:evil"),
    ],
)
def test_a_host_is_known_without_its_port_and_whatever_its_case(host: str, name: str) -> None:
    assert bare_host(host) == name


def test_no_page_may_run_a_script_nor_be_framed() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
