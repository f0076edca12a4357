"""What no page of the register may do."""

from transmission.registre.guard import HEADERS


def test_no_page_may_run_a_script_nor_be_framed() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
