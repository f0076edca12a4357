"""The port that prints certificates costs nothing to those who print none."""

import subprocess
import sys


def test_the_typesetting_is_loaded_by_the_first_certificate_alone() -> None:
    program = (
        "import sys; from transmission.pdf.certifier import PdfCertifier; PdfCertifier();"
        "print('reportlab' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == "False\n"
