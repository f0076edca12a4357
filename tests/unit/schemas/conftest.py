"""One message of each kind, by an invented authority, and the schema as its files say it."""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from lxml import etree

_MESSAGES = Path(__file__).parent / "messages"


@pytest.fixture(scope="session")
def message() -> Callable[[str], bytes]:
    """Bytes of the message of a code (``1-2``) or of an envelope's name."""
    return lambda code: (_MESSAGES / f"{code}.xml").read_bytes()


@pytest.fixture(scope="session")
def xsd() -> etree.XMLSchema:
    with as_file(files("schemas.actes.v1_1")) as folder:
        return etree.XMLSchema(file=str(folder / "actesv1_1.xsd"))
