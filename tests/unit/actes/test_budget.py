import hashlib
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.actes.budget import BUDGET_MAX, Scellement, verify_scellement
from transmission.actes.safe_xml import UnreadableXmlError

# Canonical form of DOCUMENT without its seal, written by hand: attributes in order, elements
# closed, no comment, the text that follows the seal gone, the namespace that nobody uses kept.
CANONICAL = (
    '<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">\n'
    '   <VersionSchema V="100"></VersionSchema>\n'
    '   <BlocEditeur xmlns:bl="urn:editeur">é</BlocEditeur>\n'
    "   <Budget>\n"
    '      <MtSup Code="BudgetHorsRAR" V="1 &lt; 2"></MtSup>\n'
    "      <?outil x?>\n"
    "      \n"
    "   </Budget>\n"
    "</DocumentBudgetaire>"
)
DOCUMENT = """<?xml version="1.0" encoding="ISO-8859-1"?>
<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">
   <VersionSchema V="100"/>
   <BlocEditeur xmlns:bl="urn:editeur">é</BlocEditeur>
   <Scellement md5="{md5}" sha1="{sha1}" date="2024-03-28T11:08:07"/>
   <Budget>
      <MtSup V="1 &lt; 2" Code="BudgetHorsRAR"/>
      <?outil x?>
      <!-- jamais scellé -->
   </Budget>
</DocumentBudgetaire>
"""
MD5 = hashlib.md5(CANONICAL.encode()).hexdigest()
SHA1 = hashlib.sha1(CANONICAL.encode()).hexdigest()
NAMESPACE = 'xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire"'


def _document(md5: str = MD5, sha1: str = SHA1) -> str:
    return DOCUMENT.format(md5=md5, sha1=sha1)


def _seal(text: str) -> Scellement:
    return verify_scellement(text.encode("iso-8859-1"))


def test_a_sealed_document_is_what_it_was() -> None:
    assert _seal(_document()) is Scellement.CONFORME


def test_the_case_of_the_digests_does_not_matter() -> None:
    assert _seal(_document(MD5.upper(), SHA1.upper())) is Scellement.CONFORME


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("jamais scellé", "autre remarque"),
        ("2024-03-28", "2031-01-01"),
        ('V="1 &lt; 2" Code="BudgetHorsRAR"', "Code='BudgetHorsRAR'   V='1 &#60; 2'"),
        ('<VersionSchema V="100"/>', '<VersionSchema V="100"></VersionSchema>'),
        ("é</Bloc", "&#233;</Bloc"),
        ("é</Bloc", "<![CDATA[é]]></Bloc"),
        ("\n   <Budget>", "<Budget>"),
    ],
)
def test_what_canonical_xml_forgets_changes_nothing(old: str, new: str) -> None:
    assert old in _document()
    assert _seal(_document().replace(old, new)) is Scellement.CONFORME


def test_instructions_around_the_root_are_sealed_too() -> None:
    canonical = f"<?avant x?>\n{CANONICAL}\n<?apres y?>".encode()
    digests = hashlib.md5(canonical).hexdigest(), hashlib.sha1(canonical).hexdigest()
    around = _document(*digests).replace("<DocumentB", "<?avant x?><!-- -->\n\n<DocumentB", 1)
    assert _seal(f"{around}<?apres y?>\n") is Scellement.CONFORME
    assert _seal(_document(*digests)) is Scellement.ALTERE


def test_the_same_document_in_utf_8_keeps_its_seal() -> None:
    text = _document().replace("ISO-8859-1", "UTF-8")
    assert verify_scellement(text.encode()) is Scellement.CONFORME


def test_bytes_that_lie_about_their_encoding_have_another_seal() -> None:
    assert verify_scellement(_document().encode()) is Scellement.ALTERE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1 &lt; 2", "1 &lt; 3"),
        ("   <VersionSchema", "  <VersionSchema"),
        (' xmlns:bl="urn:editeur"', ""),
        ("<?outil x?>", ""),
        ('Code="BudgetHorsRAR"', ""),
        ('md5="', 'md5="0'),
        ('sha1="', 'sha1="0'),
        ("md5=", "autre="),
        ("sha1=", "autre="),
        ("<Budget>", "<Budget>x"),
    ],
)
def test_a_change_breaks_the_seal(old: str, new: str) -> None:
    assert old in _document()
    assert _seal(_document().replace(old, new)) is Scellement.ALTERE


@pytest.mark.parametrize(
    ("md5", "sha1"), [(MD5, ""), ("", SHA1), ("", ""), (SHA1, MD5), (MD5, "0" * 40)]
)
def test_both_digests_must_be_right(md5: str, sha1: str) -> None:
    assert _seal(_document(md5, sha1)) is Scellement.ALTERE


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Budget><Scellement/></Budget>",
        '<s:Scellement xmlns:s="urn:autre"/>',
        "<!-- <Scellement/> -->",
    ],
)
def test_a_document_without_a_seal_of_its_own_was_never_sealed(body: str) -> None:
    document = f"<DocumentBudgetaire {NAMESPACE}>{body}</DocumentBudgetaire>"
    assert _seal(document) is Scellement.ABSENT


def test_a_second_seal_is_part_of_what_is_sealed() -> None:
    doubled = _document().replace("</Budget>\n", "</Budget>\n<Scellement/>")
    assert _seal(doubled) is Scellement.ALTERE


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7", id="another format"),
        pytest.param(b"<DocumentBudgetaire/>", id="no namespace"),
        pytest.param(f"<Budget {NAMESPACE}/>".encode(), id="another root"),
        pytest.param(f"<!DOCTYPE a><DocumentBudgetaire {NAMESPACE}/>".encode(), id="doctype"),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            f"<DocumentBudgetaire {NAMESPACE}><Scellement/>&e;</DocumentBudgetaire>".encode(),
            id="outside entity",
        ),
        pytest.param(
            f'<DocumentBudgetaire {NAMESPACE} xmlns:a="relative"><Scellement/>'
            f"</DocumentBudgetaire>".encode(),
            id="no canonical form",
        ),
        pytest.param(b"<a>" * 300 + b"</a>" * 300, id="depth 300"),
        pytest.param(bytes(BUDGET_MAX + 1), id="too large"),
    ],
)
def test_what_is_no_budget_document_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableXmlError):
        verify_scellement(raw)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=4))
def test_no_change_of_bytes_passes_for_sealed_or_raises_anything_else(
    position: int, written: bytes
) -> None:
    whole = bytearray(_document().encode("iso-8859-1"))
    place = position % len(whole)
    whole[place : place + len(written)] = written
    try:
        found = verify_scellement(bytes(whole))
    except UnreadableXmlError:
        return
    assert found is not Scellement.CONFORME or _means_the_same(bytes(whole))


def _means_the_same(raw: bytes) -> bool:
    """Whether only what canonical XML forgets was changed, as the standard library sees it."""

    def shape(text: bytes) -> list[tuple[str, list[tuple[str, str]], str, str]]:
        root = ET.fromstring(text)
        seal = next(child for child in root if child.tag.endswith("}Scellement"))
        seal.attrib.clear()
        seal.text = seal.tail = ""
        return [(e.tag, sorted(e.attrib.items()), e.text or "", e.tail or "") for e in root.iter()]

    return shape(raw) == shape(_document().encode("iso-8859-1"))
